"""Makes the change events of one transaction out of its journal.

Changes of one record within a transaction become one; the same change of several records becomes one event with all
their ids (Change Data Capture guide, "Merged Change Events"), in which a recorded update of twenty records has two:
first LastModifiedDate, then the field. Creations are never merged (recorded).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from demo_org.catalog.change_events import has_change_events
from demo_org.events.shape import EventField, Shape
from demo_org.events.text_diff import difference
from demo_org.store.journal import Act, Change, Key

if TYPE_CHECKING:
    from demo_org.store import Unit

Row = dict[str, Any]
_STAMPS = frozenset({"LastModifiedDate", "LastModifiedById"})
_MOST_LISTED = 2000  # records a job below the servers is told of one by one; of more, by their prefix
_MOST_MERGED = 200  # records of one event: the chunk in which Salesforce saves
#: fields whose values the creation of a price book entry does not tell (Object Reference, PricebookEntryChangeEvent)
_UNTOLD_AT_CREATION = {"PricebookEntry": frozenset({"CreatedDate", "CreatedById"} | _STAMPS)}
_LARGEST = 1_000_000  # bytes of an event; a larger one is a gap (guide, "Gap Events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """An object whose changes are told, and the fields some channel wants in every event of it."""

    shape: Shape
    enriched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A change event without its place on the bus; names of fields are still names."""

    object_name: str
    change_type: str
    record_ids: tuple[str, ...]
    sequence: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    nulled: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    enriched: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""


@dataclass(slots=True)
class _Net:
    """What a transaction did to one record in the end."""

    act: Act
    by_user: bool


def drafts_of(unit: "Unit", captured: Mapping[str, Capture], *, most_changes: int) -> list[Draft]:
    """The events of a transaction in order; past `most_changes` one event per object says that more happened.

    Changes of objects that are not selected use up sequence numbers, which is why a consumer sees gaps in them.
    """
    told: list[Draft] = []
    overflowed: dict[str, None] = {}
    spent = 0
    for draft in _single_drafts(unit, captured):
        spent += len(draft.changed) or 1
        if spent > most_changes:
            overflowed[draft.object_name] = None
        else:
            told.append(draft)
    merged = [_within_size(each) for each in _merged(told)]
    merged += [Draft(object_name=name, change_type="GAP_OVERFLOW", record_ids=()) for name in overflowed]
    numbered = [replace(each, sequence=number, origin=unit.origin) for number, each in enumerate(merged, start=1)]
    gaps = [replace(each, sequence=1) for each in _gaps(unit)]  # always 1 (guide, "Gap Events")
    return [each for each in numbered + gaps if each.object_name in captured]


def _single_drafts(unit: "Unit", captured: Mapping[str, Capture]) -> Iterator[Draft]:
    for (object_name, record_id), net in _net_changes(unit.journal.changes).items():
        capture = captured.get(object_name)
        if capture is None:
            if has_change_events(unit.org.catalog.stored_object(object_name)):
                yield Draft(object_name=object_name, change_type=net.act.value, record_ids=(record_id,))
            continue
        draft = _draft(unit, capture, (object_name, record_id), net)
        if draft is not None:
            yield draft


def _net_changes(changes: Iterable[Change]) -> dict[Key, _Net]:
    """One outcome for each record, in the order the records were first touched."""
    found: dict[Key, _Net] = {}
    for each in changes:
        if each.below_servers:
            continue
        key = (each.object_name, each.record_id)
        former = found.get(key)
        if former is None:
            found[key] = _Net(each.act, each.by_user)
            continue
        match former.act, each.act:
            case ((Act.CREATE | Act.UNDELETE), Act.DELETE):
                del found[key]
            case Act.DELETE, Act.UNDELETE:
                found[key] = _Net(Act.UPDATE, by_user=False)
            case Act.UPDATE, act:
                found[key] = _Net(act, by_user=former.by_user or each.by_user)
    return found


def _draft(unit: "Unit", capture: Capture, key: Key, net: _Net) -> Draft | None:
    object_name, record_id = key
    before = unit.journal.before.get(key)
    after = before if net.act is Act.DELETE else unit.row(object_name, record_id)
    if after is None:
        return None
    enriched = _values(capture.shape.fields, after, only=capture.enriched)
    plain = Draft(object_name=object_name, change_type=net.act.value, record_ids=(record_id,), enriched=enriched)
    if net.act is Act.DELETE:
        return plain
    if net.act is not Act.UPDATE or before is None:
        untold = _UNTOLD_AT_CREATION.get(object_name, frozenset())
        fields = [each for each in capture.shape.fields if each.name not in untold]
        return replace(plain, body=_values(fields, after))
    return _update(plain, capture.shape, before, after, by_user=net.by_user)


