"""What an org says of its objects and fields, which differ by org and by the rights of the integration user."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from sync.errors import BadReply, ObjectMissing
from sync.record import Field, ObjectShape, Unchanged
from sync.salesforce.composite import SubReply, SubRequest


def describe_requests(base: str, names: Sequence[str], known: Mapping[str, str]) -> list[SubRequest]:
    """One part per object. What has not changed since `known` (name -> Last-Modified) answers 304 without a body."""
    return [
        SubRequest(
            reference=name,
            url=f"{base}/sobjects/{name}/describe",
            headers={"If-Modified-Since": known[name]} if name in known else {},
        )
        for name in names
    ]


def described(name: str, reply: SubReply) -> ObjectShape | Unchanged | ObjectMissing:
    """What the answer for one object means."""
    if reply.status == 304:
        return Unchanged(name=name)
    error = reply.error(object_name=name)
    if isinstance(error, ObjectMissing):
        return error
    if error is not None:
        raise error
    if not isinstance(reply.body, dict) or "fields" not in reply.body:
        raise BadReply(what=f"the description of {name}", detail="no fields in it")
    return shape_of(reply.body, last_modified=reply.headers.get("last-modified"))


def shape_of(body: Mapping[str, Any], *, last_modified: str | None) -> ObjectShape:
    """The part of a description that we keep."""
    return ObjectShape(
        name=body["name"],
        label=body.get("label") or body["name"],
        key_prefix=body.get("keyPrefix"),
        replicateable=bool(body.get("replicateable", False)),
        queryable=bool(body.get("queryable", True)),
        last_modified=last_modified,
        fingerprint=_fingerprint(body),
        own_children=tuple(
            (child["childSObject"], child["field"])
            for child in body.get("childRelationships") or ()
            if child["childSObject"].endswith("__c") and child.get("field") and not child.get("deprecatedAndHidden")
        ),
        fields=tuple(
            Field(
                name=field["name"],
                type=field["type"],
                label=field.get("label") or field["name"],
                reference_to=tuple(field.get("referenceTo") or ()),
                custom=bool(field.get("custom", False)),
                calculated=bool(field.get("calculated", False)),
            )
            for field in body["fields"]
        ),
    )


#: what of a description says how records are to be read and understood; labels and layouts do not
_TELLING = ("queryable", "replicateable", "searchable", "recordTypeInfos")
_TELLING_OF_FIELD = ("name", "type", "referenceTo", "calculated", "calculatedFormula", "picklistValues", "length")


def _fingerprint(body: Mapping[str, Any]) -> str:
    told = {name: body.get(name) for name in _TELLING}
    told["fields"] = sorted(
        ({name: field.get(name) for name in _TELLING_OF_FIELD} for field in body["fields"]),
        key=lambda each: each["name"],
    )
    return sha256(msgspec.json.encode(told)).hexdigest()
