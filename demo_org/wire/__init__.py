"""The wire of the demo org: Salesforce's REST, Bulk 2.0 query and OAuth protocols over HTTP, and a control plane."""

from demo_org.wire.app import App, create_app
from demo_org.wire.server import Addresses, Running, running, serve
from demo_org.wire.settings import WireSettings

__all__ = ["Addresses", "App", "Running", "WireSettings", "create_app", "running", "serve"]
