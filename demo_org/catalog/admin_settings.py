"""What admins have set of the objects and fields there are, and how that is kept over a restart."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from demo_org.catalog.features import default_features, objects_without

#: (object, field)
FieldKey = tuple[str, str]
#: what a user may be barred from doing to the records of an object
ABILITIES = frozenset({"createable", "updateable", "deletable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule:
    """A condition under which a record must not be saved, and what is said then."""

    name: str
    #: true where the record is wrong
    formula: str
    message: str
    #: where the message is shown; None for the top of the page
    field: str | None = None
    #: the formula as SQL, in which {row} stands for the record
    sql: str = ""


@dataclass(slots=True, kw_only=True)
class AdminSettings:
    """Everything that is not a field or an object of its own."""

    #: fields the integration user does not see
    hidden: set[FieldKey] = field(default_factory=set)
    #: fields it sees and cannot write
    read_only: set[FieldKey] = field(default_factory=set)
    #: what it may not do to the records of an object
    barred: dict[str, set[str]] = field(default_factory=dict)
    features: set[str] = field(default_factory=default_features)
    #: objects that are switched off
    disabled: set[str] = field(default_factory=lambda: objects_without(default_features()))
    #: in which records may be, the corporate one first
    currencies: tuple[str, ...] = ("USD",)
    #: picklists with other values than a new org's
    picklists: dict[FieldKey, tuple[str, ...]] = field(default_factory=dict)
    rules: dict[str, tuple[ValidationRule, ...]] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        """The settings as JSON can hold them."""
        return {
            "hidden": sorted(self.hidden),
            "read_only": sorted(self.read_only),
            "barred": {name: sorted(abilities) for name, abilities in self.barred.items()},
            "features": sorted(self.features),
            "disabled": sorted(self.disabled),
            "currencies": list(self.currencies),
            "picklists": [[*key, list(values)] for key, values in self.picklists.items()],
            "rules": {name: [asdict(each) for each in rules] for name, rules in self.rules.items()},
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "AdminSettings":
        """The settings a former process left."""
        return cls(
            hidden={(name, each) for name, each in state["hidden"]},
            read_only={(name, each) for name, each in state["read_only"]},
            barred={name: set(abilities) for name, abilities in state["barred"].items()},
            features=set(state["features"]),
            disabled=set(state["disabled"]),
            currencies=tuple(state["currencies"]),
            picklists={(name, each): tuple(values) for name, each, values in state["picklists"]},
            rules={name: tuple(ValidationRule(**each) for each in rules) for name, rules in state["rules"].items()},
        )
