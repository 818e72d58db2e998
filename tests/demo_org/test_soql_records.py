import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from demo_org.clock import Clock
from demo_org.ids import make_id
from demo_org.soql import SoqlError, execute
from demo_org.store import Org, recent

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def org():
    with Org.open(clock=Clock(frozen_at=NOW)) as org:
        yield org


@pytest.fixture
def deal(org):
    account = org.insert("Account", {"Name": "Acme", "BillingCity": "Oslo", "BillingStreet": "Storgata 1"})
    return org.insert(
        "Opportunity",
        {"Name": "Big", "AccountId": account, "Amount": 15000, "StageName": "Closed Won", "CloseDate": "2026-11-16"},
    )


def only(org, soql, **how):
    (record,) = execute(org, soql, **how).records(0, 10)
    return record


def test_a_record_has_the_form_of_a_rest_reply(org, deal):
    """Attributes first, the fields in SELECT order under their own names, values in REST's encoding."""
    record = only(
        org, "select id, NAME, amount, iswon, closedate, createddate, NextStep, account.name from opportunity"
    )

    account = org.get("Opportunity", deal)["AccountId"]
    assert {
        "attributes": {"type": "Opportunity", "url": f"/services/data/v64.0/sobjects/Opportunity/{deal}"},
        "Id": deal,
        "Name": "Big",
        "Amount": 15000.0,
        "IsWon": True,
        "CloseDate": "2026-11-16",
        "CreatedDate": "2026-11-25T12:00:00.000+0000",
        "NextStep": None,
        "Account": {
            "attributes": {"type": "Account", "url": f"/services/data/v64.0/sobjects/Account/{account}"},
            "Name": "Acme",
        },
    } == record
    assert list(record) == [
        "attributes",
        "Id",
        "Name",
        "Amount",
        "IsWon",
        "CloseDate",
        "CreatedDate",
        "NextStep",
        "Account",
    ]
    assert '"Amount": 15000.0, "IsWon": true' in json.dumps(record)


def test_columns_are_canonical_paths_in_select_order(org):
    """Whatever the case they were typed in."""
    result = execute(org, "SELECT account.owner.NAME, id FROM opportunity")

    assert (result.object, result.columns) == ("Opportunity", ("Account.Owner.Name", "Id"))


def test_the_version_of_the_request_is_in_the_addresses(org, deal):
    """Also in those of parents."""
    (record,) = execute(org, "SELECT Id, Account.Name FROM Opportunity").records(0, 1, version="61.0")

    assert record["attributes"]["url"].startswith("/services/data/v61.0/")
    assert record["Account"]["attributes"]["url"].startswith("/services/data/v61.0/")


def test_a_missing_parent_is_null(org):
    """The relationship's key is there."""
    org.insert("Contact", {"LastName": "Alone"})

    assert only(org, "SELECT Account.Name, Account.Owner.Name FROM Contact")["Account"] is None


def test_an_alias_or_the_objects_name_may_stand_in_front(org, deal):
    """FROM Opportunity o; Opportunity.Name; FROM Contact c, c.Account a."""
    org.insert("Contact", {"LastName": "Doe", "AccountId": org.get("Opportunity", deal)["AccountId"]})

    assert only(org, "SELECT o.Name, o.Account.Name FROM Opportunity o WHERE o.IsWon = true")["Name"] == "Big"
    assert only(org, "SELECT Opportunity.Name FROM Opportunity")["Name"] == "Big"
    assert only(org, "SELECT c.LastName, a.Name FROM Contact c, c.Account a WHERE a.Name = 'acme'")["Account"][
        "Name"
    ] == "Acme"  # fmt: skip


def test_a_lookup_to_several_objects_shows_a_name(org, deal):
    """Its attributes say Name, its address the object."""
    org.insert("Task", {"Subject": "Call", "WhatId": deal})
    record = only(org, "SELECT What.Name, What.Type, Who.Name, Owner.Alias FROM Task WHERE What.Type = 'Opportunity'")

    assert record["What"]["attributes"]["type"] == "Name"
    assert record["What"]["attributes"]["url"].endswith(f"/Opportunity/{deal}")
    assert (record["What"]["Name"], record["What"]["Type"], record["Who"]) == ("Big", "Opportunity", None)


def test_typeof_reads_other_fields_for_each_object(org, deal):
    """ELSE is for the rest."""
    org.insert("Task", {"Subject": "A", "WhatId": deal})
    org.insert("Task", {"Subject": "B", "WhatId": org.get("Opportunity", deal)["AccountId"]})
    org.insert("Task", {"Subject": "C"})
    soql = (
        "SELECT Subject, TYPEOF What WHEN Opportunity THEN Name, StageName ELSE Id END FROM Task "
        "WHERE Subject > '' OR Subject != null ORDER BY Subject"
    )
    whats = [record["What"] for record in execute(org, soql).records(0, 10)]

    assert (whats[0]["attributes"]["type"], whats[0]["StageName"]) == ("Opportunity", "Closed Won")
    assert list(whats[1]) == ["attributes", "Id"]
    assert whats[2] is None


