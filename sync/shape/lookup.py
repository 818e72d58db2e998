"""Finding a value in the aggregate: in a standard field, or in whichever custom field the org keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.shape.aggregate import WHOLE_OBJECT, Aggregate, Row
from sync.shape.aliases import LINE_OF_FIELD, plain
from sync.shape.mapping import BriefMapping, Place
from sync.shape.value import Form, Item, State, best, source_of, verbatim

#: brief line -> the fields that hold it, best first
FieldMap = Mapping[str, tuple[Place, ...]]
UNMAPPED = BriefMapping()


def map_fields(
    labels: Mapping[Place, str], unavailable: frozenset[Place], mapping: BriefMapping = UNMAPPED
) -> FieldMap:
    """Find out which fields of the org fill which line of the brief; the same for all deals of an org.

    What people chose counts. Else custom fields are found by what they are called: by their label before their API
    name, since labels are kept up to date and API names are not.
    """
    ranked: dict[str, dict[Place, int]] = {}
    for place in (*labels, *sorted(unavailable)):
        object_name, field = place
        if field.endswith("__c"):
            for by_api_name, name in enumerate((labels.get(place) or field, field)):
                for line, rank in LINE_OF_FIELD.get((object_name, plain(name)), ()):
                    known = ranked.setdefault(line, {})
                    known[place] = min(2 * rank + by_api_name, known.get(place, 2 * rank + by_api_name))
    found = {
        line: tuple(sorted(places, key=lambda place, ranks=places: (ranks[place], place)))  # type: ignore[misc]  # - the default binds the loop's variable
        for line, places in ranked.items()
    }
    return {**found, **mapping.fields}


@dataclass(frozen=True, slots=True)
class Lookup:
    """Answers "what is known of this line of the brief" for one deal."""

    aggregate: Aggregate
    fields: FieldMap
    #: custom fields that the records carry although describe did not name them, as `fields`
    found: FieldMap
    #: the records whose custom fields describe the deal
    carriers: Mapping[str, Row | None]

    @classmethod
    def over(cls, aggregate: Aggregate, fields: FieldMap) -> "Lookup":
        """Prepare to answer for one deal."""
        labels, unknown = aggregate.labels, {}
        carriers = {"Opportunity": aggregate.deal, "Account": aggregate.customer, "Contract": aggregate.contract}
        for object_name, row in carriers.items():
            for field in (row or {}).get("custom") or ():
                if (object_name, field) not in labels:
                    unknown[object_name, field] = field
        found = map_fields(unknown, frozenset()) if unknown else {}
        chosen = aggregate.mapping.fields
        found = {line: places for line, places in found.items() if line not in chosen}
        return cls(aggregate, fields, found, carriers)

    def standard(
        self, key: str, label: str, object_name: str, field: str, row: Row | None, *, form: Form = verbatim
    ) -> Item:
        """Read a standard field of a record that may not be there."""
        value = None if row is None else form(row.get(field.lower()))
        return Item(key, label, value, self.state(object_name, field, value), source_of(object_name, field, row))

    def custom(self, key: str, label: str, *, line: str | None = None, form: Form = verbatim) -> Item:
        """Read the first custom field that the org has for this line and that is filled."""
        line = line or key
        places = self.fields.get(line, ()) + self.found.get(line, ())
        if not places:
            return Item(key, label, None, State.NOT_MAPPED, None)
        for object_name, field in places:
            row = self.carriers.get(object_name)
            value = None if row is None else form(_held(row, field))
            if value is not None:
                return self._line(key, label, object_name, field, value)
        if not self.aggregate.unavailable:
            return self._line(key, label, *places[0], None)
        return best([self._line(key, label, object_name, field, None) for object_name, field in places])

    def _line(self, key: str, label: str, object_name: str, field: str, value: Any) -> Item:
        source = source_of(object_name, field, self.carriers.get(object_name))
        return Item(key, label, value, self.state(object_name, field, value), source)

    def custom_of(self, line: str, object_name: str, row: Row, *, form: Form = verbatim) -> Any:
        """What a record beside the deal holds in the custom field of its object that fills this line."""
        for place, field in self.fields.get(line, ()) + self.found.get(line, ()):
            if place == object_name and (value := form(_held(row, field))) is not None:
                return value
        return None

    def related(self, key: str, label: str, object_name: str, field: str, rows: Sequence[Row], value: Any) -> Item:
        """Show what follows from the records of an object that hang on the deal; None where there are none."""
        source = source_of(object_name, field, rows[0] if len(rows) == 1 else None)
        return Item(key, label, value, self.state(object_name, field, value), source)

    def state(self, object_name: str, field: str, value: object) -> State:
        """What it means that a field holds `value`."""
        unavailable = self.aggregate.unavailable
        hidden = unavailable and ((object_name, field) in unavailable or (object_name, WHOLE_OBJECT) in unavailable)
        if value is None:
            return State.NO_ACCESS if hidden else State.EMPTY
        return State.STALE if hidden else State.OK


def _held(row: Row, field: str) -> Any:
    """What a record holds in a field, be it the org's own or one of Salesforce's."""
    return (row.get("custom") or {}).get(field) if field.endswith("__c") else row.get(field.lower())
