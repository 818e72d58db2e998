"""Faults in answers that are otherwise right: short and empty pages, rows that come twice, wrong counts, odd texts.

None where an answer has nothing the fault could change: then it did not strike.
"""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from demo_org.faults.kinds import Call, Kind, Parameter, Powers, Values, where
from demo_org.faults.table import Table, read_table
from demo_org.reply import NOTHING, Reply

_PAGES = where("query", methods=("GET",))
_RESULTS = where("bulk", methods=("GET",), path=r"/results\b")
_ROWS = where("query", "bulk", methods=("GET",), path=r"/(query|queryAll|results)\b")
_STAMP = "%Y-%m-%dT%H:%M:%S.000+0000"
#: fields in which people write what they like
_FREE_TEXT = re.compile(r"(?:^|\.|_)(?:\w*(?<!Stage)(?<!Category)(?<!Developer)Name|Description|Subject|\w*Body|Title|"
                        r"\w*Street|NextStep|\w*Comments)(?:__c)?$")  # fmt: skip
_ODD = "\u2028\u00a0\r\n\t\"'\u200b\ufeff\U0001f984e\u0301"


def _content(reply: Reply) -> Any:
    """A copy of the JSON of an answer, in plain values."""
    if reply.content is NOTHING or reply.status != 200:
        return None
    return msgspec.json.decode(msgspec.json.encode(reply.content))


def _with_content(reply: Reply, content: Any) -> Reply:
    return Reply(status=reply.status, content=content, headers=reply.headers)


def _page(reply: Reply) -> dict[str, Any] | None:
    """The content of a page of records that are not grouped."""
    content = _content(reply)
    return content if isinstance(content, dict) and content.get("records") else None


def _place(url: str) -> tuple[str, int]:
    """The locator in an address of a next page, and the row it stands for."""
    base, _, offset = url.rpartition("-")
    return base, int(offset)


