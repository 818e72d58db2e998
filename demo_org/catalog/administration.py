"""What an admin may set of objects and fields: who may write what, which values a picklist has, what is valid."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from demo_org.catalog.admin_settings import ABILITIES, ValidationRule
from demo_org.catalog.types import FieldType, ObjectType
from demo_org.errors import SalesforceFault, unknown_field
from demo_org.formula import compile_formula

if TYPE_CHECKING:
    from demo_org.catalog.catalog import Catalog


class Administration:
    """The admin's side of a catalogue."""

    def __init__(self, catalog: "Catalog") -> None:
        self._catalog = catalog

    def set_field_access(self, object_name: str, name: str, *, writable: bool) -> None:
        """Let the integration user write a field, or only read it."""
        base, field = self._field(object_name, name)
        locked = self._catalog.settings.read_only
        (locked.discard if writable else locked.add)((base.name, field.name))
        self._catalog.touch(base.name)

    def set_permissions(self, object_name: str, permissions: Mapping[str, bool]) -> None:
        """Let the integration user make, change and delete records, or not: {"createable": false}."""
        if unknown := permissions.keys() - ABILITIES:
            message = f"unknown permission {', '.join(sorted(unknown))}; use {', '.join(sorted(ABILITIES))}"
            raise SalesforceFault(400, "INVALID_OPERATION", message)
        name = self._catalog.stored_object(object_name).name
        barred = self._catalog.settings.barred.get(name, set())
        granted = {each for each in ABILITIES if permissions.get(each, each not in barred)}
        self._catalog.settings.barred[name] = set(ABILITIES - granted)
        self._catalog.touch(name)

    def replace_value(self, object_name: str, field: str, old: str, new: str) -> None:
        """Give a picklist another value in the place of one; the records are not changed."""
        base, known = self._field(object_name, field)
        values = self._catalog.settings.picklists.get((base.name, known.name), known.picklist_values)
        changed = tuple(dict.fromkeys(new if each == old else each for each in values))
        self._catalog.settings.picklists[base.name, known.name] = changed if old in values else (*values, new)
        self._catalog.touch(base.name)

    def add_rule(self, object_name: str, name: str, formula: str, message: str, *, field: str | None = None) -> None:
        """Refuse to save records of which the formula is true; a rule of the same name is replaced."""
        base = self._catalog.stored_object(object_name)
        promised = FieldType(name=name, type="boolean", label=name, formula=formula)
        sql = compile_formula(promised, base, self._catalog.stored_object).sql
        shown = None if field is None else self._field(object_name, field)[1].name
        made = ValidationRule(name=name, formula=formula, message=message, field=shown, sql=sql)
        others = tuple(each for each in self.rules(base.name) if each.name != name)
        self._catalog.settings.rules[base.name] = (*others, made)
        self._catalog.touch(base.name)

    def remove_rule(self, object_name: str, name: str) -> None:
        """Forget a validation rule."""
        base = self._catalog.stored_object(object_name)
        self._catalog.settings.rules[base.name] = tuple(each for each in self.rules(base.name) if each.name != name)
        self._catalog.touch(base.name)

    def rules(self, object_name: str) -> tuple[ValidationRule, ...]:
        """The validation rules of an object."""
        return self._catalog.settings.rules.get(object_name, ())

    def _field(self, object_name: str, name: str) -> tuple[ObjectType, FieldType]:
        base = self._catalog.stored_object(object_name)
        field = base.field(name)
        if field is None:
            raise unknown_field(name, base.name)
        return base, field
