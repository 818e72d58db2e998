"""Writing to the org: what is refused, what is stamped, what a deletion takes along and an undelete brings back."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.store import Org

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def org():
    """A new org in which it is nine o'clock until someone moves the clock."""
    with Org.open(clock=Clock(frozen_at=START)) as opened:
        yield opened


@pytest.fixture
def deal(org):
    """An open deal of an account."""
    account = org.insert("Account", {"Name": "Acme"})
    return org.insert(
        "Opportunity",
        {"Name": "Acme - 40 seats", "StageName": "Prospecting", "CloseDate": "2026-03-31", "AccountId": account},
    )


def later(org, **by):
    """Let time pass."""
    org.clock.move(by=timedelta(**by))


def code_of(caught):
    """Salesforce's code of a refusal."""
    return caught.value.code


def test_a_record_gets_an_id_and_its_stamps(org):
    """Who made a record and when is known from the start."""
    record = org.insert("account", {"name": "Acme", "NumberOfEmployees": 12, "Description": ""}, user_id=None)
    row = org.get("Account", record[:15])

    assert record.startswith("001")
    assert len(record) == 18
    assert row["CreatedDate"] == row["LastModifiedDate"] == row["SystemModstamp"] == "2026-03-02T09:00:00.000Z"
    assert row["CreatedById"] == row["OwnerId"] == org.users.admin
    assert row["Description"] is None
    assert row["IsDeleted"] is False


def test_a_change_moves_the_stamps_of_change_only(org):
    """The day of creation stays."""
    record = org.insert("Account", {"Name": "Acme"})
    later(org, minutes=5)
    org.update("Account", record, {"Name": "Acme Ltd"}, user_id=org.users.integration)
    row = org.get("Account", record)

    assert row["CreatedDate"] == "2026-03-02T09:00:00.000Z"
    assert row["LastModifiedDate"] == row["SystemModstamp"] == "2026-03-02T09:05:00.000Z"
    assert row["LastModifiedById"] == org.users.integration


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({}, "REQUIRED_FIELD_MISSING", ("Name",)),
        ({"Name": "A", "Naem": "B"}, "INVALID_FIELD", ()),
        ({"Name": "A", "CreatedDate": "2020-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ("CreatedDate",)),
        ({"Name": "A", "ParentId": "nonsense"}, "MALFORMED_ID", ("ParentId",)),
        ({"Name": "A", "ParentId": "001Dm0000000999"}, "INVALID_CROSS_REFERENCE_KEY", ()),
        ({"Name": "A", "ParentId": "005Dm0000000001"}, "FIELD_INTEGRITY_EXCEPTION", ("ParentId",)),
        ({"Name": "A" * 256}, "STRING_TOO_LONG", ("Name",)),
        ({"Name": "A", "NumberOfEmployees": "many"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", ("NumberOfEmployees",)),
    ],
)
def test_what_salesforce_refuses_is_refused(org, values, code, fields):
    """A wrong value is answered with Salesforce's code and the field it is about."""
    with pytest.raises(SalesforceFault) as caught:
        org.insert("Account", values)

    assert code == code_of(caught)
    assert fields == caught.value.fields
    assert org.count("Account") == 0


def test_nobody_writes_history_or_deletes_a_user(org):
    """Some objects belong to the org."""
    with pytest.raises(SalesforceFault) as caught:
        org.insert("OpportunityHistory", {})
    assert code_of(caught) == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    with pytest.raises(SalesforceFault):
        org.delete("User", org.users.admin)


def test_a_transaction_is_all_or_nothing(org):
    """A refused write takes the earlier ones of its transaction with it."""
    with pytest.raises(SalesforceFault), org.transaction() as unit:  # noqa: PT012 - the transaction is what is tested
        unit.insert("Account", {"Name": "Acme"})
        unit.insert("Account", {})

    assert org.count("Account") == 0


def test_a_refused_statement_leaves_nothing_behind(org, deal):
    """A client that goes on after a refusal finds no half of the refused write."""
    org.catalog.disable("OpportunityContactRole")
    contact = org.insert("Contact", {"LastName": "Doe"})
    values = {"Name": "Half", "StageName": "Prospecting", "CloseDate": "2026-03-31", "ContactId": contact}
    with org.transaction() as unit, pytest.raises(SalesforceFault):
        unit.insert("Opportunity", values)

    assert org.count("Opportunity") == 1
    assert len(org.connection.execute("SELECT Id FROM OpportunityHistory").fetchall()) == 1


def test_a_deleted_deal_takes_its_children_and_brings_them_back(org, deal):
    """What was deleted with a deal returns with it; what was deleted before stays away."""
    contact = org.insert("Contact", {"LastName": "Doe"})
    role = org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "Role": "Decision Maker"})
    early, note = (org.insert("Note", {"ParentId": deal, "Title": title}) for title in ("early", "note"))
    org.delete("Note", early)
    later(org, minutes=1)
    org.delete("Opportunity", deal)

    assert [
        org.get(*each)["IsDeleted"]
        for each in (("Opportunity", deal), ("OpportunityContactRole", role), ("Note", note))
    ] == [True, True, True]
    assert org.get("Opportunity", deal)["SystemModstamp"] == "2026-03-02T09:01:00.000Z"

    later(org, minutes=1)
    org.undelete("Opportunity", deal)

    assert [
        org.get(*each)["IsDeleted"] for each in (("OpportunityContactRole", role), ("Note", note), ("Note", early))
    ] == [False, False, True]
    assert org.get("Opportunity", deal)["SystemModstamp"] == "2026-03-02T09:02:00.000Z"
    assert org.connection.execute("SELECT DISTINCT IsDeleted FROM OpportunityHistory").fetchall() == [(0,)]


