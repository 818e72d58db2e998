"""The border where foreign errors become ours: Salesforce's error codes, HTTP statuses and the libraries' exceptions.

Nothing above this folder sees another exception than those of `sync.errors`.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from sync.errors import (
    ApiDisabled,
    BadReply,
    BudgetSpent,
    BulkUnsupported,
    FieldHidden,
    ObjectMissing,
    OrgBusy,
    OrgUnreachable,
    QueryTimedOut,
    RequestRefused,
    SessionExpired,
    SyncError,
    WrongHost,
)

# The same text answers a field that does not exist and one that field-level security hides.
_NO_COLUMN = re.compile(r"No such column '(?P<field>[^']+)' on (?:entity|sobject of type) '?(?P<object>\w+)'?")
_NO_OBJECT = re.compile(r"sObject type '(?P<object>[^']+)' is not supported")
_BULK_REFUSES = re.compile(r"not supported by the Bulk API|compound data not supported in Bulk", re.IGNORECASE)

_SESSION = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER"})
_NO_API = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "CLIENT_NOT_ACCESSIBLE_FOR_USER"})
_BUDGET = frozenset({"REQUEST_LIMIT_EXCEEDED", "API_LIMIT_EXCEEDED", "LIMIT_EXCEEDED"})
_TOO_SLOW = frozenset({"QUERY_TIMEOUT", "QUERY_TOO_COMPLICATED", "OPERATION_TOO_LARGE"})
_BUSY = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"})
# 406 and 420 come from Salesforce's edge and pass; clients of long standing retry both.
_BUSY_STATUS = frozenset({406, 420, 429})

_LIBRARIES = frozenset({"httpx", "requests", "urllib3", "json", "msgspec", "simple_salesforce"})


def error_from_reply(
    status: int,
    body: Any,
    *,
    url: str,
    object_name: str | None = None,
    headers: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> SyncError:
    """What a reply that is no success means. `body` is decoded JSON, or the text of something else."""
    code, message = _code_and_message(body)
    known = _by_code(code, message, status=status, object_name=object_name)
    wait = _retry_after(headers or {}, now=now)
    if known is not None:
        return known if wait is None else _later(known, wait)
    if status in _BUSY_STATUS or status >= 500 or code in _BUSY:
        return OrgBusy(status=status, detail=code or "no explanation", retry_after=wait)
    if status == 401:
        return SessionExpired(detail=code or "HTTP 401")
    if 300 <= status < 400:
        target = (headers or {}).get("location", "another address")
        return WrongHost(url=url, detail=f"it redirects to {_without_query(target)}")
    if status == 404 and not code:
        return WrongHost(url=url, detail="it has no Salesforce API (HTTP 404)")
    return RequestRefused(status=status, error_code=code or f"HTTP {status}", detail=_shortened(message))


def _later(error: SyncError, wait: timedelta) -> SyncError:
    """The same error with what the reply says of when to come back."""
    if isinstance(error, BudgetSpent):
        return BudgetSpent(detail=error.detail, retry_after=wait)
    if isinstance(error, OrgBusy):
        return OrgBusy(status=error.status, detail=error.detail, retry_after=wait)
    return error


def _by_code(code: str, message: str, *, status: int, object_name: str | None) -> SyncError | None:
    found: SyncError | None = None
    if code in _SESSION:
        found = SessionExpired(detail=_shortened(message) or code)
    elif code in _NO_API:
        found = ApiDisabled(detail=_shortened(message) or code)
    elif code in _BUDGET:
        # Too many calls at once pass in seconds; the day's allocation does not.
        found = (
            OrgBusy(status=status, detail=_shortened(message))
            if "Concurrent" in message
            else BudgetSpent(detail=_shortened(message) or code)
        )
    elif code in _TOO_SLOW:
        found = QueryTimedOut(object_name=object_name, detail=_shortened(message) or code)
    elif code == "INVALID_QUERY_LOCATOR":
        found = BadReply(what="the next page of a query", detail="Salesforce has dropped the query locator")
    elif code == "INVALIDENTITY" or _BULK_REFUSES.search(message):
        found = BulkUnsupported(object_name=object_name or "This object", detail=_shortened(message))
    elif match := _NO_COLUMN.search(message):
        found = FieldHidden(object_name=match["object"], field_name=match["field"])
    elif match := _NO_OBJECT.search(message):
        found = ObjectMissing(object_name=object_name or match["object"])
    elif code == "NOT_FOUND" and object_name:
        found = ObjectMissing(object_name=object_name)
    return found


def error_from_exception(error: Exception, *, host: str) -> SyncError:  # noqa: PLR0911 - one answer per library
    """What an exception of httpx, requests, simple_salesforce or msgspec means.

    requests and simple_salesforce are known by the name of their package, so that this module does not import them:
    they take half a second, and most processes never need them.
    """
    if isinstance(error, SyncError):
        return error
    name = type(error).__name__
    package = _package(error)
    if package == "simple_salesforce":
        return _from_simple_salesforce(error, host=host)
    if package in {"requests", "urllib3", "json"}:
        return _from_requests(error, host=host)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.TooManyRedirects):
        return WrongHost(url=host, detail=f"it is not an address that can be called ({name})")
    if isinstance(error, httpx.DecodingError):
        return BadReply(what=host, detail=name)
    if isinstance(error, httpx.HTTPError | httpx.StreamError | OSError):
        return OrgUnreachable(host=host, detail=_network_detail(error))
    return BadReply(what=host, detail=name)


@contextmanager
def salesforce_errors(host: str) -> Iterator[None]:
    """Let only our own errors out of a block that calls a library."""
    try:
        yield
    except SyncError:
        raise
    except Exception as error:
        if _package(error) is None and not isinstance(error, OSError | UnicodeError):
            raise  # a mistake of ours must not look like one of the network
        raise error_from_exception(error, host=host) from error


def _package(error: BaseException) -> str | None:
    """The library that an exception comes from, by the name of its package."""
    root = type(error).__module__.partition(".")[0]
    return root if root in _LIBRARIES else None


def _from_simple_salesforce(error: Exception, *, host: str) -> SyncError:
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return error_from_reply(status, getattr(error, "content", None), url=host)
    return BadReply(what=host, detail=type(error).__name__)


def _from_requests(error: Exception, *, host: str) -> SyncError:
    name = type(error).__name__
    if name in {"TooManyRedirects", "InvalidURL", "MissingSchema", "InvalidSchema", "InvalidProxyURL", "URLRequired"}:
        return WrongHost(url=host, detail=f"it is not an address that can be called ({name})")
    if "JSON" in name or name in {"ContentDecodingError", "UnrewindableBodyError", "InvalidHeader"}:
        return BadReply(what=host, detail=name)
    return OrgUnreachable(host=host, detail=name)


def _code_and_message(body: Any) -> tuple[str, str]:
    """Salesforce's error code and text, out of an array (the rule) or an object (OAuth, some bulk replies)."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, Mapping):
        return "", ""
    code = first.get("errorCode") or first.get("statusCode") or first.get("error") or ""
    message = first.get("message") or first.get("error_description") or ""
    return str(code), str(message)


def _shortened(message: str) -> str:
    # The text of a query error begins with an excerpt and a caret line; what happened stands in the last line. Excerpts
    # stay out of messages, since they may quote the values a query compared with.
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def _network_detail(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return _shortened(str(error)) or "no connection"
    return type(error).__name__


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _retry_after(headers: Mapping[str, str], *, now: datetime | None) -> timedelta | None:
    """How long a reply asks us to wait: seconds, or an instant (RFC 9110)."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return timedelta(seconds=int(value))
    if not value:
        return None
    try:
        until = parsedate_to_datetime(value)
        base = now or parsedate_to_datetime(headers["date"])
    except (ValueError, KeyError):
        return None
    if until.tzinfo is None or base.tzinfo is None:
        until, base = until.replace(tzinfo=UTC), base.replace(tzinfo=UTC)
    return max(timedelta(0), until - base)
