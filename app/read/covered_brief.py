"""A brief without what its reader may not see: hidden lines stay and say so, as a hidden price is no missing one."""

from typing import Any

from app.read.briefs import plain_brief
from app.read.sight import Sight

NO_PERMISSION = "no_permission"

#: amounts at the head of a brief
_AMOUNTS = ("amount", "tcv", "acv", "arr", "mrr")
_COMMERCIAL_SECTIONS = frozenset({"what_was_sold", "money", "terms"})
#: what everybody may know of the terms: when they begin and end
_DATES_OF_TERMS = frozenset({"start_on", "due_on", "term_months", "notice_by", "notice_days", "auto_renew"})
#: what names a sum within the value of a line of another section
_SUMS = frozenset({*_AMOUNTS, "total", "price", "unit_price", "list_price", "discount", "discount_percent", "net"})
_COMMERCIAL_WORDS = ("amount", "discount", "price", "invoice")
_PERSONAL_SECTIONS = frozenset({"who_bought"})
#: what names a person of the customer
_PERSONS = frozenset({"contact_id", "email", "phone"})


def covered_brief(document: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """The document as this reader may see it; every digit of it stays for who may see all."""
    if sight.commercial and sight.contacts:
        return document
    covered = plain_brief(document)
    covered["sections"] = [
        {**section, "items": [_line(section["key"], item, sight) for item in section["items"]]}
        for section in covered["sections"]
    ]
    if not sight.commercial:
        covered |= dict.fromkeys(name for name in _AMOUNTS if name in covered)
        covered["risks"] = [_risk(risk) for risk in covered["risks"]]
        if covered.get("renewal"):
            covered["renewal"] = {**covered["renewal"], "atr": None}
    return covered


def hidden_in_brief(document: dict[str, Any], sight: Sight) -> list[str]:
    """What of the head of a brief its reader may not see, by name."""
    if sight.commercial:
        return []
    return [*(name for name in _AMOUNTS if name in document), "renewal.atr"]


def _line(section: str, item: dict[str, Any], sight: Sight) -> dict[str, Any]:
    commercial = section in _COMMERCIAL_SECTIONS and item["key"] not in _DATES_OF_TERMS
    commercial = commercial or any(word in item["key"] for word in _COMMERCIAL_WORDS)
    personal = section in _PERSONAL_SECTIONS or _names(item["value"], _PERSONS)
    if (commercial and not sight.commercial) or (personal and not sight.contacts):
        # The label of a line about a person is the person's name.
        label = "Person" if personal and item["key"] == "person" else item["label"]
        # Which field it is from may be known; which record it is, such as a person's, is part of what is hidden.
        source = item["source"] and {**item["source"], "record_id": None}
        return {**item, "label": label, "value": None, "state": NO_PERMISSION, "source": source}
    return item if sight.commercial else {**item, "value": _without_sums(item["value"])}


def _risk(risk: dict[str, Any]) -> dict[str, Any]:
    if any(word in risk["rule"] for word in _COMMERCIAL_WORDS):
        return {**risk, "detail": "What it is about needs the scope commercial:read."}
    return risk


def _names(value: Any, names: frozenset[str]) -> bool:
    """Whether a value, or one within it, has any of these names."""
    if isinstance(value, dict):
        return bool(names & value.keys()) or any(_names(each, names) for each in value.values())
    return isinstance(value, list) and any(_names(each, names) for each in value)


def _without_sums(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: None if name in _SUMS else _without_sums(each) for name, each in value.items()}
    return [_without_sums(each) for each in value] if isinstance(value, list) else value