def test_a_deletion_empties_lookups_without_a_stamp(org, deal):
    """A deal whose campaign is deleted loses it silently, and gets it back with the campaign."""
    campaign = org.insert("Campaign", {"Name": "Spring"})
    org.update("Opportunity", deal, {"CampaignId": campaign})
    before = org.get("Opportunity", deal)
    later(org, minutes=1)
    org.delete("Campaign", campaign)

    assert {**before, "CampaignId": None} == org.get("Opportunity", deal)

    org.undelete("Campaign", campaign)
    assert before == org.get("Opportunity", deal)


def test_a_contact_role_has_no_recycle_bin(org, deal):
    """Removed on its own, a role is gone at once; only the log of deletions knows."""
    contact = org.insert("Contact", {"LastName": "Doe"})
    role = org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact})
    org.delete("OpportunityContactRole", role)

    assert org.get("OpportunityContactRole", role) is None
    assert [role] == [
        each for each, _ in org.deleted_ids("OpportunityContactRole", START, START + timedelta(hours=1))[0]
    ]


def test_a_deleted_record_refuses_writes(org, deal):
    """What lies in the bin cannot be changed."""
    org.delete("Opportunity", deal)
    with pytest.raises(SalesforceFault) as caught:
        org.update("Opportunity", deal, {"Amount": 1})

    assert code_of(caught) == "ENTITY_IS_DELETED"


def test_an_account_with_cases_cannot_be_deleted(org):
    """A restricted relationship protects its parent."""
    account = org.insert("Account", {"Name": "Acme"})
    org.insert("Case", {"AccountId": account, "Subject": "Broken"})
    with pytest.raises(SalesforceFault) as caught:
        org.delete("Account", account)

    assert code_of(caught) == "DELETE_FAILED"


def test_an_emptied_bin_leaves_only_the_log(org, deal):
    """After a purge no query finds the deal, and getDeleted still tells."""
    org.delete("Opportunity", deal)
    org.purge()

    assert org.get("Opportunity", deal) is None
    assert deal in dict(org.deleted_ids("Opportunity", START, START + timedelta(hours=1))[0])


def test_a_hard_deletion_takes_the_children_for_good(org, deal):
    """Nothing of a hard-deleted deal is left in any table."""
    org.hard_delete("Opportunity", deal)

    assert org.get("Opportunity", deal) is None
    assert org.connection.execute("SELECT count(*) FROM OpportunityHistory").fetchone() == (0,)


def test_merged_accounts_hand_their_children_over(org, deal):
    """The loser points at the winner from the bin; its deals are the winner's."""
    loser = org.get("Opportunity", deal)["AccountId"]
    winner = org.insert("Account", {"Name": "Acme Group"})
    org.merge("Account", winner, [loser])

    assert winner == org.get("Opportunity", deal)["AccountId"]
    assert (True, winner) == tuple(org.get("Account", loser)[key] for key in ("IsDeleted", "MasterRecordId"))


def test_loading_takes_rows_as_they_are(org):
    """Seeding keeps ids and old stamps, makes what is missing, and never stores an empty text or a null checkbox."""
    count = org.load(
        "Opportunity",
        ["id", "Name", "StageName", "CloseDate", "Amount", "IsWon", "IsPrivate", "NextStep", "CreatedDate"],
        [
            ("006Dm0000000500", "Old", "Closed Won", date(2020, 1, 31), Decimal("1.50"), True, None, "",
             datetime(2020, 1, 1, tzinfo=UTC)),
            (None, "New", "Prospecting", "2026-12-31", None, 0, 0, "call", None),
        ],
    )  # fmt: skip
    old = org.connection.execute("SELECT Amount, CloseDate, IsWon, IsPrivate, NextStep, SystemModstamp, Name "
                                 "FROM Opportunity WHERE Id LIKE '006Dm0000000500%'").fetchone()  # fmt: skip

    assert count == 2
    assert old == (1.5, "2020-01-31", 1, 0, None, "2020-01-01T00:00:00.000Z", "Old")
    assert org.connection.execute("SELECT SystemModstamp FROM Opportunity WHERE Name = 'New'").fetchone() == (
        "2026-03-02T09:00:00.000Z",
    )


