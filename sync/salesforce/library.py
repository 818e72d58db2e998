"""simple_salesforce for what it does well (queries of setup data, limits), over a transport that is ours.

By itself it has no time-outs, always speaks https and starts its own sessions. Here it borrows our session token,
gives up after a while, and reaches a demo org on this machine over plain http. It is imported on first use, since that
takes half a second.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from sync.errors import BadReply, WrongHost
from sync.record import OrgIdentity
from sync.salesforce.connection import Connection
from sync.salesforce.faults import salesforce_errors
from sync.salesforce.http import retried
from sync.salesforce.login import Session

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

_TIMEOUT = (10, 60)
_IDENTITY = (
    "SELECT Id, Name, OrganizationType, IsSandbox, TimeZoneSidKey, FiscalYearStartMonth FROM Organization LIMIT 1"
)


class _Adapter(HTTPAdapter):
    """Gives every request a time limit, counts it, and takes the TLS off requests to this very machine."""

    def __init__(self, *, plain: bool, sent: Callable[[], None], replied: Callable[[Mapping[str, str]], None]) -> None:
        self._plain = plain
        self._sent = sent
        self._replied = replied
        super().__init__(max_retries=0)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request of simple_salesforce, which always says https and never sets a time limit."""
        if self._plain and request.url is not None:
            request.url = request.url.replace("https://", "http://", 1)
        kwargs["timeout"] = kwargs.get("timeout") or _TIMEOUT
        self._sent()
        response = super().send(request, *args, **kwargs)
        self._replied(response.headers)
        return response


def read_identity(connection: Connection, *, ca_file: Path | None, currency: str | None) -> OrgIdentity:
    """Ask which org this is."""
    answer = _ask(connection, "identity", lambda library: library.query(_IDENTITY), ca_file=ca_file)
    records = answer.get("records") or []
    if not records:
        raise BadReply(what="the question which org this is", detail="no Organization record")
    found = records[0]
    return OrgIdentity(
        org_id=found["Id"],
        name=found["Name"],
        instance_url=connection.session.instance_url,
        is_sandbox=bool(found["IsSandbox"]),
        organization_type=found.get("OrganizationType") or "",
        time_zone=found.get("TimeZoneSidKey") or "UTC",
        fiscal_year_start_month=int(found.get("FiscalYearStartMonth") or 1),
        currency=currency,
    )


def read_limits(connection: Connection, *, ca_file: Path | None) -> dict[str, Any]:
    """Ask for all limits of the org and what is left of them."""
    limits: dict[str, Any] = _ask(connection, "limits", lambda library: library.limits(), ca_file=ca_file)
    return limits


def _ask(connection: Connection, kind: str, question: "Callable[[Salesforce], Any]", *, ca_file: Path | None) -> Any:
    from simple_salesforce.api import Salesforce  # noqa: PLC0415 - half a second that most commands need not wait

    def attempt(session: Session) -> Any:
        plain = connection.is_local and session.instance_url.startswith("http://")
        adapter = _Adapter(plain=plain, sent=lambda: connection.count(kind), replied=connection.note)
        with requests.Session() as transport, salesforce_errors(connection.host):
            transport.mount("https://", adapter)
            # A redirect would take the token along to another host.
            transport.max_redirects = 0
            transport.trust_env = not connection.is_local
            if ca_file is not None:
                transport.verify = str(ca_file)
            library = Salesforce(
                session_id=session.token,
                instance_url=session.instance_url,
                version=connection.version,
                session=transport,
            )
            answer = question(library)
        if not isinstance(answer, Mapping):
            raise WrongHost(url=connection.host, detail="it does not answer like a Salesforce org")
        return answer

    return connection.with_session(lambda session: retried(lambda: attempt(session)))
