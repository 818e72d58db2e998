"""A scope as a value: what it says to Salesforce, and what is wrong with one that was written down."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import ScopeInvalid
from sync.record import Field, ObjectShape
from sync.scope.document import OrgFacts, checked, read_scope, unusable, write_scope
from sync.scope.scope import (
    AddedObject,
    ClosingSoon,
    ClosureChoice,
    OrgDay,
    RecordType,
    Scope,
    ScopeToday,
    org_day,
)

TODAY = OrgDay(day=date(2026, 11, 28), zone=ZoneInfo("America/New_York"))
NEW_BUSINESS = RecordType(name="New_Business", id="012000000000001AAA")
FIELDS = frozenset(
    {"IsWon", "IsClosed", "StageName", "CloseDate", "Probability", "RecordTypeId", "LastStageChangeDate", "CreatedDate"}
)
PROJECT = ObjectShape(
    name="Project__c",
    label="Project",
    fields=(
        Field(name="Deal__c", type="reference", label="Deal", reference_to=("Opportunity",)),
        Field(name="Lead__c", type="reference", label="Lead", reference_to=("User",)),
    ),
)
FACTS = OrgFacts(
    fields=FIELDS,
    stages={"Closed Won": "Closed Won", "Signed!": "Signed", "Signed": "Signed"},
    record_types={"New_Business": NEW_BUSINESS.id},
    added={"Project__c": PROJECT},
)

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)
SCOPES = st.builds(
    Scope,
    record_types=st.lists(st.builds(RecordType, name=NAMES, id=NAMES), max_size=3).map(tuple),
    stages=st.lists(NAMES, max_size=3).map(tuple),
    closed_from=st.none() | st.dates(),
    won_from=st.none() | st.dates(),
    closing_soon=st.none() | st.builds(ClosingSoon, days=st.integers(0, 366), probability=st.integers(0, 100)),
    closure=st.builds(
        ClosureChoice,
        leave_out=st.lists(NAMES, max_size=2).map(tuple),
        add=st.lists(st.builds(AddedObject, name=NAMES, parent_field=NAMES), max_size=2).map(tuple),
    ),
)


def said(scope, prefix=""):
    """What a scope says to Salesforce today."""
    return ScopeToday(scope=scope, today=TODAY).soql(prefix=prefix)


def test_by_default_a_deal_is_what_salesforce_calls_won_however_old_it_is():
    """There is no start date that nobody chose: a customer of ten years ago is a customer."""
    assert said(Scope()) == "IsWon = true"
    assert said(Scope(), "Opportunity.") == "Opportunity.IsWon = true"
    assert read_scope({}) == Scope()
    assert not Scope().moves_with_the_day


def test_each_condition_narrows_what_is_a_deal():
    """Record types, stages and a start date all have to be met."""
    scope = Scope(record_types=(NEW_BUSINESS,), stages=("Signed", "Won, really"), closed_from=date(2024, 1, 31))

    assert said(scope) == (
        "RecordTypeId IN ('012000000000001AAA') AND CloseDate >= 2024-01-31 AND StageName IN ('Signed','Won, really')"
    )


def test_drafts_are_open_likely_and_close_within_the_days_from_today():
    """One statement asks for deals and drafts; OR is on one object, where Salesforce lets it stand."""
    scope = Scope(closing_soon=ClosingSoon(days=30, probability=80))

    assert said(scope, "Opportunity.") == (
        "(Opportunity.IsWon = true OR (Opportunity.IsClosed = false AND Opportunity.CloseDate >= 2026-11-28"
        " AND Opportunity.CloseDate <= 2026-12-28 AND Opportunity.Probability >= 80))"
    )
    assert (
        ScopeToday(scope=scope, today=TODAY)
        .opportunities("AccountId")
        .startswith("SELECT AccountId FROM Opportunity WHERE (IsWon = true OR (")
    )
    assert scope.moves_with_the_day


def test_a_day_begins_where_the_org_is():
    """Won since the first of January means midnight in New York, for an org that lives there."""
    instant = datetime(2026, 1, 1, 3, tzinfo=UTC)

    assert org_day(instant, "America/New_York").day == date(2025, 12, 31)
    assert org_day(instant, "Asia/Tokyo").day == date(2026, 1, 1)
    assert org_day(instant, "Nowhere/Land").day == org_day(instant, None).day == date(2026, 1, 1)
    assert "LastStageChangeDate >= 2026-01-01T05:00:00Z" in said(Scope(won_from=date(2026, 1, 1)))


def test_a_scope_names_the_fields_it_looks_at():
    """What is hidden from the sync user is noticed before a query fails."""
    assert Scope().fields() == {"IsWon"}
    assert Scope(stages=("Signed",), won_from=date(2026, 1, 1)).fields() == {
        "StageName", "LastStageChangeDate", "CreatedDate",
    }  # fmt: skip
    assert Scope(record_types=(NEW_BUSINESS,), closing_soon=ClosingSoon(days=1, probability=1)).fields() == {
        "RecordTypeId", "IsWon", "IsClosed", "CloseDate", "Probability",
    }  # fmt: skip


@given(scope=SCOPES)
def test_a_scope_survives_being_kept(scope):
    """What was chosen last year reads the same today."""
    assert read_scope(write_scope(scope)) == scope


@given(scope=SCOPES)
def test_no_value_of_a_scope_ends_its_literal(scope):
    """A stage with a quote, a colon or a backslash in its name is a stage, and no piece of a statement."""
    import re  # noqa: PLC0415 - only here

    written = ScopeToday(scope=scope, today=TODAY).sql()
    outside = re.sub(r"U&'[A-Za-z0-9 _.\\+-]*'", "", written)

    assert set(re.findall(r"'[^']*'", outside)) <= {
        f"'{scope.closed_from}'", "'2026-11-28'", *re.findall(r"'\d{4}-\d\d-\d\d[^']*'", outside),
    }  # fmt: skip
    assert not re.search(r"(?<![:\w\\]):\w", written)


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"record_type": ["New_Business"]}, "'record_type'"),
        ({"record_types": "New_Business"}, "record_types"),
        ({"stages": [""]}, "stages"),
        ({"stages": [1]}, "stages"),
        ({"closed_from": "last year"}, "2024-01-31"),
        ({"won_from": 2024}, "won_from"),
        ({"closing_soon": 30}, "closing_soon"),
        ({"closing_soon": {"days": 30}}, "probability"),
        ({"closing_soon": {"days": -1, "probability": 80}}, "days"),
        ({"closing_soon": {"days": True, "probability": 80}}, "days"),
        ({"closing_soon": {"days": 400, "probability": 80}}, "366"),
        ({"closing_soon": {"days": 4, "probability": 80, "weeks": 1}}, "weeks"),
        ({"closure": ["Project__c"]}, "leave_out"),
        ({"closure": {"add": [{"object": "Project__c"}]}}, "parent_field"),
        ({"closure": {"skip": []}}, "skip"),
    ],
)
def test_a_scope_that_says_nothing_clear_is_refused(document, word):
    """The message names what is wrong; nothing is guessed."""
    with pytest.raises(ScopeInvalid) as refused:
        read_scope(document)

    assert word in str(refused.value)


def test_names_are_taken_over_in_the_orgs_own_spelling():
    """Labels become the names that records hold, record types their ids; twice the same counts once."""
    chosen = read_scope({"record_types": ["new_business", NEW_BUSINESS.id[:15]], "stages": ["signed!", "SIGNED"]})

    assert checked(chosen, FACTS) == Scope(record_types=(NEW_BUSINESS,), stages=("Signed",))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"stages": ["Sined"]}, ["'Sined'", "'Closed Won'", "'Signed'"]),
        ({"record_types": ["Renewals"]}, ["'Renewals'", "'New_Business'"]),
        ({"closure": {"add": [{"object": "Gone__c", "parent_field": "X__c"}]}}, ["Gone__c"]),
        ({"closure": {"add": [{"object": "Project__c", "parent_field": "Lead__c"}]}}, ["Lead__c", "Deal__c"]),
        ({"closure": {"leave_out": ["Quote"]}}, ["Quote"]),
        (
            {"closure": {"leave_out": ["Project__c"], "add": [{"object": "Project__c", "parent_field": "Deal__c"}]}},
            ["Project__c", "both"],
        ),
    ],
)
def test_what_the_org_does_not_have_is_named_with_what_it_has(document, words):
    """A misspelt stage never silently means that there are no deals."""
    with pytest.raises(ScopeInvalid) as refused:
        checked(read_scope(document), FACTS)

    assert [word for word in words if word not in str(refused.value)] == []


def test_every_mistake_is_told_at_once():
    """Whoever writes a scope corrects it in one go."""
    with pytest.raises(ScopeInvalid) as refused:
        checked(read_scope({"stages": ["A", "B"], "record_types": ["C"]}), FACTS)

    assert len(refused.value.problems) == 3


def test_a_field_that_is_hidden_makes_the_scope_unusable():
    """Nobody can tell then who belongs to us, so membership stays as it was."""
    scope = Scope(record_types=(NEW_BUSINESS,), closing_soon=ClosingSoon(days=3, probability=50))

    assert unusable(scope, fields=FIELDS, stages=()) == []
    (hidden,) = unusable(scope, fields=FIELDS - {"Probability"}, stages=())
    assert "Opportunity.Probability" in hidden
    (none,) = unusable(scope, fields=FIELDS - {"RecordTypeId"}, stages=())
    assert "record types" in none


def test_a_stage_that_was_renamed_makes_the_scope_unusable():
    """A rename in Salesforce does not empty the store."""
    assert unusable(Scope(stages=("Signed",)), fields=FIELDS, stages=("Sealed",)) != []
    assert unusable(Scope(), fields=FIELDS, stages=("Sealed",)) == []
