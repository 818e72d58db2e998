"""The brief as Markdown that a CS rep reads on paper or in a chat: gaps and risks first, then the story.

What comes from Salesforce is text, whatever it contains: HTML and links in a note are shown, never rendered.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

Item = Mapping[str, Any]

_MARKS = {"inferred": " _(inferred)_", "stale": " _(may be old: not readable any more)_"}
_ABSENCE = {
    "empty": "Not filled in",
    "not_mapped": "No field in this Salesforce",
    "no_access": "Not readable for the sync user",
    "none": "None",
    "no_permission": "Hidden from this reader",
}
_STATES = {"empty": "not filled in", "not_mapped": "no field for it", "no_access": "not readable"}
_SEVERITIES = {"high": "High", "medium": "Medium", "low": "Low"}


def brief_markdown(document: Mapping[str, Any]) -> str:
    """Write a brief (the document that the API returns, as plain values) as Markdown."""
    parts = [_head(document), _gaps(document["completeness"]), _risks(document["risks"])]
    parts += [_section(section, document.get("currency")) for section in document["sections"]]
    parts.append(_foot(document))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(document: Mapping[str, Any]) -> str:
    currency = document.get("currency")
    facts = [
        f"**{_inline((document.get('customer') or {}).get('name') or 'Customer unknown')}**",
        *(
            f"{label} {_money(document[name], currency)}"
            for name, label in (("amount", "amount"), ("tcv", "TCV"), ("acv", "ACV"), ("arr", "ARR"))
            if document.get(name) is not None
        ),
        _won(document),
        *_renewal_facts(document),
        f"sold by {_inline((document.get('owner') or {}).get('name') or 'unknown')}",
        f"{document['completeness']['score']} % complete",
        f"[open in Salesforce]({document['salesforce_url']})",
    ]
    return f"# {_inline(document.get('name') or document['deal_id'])}\n\n" + " · ".join(facts)


def _won(document: Mapping[str, Any]) -> str:
    if document.get("is_draft"):
        return f"**draft: not won yet**, expected to close on {document.get('close_on') or 'an unknown day'}"
    return f"won {_instant(document.get('won_at')) or document.get('won_on') or 'on an unknown day'}"


def _renewal_facts(document: Mapping[str, Any]) -> list[str]:
    renewal = document.get("renewal")
    if renewal is None:
        return ["renewal date unknown"]
    left = ""
    if document.get("as_of"):
        days = (date.fromisoformat(renewal["due_on"]) - date.fromisoformat(str(document["as_of"])[:10])).days
        left = f", {days} days left" if days >= 0 else f", {-days} days ago"
    notice = f", notice by {renewal['notice_by']}" if renewal["notice_by"] else ""
    sure = "" if renewal["confidence"] == "high" else f", confidence {renewal['confidence']}"
    return [f"renews {renewal['due_on']}{left}{notice}{sure}"]


def _gaps(completeness: Mapping[str, Any]) -> str:
    missing = completeness["missing"]
    if not missing:
        return "## Gaps\n\nNothing that CS needs is missing."
    rows = [[gap["label"], gap["weight"], gap["owner"], _STATES.get(gap["state"], gap["state"])] for gap in missing]
    return "## Gaps\n\n" + _table(["Missing", "Weight", "Who can close it", "Why"], rows)


def _risks(risks: Sequence[Mapping[str, Any]]) -> str:
    if not risks:
        return "## Risks seen\n\nNo rule found a risk."
    lines = [f"- **{_SEVERITIES[risk['severity']]}:** {_inline(risk['detail'])}" for risk in risks]
    return "## Risks seen\n\n" + "\n".join(lines)


def _section(section: Mapping[str, Any], currency: str | None) -> str:
    filled = [item for item in section["items"] if item["value"] is not None]
    tables: dict[str, list[Item]] = {}
    lines: list[str] = []
    for item in filled:
        if item["key"] in _TABLES:
            tables.setdefault(item["key"], []).append(item)
        elif item["key"] in {"note", "quote"}:
            lines.append(_said(item, currency))
        else:
            lines.append(_line(item))
    blocks = ["\n".join(lines)] if lines else []
    for key, items in tables.items():
        heads, cells = _TABLES[key]
        blocks.append(_table(heads, [cells(item["value"]) for item in items]))
    absent = _absent(section["items"])
    if absent:
        blocks.append(absent)
    return f"## {section['title']}\n\n" + "\n\n".join(blocks) if blocks else ""


def _line(item: Item) -> str:
    mark = _MARKS.get(item["state"], "")
    value = item["value"]
    label = f"- **{_inline(item['label'])}:**"
    if isinstance(value, str) and "\n" in value.strip():
        return f"{label}{mark}\n\n{_quoted(value)}\n"
    if item["key"] == "use_cases" and isinstance(value, list) and len(value) > 3:
        more = f" (and {len(value) - 3} more)"  # three are read, twelve are not
        return f"{label} {_plain(value[:3])}{more}{mark}"
    if item["key"] in _MONEY and isinstance(value, int | Decimal):
        return f"{label} {value:,.2f}{mark}"
    return f"{label} {_plain(value)}{mark}"


_MONEY = frozenset({"amount", "tcv", "acv", "arr", "mrr", "annual_revenue"})


def _said(item: Item, currency: str | None) -> str:
    value = item["value"]
    facts = [value.get("author"), (value.get("at") or "")[:10], value.get("status"), value.get("number")]
    if value.get("total") is not None:
        facts.append(_money(value["total"], currency))
    if value.get("in_force"):
        facts.append("in force")
    where = ", ".join(_inline(fact) for fact in facts if fact)
    title = f"- **{_inline(item['label'])}**" + (f" ({where})" if where else "")
    return f"{title}\n\n{_quoted(value['text'])}\n" if value.get("text") else title


def _plain(value: Any) -> str:
    """A value in one line."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_plain(each) for each in value)
        case dict():
            return _plain_parts(value)
        case int() | Decimal():
            return _number(value)
        case _:
            return _inline(_instant(value) or value)


