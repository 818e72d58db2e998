"""What a batch gives back: outcomes of rows, or the records of a query, in the content type of its job."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from demo_org.bulk import Outcome
from demo_org.reply import Reply
from demo_org.soql import ResultSet
from demo_org.store import Org
from demo_org.wire.bulk.classic.documents import NAMESPACE
from demo_org.wire.bulk.classic.jobs import Batch, ClassicJob
from demo_org.wire.markup import element

_PAGE = 2000
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def outcomes_reply(job: ClassicJob, batch: Batch) -> Reply:
    """What became of each row, in the order of the rows."""
    if job.content_type == "JSON":
        return _raw(msgspec.json.encode([_as_json(each) for each in batch.outcomes]), "application/json")
    if job.content_type == "XML":
        inner = "".join(_as_xml(each) for each in batch.outcomes)
        return _raw(f'<results xmlns="{NAMESPACE}">{inner}</results>'.encode(), "application/xml")
    lines = ['"Id","Success","Created","Error"', *(_as_csv(each) for each in batch.outcomes)]
    return _raw(("\n".join(lines) + "\n").encode(), "text/csv")


def records_reply(org: Org, job: ClassicJob, result: ResultSet) -> Reply:
    """The records of a query."""
    if job.content_type == "JSON":
        return Reply(stream=_json_pieces(org, job, result), headers={"Content-Type": "application/json"})
    if job.content_type == "XML":
        return Reply(stream=_xml_pieces(job, result), headers={"Content-Type": "application/xml"})
    return Reply(stream=result.csv_chunks(0, result.total_size), headers={"Content-Type": "text/csv"})


def _json_pieces(org: Org, job: ClassicJob, result: ResultSet) -> Iterator[bytes]:
    between = b"["
    for offset in range(0, result.total_size, _PAGE):
        for record in result.records(offset, _PAGE, version=job.version):
            yield between + msgspec.json.encode(_with_epochs(org, record))
            between = b","
    yield b"[]" if between == b"[" else b"]"


def _with_epochs(org: Org, record: dict[str, Any]) -> dict[str, Any]:
    """The record with its instants and days as milliseconds since 1970, as this API writes them in JSON.

    Clients that read days and instants by it: simple-salesforce's users, dlt's Salesforce source.
    """
    described = org.catalog.find(record.get("attributes", {}).get("type", ""))
    shown: dict[str, Any] = {}
    for name, value in record.items():
        field = described.field(name) if described is not None else None
        if isinstance(value, dict) and "attributes" in value:
            shown[name] = _with_epochs(org, value)
        elif field is not None and field.type in {"date", "datetime"} and isinstance(value, str):
            instant = datetime.fromisoformat(value)
            shown[name] = int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()) * 1000
        else:
            shown[name] = value
    return shown


def _xml_pieces(job: ClassicJob, result: ResultSet) -> Iterator[bytes]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><queryResult xmlns="{NAMESPACE}" {_XSI}>'.encode()
    for offset in range(0, result.total_size, _PAGE):
        for record in result.records(offset, _PAGE, version=job.version):
            yield f'<records xsi:type="sObject">{_record_markup(record)}</records>'.encode()
    yield b"</queryResult>"


def _record_markup(record: dict[str, Any]) -> str:
    pieces = [element("type", record.get("attributes", {}).get("type"))]
    for name, value in record.items():
        if isinstance(value, dict) and name != "attributes":
            pieces.append(f'<{name} xsi:type="sObject">{_record_markup(value)}</{name}>')
        elif name != "attributes":
            pieces.append(element(name, value))
    return "".join(pieces)


def _as_csv(outcome: Outcome) -> str:
    cells = (outcome.record_id or "", outcome.fault is None, outcome.created, outcome.error)
    return ",".join('"' + _text(each).replace('"', '""') + '"' for each in cells)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    fault = outcome.fault
    errors = [] if fault is None else [
        {"statusCode": fault.code, "message": fault.message, "fields": list(fault.fields), "extendedErrorDetails": None}
    ]  # fmt: skip
    return {"success": fault is None, "created": outcome.created, "id": outcome.record_id, "errors": errors}


def _as_xml(outcome: Outcome) -> str:
    fault = outcome.fault
    errors = ""
    if fault is not None:
        fields = "".join(element("fields", each) for each in fault.fields)
        errors = f"<errors>{fields}{element('message', fault.message)}{element('statusCode', fault.code)}</errors>"
    identity = element("id", outcome.record_id) if outcome.record_id is not None else ""
    return (
        f"<result>{errors}{identity}{element('success', fault is None)}{element('created', outcome.created)}</result>"
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _raw(body: bytes, content_type: str) -> Reply:
    return Reply(raw=body, headers={"Content-Type": content_type})
