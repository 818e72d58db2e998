"""How the Pub/Sub API of one org answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PubSubSettings:
    """Ports and patience; the times are Salesforce's."""

    #: with TLS, as Salesforce; 0 takes a free one
    port: int = 0
    #: without TLS; 0 takes a free one, None opens none
    plain_port: int | None = None
    #: seconds after which a subscriber without events gets an empty answer
    keep_alive: float = 270.0
    #: seconds in which a subscriber that got all it asked for must ask again
    fetch_patience: float = 65.0
    #: seconds in which a publisher must send something to keep its stream
    publish_patience: float = 70.0
    #: seconds between looks at whether the session of an open stream is still good
    auth_check: float = 60.0
    #: seconds after which a connection is told to go away; None keeps it
    connection_age: float | None = None
    #: streams at the same time
    most_streams: int = 1000
