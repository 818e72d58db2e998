"""One method per thing we ask of Salesforce. `connect` logs in and returns the client."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from time import monotonic
from types import TracebackType
from typing import Any

import httpx
from pydantic import SecretStr

from models.seal import Seal
from models.settings import StoreSettings
from sync.errors import BadReply, ObjectMissing, SessionExpired, WrongHost
from sync.record import ObjectShape, OrgIdentity, Unchanged
from sync.salesforce import bulk, library
from sync.salesforce.bulk import BulkJob, BulkPage, BulkState
from sync.salesforce.composite import (
    MAX_PARTS,
    QueryPage,
    SubReply,
    SubRequest,
    composite_body,
    composite_replies,
    query_page,
)
from sync.salesforce.connection import Connection
from sync.salesforce.describe import describe_requests, described
from sync.salesforce.http import DEADLINES, Deadlines, Reply, checked_address, is_loopback, open_http
from sync.salesforce.login import Login, SharedSession
from sync.salesforce.soql import query_url
from sync.salesforce.token_file import TokenFile
from sync.salesforce.usage import ApiUsage, Meter, Tally
from sync.settings import SalesforceSettings

#: longest path and query string that is sent in a request line; Salesforce refuses 16,384 bytes with all headers
_LONGEST_URL = 8_000


def connect(
    settings: SalesforceSettings,
    *,
    keep_refresh_token: Callable[[str], None] | None = None,
    meter: Meter | None = None,
    deadlines: Deadlines = DEADLINES,
) -> "Client":
    """Log in and find out which API version the org speaks.

    `keep_refresh_token` is given each new refresh token before it is used, when the org rotates them; without it a file
    under BATON_HOME keeps the newest. `meter` counts the calls and may refuse them.
    """
    if keep_refresh_token is None and settings.refresh_token is not None:
        configured = settings.refresh_token.get_secret_value()
        of_org = f"-{settings.name}" if settings.name else ""
        file = StoreSettings().home / f"salesforce-refresh-token{of_org}.json"
        kept = TokenFile(file, configured=configured, seal=Seal.in_settings())
        keep_refresh_token = kept.keep
        newest = SecretStr(kept.newest() or configured)
        settings = settings.model_copy(update={"refresh_token": newest})
    calls: Counter[str] = Counter()
    with ExitStack() as undo:
        at_login = undo.enter_context(_open_http(settings))
        login = Login(settings, http=at_login, keep_refresh_token=keep_refresh_token, patience=deadlines.login)
        session = SharedSession(login, opened=lambda: calls.update(login=1))
        http = undo.enter_context(_open_http(settings))
        connection = Connection(http=http, session=session, meter=meter or Tally(), deadlines=deadlines, calls=calls)
        connection.version = _version(connection, wanted=settings.api_version)
        undo.pop_all()
    return Client(connection, settings, owns_session=True)


def _open_http(settings: SalesforceSettings) -> httpx.Client:
    return open_http(ca_file=settings.ca_file, loopback=is_loopback(checked_address(settings.url)))


class Client:
    """Asks one org. Threads may share it. Every answer is complete or an error of `sync.errors`."""

    def __init__(self, connection: Connection, settings: SalesforceSettings, *, owns_session: bool) -> None:
        self._connection = connection
        self._settings = settings
        self._owns_session = owns_session

    def beside(self, *, meter: Meter) -> "Client":
        """Another client with connections of its own and the same session; close it before this one."""
        mine = self._connection
        connection = Connection(
            http=_open_http(self._settings), session=mine.shared_session, meter=meter, deadlines=mine.deadlines,
            calls=Counter(),
        )  # fmt: skip
        connection.version = mine.version
        connection.server_date, connection.server_date_seen = mine.server_date, mine.server_date_seen
        return Client(connection, self._settings, owns_session=False)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._connection.close()
        if self._owns_session:
            self._connection.shared_session.close()

    def ending_in(self, seconds: float) -> AbstractContextManager[None]:
        """Let everything that is asked within this block be over after so many seconds."""
        return self._connection.ending_in(seconds)

    def halt(self) -> None:
        """Send nothing any more, and break off downloads; only for a client that is not needed again."""
        self._connection.halt()

    # --- what is known without asking --------------------------------------------------------------------------------

    @property
    def version(self) -> str:
        """The API version in use: the one asked for, or the org's newest if that is older."""
        return self._connection.version

    @property
    def base(self) -> str:
        """Path of all data resources, for the urls of composite parts."""
        return self._connection.base

    @property
    def instance_url(self) -> str:
        """The host that has the org's data."""
        return self._connection.session.instance_url

    @property
    def name(self) -> str | None:
        """What this org is called in the settings."""
        return self._settings.name

    @property
    def currency(self) -> str | None:
        """The currency code of a single-currency org, as configured; Salesforce does not tell it."""
        return self._settings.currency

    @property
    def org_id(self) -> str | None:
        """The 18-character id of the org, where the login told it."""
        return self._connection.session.org_id

    @property
    def usage(self) -> ApiUsage | None:
        """The org's used and allowed calls of 24 hours, as the newest reply told them."""
        return self._connection.usage

    @property
    def calls(self) -> Counter[str]:
        """Requests that were sent so far, by kind; each retry counts."""
        return self._connection.calls

    @property
    def api_calls(self) -> int:
        """Requests that were sent so far and that Salesforce bills; logins are free."""
        return self._connection.api_calls

    @property
    def meter(self) -> Meter:
        """What counts the calls, and knows those that were not written down yet."""
        return self._connection.meter

    @property
    def server_date(self) -> datetime | None:
        """Salesforce's clock in the newest reply, in whole seconds."""
        return self._connection.server_date

    @property
    def server_now(self) -> datetime:
        """Salesforce's clock now, in whole seconds: its newest reply and the time since, not our own clock."""
        connection = self._connection
        if connection.server_date is None:
            raise BadReply(what="the org's replies", detail="they carry no Date, which windows are cut by")
        return connection.server_date + timedelta(seconds=int(monotonic() - connection.server_date_seen))

    # --- the org and its objects -------------------------------------------------------------------------------------

    def identity(self) -> OrgIdentity:
        """Which org this is."""
        settings = self._settings
        return library.read_identity(self._connection, ca_file=settings.ca_file, currency=settings.currency)

    def limits(self) -> dict[str, Any]:
        """All limits of the org and what is left of them."""
        return library.read_limits(self._connection, ca_file=self._settings.ca_file)

    def describe(
        self, names: Sequence[str], known: Mapping[str, str] | None = None
    ) -> dict[str, ObjectShape | Unchanged | ObjectMissing]:
        """The fields of objects, in one call per 25. `known` maps a name to the last_modified we have of it."""
        found: dict[str, ObjectShape | Unchanged | ObjectMissing] = {}
        for start in range(0, len(names), MAX_PARTS):
            requests = describe_requests(self.base, names[start : start + MAX_PARTS], known or {})
            replies = self.composite(requests, kind="describe")
            found |= {name: described(name, reply) for name, reply in replies.items()}
        return found

    # --- records -----------------------------------------------------------------------------------------------------

    def composite(self, requests: Sequence[SubRequest], *, kind: str = "composite") -> dict[str, SubReply]:
        """Up to 25 requests, at most 5 of them queries, in one call. Each answer has its own status."""
        content = composite_body(requests)
        path = f"{self.base}/composite"

        def read(reply: Reply) -> dict[str, SubReply]:
            replies = composite_replies(reply.json("a composite call"), requests)
            # A session can also end between the parts of a call: then the envelope is fine and the parts are not.
            for error in map(SubReply.error, replies.values()):
                if isinstance(error, SessionExpired):
                    raise error
            return replies

        return self._connection.ask(
            kind, "POST", path, content=content, patience=self._connection.deadlines.composite, read=read
        )

    def query(self, soql: str, *, include_deleted: bool = False) -> QueryPage:
        """The first page of a query. A long statement travels inside a composite call, which takes it."""
        url = query_url(self.base, soql, include_deleted=include_deleted)
        if len(url) > _LONGEST_URL:
            reply = self.composite([SubRequest(reference="page", url=url)], kind="query")["page"]
            error = reply.error()
            if error is not None:
                raise error
            return query_page(reply.body, what="a query")
        return self._page(url)

    # --- bulk jobs ---------------------------------------------------------------------------------------------------

    def start_bulk(self, soql: str, *, object_name: str, include_deleted: bool = False) -> BulkJob:
        """Start a query job; BulkUnsupported when this object must be read page by page."""
        return bulk.start_job(self._connection, soql, object_name=object_name, include_deleted=include_deleted)

    def bulk_state(self, job: BulkJob) -> BulkState:
        """How far a job is."""
        return bulk.job_state(self._connection, job)

    def bulk_locators(self, job: BulkJob) -> list[str]:
        """Where the pages of a finished job begin; they may be fetched side by side."""
        return bulk.page_locators(self._connection, job)

    def bulk_page(
        self, job: BulkJob, *, locator: str | None = None, most: int | None = bulk.PAGE_ROWS
    ) -> AbstractContextManager[BulkPage]:
        """One page of a finished job, streamed; after a failure it may be asked for once more."""
        return bulk.page(self._connection, job, locator=locator, most=most)

    def abort_bulk(self, job: BulkJob) -> None:
        """Stop a job that is still running."""
        bulk.abort_job(self._connection, job)

    def delete_bulk(self, job: BulkJob) -> None:
        """Remove a finished job and its results."""
        bulk.delete_job(self._connection, job)

    def _page(self, url: str) -> QueryPage:
        return self._connection.ask(
            "query", "GET", url, read=lambda reply: query_page(reply.json("a query"), what="a query")
        )


def _version(connection: Connection, *, wanted: str) -> str:
    """The wanted API version, or the org's newest when that is older."""
    host = connection.session.instance_url
    try:
        listed = connection.ask("versions", "GET", "/services/data", read=Reply.decoded)
        newest = max((str(each["version"]) for each in listed), key=float)
    except (TypeError, KeyError, ValueError) as error:
        raise WrongHost(url=host, detail="it does not list API versions like a Salesforce org") from error
    return min(wanted, newest, key=float)
