"""Where faults meet requests: those that strike a call act before, in place of and after its answer."""

import re
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from urllib.parse import quote_plus

from demo_org.errors import SalesforceFault
from demo_org.faults import Call, Sending, Strike
from demo_org.wire.bulk.classic import entrance as classic
from demo_org.wire.context import Context
from demo_org.wire.message import NOTHING, Reply, Request
from demo_org.wire.powers import WirePowers, open_page, statement_of
from demo_org.wire.router import find
from demo_org.wire.routes import API, OPEN

_API_PATH = re.compile(r"^/services/data/v[\d.]+/(?P<rest>.*)$", re.IGNORECASE)
_OBJECT = re.compile(r"/(?:sobjects|tree)/(?P<object>\w+)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_FROM = re.compile(r"\bFROM\s+(?P<object>\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """One call with the faults that strike it; none, as a rule."""

    context: Context
    call: Call
    strikes: Sequence[Strike]

    @property
    def sending(self) -> Sending:
        """How the answer travels."""
        return next((each.kind.travel(each.values) for each in self.strikes if each.kind.travel), Sending())

    def answer(self, ask: Callable[[], Reply]) -> Reply:
        """The answer to the call, which `ask` gets from the org unless a fault answers in its place."""
        # In a context of its own: what a fault sets for the writes of this request ends with it.
        return copy_context().run(self._answer, ask) if self.strikes else ask()

    def _answer(self, ask: Callable[[], Reply]) -> Reply:
        powers = WirePowers(self.context)
        for each in self.strikes:
            if each.kind.before is not None:
                each.kind.before(self.call, each.values, powers)
        reply = self._in_place(powers)
        if reply is None:
            reply = ask()
        for each in self.strikes:
            if each.kind.after is not None:
                changed = each.kind.after(self.call, each.values, reply, powers)
                if changed is None:
                    self.context.faults.missed(each)
                else:
                    reply = changed
        return reply

    def _in_place(self, powers: WirePowers) -> Reply | None:
        for each in self.strikes:
            reply = None if each.kind.instead is None else each.kind.instead(self.call, each.values, powers)
            if reply is not None:
                return self._as_its_api_writes(reply)
        return None

    def _as_its_api_writes(self, reply: Reply) -> Reply:
        """REST's own refusals tell how many calls are used, like its answers; those of Bulk 1.0 have another form."""
        if reply.content is NOTHING or self.call.part:
            return reply
        if classic.inside(self.call.path) is not None:
            first = reply.content[0]
            return classic.refusal(reply.status, first["errorCode"], first["message"], self.call.headers)
        if _API_PATH.match(self.call.path) is None:
            return reply
        return replace(reply, headers={"Sforce-Limit-Info": self.context.usage.header(), **reply.headers})


def strike(context: Context, method: str, target: str, headers: dict[str, str], body: bytes) -> Struck:
    """The faults that strike a request."""
    return _struck(context, Call(method=method, target=target, kind=kind_of(target), headers=headers, body=body))


def strike_part(context: Context, request: Request) -> Struck:
    """The faults that strike a part of a composite request."""
    return _struck(context, replace(_call_of(request), part=True))


def object_of(context: Context, request: Request) -> str | None:
    """The object a request is about, in the catalogue's spelling; None where it is about none, or about several."""
    named = _object_of(context, _call_of(request))
    found = context.org.catalog.find(named) if named else None
    return found.name if found else named


def _call_of(request: Request) -> Call:
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in request.query.items())
    target = f"{request.path}?{query}" if query else request.path
    return Call(method=request.method, target=target, kind=kind_of(target), body=request.body)


def kind_of(target: str) -> str:
    """What kind of call the meter counts it as."""
    path = target.partition("?")[0].rstrip("/")
    in_rest, in_bulk = _API_PATH.match(path), classic.inside(path)
    routes, place = (API, in_rest["rest"]) if in_rest else (classic.ROUTES, in_bulk[1]) if in_bulk else (OPEN, path)
    try:
        return find(routes, place)[0].kind
    except SalesforceFault:
        return "other"


def _struck(context: Context, call: Call) -> Struck:
    if context.faults.idle:
        return Struck(context=context, call=call, strikes=())
    call = replace(call, object_name=_object_of(context, call), statement=statement_of(context, call))
    return Struck(context=context, call=call, strikes=context.faults.strike(call))


def _object_of(context: Context, call: Call) -> str | None:
    """The object a call is about: out of its path, its statement, or the result it reads on in."""
    named = _OBJECT.search(call.path)
    if named is not None:
        return named["object"]
    cursor, _ = open_page(context, call)
    if cursor is not None:
        return cursor.result.object
    statement = statement_of(context, call)
    if statement is None:
        return None
    while _IN_BRACKETS.search(statement):  # sub-queries and semi-joins have a FROM of their own
        statement = _IN_BRACKETS.sub(" ", statement)
    found = _FROM.search(statement)
    return found["object"] if found else None
