"""Answers the calls of the Pub/Sub API."""

from collections.abc import AsyncIterator
from typing import Any

import grpc

from demo_org.events import Schema
from demo_org.pubsub.calls import answering
from demo_org.pubsub.contract import CALLS, MESSAGES, SERVICE
from demo_org.pubsub.managed import ManagedStream
from demo_org.pubsub.publish import publish, publish_stream
from demo_org.pubsub.refusals import no_schema, too_many_streams
from demo_org.pubsub.settings import PubSubSettings
from demo_org.pubsub.subscribe import Subscription, topic_of
from demo_org.wire.context import Context


class Service:
    """The calls of one org."""

    def __init__(self, context: Context, settings: PubSubSettings) -> None:
        self._context = context
        self._settings = settings
        self._streams = 0

    async def get_topic(self, request: Any, grpc_context: Any) -> Any:
        """What there is to know about a topic."""
        async with answering(self._context, grpc_context) as call:
            topic = await call.run(lambda: topic_of(call, request.topic_name))
            await call.run(lambda: self._context.events.keep_schema(topic.schema))
            guid = {"tenant_guid": f"core/demo/{self._context.org.org_id}"}
            return MESSAGES["TopicInfo"](
                topic_name=topic.name,
                can_publish=topic.can_publish,
                can_subscribe=True,
                schema_id=topic.schema.id,
                rpc_id=call.id,
                **guid,
            )

    async def get_schema(self, request: Any, grpc_context: Any) -> Any:
        """The schema of an id."""
        async with answering(self._context, grpc_context) as call:
            schema: Schema | None = await call.run(lambda: self._context.events.schema(request.schema_id))
            if schema is None:
                raise no_schema(request.schema_id)
            return MESSAGES["SchemaInfo"](schema_json=schema.text, schema_id=schema.id, rpc_id=call.id)

    async def subscribe(self, requests: AsyncIterator[Any], grpc_context: Any) -> AsyncIterator[Any]:
        """Events of a topic."""
        async for answer in self._stream(Subscription, requests, grpc_context):
            yield answer

    async def managed_subscribe(self, requests: AsyncIterator[Any], grpc_context: Any) -> AsyncIterator[Any]:
        """Events of a managed subscription."""
        async for answer in self._stream(ManagedStream, requests, grpc_context):
            yield answer

    async def _stream(
        self, kind: type[Subscription], requests: AsyncIterator[Any], grpc_context: Any
    ) -> AsyncIterator[Any]:
        async with answering(self._context, grpc_context) as call:
            if self._streams >= self._settings.most_streams:
                raise too_many_streams()
            self._streams += 1
            try:
                async for first in requests:
                    stream = kind(call, self._settings, first)
                    async for answer in stream.answers(requests):
                        yield answer
                    return
            finally:
                self._streams -= 1

    async def publish(self, request: Any, grpc_context: Any) -> Any:
        """Put events on a topic."""
        async with answering(self._context, grpc_context) as call:
            return await call.run(lambda: publish(call, request.topic_name, list(request.events)))

    async def publish_stream(self, requests: AsyncIterator[Any], grpc_context: Any) -> AsyncIterator[Any]:
        """Put events on a topic, as they come."""
        async with answering(self._context, grpc_context) as call:
            async for answer in publish_stream(call, requests, self._settings):
                yield answer

    def handler(self) -> grpc.GenericRpcHandler:
        """The calls by the names clients know them by."""
        named = {
            "GetTopic": self.get_topic,
            "GetSchema": self.get_schema,
            "Subscribe": self.subscribe,
            "ManagedSubscribe": self.managed_subscribe,
            "Publish": self.publish,
            "PublishStream": self.publish_stream,
        }
        return grpc.method_handlers_generic_handler(SERVICE, {name: _method(name, act) for name, act in named.items()})


def _method(name: str, act: Any) -> grpc.RpcMethodHandler:
    request, answer, streams = CALLS[name]
    make = grpc.stream_stream_rpc_method_handler if streams else grpc.unary_unary_rpc_method_handler
    return make(
        act,
        request_deserializer=MESSAGES[request].FromString,
        response_serializer=MESSAGES[answer].SerializeToString,
    )