def test_new_ids_follow_the_loaded_ones(org):
    """A record made after a load never takes the id of a loaded one."""
    made = org.insert("Account", {"Name": "First"})
    org.load("Account", ["Name"], [("Second",), ("Third",)])

    assert [made, org.insert("Account", {"Name": "Fourth"})] == [
        org.connection.execute("SELECT Id FROM Account WHERE Name = ?", (name,)).fetchone()[0]
        for name in ("First", "Fourth")
    ]
    assert org.count("Account") == 4


def test_an_org_in_a_file_survives_a_restart(tmp_path):
    """Records, custom fields, hidden fields and the sequence of ids are still there."""
    path = tmp_path / "org.sqlite"
    with Org.open(path) as org:
        org.catalog.add_field("Account", "Tier__c", "picklist", picklist_values=("Gold",))
        org.catalog.hide_field("Account", "Fax")
        org.catalog.disable("Quote")
        first = org.insert("Account", {"Name": "Acme", "Tier__c": "Gold"})
        identity = (org.org_id, org.users, org.catalog.last_modified("Account"))

    with Org.open(path) as org:
        assert identity == (org.org_id, org.users, org.catalog.last_modified("Account"))
        assert org.get("Account", first)["Tier__c"] == "Gold"
        assert "Quote" not in org.catalog
        assert not org.catalog.object("Account").has("Fax")
        assert org.insert("Account", {"Name": "Second"}) > first


def test_readers_of_a_file_see_only_what_is_committed(tmp_path):
    """Another thread does not wait for a writer and does not see half a transaction."""
    seen = []

    def read(org):
        with org.reading() as connection:
            seen.append(connection.execute("SELECT count(*) FROM Account").fetchone()[0])

    with Org.open(tmp_path / "org.sqlite") as org:
        with org.transaction() as unit:
            unit.insert("Account", {"Name": "Acme"})
            other = threading.Thread(target=read, args=(org,))
            other.start()
            other.join(timeout=10)
            read(org)
        read(org)

    assert seen == [0, 1, 1]


def test_a_removed_field_takes_its_values_along(org):
    """A custom field made anew begins empty."""
    org.catalog.add_field("Account", "Tier__c")
    record = org.insert("Account", {"Name": "Acme", "Tier__c": "Gold"})
    org.catalog.remove_field("Account", "Tier__c")
    org.catalog.add_field("Account", "Tier__c")

    assert org.get("Account", record)["Tier__c"] is None


def test_a_hidden_field_cannot_be_written(org):
    """Field-level security looks like a field that does not exist, and keeps the value."""
    record = org.insert("Account", {"Name": "Acme", "Fax": "123"})
    org.catalog.hide_field("Account", "Fax")
    with pytest.raises(SalesforceFault) as caught:
        org.update("Account", record, {"Fax": "456"})
    assert code_of(caught) == "INVALID_FIELD"

    org.catalog.show_field("Account", "Fax")
    assert org.get("Account", record)["Fax"] == "123"


def test_connections_can_be_prepared(tmp_path):
    """A SQL function registered once works on every connection."""
    with Org.open(tmp_path / "org.sqlite") as org:
        org.prepare_connections(lambda connection: connection.create_function("twice", 1, lambda value: 2 * value))
        with org.reading() as connection:
            assert connection.execute("SELECT twice(21)").fetchone() == (42,)


def test_objects_and_fields_that_are_made_together_are_kept_like_those_made_one_by_one(tmp_path):
    """Whoever sets up a whole org at once gets tables with all columns, told to listeners once, and kept."""
    told: list[list[tuple[str, str]]] = []
    path = tmp_path / "org.db"
    with Org.open(path) as org:
        org.catalog.on_change(lambda changes: told.append([(name, what) for name, _, what in changes]))
        with org.catalog.together():
            org.catalog.add_object("Project__c")
            org.catalog.add_field("Project__c", "Deal__c", "reference", reference_to=("Opportunity",))
            org.catalog.add_field("Account", "Segment__c")
        deal = org.insert("Opportunity", {"Name": "A", "StageName": "Prospecting", "CloseDate": "2026-03-31"})
        made = org.insert("Project__c", {"Name": "First", "Deal__c": deal})
    with Org.open(path) as org:
        assert (org.get("Project__c", made) or {})["Deal__c"] is not None
        assert "Project__c" in {each.child_object for each in org.catalog.object("Opportunity").child_relationships}
        assert org.catalog.object("Account").has("Segment__c")

    assert told == [[("Project__c", "added"), ("Project__History", "added"), ("Account", "added")]]
