"""What stands at the root: what this server is, and how to log in; no secrets."""

from html import escape

from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_WHAT = "A demo org: it speaks Salesforce's protocols, and everything in it is made up."


def welcome(context: Context, request: Request) -> Reply:
    """Tell a visitor what answers here, as a page for a browser and as JSON for everybody else."""
    known = context.settings.credentials
    told = {
        "what": _WHAT,
        "token_endpoint": f"{request.base_url}/services/oauth2/token",
        "client_id": known.client_id,
        "username": known.username,
        "secrets": "those given when it was started, or those of its ready line",
        "api": f"{request.base_url}/services/data",
        "control_plane": f"{request.base_url}/demo",
    }
    if "text/html" not in request.headers.get("accept", ""):
        return Reply(content=told)
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in told.items())
    page = f"<!DOCTYPE html><html lang=en><head><title>Demo org</title></head><body><h1>Demo org</h1><dl>{rows}</dl>"
    return Reply(raw=f"{page}</body></html>".encode(), headers={"Content-Type": "text/html;charset=UTF-8"})
