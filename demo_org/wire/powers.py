"""What faults may do to the state around a request: end sessions and jobs, forget locators, look a page back."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import msgspec

from demo_org.errors import SalesforceFault
from demo_org.faults import Call
from demo_org.refusals import Words
from demo_org.store.lag import BEGAN_AGO
from demo_org.wire.context import Context
from demo_org.wire.login.oauth_faults import OAuthFault
from demo_org.wire.login.sessions import token_of
from demo_org.wire.login.soap import login_fault
from demo_org.wire.message import Reply
from demo_org.wire.query.cursors import Cursor

_NEXT_PAGE = re.compile(r"/query(?:All)?/(?P<locator>01g[0-9A-Za-z]{15})-(?P<offset>\d+)$", re.IGNORECASE)
_JOB = re.compile(r"/jobs/query/(?P<job>750\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WirePowers:
    """The powers of faults over one wire."""

    context: Context

    def now(self) -> datetime:
        """The org's time."""
        return self.context.org.clock.now()

    def end_session(self, call: Call) -> None:
        """End the session of a call."""
        self.context.sessions.end(token_of(call.headers))

    def drop_locators(self) -> None:
        """Forget all open query results."""
        self.context.cursors.forget()

    def end_job(self, job_id: str, *, state: str, message: str | None) -> None:
        """End a Bulk query job in a state of our choice; one that is not there can't be ended."""
        try:
            self.context.query_jobs.end(self.context.query_jobs.get(job_id), state, message=message)
        except SalesforceFault:
            return

    def records_before(self, call: Call) -> list[Any]:
        """The last record of the page before the one a call asks for."""
        cursor, offset = open_page(self.context, call)
        if cursor is None or offset == 0:
            return []
        version = call.path.split("/")[3].lstrip("vV")
        return list(cursor.result.records(offset - 1, 1, version=version))

    def end_approval(self, call: Call) -> None:
        """End the approval whose refresh token a login sends."""
        form = dict(parse_qsl(call.body.decode(errors="replace")))
        self.context.approvals.revoke(form.get("refresh_token", ""))

    def login_refusal(self, call: Call, words: Words) -> Reply:
        """How the login of a call says no."""
        if "/soap/" in call.path.lower():
            return login_fault(words)
        return OAuthFault(words.error, words.description).reply()

    def other_locator(self, locator: str) -> str:
        """Another locator of the same page of Bulk results: its row number with a zero before it."""
        row = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4))
        return base64.urlsafe_b64encode(b"0" + row).decode().rstrip("=")

    def start_earlier(self, span: timedelta) -> None:
        """Let the writes of this request carry stamps of a transaction that began a while ago."""
        BEGAN_AGO.set(span)


def statement_of(context: Context, call: Call) -> str | None:
    """The SOQL in a call's address or body, or that of its Bulk job."""
    asked = parse_qs(call.target.partition("?")[2]).get("q")
    if asked:
        return asked[0]
    job = _JOB.search(call.path)
    if job is not None:
        try:
            return context.query_jobs.get(job["job"]).query
        except SalesforceFault:
            return None
    if not call.body or not call.path.lower().endswith("/jobs/query"):
        return None
    try:
        body = msgspec.json.decode(call.body)
    except (msgspec.DecodeError, RecursionError):
        return None
    statement = body.get("query") if isinstance(body, dict) else None
    return statement if isinstance(statement, str) else None


def open_page(context: Context, call: Call) -> tuple[Cursor | None, int]:
    """The open result whose next page a call asks for, and the row it begins with."""
    found = _NEXT_PAGE.search(call.path)
    return (context.cursors.peek(found["locator"]), int(found["offset"])) if found else (None, 0)
