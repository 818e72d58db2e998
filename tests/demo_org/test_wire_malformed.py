"""Whatever JSON a client sends to a resource of records, it gets an answer or a refusal, never a breakdown."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_client import BASE, client_of

#: words the resources look for, so that the bodies get past the first check
_WORDS = """
compositeRequest batchRequests graphs graphId records attributes type referenceId method url body richInput httpHeaders
allOrNone haltOnError collateSubrequests ids fields Id id Name LastName AccountId Account Contacts Body ParentId
q sobjects name limit in overallLimit nonsense
"""
KEYS = st.sampled_from(_WORDS.split())
_KNOWN = """
Account Contact r GET POST PATCH DELETE 001000000000001AAA @{r.id} @{r[0].x} true acme v64.0/limits
/services/data/v64.0/sobjects/Account /services/data/v64.0/sobjects/Account/@{r.id}
/services/data/v64.0/query?q=SELECT+Id+FROM+Account /services/data/v64.0/composite/sobjects
/services/data/v64.0/sobjects/Account/describe
"""
TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(_KNOWN.split()))
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS)
VALUES = st.recursive(
    PLAIN, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)), max_leaves=25
)
PART = st.fixed_dictionaries(
    {"method": TEXTS, "url": TEXTS, "referenceId": TEXTS}, optional={"body": VALUES, "httpHeaders": VALUES}
)
RECORD = st.fixed_dictionaries(
    {"attributes": st.one_of(VALUES, st.fixed_dictionaries({"type": TEXTS, "referenceId": TEXTS}))},
    optional={"Name": VALUES, "LastName": VALUES, "Id": VALUES, "Account": VALUES, "Contacts": VALUES},
)
BODIES = st.one_of(
    VALUES,
    st.fixed_dictionaries({"compositeRequest": st.lists(PART, max_size=3)}, optional={"allOrNone": VALUES}),
    st.fixed_dictionaries({"batchRequests": st.lists(PART, max_size=3)}, optional={"haltOnError": VALUES}),
    st.fixed_dictionaries(
        {"graphs": st.lists(st.fixed_dictionaries({"graphId": TEXTS, "compositeRequest": st.lists(PART, max_size=3)}))}
    ),
    st.fixed_dictionaries({"records": st.lists(RECORD, max_size=3)}, optional={"allOrNone": VALUES}),
    st.fixed_dictionaries({"q": VALUES, "sobjects": VALUES}, optional={"in": VALUES, "fields": VALUES}),
)
PLACES = st.sampled_from(
    [
        ("POST", "composite"),
        ("POST", "composite/batch"),
        ("POST", "composite/graph"),
        ("POST", "composite/tree/Account"),
        ("POST", "composite/sobjects"),
        ("PATCH", "composite/sobjects"),
        ("PATCH", "composite/sobjects/Contact/Email"),
        ("POST", "composite/sobjects/Account"),
        ("POST", "sobjects/Account"),
        ("POST", "sobjects/Attachment"),
        ("PATCH", "sobjects/Contact/Email/x@y.example"),
        ("POST", "parameterizedSearch"),
    ]
)


@pytest.fixture(scope="module")
def client():
    with client_of(daily_calls=10_000_000) as client:
        yield client


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=PLACES, body=BODIES)
def test_no_body_breaks_a_resource(client, place, body):
    """A 500 would tell of a mistake of ours; so would a part of a call that answers one."""
    method, resource = place
    answer = client.request(method, resource, content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert answer.status_code < 500, answer.text
    assert "UNKNOWN_EXCEPTION" not in answer.text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(TEXTS, min_size=1, max_size=4), query=st.dictionaries(KEYS, TEXTS, max_size=3))
def test_no_address_breaks_a_resource(client, steps, query):
    """Nor does any path or parameter."""
    path = "/".join(quote(step, safe="") for step in steps)
    answer = client.get(f"{BASE}/sobjects/{path}", params=query)

    assert answer.status_code < 500, answer.text
