"""What can be set about the wire of a demo org: who may log in, how much it allows, how fast it answers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from demo_org.credentials import Credentials
from demo_org.events import DEFAULT_OBJECTS

FIRST_VERSION, LAST_VERSION = 59, 67


@dataclass(frozen=True, slots=True, kw_only=True)
class WireSettings:
    """One org's way of answering; the defaults are those of a Developer Edition where it has any."""

    credentials: Credentials = field(default_factory=Credentials.generate)
    #: base of the links the org hands out: a URL, "http" or "https" for an address of the server itself; None = the
    #: address the client used
    instance_url: str | None = None
    #: faults in force from the start, as a file of them says
    faults: Mapping[str, Any] | None = None
    #: a session ends after this much idleness (two hours are Salesforce's default)
    session_seconds: int = 7200
    #: each refresh returns a new refresh token and ends the old one and its session
    rotate_refresh_tokens: bool = False
    #: API versions before this one are retired. Salesforce itself still answers from 31.0 on
    oldest_version: int = FIRST_VERSION
    #: a refresh needs the client's secret, too
    secret_for_refresh: bool = False
    #: machines may log in with the client's id and secret alone
    client_credentials: bool = True
    #: approvals of one app that a user may have; one more ends the oldest
    approvals: int = 5
    #: life of an authorization code
    code_seconds: int = 900
    #: addresses a browser may be sent back to, besides any of a program on the user's own machine
    redirect_uris: tuple[str, ...] = ()
    #: an authorization without PKCE is refused
    require_code_challenge: bool = False
    #: the browser's user has logged in and approved the app before: no page is shown
    already_signed_in: bool = False
    #: the login call of the SOAP API answers
    soap_login: bool = True
    #: logins of one user within an hour
    hourly_logins: int = 3600
    #: API calls within 24 hours
    daily_calls: int = 100_000
    #: Bulk 2.0 query jobs within 24 hours
    daily_query_jobs: int = 10_000
    #: what Sforce-Limit-Info tells each app of its share of them; 0 = nothing
    app_calls: int = 0
    #: a request that has run for this many seconds is a long one (20 in every org), and so many may run at a time
    #: (25; 5 in a Developer Edition)
    long_seconds: float = 20.0
    long_requests: int = 25
    #: rows of a REST page unless the client asks for fewer
    page_rows: int = 2000
    #: parents of a REST page whose records have children with them
    page_parents: int = 500
    #: children of one record that are shown with it; more follow under a locator of their own
    page_children: int = 200
    #: cursors a user may hold open; one more evicts the oldest
    open_cursors: int = 10
    #: seconds a Bulk job spends in each of UploadComplete and InProgress at least
    bulk_delay: float = 0.1
    #: rows of a page of Bulk results unless the client asks for fewer
    bulk_page_rows: int = 250_000
    #: answer with Content-Encoding: gzip where the client accepts it
    gzip: bool = True
    #: handlers that may run at the same time
    threads: int = 8
    #: objects whose changes are told on the standard channel, until an admin selects others
    change_event_objects: tuple[str, ...] = DEFAULT_OBJECTS
    #: objects that may be selected, over all channels
    most_change_event_objects: int = 5
    #: changes of one transaction that are told; of more, only that there were more
    told_changes: int = 100_000
    #: events delivered within 24 hours, over all subscribers (25,000 in an Enterprise Edition, 50,000 in an Unlimited)
    daily_deliveries: int = 50_000
    #: seconds the Streaming API lets a client wait for events
    streaming_seconds: float = 110.0


def settable() -> Mapping[str, Any]:
    """The settings that can be given as text, with their defaults."""
    return {each.name: each.default for each in fields(WireSettings) if each.name not in _OPTIONS}


def settings_from(pairs: Iterable[str]) -> Mapping[str, Any]:
    """Settings given as text, such as daily_calls=1000, as arguments of WireSettings; a ValueError says why not."""
    kinds = {name: type(default) for name, default in settable().items()}
    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        kind = kinds.get(name)
        if not equals or kind is None or kind not in _READ:
            known = ", ".join(sorted(name for name, kind in kinds.items() if kind in _READ))
            raise ValueError(f"{pair!r} is no setting; write NAME=VALUE with one of these names: {known}")
        try:
            found[name] = _READ[kind](text)
        except (KeyError, ValueError):
            raise ValueError(f"{text!r} is no value for {name}; give one like {_LIKE[kind]}") from None
    return found


#: those with an option of the command line of their own
_OPTIONS = frozenset({"credentials", "faults", "instance_url", "oldest_version"})
_TRUTH = {"true": True, "false": False}
_READ: Mapping[type, Callable[[str], Any]] = {
    bool: lambda text: _TRUTH[text.lower()],
    int: int,
    float: float,
    tuple: lambda text: tuple(text.split(",")),
}
_LIKE = {bool: "true or false", int: "25", float: "0.5", tuple: "one,another"}
