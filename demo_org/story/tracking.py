"""What Salesforce notes by itself: each change of a tracked field of a deal, and forgets after a year and a half."""

from datetime import timedelta
from itertools import pairwise

from demo_org.story.course import Change
from demo_org.story.rows import Row, Volume
from demo_org.story.sale import Sale

#: field -> kind of value, as a save leaves them (demo_org/semantics/field_history.py)
_TRACKED = {"StageName": "DynamicEnum", "Amount": "Currency", "CloseDate": "DateOnly"}
_VALUES = {"StageName": "stage", "Amount": "amount", "CloseDate": "close_on"}
_KEPT = timedelta(days=548)


def write_tracking(volume: Volume, sale: Sale) -> None:
    """Write the field history of a deal, as far as it is not too old to be there."""
    first = sale.calendar.today - _KEPT
    changes = sale.course.changes
    if changes[0].at.date() >= first:
        _note(volume, sale, changes[0], "created", "Text", {})
    for before, after in pairwise(changes):
        if after.at.date() < first:
            continue
        for name, kind in _TRACKED.items():
            old, new = getattr(before, _VALUES[name]), getattr(after, _VALUES[name])
            if old != new:
                _note(volume, sale, after, name, kind, {"OldValue": old, "NewValue": new})


def _note(volume: Volume, sale: Sale, change: Change, field: str, kind: str, values: Row) -> None:
    volume.add("OpportunityFieldHistory", {
        "OpportunityId": sale.ref, "CreatedById": sale.customer.seller.id, "CreatedDate": change.at,
        "Field": field, "DataType": kind, **values,
    })  # fmt: skip
