"""Writes that count only together: allOrNone of the composite resources."""

import contextlib
from collections.abc import Callable

from demo_org.store import Org


class _Undo(Exception):  # it is a signal to the transaction, not an error
    """Leaves the transaction so that it undoes everything."""


def all_or_none(org: Org, act: Callable[[], bool], *, user_id: str) -> bool:
    """Run the act in one transaction and keep what it wrote only if it says that all went well.

    Inside another transaction, such as a list of records in a composite call, only the act's own writes are undone.
    """
    with contextlib.suppress(_Undo), org.transaction(user_id=user_id) as unit, unit.statement():
        if not act():
            raise _Undo
        return True
    return False
