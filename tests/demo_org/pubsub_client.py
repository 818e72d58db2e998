"""A small client of the Pub/Sub API, for the tests of it; the real ones are in tests/clients."""

import io
import json
import queue
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastavro
import grpc
from wire_client import WireClient, client_of

from demo_org.clock import Clock
from demo_org.pubsub import PubSubSettings
from demo_org.pubsub.contract import CALLS, MESSAGES, SERVICE

ALL = "/data/ChangeEvents"
LATEST, EARLIEST, CUSTOM = range(3)


class PubSubClient:
    """A channel to the Pub/Sub API with a session of the org."""

    def __init__(self, client: WireClient, *, encrypted: bool = False) -> None:
        self.client = client
        self.org = client.org
        served = client.served
        if encrypted:
            shown = grpc.ssl_channel_credentials(Path(served.ca_file).read_bytes())
            self.channel = grpc.secure_channel(served.pubsub, shown)
        else:
            self.channel = grpc.insecure_channel(served.pubsub_plain)
        self.metadata = {
            "accesstoken": client.headers["Authorization"].removeprefix("Bearer "),
            "instanceurl": served.url,
            "tenantid": client.org.org_id,
        }
        self._schemas: dict[str, Any] = {}

    def call(self, name: str, **fields: Any) -> Any:
        """A call with one answer."""
        request, answer, _ = CALLS[name]
        made = self.channel.unary_unary(
            f"/{SERVICE}/{name}",
            request_serializer=MESSAGES[request].SerializeToString,
            response_deserializer=MESSAGES[answer].FromString,
        )
        return made(MESSAGES[request](**fields), metadata=tuple(self.metadata.items()), timeout=20)

    def open(self, name: str, **fields: Any) -> "Stream":
        """A call with streams, its first request sent."""
        return Stream(self, name, **fields)

    def subscribe(self, topic: str = ALL, number: int = 100, preset: int = LATEST, **fields: Any) -> "Stream":
        """A subscription."""
        return self.open("Subscribe", topic_name=topic, num_requested=number, replay_preset=preset, **fields)

    def everything(self, topic: str = ALL, number: int = 100) -> list["Event"]:
        """All events of a topic that the bus still has."""
        self.org.insert("Account", {"Name": "The last one"})
        with self.subscribe(topic, preset=EARLIEST) as stream:
            found: list[Event] = []
            while not found or found[-1].body.get("Name") != "The last one":
                found += stream.take(1)
            return found[:-1]

    def schema(self, schema_id: str) -> Any:
        """The parsed schema of an id."""
        if schema_id not in self._schemas:
            text = self.call("GetSchema", schema_id=schema_id).schema_json
            self._schemas[schema_id] = fastavro.parse_schema(json.loads(text))
        return self._schemas[schema_id]


class Event:
    """A decoded event."""

    def __init__(self, client: PubSubClient, message: Any) -> None:
        self.id = message.event.id
        self.schema_id = message.event.schema_id
        self.replay_id = message.replay_id
        schema = client.schema(self.schema_id)
        record = fastavro.schemaless_reader(io.BytesIO(message.event.payload), schema)
        self.header: dict[str, Any] = record.pop("ChangeEventHeader")
        self.body: dict[str, Any] = {name: value for name, value in record.items() if value is not None}

    @property
    def told(self) -> tuple[str, str, int]:
        """Change, object and number of records."""
        return self.header["changeType"], self.header["entityName"], len(self.header["recordIds"])


class Stream:
    """An open stream: requests go in, answers come out."""

    def __init__(self, client: PubSubClient, name: str, **fields: Any) -> None:
        request, answer, _ = CALLS[name]
        self._client = client
        self._make = MESSAGES[request]
        self._requests: queue.Queue[Any] = queue.Queue()
        made = client.channel.stream_stream(
            f"/{SERVICE}/{name}",
            request_serializer=self._make.SerializeToString,
            response_deserializer=MESSAGES[answer].FromString,
        )
        self.call = made(iter(self._requests.get, None), metadata=tuple(client.metadata.items()), timeout=60)
        self.ask(**fields)

    def ask(self, **fields: Any) -> None:
        """Send a request."""
        self._requests.put(self._make(**fields))

    def end(self) -> None:
        """Send no more."""
        self._requests.put(None)

    def answer(self) -> Any:
        """The next answer."""
        return next(self.call)

    def take(self, number: int) -> list[Event]:
        """At least so many events, however they are spread over answers."""
        found: list[Event] = []
        while len(found) < number:
            found += [Event(self._client, each) for each in self.answer().events]
        return found

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self.call.cancel()


@contextmanager
def pubsub_of(
    clock: Clock | None = None, *, pubsub: dict[str, Any] | None = None, encrypted: bool = False, **settings: Any
) -> Iterator[PubSubClient]:
    """A client of the Pub/Sub API of a new org in memory."""
    asked = PubSubSettings(plain_port=0, **(pubsub or {}))
    with client_of(clock, pubsub=asked, **settings) as client:
        opened = PubSubClient(client, encrypted=encrypted)
        try:
            yield opened
        finally:
            opened.channel.close()


def refusal_of(call: Any) -> tuple[str, str]:
    """Status and Salesforce's code of a call that is refused."""
    try:
        call()
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata() or ())
        assert trailers.get("rpc-id"), "every refusal names its call"
        return error.code().name, trailers.get("error-code", "").removeprefix("sfdc.platform.eventbus.grpc.")
    raise AssertionError("the call was not refused")


def number_of(replay_id: bytes) -> int:
    """The number in a replay id."""
    (number,) = struct.unpack(">Q", replay_id[:8])
    return number


def settle(condition: Any, seconds: float = 10) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.01)
