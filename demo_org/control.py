"""What the demo's control plane can do: things no client of Salesforce may do, but a test or a demonstration needs.

Plain functions over an org; the wire gives each an address under /demo and turns its answer into JSON.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.store import LateTransaction, Org
from demo_org.store.replication import trim_deleted_log
from demo_org.store.values import stamp_text


@dataclass(slots=True)
class OpenTransactions:
    """Transactions opened from outside, by the number the caller got for each."""

    org: Org
    _open: dict[str, LateTransaction] = field(default_factory=dict)
    _last: int = 0
    #: when to commit those that commit by themselves, by the org's clock
    _due: dict[str, datetime] = field(default_factory=dict)

    def begin(
        self, writes: list[Mapping[str, Any]], *, user_id: str | None = None, commit_after: timedelta | None = None
    ) -> dict[str, Any]:
        """Open a transaction and make its first writes; answers {"transaction", "ids"}.

        One with a time to commit after does so by itself, before the first request that comes later.
        """
        opened = self.org.open_transaction(user_id=user_id)
        try:
            ids = [write_in(opened, write) for write in writes]
        except BaseException:
            opened.rollback()
            raise
        self._last += 1
        key = str(self._last)
        self._open[key] = opened
        if commit_after is not None:
            self._due[key] = opened.opened_at + commit_after
        return {"transaction": key, "ids": ids, "opened_at": stamp_text(opened.opened_at)}

    def write(self, transaction: str, writes: list[Mapping[str, Any]]) -> dict[str, Any]:
        """Make more writes in an open transaction."""
        return {"transaction": transaction, "ids": [write_in(self._find(transaction), write) for write in writes]}

    def commit(self, transaction: str) -> dict[str, Any]:
        """Let everybody see what the transaction wrote, with the stamps of its statements."""
        opened = self._find(transaction)
        self._forget(transaction)
        opened.commit()
        return {"transaction": transaction, "committed": True}

    def rollback(self, transaction: str) -> dict[str, Any]:
        """Forget what the transaction wrote."""
        self._find(transaction).rollback()
        self._forget(transaction)
        return {"transaction": transaction, "committed": False}

    def settle(self) -> None:
        """Commit what is due."""
        if not self._due:
            return
        now = self.org.clock.now()
        with self.org.lock:
            for key in [key for key, due in self._due.items() if due <= now]:
                with suppress(SalesforceFault):  # what it writes is not possible any more: it is rolled back
                    self.commit(key)

    def listing(self) -> list[dict[str, Any]]:
        """The transactions that are open, and when those commit that do so by themselves."""
        return [
            {
                "transaction": key,
                "opened_at": stamp_text(each.opened_at),
                "commits_at": stamp_text(self._due[key]) if key in self._due else None,
            }
            for key, each in self._open.items()
        ]

    def _forget(self, transaction: str) -> None:
        del self._open[transaction]
        self._due.pop(transaction, None)

    def _find(self, transaction: str) -> LateTransaction:
        found = self._open.get(transaction)
        if found is None:
            raise SalesforceFault(404, "NOT_FOUND", f"No open transaction {transaction}; begin one first")
        return found


def write_in(transaction: LateTransaction, write: Mapping[str, Any]) -> str:
    """One write: {"act": "insert"|"update"|"delete"|"undelete"|"hard_delete", "object", "id", "values"}."""
    act, object_name = write.get("act", "insert"), write["object"]
    match act:
        case "insert":
            return transaction.insert(object_name, write.get("values", {}))
        case "update":
            transaction.update(object_name, write["id"], write.get("values", {}))
        case "delete":
            transaction.delete(object_name, write["id"])
        case "undelete":
            transaction.undelete(object_name, write["id"])
        case "hard_delete":
            transaction.hard_delete(object_name, write["id"])
        case _:
            raise _bad_order(f"unknown act {act!r}; use insert, update, delete, undelete or hard_delete")
    return str(write["id"])


def set_clock(org: Org, order: Mapping[str, Any]) -> dict[str, Any]:
    """Stop, move, skew or release the clock.

    {"freeze": true | instant}, {"move": seconds}, {"skew": seconds}, {"run": true}, {"reset": true}
    """
    if "reset" in order:
        org.clock.reset()
    if "run" in order:
        org.clock.run()
    if order.get("freeze"):
        org.clock.freeze(None if order["freeze"] is True else instant(order["freeze"]))
    if "move" in order:
        org.clock.move(by=timedelta(seconds=float(order["move"])))
    with org.transaction():
        pass  # time that has passed may have emptied the recycle bin
    if "skew" in order:
        org.clock.tell_skewed(by=timedelta(seconds=float(order["skew"])))
    return {
        "now": stamp_text(org.clock.now()),
        "frozen": org.clock.frozen,
        "told": stamp_text(org.clock.told()),
        "skew": org.clock.skew.total_seconds(),
    }


def hard_delete(org: Org, object_name: str, record_id: str) -> dict[str, Any]:
    """Remove a record physically."""
    org.hard_delete(object_name, record_id)
    return {"id": record_id, "deleted": True}


def undelete(org: Org, object_name: str, record_id: str) -> dict[str, Any]:
    """Take a record out of the recycle bin with what was deleted with it."""
    org.undelete(object_name, record_id)
    return {"id": record_id, "undeleted": True}


def merge(org: Org, object_name: str, winner: str, losers: list[str]) -> dict[str, Any]:
    """Merge records into the winner."""
    org.merge(object_name, winner, losers)
    return {"id": winner, "merged": losers}


def purge(org: Org) -> dict[str, Any]:
    """Empty the recycle bin."""
    return {"purged": org.purge()}


def trim_log(org: Org, before: str) -> dict[str, Any]:
    """Forget deletions older than the instant: getDeleted then reports a later earliestDateAvailable."""
    trim_deleted_log(org, instant(before))
    return {"earliest": before}


def change_field(org: Org, order: Mapping[str, Any]) -> dict[str, Any]:
    """Add, remove, hide or show a field: {"act", "object", "field", ...}; add takes type and the facts of a field."""
    facts = dict(order)
    act, object_name, name = facts.pop("act", "add"), facts.pop("object"), facts.pop("field")
    match act:
        case "add":
            tuples: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()
            }
            org.catalog.add_field(object_name, name, tuples.pop("type", "string"), **tuples)
        case "remove":
            org.catalog.remove_field(object_name, name)
        case "hide":
            org.catalog.hide_field(object_name, name)
        case "show":
            org.catalog.show_field(object_name, name)
        case _:
            raise _bad_order(f"unknown act {act!r}; use add, remove, hide or show")
    return {"object": object_name, "field": name, "act": act}


def permit(org: Org, object_name: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Restrict the integration user: {"createable": false}, and {"fields": {"Amount": "read"|"write"|"none"}}."""
    permissions = dict(order)
    for name, access in permissions.pop("fields", {}).items():
        if access not in {"read", "write", "none"}:
            raise _bad_order(f"unknown access {access!r}; use read, write or none")
        (org.catalog.hide_field if access == "none" else org.catalog.show_field)(object_name, name)
        org.catalog.admin.set_field_access(object_name, name, writable=access == "write")
    if permissions:
        org.catalog.admin.set_permissions(object_name, permissions)
    return {"object": object_name, "permissions": order}


