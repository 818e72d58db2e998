"""Platform events: what an admin defines for programs to tell each other, beside what the org tells by itself."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from demo_org.errors import SalesforceFault
from demo_org.events.schema import NAMESPACE, Schema
from demo_org.events.shape import custom_field_id

_NAME, _FIELD = re.compile(r"[A-Za-z]\w*__e\Z"), re.compile(r"[A-Za-z]\w*__c\Z")
#: the kinds of fields a platform event may have -> (Avro type, doc word)
_KINDS = {
    "string": ("string", "Data:Text"),
    "textarea": ("string", "Data:StringPlusClob"),
    "double": ("double", "Data:Double"),
    "boolean": ("boolean", "Data:Boolean"),
    "datetime": ("long", "Data:DateTime"),
    "date": ("long", "Data:DateOnly"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformEvent:
    """One kind of event: its fields by name, each with its kind."""

    name: str
    fields: Mapping[str, str]

    @property
    def schema(self) -> Schema:
        """Its schema: when and by whom it was published, then its own fields, each of which may be left out."""
        system = [
            {"name": "CreatedDate", "type": "long", "doc": "CreatedDate:DateTime"},
            {"name": "CreatedById", "type": "string", "doc": "CreatedBy:EntityId"},
        ]
        own = [
            {
                "name": name,
                "type": ["null", _KINDS[kind][0]],
                "doc": f"{_KINDS[kind][1]}:{custom_field_id(self.name, name)}",
                "default": None,
            }
            for name, kind in self.fields.items()
        ]
        whole = {"type": "record", "name": self.name, "namespace": NAMESPACE, "fields": [*system, *own]}
        return Schema.of(json.dumps(whole, separators=(",", ":")))


def checked_event(name: str, fields: Mapping[str, str]) -> PlatformEvent:
    """An event an admin may define."""
    if not _NAME.match(name):
        raise SalesforceFault(400, "INVALID_INPUT", f"{name} is no name for a platform event; end it with __e")
    wrong = [each for each, kind in fields.items() if not _FIELD.match(each) or kind not in _KINDS]
    if wrong:
        message = f"fields end with __c and are one of {', '.join(_KINDS)}; not so {', '.join(wrong)}"
        raise SalesforceFault(400, "INVALID_INPUT", message)
    return PlatformEvent(name=name, fields=dict(fields))
