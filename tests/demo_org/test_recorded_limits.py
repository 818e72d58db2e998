"""What a recorded org said about its limits, its size and its versions, beside what the demo org says."""

from likeness import assert_alike
from wire_client import header_names, recorded


def test_every_recorded_limit_is_told(client):
    """In the recorded order, with the allowances of a Developer Edition; one came later than the recording."""
    recording = recorded("rest/postman/GET__limits.json")
    answer = client.get("limits", headers={"Accept-Encoding": "gzip"})
    later = ["MonthlyPlatformEventsUsageEntitlement"]

    assert_alike(recording["body"], answer.json(), extra=later)
    assert list(recording["body"]) == [name for name in answer.json() if name not in later]
    untouched = {"DailyApiRequests"}  # a test org has more, so that long tests don't stop
    assert {name: value for name, value in recording["body"].items() if name not in untouched} == {
        name: value for name, value in answer.json().items() if name not in {*untouched, *later}
    }
    assert set(recording["response_header_names"]) <= header_names(answer)
    assert answer.headers["Content-Type"] == recording["content_type"]


def test_record_counts_are_the_recorded_ones(client):
    """By name, whole numbers, the objects asked for."""
    for name in ("Account", "Contact", "Lead"):
        needed = {"Account": {"Name": "x"}, "Contact": {"LastName": "x"}, "Lead": {"LastName": "x", "Company": "y"}}
        client.make(name, **needed[name])
    recording = recorded("rest/postman/GET__limits.recordCount.json")
    names = ",".join(each["name"] for each in recording["body"]["sObjects"])
    answer = client.get("limits/recordCount", params={"sObjects": names})

    assert_alike(recording["body"], answer.json())
    assert [each["name"] for each in recording["body"]["sObjects"]] == [
        each["name"] for each in answer.json()["sObjects"]
    ]
    assert set(recording["response_header_names"]) - {"Content-Encoding"} <= header_names(answer)


def test_versions_have_the_recorded_keys(client):
    """The recording is of an old org with one made-up version, so values are not compared."""
    recording = recorded("rest/restforce/services_data_success_response.json")
    answer = client.get("/services/data")

    assert {frozenset(each) for each in recording} == {frozenset(each) for each in answer.json()}
    assert_alike(recording[:1], answer.json())
    assert "Sforce-Limit-Info" not in answer.headers