def change_rule(org: Org, object_name: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Add a validation rule {"name", "formula", "message", "field"}; without a formula it is removed."""
    name, formula = order["name"], order.get("formula")
    if formula is None:
        org.catalog.admin.remove_rule(object_name, name)
    else:
        message = order.get("message", name)
        org.catalog.admin.add_rule(object_name, name, formula, message, field=order.get("field"))
    return {"object": object_name, "rules": [each.name for each in org.catalog.admin.rules(object_name)]}


def switch_object(org: Org, object_name: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Switch an object on or off: {"enabled": false}."""
    enabled = bool(order.get("enabled", True))
    if enabled:
        org.catalog.enable(object_name)
    else:
        org.catalog.disable(object_name)
    return {"object": object_name, "enabled": enabled}


def switch_feature(org: Org, feature: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Switch a feature such as quotes or multi_currency on or off: {"enabled": false}."""
    org.switch_feature(feature, on=bool(order.get("enabled", True)))
    return {"features": sorted(org.catalog.features)}


def instant(text: str) -> datetime:
    """The instant that a text says; one without a time zone is taken for UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _bad_order(f"{text!r} is no instant; write it like 2026-01-31T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _bad_order(message: str) -> SalesforceFault:
    return SalesforceFault(400, "INVALID_OPERATION", message)
