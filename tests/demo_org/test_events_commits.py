"""What each commit puts on the bus: which events, in which order, with which fields."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from event_bus import Bus, opened

from demo_org.errors import SalesforceFault
from demo_org.events import DEFAULT_OBJECTS, UnknownTopic
from demo_org.events.delivery import avro_record, json_payload
from demo_org.store.journal import ORIGIN, Act

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


@pytest.fixture
def bus() -> Iterator[Bus]:
    """A bus with the objects that are selected at first."""
    with opened() as made:
        yield made


def test_a_creation_tells_every_field_that_has_a_value(bus: Bus):
    """A consumer can build the record from the event, and finds no list of changed fields."""
    account = bus.org.insert("Account", {"Name": "Clinic", "BillingCity": "Bern", "NumberOfEmployees": 7})
    (event,) = bus.news()

    assert event.header["recordIds"] == [account]
    assert event.header["changedFields"] == []
    assert event.body == {
        "Name": "Clinic",
        "BillingAddress": {"City": "Bern"},
        "NumberOfEmployees": 7,
        "OwnerId": bus.org.users.admin,
        "CreatedDate": 1772452800000,
        "CreatedById": bus.org.users.admin,
        "LastModifiedDate": 1772452800000,
        "LastModifiedById": bus.org.users.admin,
    }


def test_an_update_tells_what_changed_and_what_was_emptied(bus: Bus):
    """Without the two lists a consumer could not tell an emptied field from an untouched one."""
    account = bus.org.insert("Account", {"Name": "Clinic", "BillingCity": "Bern", "Industry": "Banking"})
    bus.news()
    bus.org.update("Account", account, {"BillingCity": None, "BillingStreet": "Lane 1", "Industry": None, "Phone": "1"})
    (event,) = bus.news()

    assert set(event.header["changedFields"]) == {
        "BillingAddress.City", "BillingAddress.Street", "Industry", "Phone", "LastModifiedDate",
    }  # fmt: skip
    assert event.header["nulledFields"] == ["BillingAddress.City", "Industry"]
    assert event.body == {"BillingAddress": {"Street": "Lane 1"}, "Phone": "1", "LastModifiedDate": 1772452800000}


def test_deletions_have_no_body_and_undeletions_a_whole_one(bus: Bus):
    """What hangs on the record goes and comes with it, each with an event of its own object."""
    account = bus.org.insert("Account", {"Name": "Clinic"})
    bus.org.insert("Contact", {"LastName": "Berg", "AccountId": account})
    bus.org.insert("Opportunity", DEAL | {"AccountId": account})
    bus.news()
    bus.org.delete("Account", account)
    deleted = bus.news()
    bus.org.undelete("Account", account)
    undeleted = bus.news()

    assert [e.header["changeType"] for e in deleted] == ["DELETE"] * 3
    assert [e.body for e in deleted] == [{}] * 3
    assert {e.header["entityName"] for e in deleted} == {"Account", "Contact", "Opportunity"}
    assert len({e.header["transactionKey"] for e in deleted}) == 1
    assert [e.header["sequenceNumber"] for e in deleted] == [1, 2, 3]
    assert [e.header["changeType"] for e in undeleted] == ["UNDELETE"] * 3
    assert undeleted[0].body["Name"] == "Clinic"


def test_the_same_change_of_many_records_is_two_events_as_recorded(bus: Bus):
    """Twenty records, one key: first the stamp, then the field (recorded of a real org)."""
    with bus.org.transaction() as unit:
        ids = [unit.insert("Account", {"Name": f"Clinic {number}"}) for number in range(20)]
    created = bus.news()
    with bus.org.transaction() as unit:
        for each in ids:
            unit.update("Account", each, {"Rating": "Hot"})
    updated = bus.news()

    assert [e.header["recordIds"] for e in created] == [[each] for each in ids]
    assert [e.header["sequenceNumber"] for e in created] == list(range(1, 21))
    assert [e.replay - created[0].replay for e in created] == list(range(20))
    assert [(e.header["changedFields"], e.body) for e in updated] == [
        (["LastModifiedDate"], {"LastModifiedDate": 1772452800000}),
        (["Rating"], {"Rating": "Hot"}),
    ]
    assert [e.header["recordIds"] for e in updated] == [ids, ids]
    assert len({e.header["transactionKey"] for e in updated}) == 1


def test_different_changes_are_not_merged(bus: Bus):
    """An event speaks for several records only if it says the same of each."""
    with bus.org.transaction() as unit:
        ids = [unit.insert("Account", {"Name": f"Clinic {number}"}) for number in range(2)]
    bus.news()
    with bus.org.transaction() as unit:
        for number, each in enumerate(ids):
            unit.update("Account", each, {"NumberOfEmployees": number})

    assert bus.told() == [("UPDATE", "Account", 1), ("UPDATE", "Account", 1)]


def test_changes_of_one_record_in_a_transaction_become_one(bus: Bus):
    """A consumer sees what the transaction came to, never its steps."""
    with bus.org.transaction() as unit:
        account = unit.insert("Account", {"Name": "Clinic"})
        unit.update("Account", account, {"Phone": "1"})
        gone = unit.insert("Account", {"Name": "Gone"})
        unit.delete("Account", gone)
    (created,) = bus.news()
    with bus.org.transaction() as unit:
        unit.update("Account", account, {"Phone": "2"})
        unit.delete("Account", account)

    assert created.body["Phone"] == "1"
    assert bus.told() == [("DELETE", "Account", 1)]


def test_two_transactions_are_two_events_with_growing_numbers(bus: Bus):
    """Commit numbers and positions order what happened."""
    for number in range(3):
        bus.org.insert("Account", {"Name": f"Clinic {number}"})
    events = bus.news()

    assert len({e.header["transactionKey"] for e in events}) == 3
    numbers = [e.header["commitNumber"] for e in events]
    assert numbers == sorted(set(numbers))
    assert [e.replay for e in events] == sorted({e.replay for e in events})


def test_what_the_system_changes_comes_without_a_stamp(bus: Bus):
    """A deal's primary contact follows its roles; the event has no LastModifiedDate."""
    account = bus.org.insert("Account", {"Name": "Clinic"})
    contact = bus.org.insert("Contact", {"LastName": "Berg", "AccountId": account})
    deal = bus.org.insert("Opportunity", DEAL | {"AccountId": account})
    bus.news()
    bus.org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "IsPrimary": True})
    role, changed = bus.news()

    assert role.header["entityName"] == "OpportunityContactRole"
    assert "IsPrimary" not in role.body
    assert (changed.header["entityName"], changed.header["changedFields"]) == ("Opportunity", ["ContactId"])


