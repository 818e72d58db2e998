"""jsforce's Streaming API, which is Faye underneath: change events over long polling."""

from client import Client


def test_it_hears_what_happened_and_what_happens(client: Client):
    """Shakes hands, replays what is kept, waits for what comes, and is told what is wrong."""
    found = client.script("streaming.mjs")
    events = [each["payload"] for each in found["events"]]
    own = [each for each in events if found["account"] in each["ChangeEventHeader"]["recordIds"]]

    assert any(found["before"] in each["ChangeEventHeader"]["recordIds"] for each in events)
    assert [each["ChangeEventHeader"]["changeType"] for each in own] == ["CREATE", "UPDATE", "DELETE"]
    assert own[0]["BillingAddress"] == {"City": "Bern"}
    assert set(own[1]["ChangeEventHeader"]["changedFields"]) == {
        "LastModifiedDate", "Industry", "BillingAddress.City",
    }  # fmt: skip
    assert own[1]["Industry"] == "Banking"
    assert [each["event"]["replayId"] for each in found["events"]] == sorted(
        each["event"]["replayId"] for each in found["events"]
    )
    assert found["refused"].startswith("400::The replayId {999999999} you provided was invalid.")
    assert found["unknown"] == "401::Authentication invalid"