def _plain_parts(value: Mapping[str, Any]) -> str:
    match value:
        case {"count": count, "last_closed_on": last}:
            return f"{count}" + (f", the last on {last}" if last else "")
        case {"percent": percent, "of": of}:
            return f"{percent} % below {of}"
        case {"count": count, "moves": moves}:
            steps = "; ".join(f"{move['from']} to {move['to']}" for move in moves)
            return ("once" if count == 1 else f"{count} times") + (f" ({steps})" if steps else "")
        case {"at": at, "from": before, "to": after}:
            return f"{str(at)[:10]} {_amount(before) or 'none'} to {_amount(after) or 'none'}"
        case _:  # a person, a customer or one of ours
            name = value.get("name") or next((value[key] for key in _IDS if value.get(key)), "unknown")
            details = (value.get(key) for key in ("title", "note"))  # how to reach them is in the table of people
            return ", ".join(_inline(word) for word in (name, *details) if word)


_IDS = ("contact_id", "user_id", "customer_id")


def _absent(items: Sequence[Item]) -> str:
    words = []
    absent = [item for item in items if item["value"] is None]
    for state, meaning in _ABSENCE.items():
        labels = [_inline(item["label"]) for item in absent if _absence(item) == state]
        if labels:
            words.append(f"{meaning}: {', '.join(labels)}.")
    return f"_{' '.join(words)}_" if words else ""


def _absence(item: Item) -> str:
    """The state of a line without a value; nobody forgot to fill in a list that has nothing in it."""
    return "none" if item["state"] == "empty" and item["key"] in _LISTS else str(item["state"])


_LISTS = frozenset({"open_case", "closed_cases", "past_deal", "slips", "amount_changes", "file", "team", "partner"})


def _foot(document: Mapping[str, Any]) -> str:
    facts = [f"Deal {document['deal_id']}"]
    if document.get("version") is not None:
        facts.append(f"version {document['version']}")
    if document.get("as_of"):
        facts.append(f"as of {_instant(document['as_of'])}")
    return f"---\n{', '.join(facts)}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    used = [place for place in range(len(heads)) if any(row[place] not in {None, ""} for row in rows)]
    lines = [
        "| " + " | ".join(heads[place] for place in used) + " |",
        "|" + " --- |" * len(used),
        *("| " + " | ".join(_cell(row[place]) for place in used) + " |" for row in rows),
    ]
    return "\n".join(lines)


