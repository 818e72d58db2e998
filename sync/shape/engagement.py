"""How often we were in touch with each person about a deal, and when last; never what was said."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.shape.aggregate import Aggregate, Row
from sync.shape.value import day


@dataclass(slots=True)
class Engagement:
    """How often we were in touch with one person about this deal, and when last."""

    touches: int = 0
    last_on: date | None = None

    def add(self, on: date | None) -> None:
        """Count one task, event or e-mail."""
        self.touches += 1
        if on is not None and (self.last_on is None or on > self.last_on):
            self.last_on = on


def engagements(aggregate: Aggregate) -> dict[str, Engagement]:
    """By contact; who is only known by an address that no contact has is in nobody's count."""
    found: dict[str, Engagement] = {}

    def touched(contact_id: str, on: Any) -> None:
        found.setdefault(contact_id, Engagement()).add(day(on))

    for row in aggregate.tasks:
        if row.get("whoid"):
            touched(row["whoid"], row.get("activitydate") or row.get("completeddatetime") or row.get("createddate"))
    for row in aggregate.events:
        if row.get("whoid"):
            touched(row["whoid"], row.get("startdatetime") or row.get("activitydatetime") or row.get("activitydate"))
    if aggregate.emails:
        tasks = {row["id"] for row in aggregate.tasks}
        by_address = _by_address(aggregate)
        for row in aggregate.emails:
            if row.get("activityid") in tasks:
                continue  # Salesforce logs an e-mail as a task, too: it is counted there
            for contact_id in _correspondents(row, by_address):
                touched(contact_id, row.get("messagedate") or row.get("createddate"))
    return found


def _by_address(aggregate: Aggregate) -> dict[str, str]:
    return {
        row["email"].strip().casefold(): contact_id
        for contact_id, row in sorted(aggregate.contacts.items(), reverse=True)
        if row.get("email")
    }


def _correspondents(row: Row, by_address: dict[str, str]) -> list[str]:
    """The contacts at the other end of an e-mail: its sender when it came in, else whom it went to."""
    if row.get("incoming"):
        sender = row.get("fromid") or by_address.get(str(row.get("fromaddress") or "").strip().casefold())
        return [sender] if sender else []
    addresses = f"{row.get('toaddress') or ''};{row.get('ccaddress') or ''}".replace(",", ";").split(";")
    found = [by_address.get(each.strip().casefold()) for each in addresses]
    return list(dict.fromkeys(each for each in found if each))
