"""By which API and for which client a request writes, as change events tell it.

com/salesforce/api/rest/64.0;client=my-app: the client names itself in Sforce-Call-Options, so that it knows its own
changes when they come back (Change Data Capture guide, "ChangeEventHeader Fields").
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from demo_org.store.journal import ORIGIN
from demo_org.wire.message import Request

_PATH = re.compile(r"/services/(?:data|async)/v?(?P<version>\d+\.\d)/(?P<resource>[^/?]*)", re.IGNORECASE)
_CLIENT = re.compile(r"(?:^|[,;])\s*client\s*=\s*([^,;]+)", re.IGNORECASE)


@contextmanager
def writing_for(request: Request) -> Iterator[None]:
    """What is written inside carries the request's origin."""
    token = ORIGIN.set(origin_of(request))
    try:
        yield
    finally:
        ORIGIN.reset(token)


def origin_of(request: Request) -> str:
    """The origin of what a request writes; empty where no API is used."""
    found = _PATH.match(request.path)
    if found is None:
        return ""
    bulk = found["resource"].lower() in {"jobs", "job"}
    api = "bulkapi" if bulk else "toolingrest" if found["resource"].lower() == "tooling" else "rest"
    client = _CLIENT.search(request.headers.get("sforce-call-options", ""))
    named = f";client={client[1].strip()}" if client else ""
    return f"com/salesforce/api/{api}/{found['version']}{named}"
