"""A brief as people read it on paper, in a chat or in a browser: one text, whatever it is written as.

Everything here is plain text as it stands in Salesforce. Whoever writes it as Markdown, HTML or PDF makes it harmless
there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.read.printed_tables import TABLES, amount_text, number_text
from models.forgotten_brief import ERASED, SOMEBODY

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One value in one line; `mark` says how far it can be trusted, where that needs saying."""

    label: str
    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What somebody wrote, word for word; `facts` say who and when."""

    label: str
    text: str | None
    facts: str = ""
    mark: str = ""
    #: whether the label is a heading of its own, as that of a note, and not the name of a field
    titled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells; columns in which nothing stands are left out."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence of ours: what is missing, and why."""

    text: str
    #: whether it is about absence, which is set back
    quiet: bool = True


Block = Line | Quote | Table | Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading with what stands under it."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A word of the first line; `url` is where it leads."""

    text: str
    strong: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A whole brief: gaps and risks first, then the story."""

    title: str
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    foot: str


_MARKS = {"inferred": "inferred", "stale": "may be old: not readable any more", "erased": "erased on request"}
_ABSENCE = {
    "empty": "Not filled in",
    "not_mapped": "No field in this Salesforce",
    "no_access": "Not readable for the sync user",
    "no_permission": "Hidden from this reader",
    "erased": "Erased on request",
    "none": "None",
}
_WHY = {
    "empty": "not filled in",
    "not_mapped": "no field for it",
    "no_access": "not readable",
    "no_permission": "hidden from this reader",
}
_SEVERITIES = {"high": "High", "medium": "Medium", "low": "Low"}
#: lines whose value is an amount
_MONEY = frozenset({"amount", "tcv", "acv", "arr", "mrr", "annual_revenue"})
#: lines that hold what somebody wrote, with who and when
_WRITTEN = frozenset({"note", "quote", "question"})
#: lines that list what there is: nobody forgot to fill them in when there is nothing
_LISTS = frozenset({"open_case", "closed_cases", "past_deal", "slips", "amount_changes", "file", "team", "partner"})
_MOST_SHOWN = 3  # use cases: three are read, twelve are not


def printed_brief(document: Mapping[str, Any]) -> Printed:
    """Put a brief (the document that the API returns, as plain values) into words."""
    currency = document.get("currency")
    parts = [_gaps(document["completeness"]), _risks(document["risks"])]
    parts += [part for section in document["sections"] if (part := _section(section, currency)).blocks]
    return Printed(
        title=one_line(document.get("name") or document["deal_id"]),
        facts=tuple(_facts(document)),
        parts=tuple(parts),
        foot=_foot(document),
    )


def one_line(value: Any) -> str:
    """Text of one line, whatever it held."""
    return " ".join(str(value).split())


def web_address(url: str) -> str | None:
    """The address, when a browser would open a page with it; a script in disguise is none."""
    return url if urlsplit(url).scheme in {"http", "https"} else None


def _facts(document: Mapping[str, Any]) -> Iterator[Fact]:
    currency = document.get("currency")
    yield Fact(text=one_line((document.get("customer") or {}).get("name") or "Customer unknown"), strong=True)
    for name, label in (("amount", "amount"), ("tcv", "TCV"), ("acv", "ACV"), ("arr", "ARR")):
        if document.get(name) is not None:
            yield Fact(text=f"{label} {_money(document[name], currency)}")
    if document.get("is_draft"):
        yield Fact(text="draft: not won yet", strong=True)
        yield Fact(text=f"expected to close on {document.get('close_on') or 'an unknown day'}")
    else:
        yield Fact(text=f"won {_instant(document.get('won_at')) or document.get('won_on') or 'on an unknown day'}")
    yield Fact(text=_renewal(document))
    yield Fact(text=f"sold by {one_line((document.get('owner') or {}).get('name') or 'unknown')}")
    yield Fact(text=f"{document['completeness']['score']} % complete")
    yield Fact(text="open in Salesforce", url=str(document["salesforce_url"]))


def _renewal(document: Mapping[str, Any]) -> str:
    renewal = document.get("renewal")
    if renewal is None:
        return "renewal date unknown"
    left = ""
    if document.get("as_of"):
        days = (date.fromisoformat(renewal["due_on"]) - date.fromisoformat(str(document["as_of"])[:10])).days
        left = f", {days} days left" if days >= 0 else f", {-days} days ago"
    notice = f", notice by {renewal['notice_by']}" if renewal["notice_by"] else ""
    sure = "" if renewal["confidence"] == "high" else f", confidence {renewal['confidence']}"
    return f"renews {renewal['due_on']}{left}{notice}{sure}"


def _gaps(completeness: Mapping[str, Any]) -> Part:
    gaps = [*completeness["missing"], *completeness.get("also_missing", ())]
    if not gaps:
        sentence = Remark(text="Nothing that CS needs is missing.", quiet=False)
        return Part(key="gaps", title="Gaps", blocks=(sentence,))
    rows = [[gap["label"], gap["weight"], gap["owner"], _WHY.get(gap["state"], gap["state"])] for gap in gaps]
    table = _table(["Missing", "Weight", "Who can close it", "Why"], rows)
    return Part(key="gaps", title="Gaps", blocks=(table,))


def _risks(risks: Sequence[Mapping[str, Any]]) -> Part:
    blocks: list[Block] = [Line(label=_SEVERITIES[risk["severity"]], text=one_line(risk["detail"])) for risk in risks]
    none = Remark(text="No rule found a risk.", quiet=False)
    return Part(key="risks_seen", title="Risks seen", blocks=tuple(blocks or [none]))


def _section(section: Mapping[str, Any], currency: str | None) -> Part:
    lines: list[Block] = []
    tables: dict[str, list[Item]] = {}
    for item in map(_with_stand_in, section["items"]):
        if item["value"] is None:
            continue
        if item["key"] in TABLES:
            tables.setdefault(item["key"], []).append(item)
        else:
            lines.append(_said(item, currency) if item["key"] in _WRITTEN else _line(item))
    for key, items in tables.items():
        heads, cells = TABLES[key]
        lines.append(_table(heads, [cells(item["value"]) for item in items]))
    absent = _absent(section["items"])
    if absent:
        lines.append(Remark(text=absent))
    return Part(key=section["key"], title=section["title"], blocks=tuple(lines))


def _with_stand_in(item: Item) -> Item:
    """The line with something to call a person who was erased."""
    if item["state"] != ERASED or not isinstance(item["value"], dict):
        return item
    return {**item, "value": {**item["value"], "name": SOMEBODY}}


def _line(item: Item) -> Line | Quote:
    mark, value, label = _MARKS.get(item["state"], ""), item["value"], one_line(item["label"])
    if isinstance(value, str) and "\n" in value.strip():
        return Quote(label=label, text=value, mark=mark)
    if item["key"] == "use_cases" and isinstance(value, list) and len(value) > _MOST_SHOWN:
        text = f"{value_text(value[:_MOST_SHOWN])} (and {len(value) - _MOST_SHOWN} more)"
        return Line(label=label, text=text, mark=mark)
    if item["key"] in _MONEY and isinstance(value, int | Decimal):
        return Line(label=label, text=f"{value:,.2f}", mark=mark)
    return Line(label=label, text=value_text(value), mark=mark)


def _said(item: Item, currency: str | None) -> Quote:
    value = item["value"]
    facts = [value.get("author"), (value.get("at") or "")[:10], value.get("status"), value.get("number")]
    if value.get("total") is not None:
        facts.append(_money(value["total"], currency))
    if value.get("in_force"):
        facts.append("in force")
    where = ", ".join(one_line(fact) for fact in facts if fact)
    return Quote(label=one_line(item["label"]), text=value.get("text") or None, facts=where, titled=True)


def value_text(value: Any) -> str:
    """A value of a brief in one line."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            texts = [value_text(each) for each in value]
            return ("; " if any(", " in text for text in texts) else ", ").join(texts)
        case dict():
            return _plain_parts(value)
        case int() | Decimal():
            return number_text(value)
        case _:
            return one_line(_instant(value) or value)


