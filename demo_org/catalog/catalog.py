"""The org's objects by name, and what an admin may do to them: add a field, hide one, switch an object off.

Every change makes new ObjectType values and moves the object's last-modified instant, which is what a client's
If-Modified-Since describe looks at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from demo_org.catalog import describe, features, summary, view
from demo_org.catalog.admin_settings import AdminSettings
from demo_org.catalog.administration import Administration
from demo_org.catalog.change_events import change_event
from demo_org.catalog.custom import custom_field, custom_history, custom_object, parts_of_place
from demo_org.catalog.lookups import children, lookups_by_parent
from demo_org.catalog.standard import Lookup, load_definitions
from demo_org.catalog.types import FieldType, ObjectType
from demo_org.errors import SalesforceFault, not_found, unknown_field
from demo_org.formula import FormulaError, compile_formula
from demo_org.ids import DIGITS

#: object, field, "added" | "removed" | "changed"
Change = tuple[str, FieldType | None, str]
Listener = Callable[[Sequence[Change]], None]


def _present() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Catalog:
    """All objects of the org; names are looked up in any case and come back in Salesforce's own."""

    def __init__(self, *, now: Callable[[], datetime] = _present) -> None:
        self._now = now
        self._listeners: list[Listener] = []
        #: changes that are made together and not told yet
        self._waiting: list[Change] | None = None
        self._opened_at = self._last_change = now()
        self.admin = Administration(self)
        self._begin()

    def _begin(self) -> None:
        """The catalogue of a new org."""
        self._base: dict[str, ObjectType] = {}
        self._lookups: dict[tuple[str, str, str], Lookup] = {}
        self.settings = AdminSettings()
        self._roll_ups: dict[str, list[tuple[str, FieldType]]] = {}
        self._modified: dict[str, datetime] = {}
        self._views: dict[str, ObjectType] = {}
        self._events: dict[str, ObjectType] = {}
        self._stored: dict[str, ObjectType] = {}
        self._stored_by_lower: dict[str, ObjectType] = {}
        for definition in load_definitions():
            name = definition.object.name
            self._base[name] = definition.object
            self._lookups |= {(name, field, parent): seen for (field, parent), seen in definition.lookups.items()}
        self._rebuild()

    # -- looking up -----------------------------------------------------------------------------------------------

    @property
    def objects(self) -> Mapping[str, ObjectType]:
        """Every enabled object by its API name."""
        return {view.name: view for view in self._views.values()}

    @property
    def stored(self) -> Mapping[str, ObjectType]:
        """Every object with all its fields, hidden ones and switched-off objects too: what has a table."""
        return self._stored

    def find(self, name: str) -> ObjectType | None:
        """The object as the integration user sees it; None if there is none or it is switched off."""
        return self._views.get(name.lower())

    def object(self, name: str) -> ObjectType:
        """The object as the integration user sees it; NOT_FOUND if there is none or it is switched off."""
        found = self.find(name)
        if found is None:
            raise not_found()
        return found

    def writable_object(self, name: str, *, restricted: bool) -> ObjectType:
        """The object as a user may write it: only the integration user's permissions are restricted."""
        described = self.object(name)
        if not restricted and (self.settings.barred or self.settings.read_only):
            return view.seen(self.stored_object(name), replace(self.settings, barred={}, read_only=set()))
        return described

    def stored_object(self, name: str) -> ObjectType:
        """The object with all its fields, hidden or not."""
        found = self._stored_by_lower.get(name.lower())
        if found is None:
            raise not_found()
        return found

    def featured_object(self, name: str) -> ObjectType:
        """The object with all fields the org's features give it, hidden or not: what its change events are made of."""
        base = self.stored_object(name)
        absent = features.absent_fields(base, self.settings.features)
        return replace(base, fields={name: field for name, field in base.fields.items() if name not in absent})

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._views

    def of_id(self, record_id: str) -> ObjectType | None:
        """The object whose records carry ids like this one."""
        prefix = record_id[:3]
        return next((view for view in self._views.values() if view.id_prefix == prefix), None)

    def last_modified(self, name: str) -> datetime:
        """The instant of the object's last metadata change."""
        described = self._describable(name)
        return self._modified.get(described.associate_parent or described.name, self._opened_at)

    @property
    def last_change(self) -> datetime:
        """The instant of the last metadata change of all, also of an object that is no longer there."""
        return self._last_change

    # -- describe -------------------------------------------------------------------------------------------------

    def describe(
        self,
        name: str,
        *,
        version: str = "64.0",
        host: str = "https://demo.example",
        record_types: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        """The complete describe of an object, as GET .../sobjects/{name}/describe answers it."""
        return describe.describe_object(self._describable(name), version=version, host=host, record_types=record_types)

    def describe_global(self, *, version: str = "64.0") -> dict[str, Any]:
        """The list of all objects, as GET .../sobjects answers it."""
        return describe.describe_global([*self._views.values(), *self._events.values()], version=version)

    # -- changes by an admin --------------------------------------------------------------------------------------

    def on_change(self, listener: Listener) -> None:
        """Call the listener with what changed, after every change or after all that are made together."""
        self._listeners.append(listener)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make several changes and work out what the org looks like once, at the end: each alone costs much more.

        An object that is new is told as one change, with the fields it has by then.
        """
        waiting: list[Change] = []
        self._waiting = waiting
        try:
            yield
        finally:
            self._waiting = None
            self._rebuild()
            new = {name for name, field, what in waiting if field is None and what == "added"}
            self._tell([each for each in waiting if each[1] is None or each[0] not in new])

    def add_object(self, name: str, *, label: str | None = None) -> ObjectType:
        """Make a custom object such as Renewal__c, with a name and the audit fields."""
        number = sum(each.custom for each in self._base.values())
        made = custom_object(name, label=label, key_prefix=f"a0{DIGITS[number]}")
        history = custom_history(made)
        self._lookups[history.name, "ParentId", made.name] = Lookup(name="Histories", cascade=True, restricted=False)
        for each in (made, history):
            self._base[each.name] = each
            self._changed(each.name, None, "added")
        return self._made(name)

    def add_field(self, object_name: str, name: str, type_name: str = "string", **facts: Any) -> FieldType:
        """Add a field an admin would make; see custom_field for the facts it takes.

        A lookup takes reference_to=("Contact",); a parent's word for its children goes in children="Champions", to
        which Salesforce adds __r. A roll-up takes roll_up={"child", "operation", "field", "lookup", "filters"}.
        """
        base = self._made(object_name)
        word = facts.pop("children", None)
        if word is not None and not word.endswith("__r"):
            word = f"{word}__r"
        cascade = bool(facts.pop("cascade_delete", False))
        if (defined := facts.pop("roll_up", None)) is not None:
            facts["roll_up"] = summary.roll_up_of(base, defined, self.stored_object)
        made = custom_field(name, type_name, **facts)
        if base.has(made.name):
            raise SalesforceFault(400, "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {made.name}")
        if made.formula is not None:
            made = replace(made, derivation=compile_formula(made, base, self.stored_object).sql)
        added = {each.name: each for each in (made, *parts_of_place(made))}
        self._base[base.name] = replace(base, fields={**base.fields, **added})
        for parent in made.reference_to:
            self._lookups[base.name, made.name, parent] = Lookup(name=word, cascade=cascade, restricted=False)
        for each in added.values():
            self._changed(base.name, each, "added")
        return made

    def remove_field(self, object_name: str, name: str) -> None:
        """Delete a custom field with all its values."""
        base, gone = self._stored_field(object_name, name)
        if not gone.custom:
            raise SalesforceFault(400, "INVALID_OPERATION", f"{gone.name} is a standard field; hide it instead")
        removed = [gone, *(base.fields[each.name] for each in parts_of_place(gone))]
        left = {name: each for name, each in base.fields.items() if each not in removed}
        self._base[base.name] = replace(base, fields=left)
        self._rebuild()
        user = self._broken_formula()
        if user is not None:
            self._base[base.name] = base
            self._rebuild()
            raise SalesforceFault(400, "DELETE_FAILED", f"This custom field is referenced elsewhere: {user}")
        for each in removed:
            self.settings.hidden.discard((base.name, each.name))
            self._changed(base.name, each, "removed")

    def hide_field(self, object_name: str, name: str) -> None:
        """Take the field out of the integration user's sight, as field-level security does."""
        base, field = self._stored_field(object_name, name)
        self.settings.hidden.add((base.name, field.name))
        self._changed(base.name, field, "changed")

    def show_field(self, object_name: str, name: str) -> None:
        """Give a hidden field back to the integration user."""
        base, field = self._stored_field(object_name, name)
        self.settings.hidden.discard((base.name, field.name))
        self._changed(base.name, field, "changed")

    def enable(self, object_name: str) -> None:
        """Switch an object on, such as Quote in an org that begins to quote."""
        self.settings.disabled.discard(self.stored_object(object_name).name)
        self._changed(self.stored_object(object_name).name, None, "changed")

    def disable(self, object_name: str) -> None:
        """Switch an object off; its records stay and are seen again when it is switched on."""
        self.settings.disabled.add(self.stored_object(object_name).name)
        self._changed(self.stored_object(object_name).name, None, "changed")

    @property
    def features(self) -> set[str]:
        """The names of the features that are on."""
        return set(self.settings.features)

    def switch(self, feature: str, *, on: bool) -> None:
        """Switch a feature on or off with its objects and fields; records stay and are seen again later."""
        objects = features.feature(feature).objects
        if on:
            self.settings.features.add(feature)
            self.settings.disabled -= set(objects)
        else:
            self.settings.features.discard(feature)
            self.settings.disabled |= set(objects)
        if feature == features.AUDIT_FIELDS:
            objects = tuple(name for name, base in self._base.items() if base.createable)
        before = self.settings.features ^ {feature}
        fielded = [name for name, base in self._base.items() if features.absent_fields(base, before)
                   != features.absent_fields(base, self.settings.features)]  # fmt: skip
        for name in dict.fromkeys([*objects, *fielded]):
            self._changed(name, None, "changed")

    def touch(self, object_name: str) -> None:
        """Read the settings of an object anew and move its last-modified instant: its describe says something new."""
        if object_name.lower() in self._stored_by_lower:
            self._changed(self.stored_object(object_name).name, None, "changed")

    def set_currencies(self, codes: tuple[str, ...]) -> None:
        """Let records be in these currencies, the corporate one first."""
        if codes != self.settings.currencies:
            self.settings.currencies = codes
            for name in [name for name, base in self._base.items() if base.has("CurrencyIsoCode")]:
                self._changed(name, None, "changed")

    def roll_ups(self, child_object: str) -> Sequence[tuple[str, FieldType]]:
        """(parent object, field) of every roll-up that adds up this object's records."""
        return self._roll_ups.get(child_object, ())

    # -- surviving a restart --------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What deviates from the standard catalogue, as JSON can hold it."""
        return {
            "objects": [{"name": o.name, "label": o.label} for o in self._base.values() if o.custom],
            "fields": [
                {"object": o.name, "lookups": self._lookup_facts(o.name, f)} | asdict(f)
                for o in self._base.values()
                for f in o.fields.values()
                if f.custom
            ],
            "settings": self.settings.state(),
            "modified": {name: instant.isoformat() for name, instant in self._modified.items()},
            "opened_at": self._opened_at.isoformat(),
            "last_change": self._last_change.isoformat(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the deviations a former process left, in place of all present ones; nobody is told of changes."""
        listeners, self._listeners = self._listeners, []
        self._begin()
        for entry in state["objects"]:
            self.add_object(entry["name"], label=entry["label"])
        for entry in state["fields"]:
            facts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
            name, lookups, roll_up = facts.pop("object"), facts.pop("lookups"), facts.pop("roll_up")
            made = FieldType(**facts, roll_up=None if roll_up is None else summary.restored(roll_up))
            base = self._base[name]
            self._base[name] = replace(base, fields={**base.fields, made.name: made})
            for parent, seen in lookups.items():
                self._lookups[name, made.name, parent] = Lookup(**seen)
        self.settings = AdminSettings.restored(state["settings"])
        self._modified = {name: datetime.fromisoformat(text) for name, text in state["modified"].items()}
        self._opened_at = datetime.fromisoformat(state["opened_at"])
        self._last_change = datetime.fromisoformat(state["last_change"])
        self._rebuild()
        self._listeners = listeners

    # -- inside ---------------------------------------------------------------------------------------------------

    def _lookup_facts(self, name: str, field: FieldType) -> dict[str, Any]:
        return {
            parent: asdict(self._lookups[name, field.name, parent])
            for parent in field.reference_to
            if (name, field.name, parent) in self._lookups
        }

    def _stored_field(self, object_name: str, name: str) -> tuple[ObjectType, FieldType]:
        base = self.stored_object(object_name)
        field = base.field(name)
        if field is None:
            raise unknown_field(name, base.name)
        return base, field

    def _changed(self, name: str, field: FieldType | None, what: str) -> None:
        # If-Modified-Since counts whole seconds, so two changes within one second must still differ.
        before = self._modified.get(name, self._opened_at)
        self._modified[name] = max(self._now(), before + timedelta(seconds=1))
        self._last_change = max(self._modified[name], self._last_change + timedelta(seconds=1))
        if self._waiting is not None:
            self._waiting.append((name, field, what))
            return
        self._rebuild()
        self._tell([(name, field, what)])

    def _tell(self, changes: Sequence[Change]) -> None:
        for listener in self._listeners:
            listener(changes)

    def _made(self, name: str) -> ObjectType:
        """The object as the changes so far have made it, also while several are made together."""
        return self._base.get(name) or self.stored_object(name)

    def _broken_formula(self) -> str | None:
        """The first formula that can no longer be computed."""
        for base in self._base.values():
            for each in base.fields.values():
                try:
                    if each.formula is not None:
                        compile_formula(each, base, self.stored_object)
                except FormulaError:
                    return f"{base.name}.{each.name}"
        return None

    def _describable(self, name: str) -> ObjectType:
        """An object or a change event object."""
        return self._events.get(name.lower()) or self.object(name)

    def _rebuild(self) -> None:
        by_parent = lookups_by_parent(self._lookups)
        self._stored = {
            name: replace(base, child_relationships=children(by_parent.get(name, ()), self._base))
            for name, base in self._base.items()
        }
        self._stored_by_lower = {name.lower(): value for name, value in self._stored.items()}
        visible = {
            name: view.seen(base, self.settings)
            for name, base in self._base.items()
            if name not in self.settings.disabled
        }
        self._views = {
            name.lower(): replace(view, child_relationships=children(by_parent.get(name, ()), visible))
            for name, view in visible.items()
        }
        events = [change_event(view) for view in visible.values()]
        self._events = {each.name.lower(): each for each in events if each is not None}
        self._roll_ups = {}
        for name, field in [(name, field) for name, base in self._base.items() for field in base.fields.values()]:
            if field.roll_up is not None:
                self._roll_ups.setdefault(field.roll_up.child_object, []).append((name, field))
