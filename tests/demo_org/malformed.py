"""Makes requests that are nearly right, and requests that are nothing: for every route, with every kind of nonsense.

A part in capitals (ACCOUNT_ID, TOKEN, BATCH_ID and others) stands for a value of the org the request goes to; who sends
the request fills it in.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from demo_org.wire.router import Route


@dataclass(frozen=True, slots=True)
class Malformed:
    """One request; its parts are not yet filled in."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


IDS = (
    *["ACCOUNT_ID", "DEAL_ID"] * 4,
    "ACCOUNT_ID", "DEAL_ID", "USER_ID", "JOB_ID", "LOCATOR_ID", "LOCATOR_ID-2", "LOCATOR_ID-x", "001000000000000AAA",
    "001000000000001", "000000000000000AAA", "0", "%00", "00Q", "ACCOUNT_IDx", "012000000000000AAA", "ACCOUNT_ID ",
    "me", "{ID}", "..", "%2e%2e%2f", "'; DROP TABLE Account",
)  # fmt: skip
OBJECTS = (
    *["Account", "Opportunity", "Contact"] * 5,
    "account", "Task", "Event", "User", "Organization", "OpportunityHistory", "Quote", "QuoteLineItem", "Pricebook2",
    "ContentDocumentLink", "OpportunityLineItem", "Lead", "Attachment", "AccountChangeEvent", "Name", "sqlite_master",
    "Nothing__c", "1", "Account--", "describe",
)  # fmt: skip
FIELDS = (
    "Id", "Name", "Amount", "CloseDate", "OwnerId", "Owner.Name", "Nothing__c", "StageName", "IsDeleted", "LastName",
    "Description", "attributes", "id", "", "Account", "BillingAddress", "CreatedDate",
)  # fmt: skip

#: text as nasty as HTTP and JSON allow it
text = st.one_of(
    st.sampled_from(["", " ", "\0", "\x1f", "\u2028", "\ud800", "é", "𝄞", "'", '"', "\\", "%", "null", "-1", "1e999"]),
    st.sampled_from(["a" * 5000, "9" * 400, "2026-02-30", "true", "[]", "{}", "@{a.Id}", "Account.Name", "0x1", "%n"]),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "24:00:00Z", "1e400"]),
    st.text(max_size=20),
    st.sampled_from(IDS + OBJECTS + FIELDS),
)  # fmt: skip
numbers = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([0, -0.0, 1e308, 1e-320, 2**31, 2**63, -(2**63) - 1, 10**400, float("nan"), float("inf"), 0.1]),
)
junk: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, text),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=8,
)
_deep = st.sampled_from([b"[" * 50_000, b'{"a":' * 20_000, b"[" * 500 + b"]" * 500, b"<a>" * 5_000])

SOQL = (
    "SELECT Id, Name FROM Account WHERE Name LIKE 'A%' ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 1",
    "SELECT COUNT(Id) total, StageName FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1",
    "SELECT Id, (SELECT Id, LastName FROM Contacts WHERE Email != null) FROM Account WHERE Id = 'ACCOUNT_ID'",
    "SELECT Account.Owner.Name, Amount FROM Opportunity WHERE CloseDate = LAST_N_DAYS:30 AND Amount > 1000.5",
    "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = TRUE)",
    "SELECT FIELDS(ALL) FROM Account LIMIT 200",
    "SELECT count() FROM Contact WHERE CreatedDate >= 2026-01-01T00:00:00Z AND SystemModstamp < TODAY",
    "SELECT TYPEOF What WHEN Account THEN Phone WHEN Opportunity THEN Amount ELSE Name END FROM Event",
    "SELECT Id, What.Name FROM Task WHERE WhatId IN ('DEAL_ID', null) AND NOT (Subject = 'x' OR IsClosed = false)",
    "SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = 'ACCOUNT_ID'",
    "SELECT CALENDAR_YEAR(CloseDate), SUM(Amount), MAX(CreatedDate) FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate)",
    "SELECT Id FROM Opportunity USING SCOPE mine WHERE Name = 'it\\'s \\u00e9' FOR VIEW ALL ROWS",
    "SELECT toLabel(StageName), FORMAT(Amount), convertCurrency(Amount) FROM Opportunity WITH SECURITY_ENFORCED",
    "SELECT GROUPING(Type) g, COUNT(Id) FROM Account GROUP BY ROLLUP(Type, Industry)",
    "SELECT Id FROM Event WHERE StartDateTime > 0001-01-01T00:00:00+14:00 AND ActivityDate < 9999-12-31",
    "SELECT Id FROM Opportunity WHERE CloseDate = NEXT_N_YEARS:99999 OR CloseDate = LAST_N_DAYS:99999999999999999999",
    "SELECT Id FROM Account WHERE AnnualRevenue > 1e999 OR NumberOfEmployees = 99999999999999999999 LIMIT 99999999999",
    "SELECT Id, DISTANCE(BillingAddress, GEOLOCATION(1.5,-2), 'km') FROM Account",
)  # fmt: skip
_TOKENS = re.compile(r"\s+|\w+|'[^']*'|.")


