"""What one version of a brief says that another does not: pure, line by line, without the stamps of sources."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]
Item = Mapping[str, Any]

#: what stands above the sections and is worth telling
_HEAD = ("name", "type", "stage", "customer", "owner", "amount", "tcv", "acv", "arr", "currency", "close_on", "won_on")
#: lines of which a section may have many; each is known by the record it is from
_MANY = frozenset({
    "line_item", "person", "note", "quote", "competitor", "open_case", "file", "stage", "past_deal", "question",
})  # fmt: skip


def difference(before: Document, after: Document) -> dict[str, Any]:
    """Tell what changed from one version to a later one.

    Lines come in the order of the brief. A line without a value is told only when it had one, or gets one.
    """
    return {
        "completeness": {"before": before["completeness"]["score"], "after": after["completeness"]["score"]},
        "head": [
            {"key": key, "before": before.get(key), "after": after.get(key)}
            for key in _HEAD
            if before.get(key) != after.get(key)
        ],
        "lines": list(_lines(before["sections"], after["sections"])),
        "gaps": _gaps(before, after),
        "risks": _risks(before["risks"], after["risks"]),
        "renewal": _renewal(before.get("renewal"), after.get("renewal")),
    }


def _lines(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    old, new = _by_place(before), _by_place(after)
    titles = {section["key"]: section["title"] for section in (*before, *after)}
    for place in [*new, *(each for each in old if each not in new)]:
        was, now = old.get(place), new.get(place)
        if _said(was) == _said(now):
            continue
        shown = now or was or {}
        yield {
            "section": place[0],
            "title": titles[place[0]],
            "key": place[1],
            "label": shown["label"],
            "change": _change(was, now),
            "before": _side(was),
            "after": _side(now),
        }


def _by_place(sections: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], Item]:
    found: dict[tuple[str, str, str], Item] = {}
    for section in sections:
        for item in section["items"]:
            source = item["source"] or {}
            found[section["key"], item["key"], source.get("record_id") or "" if item["key"] in _MANY else ""] = item
    return found


def _said(item: Item | None) -> Any:
    """What a reader learns from a line; nothing from one that was never there, and from one that has no value."""
    if item is None or item["value"] is None:
        return None
    return item["value"], item["state"], item["label"]


def _change(was: Item | None, now: Item | None) -> str:
    if _said(was) is None:
        return "added"
    return "removed" if _said(now) is None else "changed"


def _side(item: Item | None) -> dict[str, Any] | None:
    return None if item is None else {name: item[name] for name in ("value", "state", "source")}


def _gaps(before: Document, after: Document) -> dict[str, Any]:
    old, new = _missing(before), _missing(after)
    return {
        "closed": [{"key": key, "label": gap["label"]} for key, gap in old.items() if key not in new],
        "opened": [{"key": key, "label": gap["label"]} for key, gap in new.items() if key not in old],
    }


def _missing(document: Document) -> dict[str, Mapping[str, Any]]:
    return {gap["key"]: gap for gap in all_gaps(document)}


def all_gaps(document: Document) -> list[Mapping[str, Any]]:
    """The gaps of a brief, the heaviest first; those without a weight come last."""
    completeness = document["completeness"]
    return [*completeness["missing"], *completeness.get("also_missing", ())]


def _risks(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    old, new = ({(risk["rule"], risk["detail"]): risk for risk in risks} for risks in (before, after))
    return {
        "appeared": [risk for key, risk in new.items() if key not in old],
        "gone": [risk for key, risk in old.items() if key not in new],
    }


def _renewal(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    old, new = before or {}, after or {}
    return [
        {"key": key, "before": old.get(key), "after": new.get(key)}
        for key in dict.fromkeys((*new, *old))
        if key != "source" and old.get(key) != new.get(key)
    ]
