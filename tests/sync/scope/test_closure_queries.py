"""Who belongs to a won deal, as it is asked of Salesforce."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.record import Field, ObjectShape, Selection, Window
from sync.salesforce.soql import MAX_STATEMENT, instant_literal, select, text_literal
from sync.scope.catalog import ROOT, STANDARD, Closure, Reach, own_objects
from sync.scope.closure import by_ids_query, children_query, scope_predicates, snapshot_queries, window_query
from sync.scope.mapping import select_fields

LOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


def shape(name, *fields):
    typed = [field if isinstance(field, Field) else Field(name=field, type="string", label=field) for field in fields]
    return ObjectShape(name=name, label=name, fields=tuple(typed))


def selection(name, *fields):
    return select_fields(shape(name, *(fields or ("Id", "IsDeleted", "SystemModstamp"))))


#: what hangs on records that a semi-join reaches can't be asked for: semi-joins don't nest
BY_PARENTS = {"OrderItem", "AssetStatePeriod", "CampaignMember"}


@pytest.mark.parametrize("name", STANDARD.names)
def test_every_object_has_its_snapshot_query_or_is_read_by_ids(name):
    """At most two semi-joins, never under OR, never FIELDS()."""
    queries = snapshot_queries(name, selection(name))

    assert bool(queries) == (STANDARD[name].reach is not Reach.NAMED and name not in BY_PARENTS)
    for query in queries:
        assert query.soql.startswith(f"SELECT Id, IsDeleted, SystemModstamp FROM {name}")
        assert query.soql.count("(SELECT") <= 2
        assert " OR " not in query.soql
        assert "ORDER BY" not in query.soql


def test_archived_activities_are_read_too():
    """Salesforce hides activities older than a year from a plain query; a customer's history is older than that."""
    query = snapshot_queries("Task", selection("Task"))[0]

    assert query.include_deleted
    assert query.soql.endswith("WhatId IN (SELECT Id FROM Opportunity WHERE IsWon = true) AND IsDeleted = false")


def test_contacts_are_reached_by_account_and_by_role():
    """Semi-joins may not stand under OR, so these are two queries."""
    queries = [query.soql for query in snapshot_queries("Contact", selection("Contact"))]

    assert [re.search(r"WHERE (\w+) IN", query)[1] for query in queries] == ["AccountId", "Id"]


def test_a_snapshot_query_can_go_on_page_by_page():
    """Objects that bulk jobs refuse are read in the order of their ids."""
    whole = snapshot_queries("OpportunityStage", selection("OpportunityStage"))[0]
    narrow = snapshot_queries("Quote", selection("Quote"))[0]

    assert whole.page(None).endswith("FROM OpportunityStage ORDER BY Id LIMIT 2000")
    assert whole.page("01J").endswith("FROM OpportunityStage WHERE Id > '01J' ORDER BY Id LIMIT 2000")
    assert narrow.page("0Q0").endswith("Opportunity.IsWon = true AND Id > '0Q0' ORDER BY Id LIMIT 2000")


@pytest.mark.parametrize(
    ("fields", "stamp"),
    [
        (("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp"), "SystemModstamp"),
        (("Id", "CreatedDate", "LastModifiedDate"), "LastModifiedDate"),
        (("Id", "CreatedDate"), "CreatedDate"),
    ],
)
def test_a_window_uses_the_best_stamp_an_object_has(fields, stamp):
    """Some objects lack SystemModstamp."""
    window = Window(low=LOW, high=LOW + timedelta(minutes=1))

    soql = window_query(selection("Note", *fields), window, scoped=False)

    assert f"{stamp} >= 2026-11-23T10:00:00Z AND {stamp} < 2026-11-23T10:01:00Z ORDER BY Id LIMIT 2000" in soql


def test_only_opportunities_are_looked_at_whatever_their_stage():
    """A deal that is reopened must be seen to leave."""
    window = Window(low=LOW, high=LOW + timedelta(minutes=1))

    assert "IsWon" not in window_query(selection(ROOT), window, scoped=False)
    assert "Opportunity.IsWon = true AND" in window_query(selection("Quote"), window, scoped=True)
    assert "IsWon" not in window_query(selection("Account"), window, scoped=True)


