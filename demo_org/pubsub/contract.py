"""The messages and calls of the Pub/Sub API, eventbus.v1, as protobuf classes made when this module is first needed.

The API's contract is public; here it is written as facts, fields in the order of their numbers.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "eventbus.v1"
SERVICE = f"{PACKAGE}.PubSub"

_ENUMS = {
    "ErrorCode": ("UNKNOWN", "PUBLISH", "COMMIT"),
    "ReplayPreset": ("LATEST", "EARLIEST", "CUSTOM"),
}
#: fields by number from 1; * repeats
_MESSAGES = {
    "TopicInfo": "topic_name:string tenant_guid:string can_publish:bool can_subscribe:bool schema_id:string "
    "rpc_id:string",
    "TopicRequest": "topic_name:string",
    "EventHeader": "key:string value:bytes",
    "ProducerEvent": "id:string schema_id:string payload:bytes headers:EventHeader*",
    "ConsumerEvent": "event:ProducerEvent replay_id:bytes",
    "PublishResult": "replay_id:bytes error:Error correlation_key:string",
    "Error": "code:ErrorCode msg:string",
    "FetchRequest": "topic_name:string replay_preset:ReplayPreset replay_id:bytes num_requested:int32 "
    "auth_refresh:string",
    "FetchResponse": "events:ConsumerEvent* latest_replay_id:bytes rpc_id:string pending_num_requested:int32",
    "SchemaRequest": "schema_id:string",
    "SchemaInfo": "schema_json:string schema_id:string rpc_id:string",
    "PublishRequest": "topic_name:string events:ProducerEvent* auth_refresh:string",
    "PublishResponse": "results:PublishResult* schema_id:string rpc_id:string",
    "ManagedFetchRequest": "subscription_id:string developer_name:string num_requested:int32 auth_refresh:string "
    "commit_replay_id_request:CommitReplayRequest",
    "ManagedFetchResponse": "events:ConsumerEvent* latest_replay_id:bytes rpc_id:string pending_num_requested:int32 "
    "commit_response:CommitReplayResponse",
    "CommitReplayRequest": "commit_request_id:string replay_id:bytes",
    "CommitReplayResponse": "commit_request_id:string replay_id:bytes error:Error process_time:int64",
}
#: call -> request, answer, whether both are streams
CALLS = {
    "Subscribe": ("FetchRequest", "FetchResponse", True),
    "GetSchema": ("SchemaRequest", "SchemaInfo", False),
    "GetTopic": ("TopicRequest", "TopicInfo", False),
    "Publish": ("PublishRequest", "PublishResponse", False),
    "PublishStream": ("PublishRequest", "PublishResponse", True),
    "ManagedSubscribe": ("ManagedFetchRequest", "ManagedFetchResponse", True),
}
_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _FIELD.TYPE_STRING,
    "bytes": _FIELD.TYPE_BYTES,
    "bool": _FIELD.TYPE_BOOL,
    "int32": _FIELD.TYPE_INT32,
    "int64": _FIELD.TYPE_INT64,
}


def _file() -> descriptor_pb2.FileDescriptorProto:
    described = descriptor_pb2.FileDescriptorProto(name="demo_org/pubsub.proto", package=PACKAGE, syntax="proto3")
    for name, values in _ENUMS.items():
        enum = described.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=value, number=number)
    for name, fields in _MESSAGES.items():
        message = described.message_type.add(name=name)
        for number, text in enumerate(fields.split(), start=1):
            _add_field(message, number, text)
    service = described.service.add(name="PubSub")
    for name, (request, answer, streams) in CALLS.items():
        service.method.add(
            name=name,
            input_type=f".{PACKAGE}.{request}",
            output_type=f".{PACKAGE}.{answer}",
            client_streaming=streams,
            server_streaming=streams,
        )
    return described


def _add_field(message: descriptor_pb2.DescriptorProto, number: int, text: str) -> None:
    name, _, kind = text.partition(":")
    label = _FIELD.LABEL_REPEATED if kind.endswith("*") else _FIELD.LABEL_OPTIONAL
    kind = kind.rstrip("*")
    field = message.field.add(name=name, number=number, label=label)
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = _FIELD.TYPE_ENUM if kind in _ENUMS else _FIELD.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{kind}"


def _classes() -> Mapping[str, Any]:
    # A pool of its own: a client in the same process may bring the same messages.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_file())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _MESSAGES
    }


MESSAGES = _classes()
