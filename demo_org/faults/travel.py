"""Faults of the way an answer takes: slow, silent, cut off or reset; and any answer that a test writes down itself."""

import json
from typing import Any

from demo_org.faults.kinds import Call, Ending, Kind, Parameter, Powers, Sending, Travel, Values
from demo_org.reply import Reply

_FOREVER = 600.0  # seconds; longer than any client waits
_NUMBER = (int, float)
_KEEP = Parameter(type=int, default=1000, doc="bytes that arrive, or half of a shorter body")


def _kind(
    name: str,
    doc: str,
    travel: Travel,
    *,
    by_chance: bool = True,
    changes_truth: bool = False,
    **parameters: Parameter,
) -> Kind:
    return Kind(
        name=name,
        group="connection",
        doc=doc,
        parameters=parameters,
        travel=travel,
        by_chance=by_chance,
        changes_truth=changes_truth,
    )


def _written(call: Call, values: Values, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    if values["status"] is None:
        return None
    body = values["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    usual = "text/html;charset=UTF-8" if text.lstrip().startswith("<") else "application/json;charset=UTF-8"
    headers: dict[str, Any] = {"Content-Type": values["content_type"] or usual, **values["headers"]}
    return Reply(status=values["status"], raw=text.encode(), headers=headers)


def _travel(values: Values) -> Sending:
    cut_after = 0 if values["broken"] and values["cut_after"] is None else values["cut_after"]
    ending = Ending.WHOLE if cut_after is None else Ending.BROKEN if values["broken"] else Ending.CUT
    return Sending(delay=values["delay"], ending=ending, keep=cut_after or 0, exact=True)


KINDS: tuple[Kind, ...] = (
    _kind(
        "slow",
        "The answer comes late; others are served meanwhile.",
        lambda values: Sending(delay=values["seconds"]),
        seconds=Parameter(type=_NUMBER, default=1.0, doc="how late"),
    ),
    _kind(
        "hang",
        "No answer comes; the connection stays open until the client gives up. Nothing is carried out.",
        lambda values: Sending(delay=values["seconds"], answered=False, carried_out=False),
        by_chance=False,
        seconds=Parameter(type=_NUMBER, default=_FOREVER, doc="after which it is reset all the same"),
    ),
    _kind(
        "reset_before",
        "The connection is reset before the answer. Nothing is carried out.",
        lambda values: Sending(answered=False, carried_out=False),  # noqa: ARG005 - faults share one signature
    ),
    _kind(
        "refused",
        "The connection is reset before the answer, and new ones are refused for a while. Nothing is carried out.",
        lambda values: Sending(answered=False, carried_out=False, refuse_for=values["seconds"]),
        by_chance=False,
        seconds=Parameter(type=_NUMBER, default=1.0, doc="for how long"),
    ),
    _kind(
        "answer_lost",
        "The request is carried out and the connection reset in place of the answer: a write has happened, a login "
        "has rotated its token, and the client does not know.",
        lambda values: Sending(answered=False),  # noqa: ARG005 - faults share one signature
        by_chance=False,
        changes_truth=True,
    ),
    _kind(
        "reset_body",
        "The connection is reset in the middle of the body.",
        lambda values: Sending(ending=Ending.RESET, keep=values["keep"]),
        keep=_KEEP,
    ),
    _kind(
        "broken_body",
        "The connection closes in the middle of the body, without the sign that ends it.",
        lambda values: Sending(ending=Ending.BROKEN, keep=values["keep"]),
        keep=_KEEP,
    ),
    _kind(
        "chopped_body",
        "The body comes whole and in small pieces, which end in the middle of values and of letters.",
        lambda values: Sending(piece=values["bytes"]),
        bytes=Parameter(type=int, default=1001, doc="bytes of each piece"),
    ),
    _kind(
        "cut_body",
        "The body ends early and as if it were complete, as a proxy's that lost the rest.",
        lambda values: Sending(ending=Ending.CUT, keep=values["keep"]),
        keep=_KEEP,
    ),
    _kind(
        "cut_gzip",
        "A packed body ends early and as if it were complete.",
        lambda values: Sending(ending=Ending.CUT, keep=values["keep"], packed=True),
        keep=_KEEP,
    ),
    Kind(
        name="answer",
        group="connection",
        doc="Whatever you write down: an answer, a pause, an early end. What is left out is as ever.",
        parameters={
            "status": Parameter(type=int, doc="its status; the org answers itself unless told"),
            "body": Parameter(type=(str, list, dict), default="", doc="its body, as text or as JSON"),
            "headers": Parameter(type=dict, default={}, doc="its headers"),
            "content_type": Parameter(doc="its Content-Type; guessed from the body unless told"),
            "delay": Parameter(type=_NUMBER, default=0.0, doc="seconds of silence before it"),
            "cut_after": Parameter(type=int, doc="bytes of the body after which it ends"),
            "broken": Parameter(type=bool, default=False, doc="end with a closed connection"),
        },
        instead=_written,
        travel=_travel,
        by_chance=False,
    ),
)