def _short(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    content = _page(reply)
    if content is None or "nextRecordsUrl" not in content or len(content["records"]) < 2:
        return None
    kept = max(1, len(content["records"]) // 2)
    base, following = _place(content["nextRecordsUrl"])
    content["nextRecordsUrl"] = f"{base}-{following - (len(content['records']) - kept)}"
    content["records"] = content["records"][:kept]
    return _with_content(reply, content)


def _empty(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    content = _page(reply)
    if content is None or "nextRecordsUrl" not in content:
        return None
    base, following = _place(content["nextRecordsUrl"])
    content["nextRecordsUrl"] = f"{base}-{following - len(content['records'])}"
    content["records"] = []
    return _with_content(reply, content)


def _shuffled(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    if call.statement is None or re.search(r"\bORDER\s+BY\b", call.statement, re.IGNORECASE):
        return None
    shuffle = random.Random(values["order"]).shuffle
    table = _rows(reply)
    if table is not None:
        shuffle(table.rows)
        return table.reply(reply)
    content = _page(reply)
    if content is None:
        return None
    shuffle(content["records"])
    return _with_content(reply, content)


def _repeated(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    table = _rows(reply)
    if table is not None:
        if not table.rows:
            return None
        table.rows.append(table.rows[-1])
        return table.reply(reply)
    content = _page(reply)
    if content is None:
        return None
    repeated = powers.records_before(call)
    if not repeated:
        return None
    content["records"] = [*repeated, *content["records"]]
    return _with_content(reply, content)


def _cut_csv(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    table = _rows(reply)
    if table is None or not table.rows:
        return None
    del table.rows[max(0, len(table.rows) - values["rows"]) :]
    return table.reply(reply, counted=False)


def _wrong_count(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    count = reply.headers.get("Sforce-NumberOfRecords")
    if count is None:
        return None
    return _with_headers(reply, {"Sforce-NumberOfRecords": str(max(0, int(count) + values["by"]))})


def _other_locator(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    locator = reply.headers.get("Sforce-Locator", "null")
    return None if locator == "null" else _with_headers(reply, {"Sforce-Locator": powers.other_locator(locator)})


def _with_headers(reply: Reply, headers: dict[str, str]) -> Reply:
    return Reply(
        status=reply.status, content=reply.content, raw=reply.raw, stream=reply.stream,
        headers={**reply.headers, **headers},
    )  # fmt: skip


def _rows(reply: Reply) -> Table | None:
    """The rows of a page of Bulk results."""
    if reply.status != 200 or "csv" not in reply.headers.get("Content-Type", ""):
        return None
    return read_table(b"".join(reply.stream) if reply.stream is not None else reply.raw or b"")


def _texts(change: Callable[[str], str]) -> Callable[[Call, Values, Reply, Powers], Reply | None]:
    """Changes every free text of an answer."""

    def after(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
        table = _rows(reply)
        if table is not None:
            free = [number for number, name in enumerate(table.names) if _FREE_TEXT.search(name)]
            for row in table.rows:
                for number in free:
                    row[number] = change(row[number]) if row[number] else ""
            return table.reply(reply) if table.rows and free else None
        content = _content(reply)
        return None if content is None else _with_content(reply, _changed(content, change))

    return after


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: change(each) if isinstance(each, str) and each and _FREE_TEXT.search(key) else _changed(each, change)
        for key, each in value.items()
    }


def _trimmed(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    content = _content(reply)
    if not isinstance(content, dict) or "earliestDateAvailable" not in content:
        return None
    earliest = (powers.now() - timedelta(minutes=values["minutes"])).replace(second=0)
    content["earliestDateAvailable"] = earliest.strftime(_STAMP)
    content["deletedRecords"] = [
        each for each in content["deletedRecords"] if datetime.strptime(each["deletedDate"], "%Y-%m-%dT%H:%M:%S.%f%z")
        >= earliest
    ]  # fmt: skip
    return _with_content(reply, content)


def _held_back(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    content = _content(reply)
    if not isinstance(content, dict) or "latestDateCovered" not in content:
        return None
    covered = datetime.strptime(content["latestDateCovered"], "%Y-%m-%dT%H:%M:%S.%f%z")
    content["latestDateCovered"] = (covered - timedelta(minutes=values["minutes"])).strftime(_STAMP)
    return _with_content(reply, content)


def _skewed(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    skewed = powers.now() + timedelta(seconds=values["seconds"])
    return _with_headers(reply, {"Date": skewed.strftime("%a, %d %b %Y %H:%M:%S GMT")})


_MINUTES = Parameter(type=int, default=2, doc="minutes before now")

KINDS: tuple[Kind, ...] = (
    Kind(name="page_short", group="answers", doc="A page has half of its records, the next one begins there.",
         where=_PAGES, after=_short),
    Kind(name="page_empty", group="answers", doc="A page is empty and not the last; its records follow.",
         where=_PAGES, after=_empty),
    Kind(name="rows_shuffled", group="answers", doc="Rows come in another order, where the query asks for none.",
         where=_ROWS, after=_shuffled, parameters={"order": Parameter(type=int, default=1, doc="for another order")}),
    Kind(name="rows_repeated", group="answers", doc="A page begins with the last record of the page before; a page of "
         "Bulk results has its last row twice.", where=_ROWS, after=_repeated),
    Kind(name="csv_cut", group="answers", doc="A page of Bulk results lacks its last rows; its count tells of them.",
         where=_RESULTS, after=_cut_csv, parameters={"rows": Parameter(type=int, default=1, doc="how many")}),
    Kind(name="count_wrong", group="answers", doc="Sforce-NumberOfRecords is not the number of rows.",
         where=_RESULTS, after=_wrong_count, parameters={"by": Parameter(type=int, default=1, doc="what is added")}),
    Kind(name="locator_changed", group="answers", doc="The next page of Bulk results has another locator than before.",
         where=_RESULTS, after=_other_locator),
    Kind(name="nul_bytes", group="answers", doc="Free texts hold a NUL byte.", where=_ROWS,
         after=_texts(lambda text: f"{text[:1]}\0{text[1:]}")),
    Kind(name="odd_text", group="answers", doc="Free texts end with line breaks, quotes, separators and rare letters.",
         where=_ROWS, after=_texts(lambda text: text + _ODD), by_chance=False),
    Kind(name="log_trimmed", group="answers", doc="Only the newest deletions are known to getDeleted, whose "
         "earliestDateAvailable tells so.", where=where("replication", path="/deleted"), after=_trimmed,
         parameters={"minutes": _MINUTES}),
    Kind(name="covered_held_back", group="answers", doc="Less is covered than was asked (latestDateCovered), as while "
         "transactions last.",
         where=where("replication"), after=_held_back, parameters={"minutes": _MINUTES}),
    Kind(name="date_skewed", group="answers", doc="The Date of answers is not the time that stamps are taken from.",
         after=_skewed, by_chance=False,
         parameters={"seconds": Parameter(type=int, default=600, doc="by how much it is ahead, or behind")}),
)  # fmt: skip
