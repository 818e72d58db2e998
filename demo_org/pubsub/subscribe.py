"""The Subscribe call: events from a place in the stream on, as many as the client asks for, for as long as it likes."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from demo_org.events import Position, StoredEvent, Topic, UnknownTopic
from demo_org.events.striking import Delivery
from demo_org.pubsub import replay
from demo_org.pubsub.calls import Call
from demo_org.pubsub.contract import MESSAGES
from demo_org.pubsub.encoding import consumer_event
from demo_org.pubsub.flow import Flow
from demo_org.pubsub.refusals import (
    Refused,
    deliveries_spent,
    no_topic,
    replay_id_corrupted,
    replay_id_expired,
    replay_id_missing,
    too_many_streams,
    unauthenticated,
    unavailable,
)
from demo_org.pubsub.settings import PubSubSettings

_EARLIEST, _CUSTOM = 1, 2
_LARGEST = 3_000_000  # bytes of one answer: clients take four million
#: faults that strike a subscription when it begins
_FAULTS = {
    "replay_expired": replay_id_expired,
    "replay_corrupted": replay_id_corrupted,
    "stream_refused": too_many_streams,
    "stream_unauthenticated": unauthenticated,
}


class Subscription:
    """One open stream."""

    answer_type = "FetchResponse"

    def __init__(self, call: Call, settings: PubSubSettings, first: Any, *, topic_name: str | None = None) -> None:
        now = time.monotonic()
        self._call = call
        self._bus = call.context.events
        self._flow = Flow(settings=settings, sent_at=now, checked_at=now)
        self._news = asyncio.Event()
        self._refused: Refused | None = None
        self._ended = False
        self._flow.topic_name = first.topic_name if topic_name is None else topic_name
        self._topic = topic_of(call, self._flow.topic_name)
        self._delivery = Delivery(faults=call.context.faults)
        self._first = first
        self._position = 0

    async def answers(self, requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Answer until the client has enough or something goes wrong."""
        struck = self._call.context.faults.event("SUBSCRIBE", topic=self._topic.name)
        if struck in _FAULTS:
            refusal = _FAULTS[struck]()
            raise refusal
        self._take(self._first)
        self._position = await self._call.run(lambda: self._start(self._first))
        loop = asyncio.get_running_loop()
        stop_waking = self._bus.on_events(lambda: loop.call_soon_threadsafe(self._news.set))
        listening = loop.create_task(self._listen(requests))
        try:
            while True:
                answer = await self._next()
                if answer is None:
                    return
                yield answer
        finally:
            stop_waking()
            listening.cancel()

    async def _next(self) -> Any:
        """The next answer; None when the stream ends."""
        while True:
            self._news.clear()
            if self._refused is not None:
                raise self._refused
            said = await self._said()
            if said is not None:
                return said
            now = time.monotonic()
            if self._flow.session_due(now):
                self._call.check_session()
            self._flow.check_fed(now)
            if self._flow.owed:
                events = await self._call.run(self._read)
                if events:
                    return self._answer(events)
            if self._refused is not None:
                continue
            if self._ended:
                return None
            if self._flow.keep_alive_due(now):
                self._position = await self._call.run(self._bus.tick)
                return self._answer([])
            await self._wait(self._flow.wait(now))

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    async def _listen(self, requests: AsyncIterator[Any]) -> None:
        """Take further requests as they come."""
        try:
            async for each in requests:
                if each.auth_refresh:
                    self._call.take_session(each.auth_refresh)
                self._take(each)
                self._news.set()
        except Refused as refused:
            self._refused = refused
        self._ended = True
        self._news.set()

    def _take(self, request: Any) -> None:
        """Take a request for more events."""
        self._flow.ask(request.num_requested, request.topic_name)

    async def _said(self) -> Any:
        """What is to be answered besides events; here nothing ever is."""
        return None

    def _start(self, first: Any) -> int:
        if first.replay_preset == _EARLIEST:
            return self._bus.earliest()
        if first.replay_preset != _CUSTOM:
            return self._bus.tip
        if not first.replay_id:
            raise replay_id_missing()
        position = replay.read(first.replay_id)
        try:
            if position is not None:
                self._bus.check(position)
                return position
        except Position:
            pass
        raise replay_id_corrupted()

    def _read(self) -> list[Any]:
        """The next events as messages, as many as are owed and fit into one answer."""
        self._topic = topic_of(self._call, self._flow.topic_name)
        messages: list[Any] = []
        while not messages and not self._delivery.ended:
            stored, reached = self._bus.after(self._position, self._topic.events, self._flow.owed)
            if not stored:
                self._position = reached
                return []
            messages = self._messages(stored)
        if not self._bus.allowance.spend(len(messages)):
            raise deliveries_spent()
        if self._delivery.ended:
            self._refused = unavailable()
        return messages

    def _messages(self, stored: list[StoredEvent]) -> list[Any]:
        messages: list[Any] = []
        size = 0
        for each in stored:
            for going in self._delivery.of(each, self._topic):
                messages.append(consumer_event(self._bus, going, self._topic))
                size += messages[-1].ByteSize()
            if self._delivery.ended:
                break
            self._position = each.replay
            if size > _LARGEST:
                break
        return messages

    def _answer(self, messages: list[Any]) -> Any:
        self._flow.sent(len(messages), time.monotonic())
        return MESSAGES[self.answer_type](
            events=messages,
            latest_replay_id=replay.written(self._position),
            rpc_id=self._call.id,
            pending_num_requested=self._flow.owed,
        )


def topic_of(call: Call, name: str) -> Topic:
    """The topic of a name."""
    try:
        return call.context.events.topics.topic(name)
    except UnknownTopic:
        raise no_topic(name) from None