def _plain_parts(value: Mapping[str, Any]) -> str:
    match value:
        case {"count": count, "last_closed_on": last}:
            return f"{count}" + (f", the last on {last}" if last else "")
        case {"by": by, "at": at}:
            return f"by {one_line(by)}, {_instant(at)}"
        case {"percent": percent, "of": of}:
            return f"{percent} % below {of}"
        case {"count": count, "moves": moves}:
            steps = "; ".join(f"{move['from']} to {move['to']}" for move in moves)
            return ("once" if count == 1 else f"{count} times") + (f" ({steps})" if steps else "")
        case {"at": at, "from": before, "to": after}:
            return f"{str(at)[:10]} {amount_text(before) or 'none'} to {amount_text(after) or 'none'}"
        case _:  # a person, a customer or one of ours
            name = value.get("name") or next((value[key] for key in _IDS if value.get(key)), "unknown")
            details = (value.get(key) for key in ("title", "note"))  # how to reach them is in the table of people
            return ", ".join(one_line(word) for word in (name, *details) if word)


_IDS = ("contact_id", "user_id", "customer_id", "campaign_id")


def _absent(items: Sequence[Item]) -> str:
    words = []
    absent = [item for item in items if item["value"] is None]
    for state, meaning in _ABSENCE.items():
        labels = [one_line(item["label"]) for item in absent if _absence(item) == state]
        if labels:
            words.append(f"{meaning}: {', '.join(labels)}.")
    return " ".join(words)


def _absence(item: Item) -> str:
    return "none" if item["state"] == "empty" and item["key"] in _LISTS else str(item["state"])


def _foot(document: Mapping[str, Any]) -> str:
    facts = [f"Deal {document['deal_id']}"]
    if document.get("version") is not None:
        facts.append(f"version {document['version']}")
    if document.get("as_of"):
        facts.append(f"as of {_instant(document['as_of'])}")
    return ", ".join(facts)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    used = [place for place in range(len(heads)) if any(row[place] not in {None, ""} for row in rows)]
    return Table(
        heads=tuple(heads[place] for place in used),
        rows=tuple(tuple(_cell(row[place]) for place in used) for row in rows),
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return number_text(value) if isinstance(value, int | Decimal) else one_line(value)


def _money(value: Any, currency: str | None) -> str:
    return f"{currency} {value:,.2f}" if currency else f"{value:,.2f} (currency unknown)"


def _instant(value: Any) -> str | None:
    """An instant to the minute; None for text that is no instant."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[:\d.]*(Z|\+00:00)", str(value)) if value else None
    return f"{found[1]} {found[2]} UTC" if found else None
