"""Whole conversations of CumulusCI with a real org, held one by one against the demo org.

Each recorded request is sent again (its ids replaced by those of records made here), and each answer compared; what a
conversation expects to find was made before.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cassettes import Exchange, exchanges
from likeness import assert_alike
from wire_client import WireClient, client_of

from demo_org.ids import normalise

_ID = re.compile(r"\b[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\b")
#: what a record must have that a recorded query did not ask for
REQUIRED = {
    "Account": {"Name": "x"},
    "Contact": {"LastName": "x"},
    "Event": {"DurationInMinutes": 60, "ActivityDateTime": "2024-11-07T07:00:00.000+0000"},
    "Lead": {"LastName": "x", "Company": "x"},
    "Opportunity": {"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-04-01"},
    "RecordType": {"Name": "x", "DeveloperName": "x", "SobjectType": "Account"},
}

#: conversations of writes and queries; the describes in them are compared in a test of their own
CONVERSATIONS = [
    "cumulusci/cumulusci/tests/cassettes/TestIntegrationInfrastructure.test_integration_tests.yaml",
    "cumulusci/cumulusci/core/tests/cassettes/TestDatasetsE2E.test_datasets_e2e.yaml",
    "cumulusci/cumulusci/core/tests/cassettes/TestDatasetsE2E.test_datasets_extract_standard_objects.yaml",
    "cumulusci/cumulusci/core/tests/cassettes/TestDatasetsE2E.test_datasets_read_explicit_extract_declaration.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSelect.test_select_random_strategy.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSelect.test_select_similarity_annoy_strategy.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSelect.test_select_similarity_select_and_insert_strategy.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSelect.test_select_similarity_strategy.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSelect.test_select_standard_strategy.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSnowfakery.test_run_until_records_in_org__multiple_needed.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSnowfakery.test_run_until_records_in_org__none_needed.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSnowfakery.test_run_until_records_in_org__one_needed.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestSnowfakery.test_snowfakery_query_salesforce.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestUpdatesIntegrationTests.test_updates_task.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestUpsert.test_simple_upsert__rest.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestUpsert.test_upsert__rest.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestUpsert.test_upsert_complex_external_id_field__rest.yaml",
    "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestUpsert.test_upsert_complex_external_id_field_rest__duplicate_error.yaml",
    "cumulusci/cumulusci/utils/http/tests/cassettes/TestCompositeParallelSalesforce.test_composite_parallel_salesforce.yaml",
    "cumulusci/cumulusci/utils/http/tests/cassettes/TestCompositeParallelSalesforce.test_errors.yaml",
    "cumulusci/cumulusci/utils/http/tests/cassettes/TestCompositeParallelSalesforce.test_reference_ids.yaml",
    "cumulusci/cumulusci/utils/salesforce/tests/cassettes/TestCountSObjects.test_count_sobjects__errors.yaml",
    "cumulusci/cumulusci/utils/salesforce/tests/cassettes/TestCountSObjects.test_count_sobjects_simple.yaml",
]


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.rsplit(".", 2)[-2])
def test_a_recorded_conversation_goes_the_same_way(path):
    """Every answer to a write, a query or a count has the recorded status, keys and types."""
    recorded = [each for each in exchanges(path) if _is_compared(each)]
    assert recorded
    with client_of() as client:
        talk = Talk(client, recorded)
        for exchange in recorded:
            talk.hold_against(exchange)


def _is_compared(exchange: Exchange) -> bool:
    return (
        "/services/data/" in exchange.target and "describe" not in exchange.target and exchange.resource != "sobjects"
    )


class Talk:
    """One conversation with the demo org, and which of its records stands for which recorded one."""

    def __init__(self, client: WireClient, recorded: list[Exchange]) -> None:
        self._client = client
        self._recorded = recorded
        self._ids = {"00D0xORGID00000000": client.org.org_id}

    def hold_against(self, exchange: Exchange) -> None:
        """Send the recorded request again and compare the answers."""
        self._make_what_is_expected(exchange)
        answer = self._client.request(
            exchange.method, self._ours(exchange.resource), json=self._ours(exchange.sent) if exchange.sent else None
        )
        assert exchange.status == answer.status_code, f"{exchange.resource}: {answer.text}"
        body = exchange.answered
        if exchange.resource.startswith("limits/recordCount"):
            # Counts are hours old in a real org: some recorded ones tell of records that queries no longer found.
            body = {"sObjects": body["sObjects"][: len(answer.json()["sObjects"])]}
        self._learn(body, answer.json())
        # The recorded org was a trial; other people made its records.
        assert_alike(body, answer.json(), nullable={"TrialExpirationDate"})

    def _make_what_is_expected(self, exchange: Exchange) -> None:
        """Make the records that a query found and nobody in the conversation made."""
        asked = parse_qs(urlsplit(exchange.resource).query)
        if exchange.resource.startswith("limits/recordCount"):
            names = set(asked["sObjects"])
            following = [e for e in self._recorded[self._recorded.index(exchange) :] if _queried(e) in names]
            for each in following[:1]:
                self._make_what_is_expected(each)
        elif _queried(exchange) is not None:
            found = self._client.query(self._ours(asked["q"][0]))
            wanted = exchange.answered["records"]
            for record in wanted[len(found["records"]) :]:
                if "url" in record["attributes"]:
                    self._make(record)

    def _make(self, record: dict[str, Any]) -> str:
        """Make a record like a recorded one, and the records it points at."""
        described = self._client.org.catalog.object(record["attributes"]["type"])
        known = normalise(record["attributes"]["url"].rsplit("/", 1)[-1])
        values = {name: value for name, value in record.items() if described.has(name) and value is not None}
        for name, parent in record.items():
            if isinstance(parent, dict) and "attributes" in parent and described.relationship(name):
                values[described.relationship(name).name] = self._make(parent)
        values = {name: value for name, value in values.items() if described.field(name).createable}
        made = self._client.make(described.name, **(REQUIRED.get(described.name, {}) | self._ours(values)))
        if known is not None:
            self._ids[known] = made
        return made

    def _learn(self, recorded: Any, answered: Any) -> None:
        """Note which record of ours stands where a recorded one stood."""
        if isinstance(recorded, dict) and isinstance(answered, dict):
            for key in recorded.keys() & answered.keys():
                self._learn(recorded[key], answered[key])
        elif isinstance(recorded, list) and isinstance(answered, list):
            for one, other in zip(recorded, answered, strict=False):
                self._learn(one, other)
        elif isinstance(recorded, str) and normalise(recorded) is not None and len(recorded) == 18:
            self._ids.setdefault(recorded, answered)

    def _ours(self, value: Any) -> Any:
        text = json.dumps(value).replace("vxx.0", "v64.0").replace("v48.0", "v64.0").replace("v49.0", "v64.0")
        return json.loads(_ID.sub(lambda found: self._ids.get(found[0], found[0]), text))


def _queried(exchange: Exchange) -> str | None:
    """The object a recorded query selects records from."""
    asked = parse_qs(urlsplit(exchange.resource).query).get("q", [""])[0]
    found = re.search(r"\bfrom\s+(\w+)", re.sub(r"\([^)]*\)", "", asked), re.IGNORECASE)
    return found[1] if found and exchange.resource.startswith("query/") else None
