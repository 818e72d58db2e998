"""simple-salesforce, the client most Python programs use, works against the demo org unchanged."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from wire_client import client_of


class PlainAdapter(HTTPAdapter):
    """simple-salesforce always says https; the demo org of a test speaks http."""

    def send(self, request, *args, **kwargs):
        """Send it unencrypted."""
        request.url = urlunsplit(("http", *urlsplit(request.url)[1:]))
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="module")
def client():
    with client_of(page_rows=3) as client:
        yield client


@pytest.fixture(scope="module")
def salesforce(client):
    with requests.Session() as session:
        session.mount("https://", PlainAdapter())
        token = client.headers["Authorization"].removeprefix("Bearer ")
        host = client.served.url.removeprefix("http://")
        yield Salesforce(instance_url=f"https://{host}", session_id=token, session=session, version="64.0")


def test_records_are_created_changed_read_and_deleted(salesforce):
    """The four verbs of its object interface."""
    record_id = salesforce.Account.create({"Name": "Simple"})["id"]
    changed = salesforce.Account.update(record_id, {"Industry": "Biotechnology"})
    record = salesforce.Account.get(record_id)
    deleted = salesforce.Account.delete(record_id)

    assert (changed, record["Name"], record["Industry"], deleted) == (204, "Simple", "Biotechnology", 204)
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.get(record_id)
    with pytest.raises(SalesforceMalformedRequest):
        salesforce.Account.create({})


def test_queries_go_through_all_pages(salesforce):
    """query_all_iter follows nextRecordsUrl; the limit header is understood."""
    for number in range(8):
        salesforce.Contact.create({"LastName": f"Iterated {number}"})
    found = salesforce.query_all_iter("SELECT LastName FROM Contact WHERE LastName LIKE 'Iterated%' ORDER BY LastName")

    assert [f"Iterated {number}" for number in range(8)] == [record["LastName"] for record in found]
    assert salesforce.api_usage["api-usage"].total == 100_000


def test_objects_are_described(salesforce):
    """Its global and its object describe."""
    assert "Opportunity" in {each["name"] for each in salesforce.describe()["sobjects"]}
    assert "StageName" in {field["name"] for field in salesforce.Opportunity.describe()["fields"]}
    assert salesforce.limits()["DailyApiRequests"]["Max"] == 100_000


def test_changes_and_deletions_are_replicated(salesforce, client):
    """Its updated() and deleted() with its own way to write times."""
    kept, gone = (salesforce.Lead.create({"LastName": name, "Company": "x"})["id"] for name in ("Kept", "Gone"))
    salesforce.Lead.delete(gone)
    now = datetime.now(UTC)
    span = (now - timedelta(minutes=5), now + timedelta(minutes=2))

    assert [kept] == salesforce.Lead.updated(*span)["ids"]
    assert [gone] == [each["id"] for each in salesforce.Lead.deleted(*span)["deletedRecords"]]


def test_bulk_queries_come_as_csv_text(salesforce):
    """One text per page, the header repeated."""
    salesforce.Product2.create({"Name": 'Kit "A"'})
    (page,) = salesforce.bulk2.Product2.query("SELECT Name FROM Product2", wait=0)

    assert page == '"Name"\n"Kit ""A"""\n'


def test_an_expired_session_raises_its_own_error(salesforce, client):
    """With a given session id there is no login to repeat."""
    client.post("/demo/sessions/kill")
    with pytest.raises(SalesforceExpiredSession):
        salesforce.query("SELECT Id FROM Account")
