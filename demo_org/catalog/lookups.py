"""Lookups seen from the other side: which children an object has, by which word a subquery asks for them."""

from collections.abc import Iterable, Mapping

from demo_org.catalog.standard import Lookup
from demo_org.catalog.types import ChildRelationship, ObjectType

Seen = tuple[str, str, Lookup]


def lookups_by_parent(lookups: Mapping[tuple[str, str, str], Lookup]) -> dict[str, list[Seen]]:
    """(child object, field, lookup) of every parent, in order of names."""
    found: dict[str, list[Seen]] = {}
    for (child, field, parent), seen in sorted(lookups.items(), key=lambda item: item[0][:2]):
        found.setdefault(parent, []).append((child, field, seen))
    return found


def children(lookups: Iterable[Seen], visible: Mapping[str, ObjectType]) -> tuple[ChildRelationship, ...]:
    """The child relationships an object shows to somebody who sees these objects."""
    return tuple(
        ChildRelationship(
            child_object=child,
            field=field,
            relationship_name=seen.name,
            cascade_delete=seen.cascade,
            restricted_delete=seen.restricted,
        )
        for child, field, seen in lookups
        if child in visible and field in visible[child].fields
    )