@st.composite
def soql(draw: st.DrawFn) -> str:
    """A statement with some of its words lost, doubled, swapped or replaced."""
    words = _TOKENS.findall(draw(st.sampled_from(SOQL)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 1, 2, 4]))):
        at = draw(st.integers(0, len(words) - 1)) if words else 0
        match draw(st.sampled_from(["drop", "double", "put", "cut", "borrow"])):
            case "drop" if words:
                del words[at]
            case "double" if words:
                words[at:at] = words[at : at + 3]
            case "put":
                words.insert(at, draw(text))
            case "cut":
                del words[at:]
            case "borrow":
                words[at:at] = _TOKENS.findall(draw(st.sampled_from(SOQL)))[draw(st.integers(0, 12)) :][:6]
    return "".join(words)


_part = {"method": "GET", "url": "/services/data/v64.0/sobjects/Account/ACCOUNT_ID", "referenceId": "a"}
_query = {**_part, "referenceId": "b", "url": "/services/data/v64.0/query?q=SELECT+Id+FROM+Account+LIMIT+1"}
_post = {**_part, "method": "POST", "referenceId": "c", "url": "/services/data/v64.0/sobjects/Account"}
_patch = {**_part, "method": "PATCH", "referenceId": "d", "url": "/services/data/v64.0/sobjects/Account/@{a.Id}"}
_record = {"attributes": {"type": "Account"}, "Name": "x", "NumberOfEmployees": 5, "AnnualRevenue": 1.5}
_contact = {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "x"}
_insert = {"act": "insert", "object": "Account", "values": {"Name": "x"}}
_update = {"act": "update", "object": "Account", "id": "ACCOUNT_ID", "values": {"Name": "y"}}
#: bodies that are right, by a word of the path they are for
SKELETONS: tuple[tuple[str, Any], ...] = (
    ("composite/batch", {"haltOnError": True, "batchRequests": [
        {"method": "GET", "url": "v64.0/limits"},
        {"method": "PATCH", "url": "v64.0/sobjects/Account/ACCOUNT_ID", "richInput": {"Name": "y"}}]}),
    ("composite/graph", {"graphs": [
        {"graphId": "1", "compositeRequest": [_part, {**_post, "body": {"Name": "x"}}]}]}),
    ("composite/tree", {"records": [{
        **_record, "attributes": {"type": "Account", "referenceId": "r"}, "Contacts": {"records": [_contact]}}]}),
    ("composite/sobjects", {"allOrNone": False, "records": [_record, {**_record, "id": "ACCOUNT_ID"}]}),
    ("composite/sobjects", {"ids": ["ACCOUNT_ID"], "fields": ["Id", "Name"]}),
    ("composite", {"allOrNone": True, "collateSubrequests": False, "compositeRequest": [
        _part, _query, {**_patch, "body": {"Name": "@{b.records[0].Id}"}}, {**_post, "body": {"Name": "x"}}]}),
    ("jobs/query", {"operation": "query", "query": SOQL[0], "contentType": "CSV", "columnDelimiter": "COMMA"}),
    ("jobs/query", {"state": "Aborted"}),
    ("jobs/ingest", {"object": "Account", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"}),
    ("jobs/ingest", {"object": "Account", "operation": "upsert", "externalIdFieldName": "Id", "lineEnding": "CRLF"}),
    ("jobs/ingest", {"state": "UploadComplete"}),
    ("async", {"operation": "query", "object": "Account", "contentType": "CSV", "concurrencyMode": "Parallel"}),
    ("async", {"state": "Closed"}),
    ("sobjects", {"Name": "x", "BillingCity": "y", "OwnerId": "USER_ID", "AnnualRevenue": 5, "Industry": "z"}),
    ("sobjects", {"Name": "x", "AccountId": "ACCOUNT_ID", "CloseDate": "2026-02-28", "StageName": "Closed Won",
                  "Amount": 5, "Probability": 10.5, "IsPrivate": True}),
    ("sobjects", {"LastName": "z", "Company": "c", "Email": "a@b.example", "Birthdate": "2000-01-01"}),
    ("sobjects", {"Subject": "s", "WhatId": "DEAL_ID", "ActivityDate": "2026-01-01", "Status": "Completed"}),
    ("sobjects", {"StartDateTime": "2026-01-01T00:00:00Z", "EndDateTime": "2026-01-01T01:00:00.000+0000",
                  "DurationInMinutes": 60, "IsAllDayEvent": False, "WhoId": None}),
    ("demo/clock", {"freeze": "2026-01-01T00:00:00Z", "move": 5, "run": True, "reset": True}),
    ("demo/transactions", {"writes": [_insert, _update]}),
    ("demo/records", {"losers": ["ACCOUNT_ID"]}),
    ("demo/deleted_log", {"before": "2026-01-01T00:00:00Z"}),
    ("demo/calls", {"daily_calls": 100000}),
    ("demo/fields", {"act": "add", "object": "Account", "field": "Fuzz__c", "type": "double", "precision": 5}),
    ("demo/objects", {"enabled": True}),
    ("demo/logins", {"refuse": "user_locked", "hourly": 5}),
    ("demo/faults", [{"path": "/limits", "status": 503, "times": 1, "cut_after": 5, "headers": {"A": "b"}}]),
)  # fmt: skip
_instants = st.sampled_from(
    ["2026-01-01T00:00:00Z", "2026-11-01T00:00:00+00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "now"]
)
_names = st.sampled_from(["Id,Name", "Account,Lead", "ACCOUNT_ID,DEAL_ID", ",", "Name", "Id, Id", "Account.Name"])
_small = st.sampled_from(["0", "1", "5", "-1", "true", "false", "1e3", "99999999999999999999", "V2Query", "PARALLEL"])
#: parameters by a word of the path that takes them, and what they usually hold
_PARAMETERS: tuple[tuple[str, tuple[str, ...], st.SearchStrategy[str]], ...] = (
    ("query", ("q",), soql()),
    ("query", ("columns", "explain"), st.one_of(_small, soql())),
    ("updated", ("start", "end"), _instants),
    ("deleted", ("start", "end"), _instants),
    ("recordCount", ("sObjects",), _names),
    ("sobjects", ("ids", "fields", "allOrNone", "updateOnly"), st.one_of(_names, _small)),
    ("jobs", ("maxRecords", "locator", "jobType", "isPkChunkingEnabled", "queryLocator", "concurrencyMode"), _small),
    ("search", ("q", "in", "sobject", "fields", "defaultLimit", "overallLimit"), st.one_of(_names, _small, soql())),
    ("oauth2", ("token", "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "choice"),
     st.sampled_from(["TOKEN", "demo-client", "http://localhost:1/x", "code", "api", "plain", "deny", "http://["])),
    ("id/", ("callback", "version", "access_token"), st.sampled_from(["f", "64.0", "latest", "xml", "TOKEN"])),
)  # fmt: skip
_FORMS = {
    "grant_type": [
        "client_credentials", "password", "refresh_token", "authorization_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
    "assertion": ["a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJSUzI1NiJ9.bnVsbA.AAAA"],
}  # fmt: skip
_FIELDS_OF_FORMS = ("client_id", "client_secret", "username", "password", "code", "refresh_token", "token", "un", "pw")
_JSON = "application/json"
_MEDIA = (
    "application/json; charset=utf-16", "text/csv", "application/xml", "text/xml", "text/plain", "x", "", "zip/csv",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data",
    'multipart/form-data; boundary="', 'application/json;charset="', "application/octet-stream",
)  # fmt: skip
_HEADERS = {
    "Accept": ["*/*", "application/xml", "text/csv", "application/json;q=x"],
    "Accept-Encoding": ["gzip", "deflate, br", "*;q=0"],
    "Content-Encoding": ["gzip", "deflate", "br", "gzip, gzip"],
    "X-PrettyPrint": ["1", "true", "maybe"],
    "Sforce-Query-Options": ["batchSize=200", "batchSize=-1", "batchSize=x", "batchSize=99999999999999999999"],
    "Sforce-Call-Options": ["client=x", "defaultNamespace=a,client=b"],
    "If-Modified-Since": ["Wed, 01 Jan 2020 00:00:00 GMT", "yesterday", "Wed, 99 Jan 2020 00:00:00 GMT"],
    "If-Unmodified-Since": ["Sat, 01 Jan 99999 00:00:00 GMT", "0", "Sat, 01 Jan 2000 00:00:00 +9999"],
    "If-None-Match": ['"x"', "*", "W/"],
    "Sforce-Enable-PKChunking": ["TRUE", "chunkSize=-5", "chunkSize=x;parent=y"],
    "Range": ["bytes=0-5", "bytes=-1", "x"],
    "Expect": ["200-ok"],
    "Upgrade": ["websocket", "h2c"],
    "X-Long": ["é" * 50, "\t"],
    "Cookie": ["BrowserId=", "=;=;"],
    "SOAPAction": ['""', "login"],
    "X-SFDC-Session": ["TOKEN", "x"],
    "Authorization": ["Basic", "Basic !!!", "Basic /w==", "Bearer", "Bearer \xff", "OAuth TOKEN", "Digest x"],
}  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, right: Any) -> Any:
    """A JSON value with one to three of its parts replaced, dropped or renamed."""
    value = json.loads(json.dumps(right))
    for _ in range(draw(st.integers(1, 3))):
        value = _mutate_once(draw, value)
    return value


def _mutate_once(draw: st.DrawFn, value: Any) -> Any:
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 6)) == 0:
        return draw(junk)
    key: Any = draw(st.sampled_from(sorted(value))) if isinstance(value, dict) else draw(st.integers(0, len(value) - 1))
    match draw(st.integers(0, 5)):
        case 0:
            del value[key]
        case 1 if isinstance(value, dict):
            value[draw(text)] = value.pop(key)
        case 1:
            value = value * 3
        case _:
            value[key] = _mutate_once(draw, value[key])
    return value


def bodies(template: str) -> st.SearchStrategy[bytes]:
    """Bodies for a route: mostly its own with mistakes, now and then something else entirely."""
    own = [body for word, body in SKELETONS if word in template] or [body for _, body in SKELETONS]
    as_json = st.one_of(st.sampled_from(own), st.sampled_from(own).flatmap(mutated), junk).map(_json)
    lines = st.tuples(
        st.sampled_from(["Name,Id", "Name", '"Name","BillingCity"', "Id", "Name,Name", "Owner.Name,Name"]),
        st.lists(st.lists(text, max_size=4).map(",".join), max_size=5).map("\n".join),
    ).map("\n".join)
    fields = st.dictionaries(st.sampled_from(_FIELDS_OF_FORMS), text, max_size=4)
    forms = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _FORMS.items()})
    pieces = st.lists(st.sampled_from(_PIECES), max_size=12).map(b"".join)
    others = (
        lines.map(_bytes), st.tuples(forms, fields).map(lambda both: _encoded(both[0] | both[1])), pieces,
        text.map(lambda inner: _bytes(_ENVELOPE.format(inner))), st.binary(max_size=60), _deep,
    )  # fmt: skip
    if "oauth2" in template:
        return st.one_of(*others)
    return st.one_of(*[lines.map(_bytes) if template.endswith("/batches") else as_json] * 12, *others)


