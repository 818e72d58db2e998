"""The Streaming API of the demo org: change events over long polling, as Bayeux clients (CometD, Faye) want them."""

from demo_org.cometd.answers import Streaming
from demo_org.cometd.listeners import Listeners

__all__ = ["Listeners", "Streaming"]
