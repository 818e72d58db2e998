"""Which API versions the org speaks, and what each offers."""

import re

from demo_org.errors import SalesforceFault, not_found
from demo_org.ids import to15
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.settings import LAST_VERSION

_SEASONS = ("Winter", "Spring", "Summer")
_RESOURCES = (
    "sobjects",
    "query",
    "queryAll",
    "search",
    "parameterizedSearch",
    "recent",
    "connect",
    "event",
    "tooling",
    "limits",
    "composite",
    "jobs",
)
_OLDEST_EVER = 7  # what came before the oldest version that is answered existed once, and is retired


def versions(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Every version, oldest first; needs no login."""
    return Reply(
        content=[
            {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(context.settings.oldest_version, LAST_VERSION + 1)
        ]
    )


def resources(context: Context, request: Request) -> Reply:
    """The resources of one version and where they are."""
    base = f"/services/data/v{request.version}"
    content = {name: f"{base}/{name}" for name in _RESOURCES}
    user = to15(request.user_id)
    content["identity"] = f"{request.base_url}/id/{context.org.org_id}/{user}"
    return Reply(content=content)


def communities(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """The sites for partners and customers: nobody made one. CumulusCI asks for them."""
    return Reply(content={"communities": [], "total": 0})


def check_version(text: str, *, oldest: int) -> str:
    """The version of a path such as /services/data/v64.0; a fault if the org does not speak it."""
    found = re.fullmatch(r"v(\d+)\.0", text, re.IGNORECASE)
    number = int(found[1]) if found else 0
    if oldest <= number <= LAST_VERSION:
        return f"{number}.0"
    if _OLDEST_EVER <= number < oldest:
        message = f"The requested API version v{number}.0 is retired; use one from {oldest}.0"
        raise SalesforceFault(410, "UNSUPPORTED_API_VERSION", message)
    raise not_found()


def _label(number: int) -> str:
    # Version 58 was Summer '23; three releases a year, and Winter carries the next year's number.
    release = number - 58 + 2
    return f"{_SEASONS[release % 3]} '{23 + release // 3}"
