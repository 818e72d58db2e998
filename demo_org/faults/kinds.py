"""What a kind of fault is: where it may strike, what can be set about it, and what it does there.

A fault may strike at four moments: before the org is asked, in place of its answer, after its answer, and while that is
sent. One about change events has none of them: whoever delivers events asks for strikes and reads the kind's name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Protocol

from demo_org.errors import SalesforceFault
from demo_org.refusals import Words
from demo_org.reply import Reply

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a fault may strike: a request, a part of a composite one, or the delivery of an event."""

    method: str
    #: path and query, as they were sent; the topic of an event
    target: str
    #: the kind of call as the meter counts it (query, records, describe, bulk, login …), or "events"
    kind: str
    #: the object that is asked for, if there is one
    object_name: str | None = None
    #: the SOQL it asks for, or its Bulk job asked for
    statement: str | None = None
    #: a part of a composite request
    part: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0].rstrip("/")


class Powers(Protocol):
    """What a fault may do to the state around a request, given by whoever answers requests."""

    def now(self) -> datetime:
        """The org's time."""

    def end_session(self, call: Call) -> None:
        """End the session of a call."""

    def drop_locators(self) -> None:
        """Forget all open query results."""

    def end_job(self, job_id: str, *, state: str, message: str | None) -> None:
        """End a Bulk job in a state of our choice."""

    def records_before(self, call: Call) -> list[Any]:
        """The last record of the page before the one a call asks for, if there is one."""

    def end_approval(self, call: Call) -> None:
        """End the approval whose refresh token a call sends, as the reuse of a spent token does."""

    def login_refusal(self, call: Call, words: Words) -> Reply:
        """How the login of a call says no, by OAuth or by SOAP."""

    def other_locator(self, locator: str) -> str:
        """Another locator of the same page of Bulk results."""

    def start_earlier(self, span: timedelta) -> None:
        """Let the writes of this request carry stamps of a transaction that began a while ago."""


class Ending(Enum):
    """How the body of an answer ends."""

    WHOLE = auto()
    #: as if it were complete
    CUT = auto()
    #: with a closed connection in place of an end
    BROKEN = auto()
    #: with a connection reset
    RESET = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How an answer travels."""

    #: seconds of silence before the org is asked
    delay: float = 0.0
    #: no answer; the connection is reset after the delay, before the org is asked or after
    answered: bool = True
    carried_out: bool = True
    #: seconds for which new connections are refused
    refuse_for: float = 0.0
    ending: Ending = Ending.WHOLE
    #: bytes of the body that are sent, or half of it if it is shorter and they are not exact
    keep: int = 0
    exact: bool = False
    #: bytes of each piece the body comes in; 0 = as it is handy
    piece: int = 0
    #: packed, whatever the client accepts; bytes are counted after packing
    packed: bool = False

    def kept(self, size: int) -> int:
        """Bytes of a body of this size that are sent."""
        if self.ending is Ending.WHOLE:
            return size
        return self.keep if self.exact else min(self.keep, size // 2)


#: kinds of calls that may stand in a composite request
_IN_PARTS = frozenset({"query", "search", "records", "collections", "replication"})

Before = Callable[[Call, Values, Powers], None]
#: None where the org is to answer all the same
Instead = Callable[[Call, Values, Powers], Reply | None]
#: None where the fault has nothing to change in the answer: then it did not strike
After = Callable[[Call, Values, Reply, Powers], Reply | None]
Travel = Callable[[Values], Sending]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Something that can be set about a fault of a kind."""

    doc: str
    default: Any = None
    #: None = text
    type: type | tuple[type, ...] = str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The calls a kind of fault has something to do with."""

    kinds: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    path: re.Pattern[str] | None = None
    #: parts of composite requests only
    part: bool = False

    def holds(self, call: Call) -> bool:
        """Whether a call is one of them."""
        return (
            (not self.kinds or call.kind in self.kinds)
            and (not self.methods or call.method in self.methods)
            and (self.path is None or self.path.search(call.target) is not None)
            and (not self.part or call.part)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way in which the org misbehaves."""

    name: str
    group: str
    doc: str
    where: Where = Where()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    before: Before | None = None
    instead: Instead | None = None
    after: After | None = None
    travel: Travel | None = None
    #: may be drawn at random; those that hang or last are struck by name only
    by_chance: bool = True
    #: records are not what they would be without it
    changes_truth: bool = False

    @property
    def in_parts(self) -> bool:
        """Whether it may strike a part of a composite request, and not only a whole one."""
        return self.travel is None and (self.where.part or bool(self.where.kinds & _IN_PARTS))

    @property
    def of_events(self) -> bool:
        """Whether it is about change events, not about requests."""
        return self.group == "events"


def where(*kinds: str, methods: tuple[str, ...] = (), path: str | None = None, part: bool = False) -> Where:
    """The calls of some kinds and methods whose target has a pattern in it."""
    pattern = None if path is None else re.compile(path, re.IGNORECASE)
    return Where(kinds=frozenset(kinds), methods=frozenset(methods), path=pattern, part=part)


class BadFault(SalesforceFault):
    """A fault was described wrongly; the message says what is known."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "INVALID_OPERATION", message)