def test_objects_that_are_not_selected_leave_gaps_in_the_sequence(bus: Bus):
    """A consumer must not wait for sequence number 1 of a transaction."""
    with bus.org.transaction() as unit:
        unit.insert("Lead", {"LastName": "Berg", "Company": "Clinic"})
        unit.insert("Account", {"Name": "Clinic"})
    (event,) = bus.news()

    assert event.header["sequenceNumber"] == 2


def test_a_merge_tells_of_losers_and_winner_alone(bus: Bus):
    """Children that change hands do so silently; MasterRecordId is in no event."""
    winner, loser = (bus.org.insert("Account", {"Name": name}) for name in ("Winner", "Loser"))
    bus.org.insert("Opportunity", DEAL | {"AccountId": loser})
    bus.news()
    bus.org.merge("Account", winner, [loser])
    events = bus.news()

    assert [(e.header["changeType"], e.header["recordIds"]) for e in events] == [
        ("DELETE", [loser]), ("UPDATE", [winner]),
    ]  # fmt: skip
    assert events[0].body == {}


def test_a_late_commit_is_told_when_it_commits(bus: Bus):
    """The event comes with the commit, with the commit's instant, though the record's stamps are older."""
    late = bus.org.open_transaction()
    late.insert("Account", {"Name": "Late"})
    bus.org.clock.move(by=timedelta(minutes=10))
    before = bus.told()
    late.commit()
    (event,) = bus.news()

    assert before == []
    assert event.header["commitTimestamp"] == event.body["CreatedDate"] + 600_000


def test_a_transaction_that_fails_tells_nothing(bus: Bus):
    """An event without its change would be believed."""
    with pytest.raises(SalesforceFault), bus.org.transaction() as unit:
        unit.update("Account", unit.insert("Account", {"Name": "Clinic"}), {"Nope": 1})

    assert bus.told() == []


def test_a_writer_knows_its_own_changes(bus: Bus):
    """The origin names API, version and client."""
    token = ORIGIN.set("com/salesforce/api/rest/64.0;client=baton")
    bus.org.insert("Account", {"Name": "Clinic"})
    ORIGIN.reset(token)
    bus.org.insert("Account", {"Name": "Other"})

    assert [e.header["changeOrigin"] for e in bus.news()] == ["com/salesforce/api/rest/64.0;client=baton", ""]


def test_more_changes_than_are_told_end_in_one_overflow_per_object():
    """Past the limit a consumer only learns which objects to read again."""
    with opened(most_changes=3) as bus:
        with bus.org.transaction() as unit:
            account = unit.insert("Account", {"Name": "Clinic"})
            for number in range(4):
                unit.insert("Contact", {"LastName": f"Berg {number}", "AccountId": account})
        told = bus.told()

    assert told == [("CREATE", "Account", 1), *[("CREATE", "Contact", 1)] * 2, ("GAP_OVERFLOW", "Contact", 0)]


