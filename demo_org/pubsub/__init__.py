"""The Pub/Sub API of the demo org over gRPC; needs the extra `pubsub`, and nothing else of the demo org needs it."""

from demo_org.pubsub.settings import PubSubSettings

__all__ = ["PubSubSettings"]
