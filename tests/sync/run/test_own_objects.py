"""Objects of an org's own: found by their lookups, and left out or added by choice."""

from datetime import timedelta
from typing import Any

import pytest

from sync.run import connected_org, run_pass
from sync.run.report import Kind
from sync.run.scope_choice import choose, preview
from sync.salesforce.client import connect
from sync.scope.document import read_scope

RECORDS = "SELECT object, parentid FROM closure.custom_record ORDER BY 1, 2"


def chosen(followed: Any, **closure: Any) -> None:
    """Choose what belongs to a deal beside the standard objects."""
    with connect(followed.settings) as client:
        found = preview(followed.store, client, read_scope({"closure": closure} if closure else {}))
        choose(followed.store, connected_org(followed.store, client), found.scope, by="a test")


@pytest.fixture
def projects(followed: Any) -> Any:
    """A won deal and its customer have a project each; the project of the deal names a second deal, too."""
    catalog = followed.org.catalog
    catalog.add_object("Project__c", label="Project")
    for name, target in (("Deal__c", "Opportunity"), ("Next_Deal__c", "Opportunity")):
        catalog.add_field("Project__c", name, "reference", reference_to=(target,))
    catalog.add_object("Visit__c", label="Visit")
    catalog.add_field("Visit__c", "Clinic__c", "reference", reference_to=("Account",))
    followed.org.insert(
        "Project__c", {"Name": "Roll-out", "Deal__c": followed.deals[0], "Next_Deal__c": followed.deals[2]}
    )
    followed.org.insert("Visit__c", {"Name": "First visit", "Clinic__c": followed.accounts[0]})
    return followed


def test_a_lookup_of_an_own_object_is_cleared_as_in_the_org(followed: Any) -> None:
    """Whatever is deleted takes itself out of lookups without a stamp, those of an org's own objects too."""
    catalog = followed.org.catalog
    catalog.add_object("Renewal__c")
    catalog.add_field("Renewal__c", "Deal__c", "reference", reference_to=("Opportunity",), children="Renewals")
    catalog.add_field("Renewal__c", "Person__c", "reference", reference_to=("Contact",), children="Renewals")
    values = {"Deal__c": followed.deals[0], "Person__c": followed.contacts[0]}
    followed.org.insert("Renewal__c", values)
    followed.sync()
    told = "SELECT custom ->> 'Person__c' FROM closure.custom_record"
    assert followed.ask(told) == [(followed.contacts[0],)]
    followed.org.clock.move(by=timedelta(hours=1))
    followed.org.delete("Contact", followed.contacts[0])
    followed.sync()

    assert followed.ask(told) == [(None,)]
    assert followed.proof().drift_rows == 0


def test_an_object_can_be_left_out_and_taken_back(projects: Any) -> None:
    """What nobody wants is not read, and its records stay ready to be read again."""
    projects.sync()
    both = [("Project__c", projects.deals[0]), ("Visit__c", projects.accounts[0])]
    assert projects.ask(RECORDS) == both

    chosen(projects, leave_out=["Visit__c"])
    projects.sync()
    assert projects.ask(RECORDS) == both[:1]
    assert projects.ask("SELECT state FROM ops.object_state WHERE object = 'Visit__c'") == [("left_out",)]
    assert projects.proof().drift_rows == 0

    projects.org.insert("Visit__c", {"Name": "Second visit", "Clinic__c": projects.accounts[0]})
    chosen(projects)
    projects.sync()
    assert projects.ask(RECORDS) == [*both, both[1]]
    assert projects.ask("SELECT state FROM ops.object_state WHERE object = 'Visit__c'") == [("ok",)]
    assert projects.proof().drift_rows == 0


def test_an_object_can_be_reached_by_another_lookup(projects: Any) -> None:
    """Where an object names several deals, people say which of them it belongs to."""
    projects.sync()
    chosen(projects, add=[{"object": "Project__c", "parent_field": "Next_Deal__c"}])
    projects.sync()

    assert projects.ask(RECORDS)[0] == ("Project__c", projects.deals[2])
    assert projects.proof().drift_rows == 0


@pytest.mark.parametrize("kind", ["live", "deep"])
def test_an_object_whose_lookup_is_hidden_and_shown_counts_by_what_is_readable(followed: Any, kind: Kind) -> None:
    """Which records belong to a deal is told by the first lookup that leads to one and that the user may read."""
    catalog = followed.org.catalog
    catalog.add_object("Renewal__c")
    catalog.add_field("Renewal__c", "Customer__c", "reference", reference_to=("Account",))
    catalog.add_field("Renewal__c", "Deal__c", "reference", reference_to=("Opportunity",))
    deal, customer = followed.deals[0], followed.accounts[0]
    followed.org.insert("Renewal__c", {"Name": "By the deal", "Deal__c": deal})
    followed.org.insert("Renewal__c", {"Name": "By the customer", "Customer__c": customer})
    followed.sync()
    assert followed.ask(RECORDS) == [("Renewal__c", deal)]

    followed.org.clock.move(by=timedelta(days=3))
    followed.sync()
    followed.org.clock.move(by=timedelta(days=3))
    catalog.hide_field("Renewal__c", "Deal__c")
    with connect(followed.settings) as client:
        for _ in range(7):  # by then it was the turn of every object
            run_pass(followed.store, client, connected_org(followed.store, client), kind=kind)
    followed.sync()
    assert followed.ask(RECORDS) == [("Renewal__c", customer)]
    assert followed.proof().drift_rows == 0

    catalog.show_field("Renewal__c", "Deal__c")
    followed.org.clock.move(by=timedelta(days=3))
    followed.sync()
    assert followed.ask(RECORDS) == [("Renewal__c", deal)]
    assert followed.proof().drift_rows == 0
