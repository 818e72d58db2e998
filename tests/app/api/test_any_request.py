"""Whatever is asked, by whomever: no crash, no status and no answer that the description does not promise."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import schemathesis
import stored_deals as stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.cli.openapi import description
from app.scopes import Scope
from app.settings import HttpSettings
from models.handoff import open_handoffs
from models.renewals.term import Step, Term
from models.session import Store
from models.term import KnownTerm, write_terms

ANA = "003000000000001AAA"
#: ids that are there, so that not every question is about nothing
KNOWN = {
    "deal_id": stored.deal_id(1), "customer_id": stored.ACME, "contact_id": ANA, "key": "success_criteria",
    "since": "1", "org": stored.ORG_ID, "term_id": "800000000000001AAA",
}  # fmt: skip
_ANSWER = {"external_id": "1", "kind": "nps", "customer_id": stored.ACME, "answered_on": "2026-07-01", "score": 9}
_SCORE = {
    "customer_id": stored.ACME, "input": "usage", "score": 50, "measured_at": "2026-07-01T00:00:00Z", "source": "tool",
}  # fmt: skip
#: bodies that are about what is there: no generator finds a customer by chance
KNOWN_BODIES: dict[str, dict[str, Any]] = {
    "send_survey_answers": {"json": {"answers": [{"source": "tool", **_ANSWER}]}},
    "send_health_scores": {"json": {"scores": [_SCORE]}},
    "import_survey_answers": {
        "content": "\n".join([",".join(["source", *_ANSWER]), ",".join(["tool", *map(str, _ANSWER.values())])]).encode()
    },
}
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
#: rows of which some fields were asked for have exactly those, instead of all that are described
CHECKS_OF_PARTS = CHECKS[:-1]
API = schemathesis.openapi.from_dict(json.loads(description()))
OPERATIONS = {each.ok().definition.raw["operationId"]: each.ok() for each in API.get_all_operations()}
UNHURRIED = HttpSettings(requests_per_minute=1_000_000)


@pytest.fixture(scope="module")
def filled(new_database) -> Iterator[Store]:
    """A store with one of everything, for all questions of the module."""
    store = Store(new_database())
    stored.fill(store, [{"id": KNOWN["deal_id"], "name": "First", "amount": "20000.10"}])
    gap = {
        "key": KNOWN["key"], "label": "Success criteria", "owner": "AE", "state": "empty", "weight": 20,
        "section": "what_success_means", "salesforce_url": "https://acme.example",
    }  # fmt: skip
    document = {
        "deal_id": KNOWN["deal_id"], "customer": None, "won_at": None, "renewal": None, "sections": [], "risks": [],
        "completeness": {"score": 80, "missing": [gap]}, "salesforce_url": "https://acme.example",
    }  # fmt: skip
    stored.brief(store, KNOWN["deal_id"], json.dumps(document))
    with store.writing() as session:
        stored.put(session, "contact", [{"id": ANA, "name": "Ana Ruiz", "accountid": stored.ACME}])
        open_handoffs(session, stored.ORG_ID, [KNOWN["deal_id"]])
        term = Term(
            term_id=KNOWN["term_id"], logo=stored.ACME, start=date(2026, 7, 1), due=date(2027, 6, 30),
            steps=(Step(date(2026, 7, 1), Decimal(100)),), currency="USD", signed_on=date(2026, 7, 1),
        )  # fmt: skip
        known = KnownTerm(term=term, deal_id=KNOWN["deal_id"], deal_ids=(), contract_id=None, why=())
        write_terms(session, stored.ORG_ID, [stored.ACME], [known], generation=1)
    yield store
    store.close()


def ask_anything(
    client: Any, operation: Any, *, examples: int, mode: GenerationMode = GenerationMode.POSITIVE
) -> set[int]:
    """Send requests of all kinds, half of them about what is there; returns the statuses that came."""
    seen: set[int] = set()

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(mode), known=st.booleans())
    def check(case: Any, known: bool) -> None:
        if known:
            for part in (case.path_parameters, case.query):
                part.update({name: KNOWN[name] for name in part if name in KNOWN})
        sent = case.as_transport_kwargs(base_url="http://baton")
        sent.pop("cookies", None)  # nothing here reads one
        if isinstance(sent.get("data"), bytes | str):
            sent["content"] = sent.pop("data")
        if known and mode is GenerationMode.POSITIVE:
            body = KNOWN_BODIES.get(operation.definition.raw["operationId"])
            if body is not None:
                sent.update(body)
        # The key is the client's own, and not one that was made up.
        sent["headers"] = {name: value for name, value in sent["headers"].items() if name.lower() != "authorization"}
        answer = client.send(sent)
        seen.add(answer.status_code)
        whole = case.query.get("fields") is None
        case.validate_response(answer, checks=CHECKS if whole else CHECKS_OF_PARTS)
        if not whole and answer.status_code == 200:
            asked = {name.strip() for part in ("fields", "expand") for name in (case.query.get(part) or "").split(",")}
            assert all(row.keys() == asked - {""} for row in answer.json()["data"] if asked != {""})

    check()
    return seen


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_any_request_gets_an_answer_that_is_described(filled, client_of, name):
    """With a key for everything: no crash, no undescribed status, and no answer outside its schema."""
    seen = ask_anything(client_of(filled, *Scope, settings=UNHURRIED), OPERATIONS[name], examples=20)

    assert seen & {200, 201, 202, 304}, f"{name} was never asked in a way that it takes: {seen}"


#: operations that take anything, so that no request is against their description
ANYTHING_GOES = frozenset({"get_health", "get_readiness", "get_freshness"})


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - ANYTHING_GOES))
def test_a_request_against_the_description_gets_one_too(filled, client_of, name):
    """What a client must not send is refused in the described way, and breaks nothing."""
    client = client_of(filled, *Scope, settings=UNHURRIED)
    ask_anything(client, OPERATIONS[name], examples=4, mode=GenerationMode.NEGATIVE)


@pytest.mark.parametrize("scope", [None, *Scope], ids=str)
def test_any_request_with_fewer_rights_gets_one_too(filled, client_of, scope):
    """The same with no key, and with each scope alone; what a key may not do is refused in the described way."""
    client = client_of(filled, scope, settings=UNHURRIED) if scope else client_of(filled, key=None, settings=UNHURRIED)
    statuses = {name: ask_anything(client, each, examples=3) for name, each in OPERATIONS.items()}

    if scope is None:
        open_to_all = {"get_health", "get_readiness"}
        assert {name for name, seen in statuses.items() if not seen <= {400, 401}} == open_to_all