_PIECES = (
    b"--b", b"--b--", b"\r\n", b"\r\n\r\n", b'Content-Disposition: form-data; name="x"', b"{", b'{"Name": "x"}',
    b"Content-Type: application/json", b": ", b"\0", b"\xff",
)  # fmt: skip
_ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>'


def requests_to(route: Route, prefix: str = "") -> st.SearchStrategy[Malformed]:
    """Requests to one route, mostly with a method it takes."""
    template = route.pattern.pattern.removesuffix("\\Z")
    methods = st.sampled_from([*sorted(route.methods) * 6, "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
    return st.builds(_request, methods, _targets(template, prefix), _headers(route), bodies(prefix + template))


def _request(method: str, target: str, headers: dict[str, str], body: bytes) -> Malformed:
    return Malformed(method, target, headers, b"" if method in {"GET", "HEAD", "TRACE"} else body)


_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)|\(\?:([^()]*)\)\?")
_POOLS: dict[str, tuple[str, ...]] = {
    "object": OBJECTS, "field": FIELDS, "api": ("u", "C"), "version": ("64.0", "65.0", "x", "-1.0", "9" * 400 + ".0"),
    "kind": ("successfulResults", "failedResults", "unprocessedrecords"),
    "job": ("JOB_ID", "INGEST_ID", "INGEST_ID", "CLASSIC_ID", "CLASSIC_ID", "750000000000000AAA", "x"),
    "batch": (*["BATCH_ID"] * 4, "751000000000000AAA", "x"),
    "result": ("752Dm0000000001", "x"),
    "locator": ("LOCATOR_ID", "LOCATOR_ID-1", "LOCATOR_ID-99999999999999999999", "x", "01g000000000001AAA-0"),
}  # fmt: skip


def _targets(template: str, prefix: str) -> st.SearchStrategy[str]:
    pieces: list[st.SearchStrategy[str]] = [st.just(prefix)]
    end = 0
    for found in _GROUP.finditer(template):
        pieces.append(st.just(template[end : found.start()].replace("\\", "")))
        end = found.end()
        if found[1]:
            pool = st.sampled_from(_POOLS.get(found[1], IDS)).map(quote)
            pieces.append(st.integers(0, 7).flatmap(lambda dice, pool=pool: pool if dice else text.map(_quoted)))
        else:
            pieces.append(st.sampled_from(["", found[2].replace(".*", "x/y")]))
    pieces.append(st.just(template[end:].replace("\\", "")))
    odd = st.sampled_from(["/", "?", "?%", "?q", "?q=%ff%00", "?&&==", "/%20", "//", "?q=" + "x" * 17_000])
    query = _queries(prefix + template)
    return st.tuples(st.tuples(*pieces).map("".join), st.one_of(query, query, query, query, odd)).map("".join)


def _queries(template: str) -> st.SearchStrategy[str]:
    """Parameters the route takes, some with values it does not."""
    own = {
        name: st.one_of(values, values, values, text)
        for word, names, values in _PARAMETERS
        for name in names
        if word in template
    }
    few = st.lists(st.sampled_from(sorted(own)), max_size=4, unique=True) if own else st.just([])
    right = st.sampled_from([sorted(own), list(own)[:1], list(own)[:2]])
    drawn = st.one_of(right, right, few).flatmap(
        lambda names: st.fixed_dictionaries({name: own[name] for name in names})
    )
    return drawn.map(lambda each: f"?{_encoded(each).decode()}" if each else "")


def _headers(route: Route) -> st.SearchStrategy[dict[str, str]]:
    usual = st.fixed_dictionaries({"Content-Type": st.sampled_from([*(list(route.takes) or [_JSON]) * 40, *_MEDIA])})
    strange = st.lists(st.sampled_from(sorted(_HEADERS)), max_size=1, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(_HEADERS[name]) for name in names})
    )
    return st.tuples(usual, st.one_of(st.just({}), strange)).map(lambda both: both[0] | both[1])


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _quoted(value: str) -> str:
    return quote(_bytes(value), safe="") or "x"


def _encoded(form: dict[str, str]) -> bytes:
    return urlencode({name: _bytes(value) for name, value in form.items()}).encode()
