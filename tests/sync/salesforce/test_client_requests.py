"""What the client does when Salesforce is busy, broken, expired or short of breath."""

import gzip
import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import stamina
from scripted_org import Answer, as_json

from sync.errors import (
    ApiDisabled,
    BudgetSpent,
    FieldHidden,
    ObjectMissing,
    OrgBusy,
    RequestRefused,
    SessionExpired,
)
from sync.record import ObjectShape, Unchanged
from sync.salesforce.composite import SubRequest
from sync.salesforce.usage import ApiUsage

BASE = "/services/data/v64.0"
COMPOSITE = f"{BASE}/composite"
QUERY = f"{BASE}/query"
EXPIRED = as_json([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
ONE = as_json({"totalSize": 1, "done": True, "records": [{"attributes": {"type": "Account"}, "Id": "001"}]})


def composite_of(**parts):
    return as_json(
        {
            "compositeResponse": [
                {"referenceId": name, "httpStatusCode": status, "body": body, "httpHeaders": headers}
                for name, (status, body, headers) in parts.items()
            ]
        }
    )


@pytest.mark.parametrize(
    "passing",
    [
        Answer(status=503, body=b"<html>Down For Maintenance</html>"),
        Answer(status=500, body=b'[{"errorCode":"UNKNOWN_EXCEPTION","message":"ErrorId 1"}]'),
        Answer(status=406),
        Answer(status=420, body=b"<html>edge</html>"),
        Answer(status=429),
        Answer(status=200, body=b"<html>Down For Maintenance</html>"),
        Answer(status=200, body=b'{"totalSize":1,"done":true,"records":[{"Id"', cut=20),
        Answer(status=400, body=b'[{"errorCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain"}]'),
    ],
)
def test_troubles_that_pass_are_tried_again(org, connected, passing):
    """The caller sees the answer, not the trouble."""
    org.on(QUERY, passing, passing, ONE)
    client = connected()

    assert client.query("SELECT Id FROM Account").records == [{"Id": "001"}]
    assert client.calls["query"] == 3


@pytest.mark.parametrize(
    ("status", "code", "message", "error"),
    [
        (400, "MALFORMED_QUERY", "unexpected token: 'fro'", RequestRefused),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", BudgetSpent),
        (403, "API_DISABLED_FOR_ORG", "The REST API is not enabled", ApiDisabled),
        (400, "INVALID_TYPE", "\nselect\n^\nERROR at Row:1\nsObject type 'Quote' is not supported.", ObjectMissing),
        (400, "INVALID_FIELD", "\nERROR at Row:1:Column:8\nNo such column 'X__c' on entity 'Account'. If", FieldHidden),
    ],
)
def test_troubles_that_stay_are_told_at_once(org, connected, status, code, message, error):
    """No second call for what no second call cures."""
    org.on(QUERY, as_json([{"message": message, "errorCode": code}], status))
    client = connected()

    with pytest.raises(error):
        client.query("SELECT Id FROM Account")

    assert client.calls["query"] == 1


def test_too_many_calls_at_once_is_not_a_spent_budget(org, connected):
    """Concurrent requests pass in seconds; the day's allocation does not."""
    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    org.on(QUERY, as_json([{"message": message, "errorCode": "REQUEST_LIMIT_EXCEEDED"}], 403), ONE)

    assert connected().query("SELECT Id FROM Account").total_size == 1


def test_the_pause_that_salesforce_asks_for_is_kept(org, connected):
    """Retry-After decides, not our own rhythm; a very long one is the caller's to wait."""
    org.on(QUERY, Answer(status=429, headers={"Retry-After": "1"}), ONE)
    client = connected()
    stamina.set_testing(False)
    started = datetime.now(UTC)

    client.query("SELECT Id FROM Account")

    assert datetime.now(UTC) - started >= timedelta(seconds=1)
    org.on(QUERY, Answer(status=503, headers={"Retry-After": "3600"}))
    with pytest.raises(OrgBusy) as busy:
        client.query("SELECT Id FROM Account")
    assert busy.value.retry_after == timedelta(hours=1)


def test_an_outage_that_lasts_ends_in_an_error(org, connected):
    """Attempts are bounded."""
    org.on(QUERY, Answer(status=503))
    client = connected()

    with pytest.raises(OrgBusy):
        client.query("SELECT Id FROM Account")

    assert client.calls["query"] == 5


def test_an_expired_session_is_renewed_and_the_page_asked_again(org, connected):
    """The run goes on with the new token."""
    org.on("/services/oauth2/token", org.login_answers(), org.login_answers(access_token="second"))
    org.on(QUERY, EXPIRED, ONE)

    assert connected().query("SELECT Id FROM Account").total_size == 1

    assert [each.headers["Authorization"] for each in org.asked_for(QUERY)] == ["Bearer first", "Bearer second"]


def test_a_login_that_does_not_cure_is_not_repeated(org, connected):
    """Some 401s are about rights, and would log in for ever."""
    org.on(QUERY, EXPIRED)
    client = connected()

    with pytest.raises(SessionExpired):
        client.query("SELECT Id FROM Account")

    assert client.calls["login"] == 2


def test_threads_share_one_renewal(org, connected):
    """When a session dies under many requests, one login follows."""
    client = connected()
    org.on("/services/oauth2/token", org.login_answers(access_token="second"))
    real = org.answer

    def answer(asked):
        return EXPIRED if asked.headers.get("Authorization") == "Bearer first" else real(asked)

    org.answer = answer
    org.on(QUERY, ONE)
    threads = [threading.Thread(target=client.query, args=("SELECT Id FROM Account",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert client.calls["login"] == 2


def test_a_session_that_ends_inside_a_composite_call_is_renewed(org, connected):
    """The envelope says 200 while its parts say 401."""
    expired = composite_of(a=(401, [{"errorCode": "INVALID_SESSION_ID", "message": "expired"}], {}))
    org.on(COMPOSITE, expired, composite_of(a=(200, {"ok": True}, {})))

    replies = connected().composite([SubRequest(reference="a", url=f"{BASE}/limits")])

    assert replies["a"].body == {"ok": True}


def test_the_parts_of_a_composite_call_fail_alone(org, connected):
    """One refused query must not cost the others."""
    refused = [{"errorCode": "INVALID_TYPE", "message": "sObject type 'Quote' is not supported."}]
    org.on(COMPOSITE, composite_of(a=(200, {"x": 1}, {}), b=(400, refused, {})))
    client = connected()

    replies = client.composite([SubRequest(reference="a", url="/x"), SubRequest(reference="b", url="/y")])

    assert replies["a"].error() is None
    assert isinstance(replies["b"].error(), ObjectMissing)
    assert json.loads(org.asked_for(COMPOSITE)[0].body)["allOrNone"] is False
    assert client.api_calls == 1


def test_amounts_keep_every_digit(org, connected):
    """Money never passes through binary floating point."""
    body = b'{"totalSize":1,"done":true,"records":[{"Id":"1","Amount":123456789012345.67,"Big":1.0E7,"Count":3}]}'
    org.on(QUERY, Answer(body=body))

    record = connected().query("SELECT Id FROM Account").records[0]

    assert record["Amount"] == Decimal("123456789012345.67")
    assert record["Big"] == 10_000_000


def test_packed_answers_and_the_servers_clock_are_read(org, connected):
    """Usage and clock come with every reply."""
    usage = "api-usage=25/5000; per-app-api-usage=17/250(appName=sample)"
    headers = {"Content-Encoding": "gzip", "Sforce-Limit-Info": usage}
    org.on(QUERY, Answer(body=gzip.compress(ONE.body), headers=headers))
    client = connected()

    client.query("SELECT Id FROM Account")

    assert client.usage == ApiUsage(used=25, limit=5000, app_used=17, app_limit=250)
    assert client.server_date is not None
    assert client.server_date.tzinfo is UTC


def test_a_long_statement_travels_in_a_body(org, connected):
    """Salesforce refuses request lines over 16,384 bytes."""
    page = json.loads(ONE.body)
    org.on(COMPOSITE, composite_of(page=(200, page, {})))

    assert connected().query("SELECT Id FROM Account WHERE Id IN (" + "'x'," * 3000 + "'x')").total_size == 1


def test_descriptions_are_one_call_and_only_news(org, connected):
    """What has not changed answers 304; what is not there is said to be missing."""
    field = {"name": "Id", "type": "id", "label": "Id", "referenceTo": [], "custom": False, "calculated": False}
    shape = {"name": "Account", "label": "Account", "keyPrefix": "001", "replicateable": True, "fields": [field]}
    org.on(
        COMPOSITE,
        composite_of(
            Account=(200, shape, {"Last-Modified": "Fri, 14 Aug 2020 20:53:02 GMT"}),
            Contact=(304, None, {}),
            Quote=(404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], {}),
        ),
    )

    found = connected().describe(["Account", "Contact", "Quote"], {"Contact": "Fri, 14 Aug 2020 20:53:02 GMT"})

    assert isinstance(found["Account"], ObjectShape)
    assert found["Account"].last_modified == "Fri, 14 Aug 2020 20:53:02 GMT"
    assert found["Contact"] == Unchanged(name="Contact")
    assert isinstance(found["Quote"], ObjectMissing)
    sent = json.loads(org.asked_for(COMPOSITE)[0].body)["compositeRequest"]
    assert "httpHeaders" not in sent[0]
    assert sent[1]["httpHeaders"]["If-Modified-Since"] == "Fri, 14 Aug 2020 20:53:02 GMT"


def test_the_identity_comes_through_the_library_over_plain_loopback(org, connected):
    """simple_salesforce always says https; on this machine it is served over http, with our session."""
    record = {
        "Id": "00D000000000001EAA",
        "Name": "Acme",
        "OrganizationType": "Developer Edition",
        "IsSandbox": False,
        "TimeZoneSidKey": "Europe/Berlin",
        "FiscalYearStartMonth": 1,
    }
    expired = Answer(status=503, body=b"<html>busy</html>")
    org.on(f"{QUERY}/", expired, EXPIRED, as_json({"totalSize": 1, "done": True, "records": [record]}))

    identity = connected().identity()

    assert (identity.org_id, identity.name, identity.time_zone) == ("00D000000000001EAA", "Acme", "Europe/Berlin")
    assert len(org.asked_for("/services/oauth2/token")) == 2
