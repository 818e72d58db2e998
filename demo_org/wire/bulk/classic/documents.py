"""The documents of Bulk API 1.0: jobs, batches, lists of batches, errors; as XML, or as JSON in alphabetical order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from demo_org.reply import Reply
from demo_org.wire.bulk.classic.jobs import Batch, ClassicJob
from demo_org.wire.markup import MalformedMarkup, element, read_markup

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_JOB = ("operation", "object", "state", "contentType", "concurrencyMode", "externalIdFieldName", "assignmentRuleId")


class ClassicFault(Exception):
    """A refusal of Bulk API 1.0: its code and its message; the status is 400 unless another is given."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def read_job(body: bytes, *, as_json: bool) -> dict[str, str]:
    """What a client says about a job."""
    try:
        if as_json:
            given = msgspec.json.decode(body, type=dict[str, Any])
            return {name: str(given[name]) for name in _JOB if given.get(name) is not None}
        root = read_markup(body)
    except (msgspec.DecodeError, MalformedMarkup, RecursionError) as error:
        raise ClassicFault("InvalidJob", f"Unable to parse job: {error}") from None
    return {name: root.child_text(name) for name in _JOB if root.child_text(name)}


def job_reply(job: ClassicJob, *, as_json: bool, status: int = 200) -> Reply:
    """A job as it stands."""
    return _reply("jobInfo", _job(job, as_json=as_json), as_json=as_json, status=status)


def batch_reply(batch: Batch, *, as_json: bool, status: int = 200) -> Reply:
    """A batch as it stands."""
    return _reply("batchInfo", _batch(batch, as_json=as_json), as_json=as_json, status=status)


def batches_reply(batches: Sequence[Batch], *, as_json: bool) -> Reply:
    """All batches of a job, oldest first."""
    if as_json:
        return _json({"batchInfo": [dict(sorted(_batch(each, as_json=True).items())) for each in batches]})
    inner = "\n".join(_markup("batchInfo", _batch(each, as_json=False), indent=" ") for each in batches)
    body = f'<batchInfoList\n   xmlns="{NAMESPACE}"' + (f">\n{inner}\n</batchInfoList>" if batches else " />")
    return _xml(_HEAD + body)


def results_reply(ids: Sequence[str], *, as_json: bool) -> Reply:
    """The ids of the results of a query batch."""
    if as_json:
        return _json(list(ids))
    inner = "".join(element("result", each) for each in ids)
    return _xml(f'<result-list xmlns="{NAMESPACE}">{inner}</result-list>')


def error_reply(fault: ClassicFault, *, as_json: bool) -> Reply:
    """A refusal."""
    if as_json:
        return _json({"exceptionCode": fault.code, "exceptionMessage": fault.message}, status=fault.status)
    inner = f" {element('exceptionCode', fault.code)}\n {element('exceptionMessage', fault.message)}"
    return _xml(f'{_HEAD}<error\n   xmlns="{NAMESPACE}">\n{inner}\n</error>', status=fault.status)


def _job(job: ClassicJob, *, as_json: bool) -> dict[str, Any]:
    counted = job.counts()
    facts: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object_name,
        "createdById": job.user_id,
        "createdDate": _stamp(job.created_at, as_json=as_json),
        "systemModstamp": _stamp(job.changed_at, as_json=as_json),
        "state": job.state,
        "externalIdFieldName": job.external_id,
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        **counted,
    }
    if as_json:
        # Only the JSON form has these two, and it has all keys, null or not (recorded).
        return facts | {"apiVersion": float(job.version), "assignmentRuleId": None, "fastPathEnabled": False}
    whole = {name: value for name, value in facts.items() if value is not None}
    return _before(whole, "numberRecordsFailed", {"apiVersion": job.version})


def _batch(batch: Batch, *, as_json: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": batch.id,
        "jobId": batch.job_id,
        "state": batch.state,
        "createdDate": _stamp(batch.created_at, as_json=as_json),
        "systemModstamp": _stamp(batch.changed_at, as_json=as_json),
        "numberRecordsProcessed": batch.processed,
        "numberRecordsFailed": batch.failed,
        "totalProcessingTime": batch.milliseconds,
        "apiActiveProcessingTime": batch.milliseconds,
        "apexProcessingTime": 0,
    }
    if as_json:
        return facts | {"stateMessage": batch.message}
    return facts if batch.message is None else _before(facts, "createdDate", {"stateMessage": batch.message})


def _before(facts: dict[str, Any], name: str, further: dict[str, Any]) -> dict[str, Any]:
    names = list(facts)
    place = names.index(name)
    return {each: facts[each] for each in names[:place]} | further | {each: facts[each] for each in names[place:]}


def _stamp(instant: datetime, *, as_json: bool) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000") + ("+0000" if as_json else "Z")


def _reply(name: str, facts: Mapping[str, Any], *, as_json: bool, status: int) -> Reply:
    if as_json:
        return _json(dict(sorted(facts.items())), status=status)
    return _xml(_HEAD + _markup(name, facts, indent="", namespace=True), status=status)


def _markup(name: str, facts: Mapping[str, Any], *, indent: str, namespace: bool = False) -> str:
    opening = f'<{name}\n   xmlns="{NAMESPACE}">' if namespace else f"<{name}>"
    lines = "\n".join(f"{indent} {element(each, value)}" for each, value in facts.items())
    return f"{indent}{opening}\n{lines}\n{indent}</{name}>"


def _xml(text: str, *, status: int = 200) -> Reply:
    # Without a charset: clients compare the header with the bare media type.
    return Reply(status=status, raw=text.encode(), headers={"Content-Type": "application/xml"})


def _json(content: Any, *, status: int = 200) -> Reply:
    return Reply(status=status, raw=msgspec.json.encode(content), headers={"Content-Type": "application/json"})
