"""Rows in memory behind the one method that extracting needs: composite calls with queries and lists of ids."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from sync.record import Field, ObjectShape
from sync.salesforce.composite import SubReply, composite_body
from sync.scope.mapping import select_fields

NOW = datetime(2026, 11, 23, 10, 0, 30, tzinfo=UTC)


def selection_of(name, *fields, replicateable=True):
    """A selection of Id, SystemModstamp and some more fields."""
    names = dict.fromkeys(
        (
            "Id",
            "SystemModstamp",
            "OpportunityId",
            "WhatId",
            "ParentId",
            "AccountId",
            "LinkedEntityId",
            "RelatedToId",
            *fields,
        )
    )
    typed = tuple(Field(name=field, type="string", label=field) for field in names)
    return select_fields(ObjectShape(name=name, label=name, fields=typed, replicateable=replicateable))


class TinyOrg:
    """Answers like Salesforce as far as conditions on ids, parents and stamps go."""

    base = "/services/data/v64.0"

    def __init__(self, *, batch=2000):
        self.rows = {}
        self.deleted = {}
        self.refused = {}
        self.batch = batch
        self.calls = []
        self.server_date = None
        self.on_call = lambda: None
        #: whether a query that looks at these rows takes too long
        self.takes_too_long = lambda rows: False
        self.refuse_future = False

    def composite(self, requests):
        """Answer the parts of one call."""
        composite_body(requests)  # refuses what Salesforce would refuse
        self.calls.append([request.url for request in requests])
        self.server_date = NOW
        self.on_call()
        return {request.reference: self._answer(request.url) for request in requests}

    def _answer(self, url):
        parts = urlsplit(url)
        arguments = {name: values[0] for name, values in parse_qs(parts.path and parts.query).items()}
        if "q" in arguments:
            name = re.search(r" FROM (\w+)", arguments["q"])[1]
            body = self._query(name, arguments["q"])
            if body is None:
                late = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}]
                return SubReply(status=400, body=late, headers={})
            return self._refusal(name) or SubReply(status=200, body=body, headers={})
        if parts.path.endswith("/describe"):
            return SubReply(status=304, body=None, headers={})
        name, kind = re.search(r"/sobjects/(\w+)/(updated|deleted)/", parts.path).groups()
        if self.refuse_future and datetime.fromisoformat(arguments["end"]) > NOW:
            body = [{"errorCode": "INVALID_REPLICATION_DATE", "message": "endDate is after now"}]
            return SubReply(status=400, body=body, headers={})
        return self._refusal(name) or SubReply(status=200, body=self._list(name, kind, arguments), headers={})

    def _refusal(self, name):
        code = self.refused.get(name)
        body = [{"errorCode": code, "message": f"sObject type '{name}' is not supported."}]
        return SubReply(status=400, body=body, headers={}) if code else None

    def _list(self, name, kind, arguments):
        low, high = (datetime.fromisoformat(arguments[each]) for each in ("start", "end"))
        covered = {"latestDateCovered": "2026-11-23T10:00:00.000+0000"}
        if kind == "deleted":
            found = [(row, at) for row, at in self.deleted.get(name, []) if low <= at < high]
            records = [{"id": row, "deletedDate": at.isoformat()} for row, at in found]
            return {"deletedRecords": records, "earliestDateAvailable": "2026-11-01T00:00:00.000+0000", **covered}
        rows = self.rows.get(name, [])
        stamped = [row for row in rows if low <= datetime.fromisoformat(row["SystemModstamp"]) < high]
        return {"ids": [row["Id"] for row in stamped], **covered}

    def _query(self, name, soql):
        rows = sorted(self.rows.get(name, []), key=lambda row: row["Id"])
        for sign, text in re.findall(r"SystemModstamp (>=|<) (\S+)", soql):
            at = datetime.fromisoformat(text)
            rows = [row for row in rows if (datetime.fromisoformat(row["SystemModstamp"]) >= at) == (sign == ">=")]
        for field, values in re.findall(r"(\w+) IN \(('[^)]*')\)", soql):
            wanted = set(re.findall(r"'([^']*)'", values))
            rows = [row for row in rows if row.get(field) in wanted]
        if after := re.search(r"Id > '([^']*)'", soql):
            # An id of 15 characters stands for the one of 18, whose last three don't count in the order.
            rows = [row for row in rows if row["Id"] > after[1].ljust(18, "~")]
        if up_to := re.search(r"Id <= '([^']*)'", soql):
            rows = [row for row in rows if row["Id"] <= up_to[1].ljust(18, "~")]
        if soql.startswith("SELECT Id FROM"):  # by the primary key alone, which is always quick
            rows = rows[::-1] if " DESC " in soql else rows
        elif self.takes_too_long(rows):
            return None
        if limit := re.search(r"LIMIT (\d+)", soql):
            rows = rows[: int(limit[1])]
        page = [{"attributes": {"type": name}, **row} for row in rows[: self.batch]]
        more = {} if len(page) == len(rows) else {"nextRecordsUrl": "/services/data/v64.0/query/01g-1"}
        return {"totalSize": len(rows), "done": not more, "records": page, **more}