@pytest.mark.parametrize(
    ("name", "field", "predicate"),
    [
        ("Task", "WhatId", "WhatId IN (SELECT Id FROM Opportunity WHERE IsWon = true)"),
        ("EmailMessage", "RelatedToId", "RelatedToId IN (SELECT Id FROM Opportunity WHERE IsWon = true)"),
        ("Partner", "OpportunityId", "Opportunity.IsWon = true"),
        ("QuoteLineItem", "QuoteId", "Quote.Opportunity.IsWon = true"),
        ("Asset", "AccountId", "AccountId IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)"),
    ],
)
def test_children_are_reached_through_the_field_that_names_their_parent(name, field, predicate):
    """The field differs by object, and lookups that lead to several objects have no path."""
    assert STANDARD[name].parent_field == field
    assert scope_predicates(name) == (predicate,)


def test_objects_of_the_org_hang_on_the_first_deal_they_look_up_to():
    """An object may look up to deals and accounts, and several times."""
    closure = Closure(
        own_objects(
            [
                (ROOT, "Kickoff__c", "Deal__c"),
                (ROOT, "Kickoff__c", "Other__c"),
                ("Account", "Kickoff__c", "Client__c"),
                ("Account", "Licence__c", "Client__c"),
            ]
        )
    )

    assert [each.name for each in closure.custom] == ["Kickoff__c", "Licence__c"]
    assert scope_predicates("Kickoff__c", closure) == ("Deal__r.IsWon = true",)
    assert scope_predicates("Licence__c", closure) == (
        "Client__c IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)",
    )


def test_parents_are_read_before_what_hangs_on_them():
    """A child lands only beside its parent."""
    order = list(STANDARD.names)

    for each in STANDARD:
        if each.parent in order and each.parent != "Account":
            assert order.index(each.parent) < order.index(each.name)


@given(
    ids=st.lists(st.text("0aZ", min_size=18, max_size=18), min_size=1, max_size=200), after=st.none() | st.just("006")
)
def test_a_query_of_children_names_every_parent_once(ids, after):
    """And goes on behind the last id seen."""
    query = children_query(STANDARD["Event"], selection("Event"), ids, after_id=after)

    assert query.include_deleted
    assert query.soql.count("'") == 2 * len(ids) + (2 if after else 0)
    assert query.soql.endswith(
        "IsDeleted = false AND Id > '006' ORDER BY Id" if after else "IsDeleted = false ORDER BY Id"
    )


def test_a_thousand_ids_fit_into_a_query():
    """With room for hundreds of fields."""
    fields = [f"Some_Custom_Field_With_Forty_Characters{number}__c" for number in range(800)]

    assert len(by_ids_query(selection("User", "Id", *fields), ["0" * 18] * 1000)) <= MAX_STATEMENT


def test_a_statement_that_is_too_long_is_refused_here():
    """Salesforce's own answer would be hard to read."""
    with pytest.raises(ValueError, match="fewer ids"):
        select(["Id"], "Account", where=["Id IN ('" + "0" * MAX_STATEMENT + "')"])


@given(st.text())
def test_no_text_can_end_its_literal(text):
    """What stands between the outer quotes holds no bare quote, and no backslash that would free one."""
    literal = text_literal(text)

    assert re.fullmatch(r"'(?:[^'\\]|\\.)*'", literal, re.DOTALL)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - hypothesis adds the zone
def test_instants_are_written_in_utc(instant):
    """Whatever the zone, to the second."""
    written = datetime.fromisoformat(instant_literal(instant))

    assert timedelta(0) <= instant - written < timedelta(seconds=1)


def test_fields_that_can_not_be_delivered_or_say_nothing_are_left_out():
    """Compound fields, files, and a hundred switches of each user."""
    found = select_fields(
        shape(
            "User",
            "Name",
            "Id",
            Field(name="Address", type="address", label="Address"),
            Field(name="Photo", type="base64", label="Photo"),
            "LastViewedDate",
            "UserPreferencesApexPagesDeveloperMode",
            Field(name="UserPreferences__c", type="boolean", label="Ours", custom=True),
        )
    )

    assert found.names == ("Id", "Name", "UserPreferences__c")


def test_a_selection_can_do_without_a_field_that_is_hidden():
    """The rest of the object is read all the same."""
    owner = Field(name="OwnerId", type="reference", label="Owner", reference_to=("Group", "User"))
    found = Selection(shape=shape("Task", "Id", owner), fields=(owner,))

    assert found.without("OwnerId").names == ()


def test_a_window_runs_forward_and_is_aware():
    """A wrong watermark must not read nothing for ever."""
    with pytest.raises(ValueError, match="watermark"):
        Window(low=LOW, high=LOW)
    with pytest.raises(ValueError, match="time zone"):
        Window(low=LOW.replace(tzinfo=None), high=LOW)