def _update(plain: Draft, shape: Shape, before: Row, after: Row, *, by_user: bool) -> Draft | None:
    body: Row = {}
    changed: list[str] = []
    nulled: list[str] = []
    diffs: list[str] = []
    for each in shape.fields:
        if each.parts and not each.text_too:
            _compare_parts(each, before, after, body, changed, nulled)
        elif before.get(each.name) != after.get(each.name) or (by_user and each.name == "LastModifiedDate"):
            changed.append(each.name)
            value = each.value(after)
            if value is None:
                nulled.append(each.name)
                continue
            diff = difference(before.get(each.name), value) if each.avro == "string" else None
            if diff is not None:
                diffs.append(each.name)
            body[each.name] = value if diff is None else diff
    if plain.object_name == "Lead" and "IsConverted" in changed:
        # The event of a conversion has no LastModifiedDate (guide, lead conversion).
        changed = [name for name in changed if name not in _STAMPS]
        body = {name: value for name, value in body.items() if name not in _STAMPS}
    if not changed:
        return None
    return replace(plain, body=body, changed=tuple(changed), nulled=tuple(nulled), diffs=tuple(diffs))


def _compare_parts(
    whole: EventField, before: Row, after: Row, body: Row, changed: list[str], nulled: list[str]
) -> None:
    for part, column in whole.parts:
        if before.get(column) != after.get(column):
            changed.append(f"{whole.name}.{part}")
            if after.get(column) is None:
                nulled.append(f"{whole.name}.{part}")
            else:
                body.setdefault(whole.name, {})[part] = after[column]


def _values(fields: Iterable[EventField], row: Row, *, only: tuple[str, ...] | None = None) -> Row:
    wanted = fields if only is None else [each for each in fields if each.name in only]
    known = {each.name: each.value(row) for each in wanted}
    return {name: value for name, value in known.items() if value is not None}


def _merged(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Drafts that say the same of several records become one, at the place of the first."""
    groups: dict[object, list[Draft]] = {}
    for number, each in enumerate(drafts):
        key: object = number  # a record that comes into being is told alone
        if each.change_type not in {"CREATE", "UNDELETE"}:
            said = json.dumps([each.body, each.enriched], sort_keys=True)
            key = (each.object_name, each.change_type, each.changed, each.nulled, said)
        groups.setdefault(key, []).append(each)
    for alike in groups.values():
        for start in range(0, len(alike), _MOST_MERGED):
            chunk = alike[start : start + _MOST_MERGED]
            together = replace(chunk[0], record_ids=tuple(record_id for each in chunk for record_id in each.record_ids))
            yield from _split(together) if len(chunk) > 1 else [together]


def _split(draft: Draft) -> list[Draft]:
    """The stamps first and the rest in an event of its own, as recorded of an update of many records."""
    stamps = [name for name in draft.changed if name in _STAMPS]
    rest = tuple(name for name in draft.changed if name not in _STAMPS)
    if not stamps or not rest:
        return [draft]
    return [
        replace(draft, changed=tuple(stamps), body={name: draft.body[name] for name in stamps if name in draft.body},
                nulled=(), diffs=()),
        replace(draft, changed=rest, body={name: value for name, value in draft.body.items() if name not in _STAMPS}),
    ]  # fmt: skip


def _within_size(draft: Draft) -> Draft:
    texts = sum(len(value) for value in draft.body.values() if isinstance(value, str))
    if texts < _LARGEST // 10 or len(json.dumps([draft.body, draft.enriched], ensure_ascii=False).encode()) <= _LARGEST:
        return draft
    return Draft(object_name=draft.object_name, change_type=f"GAP_{draft.change_type}", record_ids=draft.record_ids)


def _gaps(unit: "Unit") -> Iterator[Draft]:
    """What was done past the application servers: ids alone, many in one event, or "some of this object"."""
    groups: dict[tuple[str, Act], list[str]] = {}
    for each in unit.journal.changes:
        if each.below_servers:
            groups.setdefault((each.object_name, each.act), []).append(each.record_id)
    for (object_name, act), ids in groups.items():
        some = f"{unit.org.catalog.stored_object(object_name).key_prefix}*"
        told = ids if len(ids) <= _MOST_LISTED else [some]
        for start in range(0, len(told), _MOST_MERGED):
            yield Draft(
                object_name=object_name,
                change_type=f"GAP_{act.value}",
                record_ids=tuple(told[start : start + _MOST_MERGED]),
            )