def test_children_come_with_their_parent_or_are_null(org, deal):
    """Filtered, sorted and cut for each parent by itself."""
    contact = org.insert("Contact", {"LastName": "Doe"})
    for role in ("Evaluator", "Decision Maker", "Other"):
        org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "Role": role})
    roles = "SELECT Role, Contact.Name FROM OpportunityContactRoles {}"
    soql = f"SELECT Id, ({roles}), (SELECT Id FROM Tasks) FROM Opportunity"
    record = only(org, soql.format("WHERE Role != 'Other' ORDER BY Role LIMIT 5"))
    cut = only(org, soql.format("ORDER BY Role DESC LIMIT 1"))

    roles = record["OpportunityContactRoles"]
    assert (roles["totalSize"], roles["done"], record["Tasks"]) == (2, True, None)
    assert [each["Role"] for each in roles["records"]] == ["Decision Maker", "Evaluator"]
    assert roles["records"][0]["Contact"]["Name"] == "Doe"
    assert [each["Role"] for each in cut["OpportunityContactRoles"]["records"]] == ["Other"]


def test_children_of_children_came_with_version_58(org, deal):
    """Older requests are told that a query within a child query cannot stand there."""
    org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": org.insert("Contact", {"LastName": "D"})})
    soql = "SELECT Id, (SELECT Id, (SELECT Contact.Name FROM OpportunityContactRoles) FROM Opportunities) FROM Account"

    (deals,) = (record["Opportunities"] for record in execute(org, soql, version="58.0").records(0, 10))
    (roles,) = (record["OpportunityContactRoles"] for record in deals["records"])
    assert (deals["totalSize"], roles["totalSize"], roles["records"][0]["Contact"]["Name"]) == (1, 1, "D")
    with pytest.raises(SoqlError, match=r"unexpected token: '\('"):
        execute(org, soql, version="57.0")


def test_the_team_is_the_user_and_those_below_in_the_tree_of_roles(org, deal):
    """USING SCOPE team asks for their deals, not for those of others with the same role."""
    head, sales, junior = (make_id("00E", "Dm9", number) for number in range(3))
    tree = [(head, "Head", None), (sales, "Sales", head), (junior, "Junior", sales)]
    org.load("UserRole", ["Id", "Name", "ParentRoleId"], tree)
    org.load("User", ["Id", "Name", "UserRoleId"], [
        (make_id("005", "Dm9", number), name, role)
        for number, (name, role) in enumerate([("Peer", head), ("Rep", sales), ("Trainee", junior), ("Nobody", None)])
    ])  # fmt: skip
    org.update("User", org.users.integration, {"UserRoleId": head})
    owners = [org.users.integration, *(make_id("005", "Dm9", number) for number in range(4))]
    org.load("Account", ["Name", "OwnerId"], zip("Mpjtn", owners, strict=True))
    found = execute(org, "SELECT Name FROM Account USING SCOPE team ORDER BY Name").records(0, 10)

    assert "".join(record["Name"] for record in found) == "jMt"


def test_an_address_is_put_together_or_null(org, deal):
    """With Salesforce's keys."""
    record = only(org, "SELECT BillingAddress, ShippingAddress FROM Account")

    assert tuple(record["BillingAddress"][k] for k in ("city", "street", "postalCode")) == ("Oslo", "Storgata 1", None)
    assert sorted(record["BillingAddress"]) == list(record["BillingAddress"])
    assert record["ShippingAddress"] is None
    assert only(org, "SELECT Account.BillingAddress FROM Opportunity")["Account"]["BillingAddress"]["city"] == "Oslo"


def test_fields_stands_for_many_fields(org, deal):
    """Only with a LIMIT, but for the standard ones."""
    org.catalog.add_field("Opportunity", "Fit__c", "double")

    assert {"attributes", "Fit__c"} == set(only(org, "SELECT FIELDS(CUSTOM) FROM Opportunity LIMIT 200"))
    assert "Fit__c" not in only(org, "SELECT FIELDS(STANDARD) FROM Opportunity")
    assert {"Fit__c", "Amount"} <= set(only(org, f"SELECT FIELDS(ALL) FROM Opportunity WHERE Id IN ('{deal}')"))
    with pytest.raises(SoqlError, match="LIMIT of at most 200"):
        execute(org, "SELECT FIELDS(ALL) FROM Opportunity LIMIT 201")


def test_the_ids_are_those_of_the_query_the_values_those_of_the_page(org):
    """A record changed meanwhile shows its new value; a deleted one is missing; a new one is not there."""
    ids = [org.insert("Account", {"Name": f"N{number}"}) for number in range(4)]
    result = execute(org, "SELECT Name FROM Account ORDER BY Name")
    org.update("Account", ids[2], {"Name": "A"})
    org.delete("Account", ids[3])
    org.insert("Account", {"Name": "N1b"})

    assert [record["Name"] for record in result.records(0, 10)] == ["N0", "N1", "A"]
    assert [record["Name"] for record in result.records(1, 1)] == ["N1"]
    assert result.total_size == 4


