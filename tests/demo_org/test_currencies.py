"""An org with several currencies: which currency a record is in, and amounts that are added up across them."""

from datetime import UTC, datetime, timedelta

import pytest
from wire_client import client_of, error_of

from demo_org.clock import Clock
from demo_org.store import Org

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEAL = {"Name": "D", "StageName": "Closed Won", "CloseDate": "2026-03-31"}


@pytest.fixture
def client():
    with client_of(Clock(frozen_at=START)) as client:
        client.make("Account", Name="Before")
        client.post("/demo/features/multi_currency", json={})
        client.make("CurrencyType", IsoCode="EUR", ConversionRate=0.5, DecimalPlaces=2, IsActive=True)
        yield client


def only(client, soql):
    """The one row of a query, without its attributes."""
    (row,) = client.query(soql)["records"]
    return {name: value for name, value in row.items() if name != "attributes"}


def test_every_record_has_a_currency_once_there_are_several(client):
    """What was there before is in the corporate currency; no stamp tells."""
    found = only(client, "SELECT CurrencyIsoCode FROM Account WHERE Name = 'Before'")

    assert found == {"CurrencyIsoCode": "USD"}
    rates = client.query("SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType ORDER BY IsoCode")["records"]
    assert [(each["IsoCode"], each["ConversionRate"], each["IsCorporate"]) for each in rates] == [
        ("EUR", 0.5, False), ("USD", 1.0, True),
    ]  # fmt: skip


def test_only_active_currencies_may_be_used(client):
    """The picklist of every CurrencyIsoCode holds the org's currencies."""
    field = {each["name"]: each for each in client.get("sobjects/Opportunity/describe").json()["fields"]}
    assert [each["value"] for each in field["CurrencyIsoCode"]["picklistValues"]] == ["USD", "EUR"]

    refused = client.post("sobjects/Opportunity", json={**DEAL, "CurrencyIsoCode": "CHF"})
    assert error_of(refused)[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_a_line_item_is_in_the_currency_of_its_deal(client):
    """Whatever the client says, and when the deal changes its currency."""
    org = client.org
    product = org.insert("Product2", {"Name": "Widget", "IsActive": True})
    (book,) = org.connection.execute("SELECT Id FROM Pricebook2").fetchone()
    entry = org.insert("PricebookEntry", {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 10})
    made = org.insert("Opportunity", DEAL | {"CurrencyIsoCode": "EUR"})
    org.insert("OpportunityLineItem", {"OpportunityId": made, "PricebookEntryId": entry, "Quantity": 3})
    soql = "SELECT CurrencyIsoCode FROM OpportunityLineItem"
    assert only(client, soql) == {"CurrencyIsoCode": "EUR"}

    org.update("Opportunity", made, {"CurrencyIsoCode": "USD"})
    assert only(client, soql) == {"CurrencyIsoCode": "USD"}
    assert only(client, "SELECT CurrencyIsoCode FROM OpportunityHistory LIMIT 1") == {"CurrencyIsoCode": "EUR"}


def test_a_roll_up_adds_amounts_at_the_rate_of_the_day(client):
    """100 EUR at 0.5 to the dollar are 200 USD; a rate that moves changes no record until a child is saved."""
    org = client.org
    roll_up = {"child": "Opportunity", "operation": "sum", "field": "Amount"}
    org.catalog.add_field("Account", "Won__c", "currency", roll_up=roll_up)
    parent = org.insert("Account", {"Name": "A", "CurrencyIsoCode": "USD"})
    for code in ("EUR", "USD"):
        org.insert("Opportunity", DEAL | {"Amount": 100, "AccountId": parent, "CurrencyIsoCode": code})
    assert org.get("Account", parent)["Won__c"] == 300.0

    stamp = org.get("Account", parent)["SystemModstamp"]
    org.clock.move(by=timedelta(minutes=1))
    (euro,) = org.connection.execute("SELECT Id FROM CurrencyType WHERE IsoCode = 'EUR'").fetchone()
    org.update("CurrencyType", euro, {"ConversionRate": 2.0})
    assert org.get("Account", parent)["Won__c"] == 300.0
    assert org.get("Account", parent)["SystemModstamp"] == stamp

    org.insert("Opportunity", DEAL | {"Amount": 0, "AccountId": parent})
    assert org.get("Account", parent)["Won__c"] == 150.0


def test_dated_rates_convert_a_deal_by_its_close_date(client):
    """With advanced currency management a deal counts at the rate of the day it closed."""
    org = client.org
    client.post("/demo/features/dated_rates", json={})
    for day, rate in (("2026-01-01", 0.25), ("2026-03-01", 0.8)):
        client.make("DatedConversionRate", IsoCode="EUR", StartDate=day, ConversionRate=rate)
    ends = client.query("SELECT NextStartDate FROM DatedConversionRate ORDER BY StartDate")["records"]
    assert [each["NextStartDate"] for each in ends] == ["2026-03-01", None]

    roll_up = {"child": "Opportunity", "operation": "sum", "field": "Amount"}
    org.catalog.add_field("Account", "Won__c", "currency", roll_up=roll_up)
    parent = org.insert("Account", {"Name": "A", "CurrencyIsoCode": "USD"})
    for day in ("2025-06-01", "2026-02-01", "2026-03-31"):
        values = {"Amount": 100, "AccountId": parent, "CurrencyIsoCode": "EUR", "CloseDate": day}
        org.insert("Opportunity", DEAL | values)
    assert org.get("Account", parent)["Won__c"] == 200.0 + 400.0 + 125.0


def test_a_currency_exists_once(client):
    """A second row for the same currency is refused."""
    values = {"IsoCode": "EUR", "ConversionRate": 1.0, "DecimalPlaces": 2, "IsActive": True}

    assert error_of(client.post("sobjects/CurrencyType", json=values))[1] == "DUPLICATE_VALUE"


def test_currencies_survive_a_restart(tmp_path):
    """An org reopened from its file knows its currencies."""
    with Org.open(tmp_path / "org.sqlite") as org:
        org.switch_feature("multi_currency", on=True)
        org.insert("CurrencyType", {"IsoCode": "EUR", "ConversionRate": 0.5, "DecimalPlaces": 2, "IsActive": True})

    with Org.open(tmp_path / "org.sqlite") as org:
        assert org.catalog.object("Account").field("CurrencyIsoCode").picklist_values == ("USD", "EUR")
        made = org.insert("Account", {"Name": "A", "CurrencyIsoCode": "EUR"})
        assert org.get("Account", made)["CurrencyIsoCode"] == "EUR"