def _person_cells(value: Mapping[str, Any]) -> list[Any]:
    role = value["role"] or ("primary contact" if value["is_primary"] else None)
    keys = ("title", "reports_to", "influence", "sentiment", "email", "phone", "touches", "last_touch_on")
    return [value["name"] or value["contact_id"], role, *(value[key] for key in keys)]


def _item_cells(value: Mapping[str, Any]) -> list[Any]:
    amounts = [_amount(value[key]) for key in ("list_price", "unit_price")]
    rest = [value["discount_percent"], _amount(value["total"]), value["service_on"], value["description"]]
    return [value["product"], value["family"], value["quantity"], *amounts, *rest]


def _stage_cells(value: Mapping[str, Any]) -> list[Any]:
    entered = (value["entered_at"] or "")[:10]
    return [value["stage"], entered, value["days"], _amount(value["amount"]), value["close_on"], value["by"]]


def _competitor_cells(value: Mapping[str, Any]) -> list[Any]:
    return [value["name"], value["strengths"], value["weaknesses"], value["author"], (value["at"] or "")[:10]]


def _case_cells(value: Mapping[str, Any]) -> list[Any]:
    priority = f"{value['priority'] or ''}{', escalated' if value['is_escalated'] else ''}".removeprefix(", ")
    return [value["subject"], value["number"], value["status"], priority, value["opened_on"]]


def _file_cells(value: Mapping[str, Any]) -> list[Any]:
    return [value["title"], value["kind"], _size(value["size_bytes"]), value["changed_on"], value["owner"]]


def _size(size: Any) -> str | None:
    return None if size is None else f"{max(1, round(size / 1024)):,} kB"


def _past_cells(value: Mapping[str, Any]) -> list[Any]:
    return [value["name"], value["outcome"], value["closed_on"], _amount(value["amount"]), value["reason"]]


_TABLES: dict[str, tuple[list[str], Callable[[Mapping[str, Any]], list[Any]]]] = {
    "person": (
        ["Who", "Role", "Title", "Reports to", "Influence", "Sentiment", "Email", "Phone", "Touches", "Last touch"],
        _person_cells,
    ),
    "line_item": (
        ["Product", "Family", "Quantity", "List price", "Price", "Discount %", "Total", "From", "Description"],
        _item_cells,
    ),
    "stage": (["Stage", "Entered", "Days", "Amount", "Close date", "By"], _stage_cells),
    "competitor": (["Competitor", "Strengths", "Weaknesses", "Noted by", "On"], _competitor_cells),
    "open_case": (["Open case", "Number", "Status", "Priority", "Opened"], _case_cells),
    "file": (["File", "Kind", "Size", "Changed", "Owner"], _file_cells),
    "past_deal": (["Earlier deal", "Outcome", "Closed", "Amount", "Why lost"], _past_cells),
}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return (_number(value) if isinstance(value, int | Decimal) else _inline(value)).replace("|", "\\|")


def _amount(value: Any) -> str | None:
    return None if value is None else f"{value:,.2f}"


def _money(value: Any, currency: str | None) -> str:
    return f"{currency} {value:,.2f}" if currency else f"{value:,.2f} (currency unknown)"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def _instant(value: Any) -> str | None:
    """An instant to the minute; None for text that is no instant."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[:\d.]*(Z|\+00:00)", str(value)) if value else None
    return f"{found[1]} {found[2]} UTC" if found else None


def _inline(value: Any) -> str:
    return " ".join(_literal(str(value)).split())


def _quoted(text: str) -> str:
    lines = (re.sub(r"^(\s*)([#>])", r"\1\\\2", _literal(line)) for line in text.strip().splitlines())
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _literal(text: str) -> str:
    """Text of others as text: no HTML, no links, no code of theirs."""
    return re.sub(r"([\[\]`\\])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
