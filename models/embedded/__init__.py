"""The PostgreSQL that Baton brings along for people who have none: one server per home, shared by all processes."""

from models.embedded.choice import url_for
from models.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer", "url_for"]