def test_each_field_of_an_update_counts_for_the_overflow():
    """Three changed fields are three changes (Change Data Capture guide)."""
    with opened(most_changes=3) as bus:
        account = bus.org.insert("Account", {"Name": "Clinic"})
        bus.news()
        bus.org.update("Account", account, {"Phone": "1", "Fax": "2", "Site": "3"})

        assert bus.told() == [("GAP_OVERFLOW", "Account", 0)]


def test_jobs_below_the_servers_leave_gaps(bus: Bus):
    """Archiving and the like tell ids, or only that some records of a kind changed."""
    with bus.org.transaction() as unit:
        unit.journal.note_below(Act.UPDATE, "Account", ["001*"])
    (event,) = bus.news()

    assert (event.header["changeType"], event.header["recordIds"], event.body) == ("GAP_UPDATE", ["001*"], {})


def test_an_event_larger_than_a_megabyte_is_a_gap():
    """The bus takes no larger one; the consumer reads the record."""
    with opened(selected=("Account",)) as bus:
        for number in range(9):
            bus.org.catalog.add_field("Account", f"Long{number}__c", "textarea", length=131_072)
        account = bus.org.insert("Account", {"Name": "Clinic"} | {f"Long{n}__c": "x" * 131_072 for n in range(9)})
        (event,) = bus.news()

    assert (event.header["changeType"], event.header["recordIds"], event.body) == ("GAP_CREATE", [account], {})


def test_a_long_text_that_changed_a_little_comes_as_a_difference(bus: Bus):
    """The header says which values are differences."""
    text = "\n".join(f"Line {number} of a description that goes on for a while" for number in range(40))
    account = bus.org.insert("Account", {"Name": "Clinic", "Description": text})
    bus.news()
    bus.org.update("Account", account, {"Description": text.replace("Line 7 ", "Row 7 ")})
    (event,) = bus.news()

    assert event.header["diffFields"] == ["Description"]
    assert event.body["Description"].startswith("--- \n+++ ")


def test_hidden_fields_are_in_no_event(bus: Bus):
    """Field-level security holds for events: an update of hidden fields alone arrives with its stamp."""
    account = bus.org.insert("Account", {"Name": "Clinic"})
    bus.news()
    bus.org.update("Account", account, {"Phone": "1"})
    bus.org.catalog.hide_field("Account", "Phone")
    (event,) = bus.news()
    schema = bus.bus.schema(event.schema_id)
    assert schema is not None
    record = avro_record(event, schema, bus.topics.topic("/data/ChangeEvents"), bus.org.catalog)

    assert "Phone" not in record
    assert record["ChangeEventHeader"]["changedFields"] == ["0x800000"]


def test_a_channel_of_ones_own_adds_fields_to_its_events(bus: Bus):
    """An enriched event needs no second look at the record; other channels stay as they are."""
    bus.topics.add_channel("Sync__chn", {"Account": ["Name", "Industry"]})
    account = bus.org.insert("Account", {"Name": "Clinic", "Industry": "Banking"})
    bus.news()
    bus.org.update("Account", account, {"Phone": "1"})
    (event,) = bus.news("/data/Sync__chn")
    plain, rich = (bus.topics.topic(name) for name in ("/data/ChangeEvents", "/data/Sync__chn"))

    body = json_payload(event, rich, bus.org.catalog)
    assert (body["Name"], body["Industry"], body["Phone"]) == ("Clinic", "Banking", "1")
    assert "Name" not in body["ChangeEventHeader"]["changedFields"]
    assert "Name" not in json_payload(event, plain, bus.org.catalog)


def test_an_org_selects_five_objects(bus: Bus):
    """Without the add-on licence there are no more, over all channels together."""
    with pytest.raises(SalesforceFault, match="up to 5"):
        bus.topics.select([*DEFAULT_OBJECTS, "Task"])
    with pytest.raises(SalesforceFault, match="up to 5"):
        bus.topics.add_channel("Sync__chn", {"Task": []})
    with pytest.raises(SalesforceFault, match="can't be selected"):
        bus.topics.select(["OpportunityFieldHistory"])
    bus.topics.select(["Task"])

    assert bus.topics.selected == ("Task",)


def test_topics_of_objects_that_are_not_selected_stay_silent(bus: Bus):
    """They can be asked for; what does not exist can't."""
    bus.org.insert("Lead", {"LastName": "Berg", "Company": "Clinic"})

    assert bus.news("/data/LeadChangeEvent") == []
    for name in ("/data/NopeChangeEvent", "/data/Nope__chn", "AccountChangeEvent", "/data/NoteChangeEvent", ""):
        with pytest.raises(UnknownTopic):
            bus.topics.topic(name)
