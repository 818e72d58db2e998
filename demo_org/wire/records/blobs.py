"""Files in records, such as the body of an attachment: they come and go as they are, or in base64.

A field of the type base64 is stored as base64 text; its value in JSON is the address of its bytes.
"""

import base64
import binascii
from typing import Any

import msgspec

from demo_org.catalog import FieldType, ObjectType
from demo_org.errors import SalesforceFault, not_found
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request, unreadable_json
from demo_org.wire.records.multipart import form_parts, is_multipart


def record_of(described: ObjectType, request: Request) -> dict[str, Any]:
    """The record of a body: JSON, or a part of JSON with parts that are the bytes of blob fields."""
    content_type = request.headers.get("content-type", "")
    if not is_multipart(content_type):
        record = request.json_object()
        for name, value in record.items():
            field = described.field(name)
            if field is not None and field.type == "base64" and isinstance(value, str):
                _check_base64(field, value)
        return record
    fields: dict[str, Any] = {}
    blobs: dict[str, str] = {}
    for part in form_parts(content_type, request.body):
        field = described.field(part.name)
        if field is not None and field.type == "base64":
            blobs[field.name] = base64.b64encode(part.data).decode()
        elif part.content_type == "application/json":
            fields |= _json_object(part.data)
    if not blobs:
        wanted = [each.name for each in described.fields.values() if each.type == "base64"]
        message = f"Multipart message must include a binary part named {' or '.join(wanted) or 'like a blob field'}"
        raise SalesforceFault(400, "INVALID_MULTIPART_REQUEST", message)
    return fields | blobs


def list_of(request: Request) -> dict[str, Any]:
    """A body with a list of records, whose files come in parts of their own.

    A record names the part of its file, and the field it belongs to, in its attributes (binaryPartName,
    binaryPartNameAlias).
    """
    content_type = request.headers.get("content-type", "")
    if not is_multipart(content_type):
        return request.json_object()
    parts = form_parts(content_type, request.body)
    body = _json_object(next((part.data for part in parts if part.content_type == "application/json"), b""))
    files = {part.name: part.data for part in parts}
    for record in body.get("records") or []:
        attributes = record.get("attributes") if isinstance(record, dict) else None
        if isinstance(attributes, dict) and "binaryPartName" in attributes:
            name, field = str(attributes["binaryPartName"]), str(attributes.get("binaryPartNameAlias"))
            if name not in files:
                message = f"The multipart request has no binary part named {name}"
                raise SalesforceFault(400, "INVALID_MULTIPART_REQUEST", message)
            record[field] = base64.b64encode(files[name]).decode()
    return body


def get(context: Context, described: ObjectType, record_id: str, field: FieldType) -> Reply:
    """The bytes of a blob field."""
    row = context.org.get(described.name, record_id) or {}
    if row.get(field.name) is None:
        raise not_found()
    data = base64.b64decode(row[field.name])
    return Reply(raw=data, headers={"Content-Type": row.get("ContentType") or "application/octetstream"})


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise unreadable_json(data, error) from None


def _check_base64(field: FieldType, text: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        message = f"Provided value is not a valid base64 string for field {field.name}"
        raise SalesforceFault(400, "INVALID_BASE64", message, (field.name,)) from None
