"""Fields that move without a stamp are refreshed on a schedule, and everybody can see how old they are."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from sync.prove import refresh_formulas
from sync.run import PassReport, connected_org
from sync.salesforce.client import connect

_OWNER = "SELECT id, custom ->> 'Customer_Name__c' FROM closure.opportunity ORDER BY 1"


def _refresh(followed: Any) -> PassReport:
    with connect(followed.settings) as client:
        return refresh_formulas(followed.store, client, connected_org(followed.store, client))


def _with_formula(followed: Any) -> None:
    """Every opportunity shows the name of its account, and one account is renamed: no opportunity is stamped."""
    followed.org.catalog.add_field("Opportunity", "Customer_Name__c", "string", formula="Account.Name")
    followed.sync()
    followed.org.clock.move(by=timedelta(hours=2))  # or the overlap of windows would bring it by chance
    followed.sync()
    followed.org.update("Account", followed.accounts[0], {"Name": "Renamed"})
    followed.sync()


def test_a_formula_that_moved_without_a_stamp_is_refreshed(followed: Any) -> None:
    """No poll can see it; the refresh does, for a call or two."""
    _with_formula(followed)

    assert "Renamed" not in dict(followed.ask(_OWNER)).values()

    report = _refresh(followed)

    assert dict(followed.ask(_OWNER))[followed.deals[0]] == "Renamed"
    assert report.api_calls <= 6
    assert report.rows_written == 1
    assert followed.proof().drift_rows == 0


def test_how_old_formulas_are_is_known_for_each_object(followed: Any) -> None:
    """Whoever reads a value can learn when it was true."""
    _with_formula(followed)
    followed.org.clock.freeze()
    _refresh(followed)
    query = "SELECT formulas_as_of, formula_fields FROM ops.object_state WHERE object = 'Opportunity'"
    ((as_of, fields),) = followed.ask(query)

    assert "Customer_Name__c" in fields
    assert abs((as_of - followed.org.clock.now()).total_seconds()) <= 2


def test_a_contract_that_expires_by_itself_is_seen_to(followed: Any) -> None:
    """Contract.Status moves with the day and stamps nothing."""
    contract = followed.org.insert("Contract", {"AccountId": followed.accounts[0], "Status": "Draft"})
    followed.sync()
    with followed.org.writing() as connection:
        connection.execute("UPDATE Contract SET Status = 'Expired' WHERE Id = ?", (contract,))
    followed.sync()
    _refresh(followed)

    assert followed.ask("SELECT status FROM closure.contract") == [("Expired",)]
    assert followed.proof().drift_rows == 0


def test_a_record_in_another_version_is_read_whole_and_never_in_part(followed: Any) -> None:
    """A new stamp on old values would hide from every poll that the rest is old."""
    _with_formula(followed)
    with followed.store.writing() as session:
        session.execute(
            text(
                "UPDATE salesforce.opportunity SET nextstep = 'stale', systemmodstamp = systemmodstamp - interval '1 h'"
                " WHERE id = :id"
            ),
            {"id": followed.deals[0]},
        )
    _refresh(followed)

    assert followed.proof().drift_rows == 0


def test_a_refresh_revives_nothing_and_brings_nothing_new(followed: Any) -> None:
    """A record that is known to be gone, or was never in the store, is not for a refresh to bring."""
    _with_formula(followed)
    with followed.store.writing() as session:
        session.execute(
            text("UPDATE salesforce.opportunity SET tombstone = 'deleted' WHERE id = :id"), {"id": followed.deals[0]}
        )
        session.execute(text("DELETE FROM salesforce.opportunity WHERE id = :id"), {"id": followed.deals[2]})
    _refresh(followed)

    assert followed.ask("SELECT id, tombstone FROM salesforce.opportunity WHERE iswon ORDER BY 1") == [
        (followed.deals[0], "deleted"),
        (followed.deals[4], None),
    ]
