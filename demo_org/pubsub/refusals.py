"""How the Pub/Sub API says no: a gRPC status, and Salesforce's own code beside it in the trailers.

Codes and statuses as in the Pub/Sub API guide, "Handle Errors". We found no code for a topic, a schema or a managed
subscription that is not there, for a topic that takes no events, nor for a stream that is not fed; those are ours.
"""

from dataclasses import dataclass

import grpc

_PREFIX = "sfdc.platform.eventbus.grpc."


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Exception):
    """A call that ends with an error."""

    status: grpc.StatusCode
    code: str
    text: str

    @property
    def error_code(self) -> str:
        """The code as the trailer tells it."""
        return _PREFIX + self.code


def unauthenticated(text: str = "An authentication exception occurred.") -> Refused:
    """The token is no live session of this org."""
    return Refused(status=grpc.StatusCode.UNAUTHENTICATED, code="service.auth.error", text=text)


def headers_invalid() -> Refused:
    """One of the three headers is missing or makes no sense."""
    text = "The metadata headers accesstoken, instanceurl and tenantid are required."
    return Refused(status=grpc.StatusCode.UNAUTHENTICATED, code="service.auth.headers.invalid", text=text)


def session_over() -> Refused:
    """The session of an open stream has ended."""
    text = "The session of this stream is no longer valid."
    return Refused(status=grpc.StatusCode.UNAUTHENTICATED, code="service.auth.refresh.invalid", text=text)


def no_topic(name: str) -> Refused:
    """There is no such topic, or the user may not know of it."""
    text = f"The topic {name} does not exist or you do not have access to it."
    return Refused(status=grpc.StatusCode.NOT_FOUND, code="topic.not.found", text=text)


def no_subscription(key: str) -> Refused:
    """There is no managed subscription of that id or name, or it does not run."""
    text = f"The managed subscription {key} does not exist or is not in the RUN state."
    return Refused(status=grpc.StatusCode.NOT_FOUND, code="subscription.managed.not.found", text=text)


def not_publishable(name: str) -> Refused:
    """Nobody but the org itself puts events on this topic."""
    text = f"Publishing to the topic {name} is not allowed."
    return Refused(status=grpc.StatusCode.PERMISSION_DENIED, code="publish.topic.not.allowed", text=text)


def topic_changed() -> Refused:
    """A later request of a stream names another topic."""
    text = "The topic name must be the same in all requests of a stream."
    return Refused(status=grpc.StatusCode.INVALID_ARGUMENT, code="subscription.topic.invalid", text=text)


def no_schema(schema_id: str) -> Refused:
    """No schema has that id."""
    text = f"No schema was found for the id {schema_id}."
    return Refused(status=grpc.StatusCode.NOT_FOUND, code="schema.not.found", text=text)


def count_invalid() -> Refused:
    """The number of events asked for is not positive."""
    text = "The num_requested value must be greater than 0."
    code = "subscription.fetch.requested.events.invalid"
    return Refused(status=grpc.StatusCode.INVALID_ARGUMENT, code=code, text=text)


def replay_id_missing() -> Refused:
    """CUSTOM without a replay id."""
    text = "A replay_id is required in the FetchRequest when replay_preset is CUSTOM."
    code = "subscription.fetch.replayid.validation.failed"
    return Refused(status=grpc.StatusCode.INVALID_ARGUMENT, code=code, text=text)


def replay_id_expired() -> Refused:
    """A replay id older than the retention, in the words some orgs have for it; see replay_id_corrupted."""
    text = "The Replay ID validation failed. The event is no longer within the retention window."
    code = "subscription.fetch.replayid.validation.failed"
    return Refused(status=grpc.StatusCode.INVALID_ARGUMENT, code=code, text=text)


def replay_id_corrupted() -> Refused:
    """A replay id that was never given out, or whose events are no longer kept; one code for both."""
    text = (
        "The Replay ID validation failed. Ensure that the replay_id field value in FetchRequest is valid and refers to "
        "an event that is within the retention window."
    )
    code = "subscription.fetch.replayid.corrupted"
    return Refused(status=grpc.StatusCode.INVALID_ARGUMENT, code=code, text=text)


def not_fed() -> Refused:
    """The subscriber got all it asked for and did not ask again in time."""
    text = "No FetchRequest arrived in time after all requested events were delivered."
    return Refused(status=grpc.StatusCode.DEADLINE_EXCEEDED, code="subscription.fetch.timeout", text=text)


def too_many_streams() -> Refused:
    """More streams at a time than an org may have."""
    text = "The maximum number of concurrent clients across all topics has been exceeded."
    return Refused(status=grpc.StatusCode.RESOURCE_EXHAUSTED, code="concurrent.client.limit.exceeded", text=text)


def deliveries_spent() -> Refused:
    """The org's deliveries of the last 24 hours are used up."""
    text = "You have exceeded the event delivery limit for your org."
    return Refused(status=grpc.StatusCode.RESOURCE_EXHAUSTED, code="subscription.limit.exceeded", text=text)


def unavailable() -> Refused:
    """The service has a bad moment."""
    text = "The service is currently unavailable."
    return Refused(status=grpc.StatusCode.UNAVAILABLE, code="service.unavailable", text=text)