def test_records_are_sorted_without_regard_to_capitals_nulls_first(org):
    """NULLS LAST turns that round; LIMIT and OFFSET cut a part out."""
    for name, industry in (("b", "Energy"), ("C", None), ("a", "Banking")):
        org.insert("Account", {"Name": name, "Industry": industry})

    def listed(tail):
        return "".join(record["Name"] for record in execute(org, f"SELECT Name FROM Account {tail}").records(0, 10))

    assert (listed("ORDER BY Name"), listed("ORDER BY Name DESC")) == ("abC", "Cba")
    assert (listed("ORDER BY Industry"), listed("ORDER BY Industry DESC")) == ("Cab", "Cba")
    assert (listed("ORDER BY Industry NULLS LAST"), listed("ORDER BY Industry DESC NULLS LAST")) == ("abC", "baC")
    assert listed("ORDER BY Name LIMIT 1 OFFSET 1") == "b"


def test_functions_that_pass_the_value_on(org, deal):
    """One language and one currency: the value is the label and the converted amount."""
    record = only(org, "SELECT toLabel(StageName), convertCurrency(Amount) FROM Opportunity FOR VIEW")

    assert (record["StageName"], record["Amount"]) == ("Closed Won", 15000.0)


def test_a_look_at_records_is_remembered_and_moves_no_modstamp(org, deal):
    """FOR VIEW dates the look, FOR REFERENCE the mention; both are among the recent records."""
    before = org.get("Opportunity", deal)
    org.clock.move(by=timedelta(hours=1))
    execute(org, "SELECT Id FROM Account FOR REFERENCE").records(0, 10)
    execute(org, "SELECT Id FROM Opportunity FOR VIEW").records(0, 10)
    execute(org, "SELECT Id FROM Contact").records(0, 10)
    account, after = org.get("Account", before["AccountId"]), org.get("Opportunity", deal)
    hour = "2026-11-25T13:00:00.000Z"

    assert recent.items(org, org.users.integration) == [("Opportunity", deal), ("Account", before["AccountId"])]
    assert (account["LastViewedDate"], account["LastReferencedDate"]) == (None, hour)
    assert {name for name in after if after[name] != before[name]} == {"LastViewedDate", "LastReferencedDate"}
    assert after["LastViewedDate"] == hour


def test_deals_are_converted_at_the_rates_of_their_close_date(org, deal):
    """With dated rates; everything else at those of today."""
    org.catalog.switch("multi_currency", on=True)
    org.catalog.switch("dated_rates", on=True)
    org.load("CurrencyType", ["IsoCode", "ConversionRate", "IsCorporate"], [("USD", 1.0, 1), ("EUR", 0.8, 0)])
    org.load("DatedConversionRate", ["IsoCode", "StartDate", "NextStartDate", "ConversionRate"],
             [("EUR", "2020-01-01", "2026-11-20", 0.5), ("EUR", "2026-11-20", None, 0.8)])  # fmt: skip
    with org.writing() as connection:
        connection.execute("UPDATE User SET DefaultCurrencyIsoCode = 'EUR'")
        connection.execute("UPDATE Opportunity SET CurrencyIsoCode = 'USD'")
        connection.execute("UPDATE Account SET CurrencyIsoCode = 'USD', AnnualRevenue = 1000")
    soql = "SELECT convertCurrency(Amount), convertCurrency(Account.AnnualRevenue) FROM Opportunity"

    assert (only(org, soql)["Amount"], only(org, soql)["Account"]["AnnualRevenue"]) == (7500.0, 800.0)


def test_custom_fields_and_lookups_can_be_queried(org, deal):
    """Champion__r leads from Champion__c to the contact and Champions__r back."""
    org.catalog.add_field("Opportunity", "Champion__c", "reference", reference_to=("Contact",), children="Champions__r")
    contact = org.insert("Contact", {"LastName": "Doe"})
    org.update("Opportunity", deal, {"Champion__c": contact})

    assert only(org, "SELECT champion__R.name FROM Opportunity")["Champion__r"]["Name"] == "Doe"
    champions = only(org, "SELECT Id, (SELECT Name FROM champions__r) FROM Contact")["Champions__r"]
    assert [(each["Name"], champions["totalSize"]) for each in champions["records"]] == [("Big", 1)]


def test_every_object_of_the_catalogue_can_be_read_whole(org):
    """FIELDS(ALL) of each, with every lookup's parent."""
    for described in org.catalog.objects.values():
        parents = [field.relationship_name for field in described.fields.values() if field.relationship_name]
        paths = [f"{name}.Id" for name in parents if re.match(r"\w+$", name)]
        # Links between files and records must be asked for by one of their ends.
        where = " WHERE LinkedEntityId = '000000000000000'" if described.name == "ContentDocumentLink" else ""
        if described.queryable:
            execute(org, f"SELECT FIELDS(ALL) FROM {described.name}{where} LIMIT 200").records(0, 200)
        known = [
            path for path in paths if any(t in org.catalog for t in described.relationship(path[:-3]).reference_to)
        ]
        if described.queryable and known:
            execute(org, f"SELECT {', '.join(known[:50])} FROM {described.name}{where}").records(0, 200)
