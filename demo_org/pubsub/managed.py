"""The ManagedSubscribe call: a subscription whose place in the stream the org remembers."""

from collections import deque
from functools import partial
from typing import Any

from demo_org.events.managed import ManagedSubscription
from demo_org.pubsub import replay
from demo_org.pubsub.calls import Call
from demo_org.pubsub.contract import MESSAGES
from demo_org.pubsub.refusals import no_subscription
from demo_org.pubsub.settings import PubSubSettings
from demo_org.pubsub.subscribe import Subscription

_COMMIT_ERROR = 2  # COMMIT in the contract's ErrorCode


class ManagedStream(Subscription):
    """One open stream of a managed subscription."""

    answer_type = "ManagedFetchResponse"

    def __init__(self, call: Call, settings: PubSubSettings, first: Any) -> None:
        self._managed = _found(call, first)
        self._commits: deque[Any] = deque()
        super().__init__(call, settings, first, topic_name=self._managed.topic)

    def _take(self, request: Any) -> None:
        """A request asks for events, commits a place, or both."""
        commit = request.commit_replay_id_request
        if commit.commit_request_id or commit.replay_id:
            self._commits.append(commit)
        if request.num_requested or not (commit.commit_request_id or commit.replay_id):
            self._flow.ask(request.num_requested, "")

    def _start(self, first: Any) -> int:  # noqa: ARG002 - the org knows where
        return self._call.context.managed.start(self._managed)

    async def _said(self) -> Any:
        """The answer to the commits so far: one for all of them, that of the last."""
        if not self._commits:
            return None
        answer = None
        while self._commits:
            commit = self._commits.popleft()
            answer = await self._call.run(partial(self._commit, commit))
        return MESSAGES["ManagedFetchResponse"](
            latest_replay_id=replay.written(self._position),
            rpc_id=self._call.id,
            pending_num_requested=self._flow.owed,
            commit_response=answer,
        )

    def _commit(self, commit: Any) -> Any:
        position = replay.read(commit.replay_id)
        now = int(self._call.context.org.clock.now().timestamp() * 1000)
        told = {"commit_request_id": commit.commit_request_id, "replay_id": commit.replay_id, "process_time": now}
        if position is None or not self._call.context.managed.commit(self._managed, position):
            told["error"] = MESSAGES["Error"](code=_COMMIT_ERROR, msg="The replay ID to commit is not valid.")
        return MESSAGES["CommitReplayResponse"](**told)


def _found(call: Call, first: Any) -> ManagedSubscription:
    key = first.subscription_id or first.developer_name
    found = call.context.managed.find(key) if key else None
    if found is None or found.state != "RUN":
        raise no_subscription(key)
    return found
