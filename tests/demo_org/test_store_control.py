"""What the control plane does to the org, in the words it is asked in."""

from datetime import UTC, datetime

import pytest

from demo_org import control
from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.store import Org
from demo_org.truth import rows


@pytest.fixture
def org():
    """A new org at nine o'clock."""
    with Org.open(clock=Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC))) as opened:
        yield opened


def test_the_clock_obeys(org):
    """Frozen, moved and let run again."""
    assert control.set_clock(org, {"freeze": "2026-05-01T00:00:00Z"}) == {
        "now": "2026-05-01T00:00:00.000Z",
        "frozen": True,
        "told": "2026-05-01T00:00:00.000Z",
        "skew": 0.0,
    }
    assert control.set_clock(org, {"move": 90})["now"] == "2026-05-01T00:01:30.000Z"
    assert control.set_clock(org, {"run": True})["now"].startswith("2026-05-01T00:01:3")
    assert not control.set_clock(org, {"reset": True})["frozen"]
    with pytest.raises(SalesforceFault, match="is no instant"):
        control.set_clock(org, {"freeze": "tomorrow"})


def test_a_naive_instant_is_not_taken_for_a_time():
    """A clock without a time zone would lie to half of the world."""
    with pytest.raises(ValueError, match="no time zone"):
        Clock(frozen_at=datetime(2026, 3, 2, 9))  # noqa: DTZ001 - the mistake that is refused


def test_fields_are_added_hidden_and_shown(org):
    """The order names the act, the object and the field."""
    control.change_field(
        org, {"act": "add", "object": "Account", "field": "Tier__c", "type": "picklist", "picklist_values": ["A", "B"]}
    )
    field = org.catalog.object("Account").field("Tier__c")
    assert field.picklist_values == ("A", "B")

    control.change_field(org, {"act": "hide", "object": "Account", "field": "Tier__c"})
    assert not org.catalog.object("Account").has("Tier__c")

    control.change_field(org, {"act": "show", "object": "Account", "field": "Tier__c"})
    assert org.catalog.object("Account").has("Tier__c")
    with pytest.raises(SalesforceFault, match="use add, remove, hide or show"):
        control.change_field(org, {"act": "paint", "object": "Account", "field": "Tier__c"})


def test_an_object_is_switched_off_and_on(org):
    """Records survive the time their object was off."""
    control.switch_object(org, "Quote", {"enabled": False})
    assert "Quote" not in org.catalog

    control.switch_object(org, "Quote", {"enabled": True})
    assert "Quote" in org.catalog


def test_the_truth_shows_hidden_fields_and_the_bin(org):
    """A test that compares two worlds must see all of this one."""
    record = org.insert("Account", {"Name": "Acme", "Fax": "123"})
    org.catalog.hide_field("Account", "Fax")
    org.delete("Account", record)
    (row,) = rows(org, "account")

    assert (row["Id"], row["Fax"], row["IsDeleted"]) == (record, "123", True)


def test_records_are_undeleted_merged_and_hard_deleted(org):
    """The acts no client of Salesforce's REST API has."""
    winner, loser, other = (org.insert("Account", {"Name": name}) for name in ("A", "B", "C"))
    control.merge(org, "Account", winner, [loser])
    org.delete("Account", other)
    control.undelete(org, "Account", other)
    assert org.count("Account") == 2

    control.hard_delete(org, "Account", other)
    assert control.purge(org) == {"purged": 1}
    assert [winner] == [row["Id"] for row in rows(org, "Account")]
    with pytest.raises(SalesforceFault):
        control.undelete(org, "Account", winner)
