"""A window is read whole: nothing is lost at page ends, nothing comes twice, and little news needs one call."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_org import NOW, TinyOrg, selection_of

from sync.errors import BadReply, ObjectMissing, ResultTruncated
from sync.extract.aggregate import by_ids, children, chunks
from sync.extract.parts import QueryPart, drain
from sync.extract.poll import poll
from sync.extract.turn import Standing, everything, next_turn
from sync.record import Window
from sync.salesforce.replication import OLDEST_START, span
from sync.scope.catalog import STANDARD, Reach
from sync.scope.closure import window_query

WINDOW = Window(low=NOW - timedelta(minutes=1), high=NOW)
ALL = {name: selection_of(name) for name in STANDARD.names}


def row(number, *, at=NOW - timedelta(seconds=30), prefix="006", **more):
    return {"Id": f"{prefix}{number:015d}", "SystemModstamp": at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), **more}


#: as an org tells it: no lists of what changed
UNLISTED = {"OpportunityStage", "RecordType", "CurrencyType", "ContentDocumentLink"}
ALL |= {name: selection_of(name, replicateable=False) for name in UNLISTED}


def standings(*, low=WINDOW.low, rows=0, read_at=None, **watermarks):
    return {
        name: Standing(
            low=low,
            watermark=watermarks.get(name, NOW - timedelta(minutes=2)),
            rows=rows,
            read_at=(read_at or {}).get(name),
        )
        for name in STANDARD.names
    }


def look(org, *, choose=everything, selections=ALL, **more):
    return poll(org, STANDARD, selections, choose(STANDARD, selections, standings(**more), NOW))


def sets_of(org, *, deals=(), accounts=()):
    parents = {each.name: deals for each in STANDARD.children_of("Opportunity")}
    parents |= {each.name: accounts for each in STANDARD.children_of("Account")}
    return list(children(org, STANDARD, ALL, parents))


def test_an_idle_window_costs_one_call():
    """2,880 calls a day at two looks a minute, whatever the number of objects."""
    org = TinyOrg()

    found = look(org, choose=next_turn)

    assert len(org.calls) == 1
    assert found.failed == {}
    assert found.opportunities == []
    assert found.server_date == NOW


def test_it_is_soon_the_turn_of_every_object():
    """What a call asks about follows from what the store knows, so that a killed worker changes nothing.

    Lists of changes are complete up to a full minute only; that makes no object seem to have waited.
    """
    reached, read_at, rounds = dict.fromkeys(STANDARD.names, NOW), dict.fromkeys(STANDARD.names, NOW), {}
    for number in range(1, 20):
        now = NOW + timedelta(seconds=30 * number)
        turn = next_turn(STANDARD, ALL, standings(low=now - timedelta(minutes=1), read_at=read_at, **reached), now)
        for name in turn.names:
            rounds.setdefault(name, []).append(number)
            reached[name] = now.replace(second=0) if name in turn.updated else now
            read_at[name] = now

    listed = {each.name for each in STANDARD if not each.silent}
    assert set(rounds) == listed
    assert max(later - earlier for turns in rounds.values() for earlier, later in itertools.pairwise([0, *turns])) <= 5
    assert all(number in rounds["Opportunity"] and number in rounds["OpportunityLineItem"] for number in range(1, 20))
    lively = {each.name for each in STANDARD if each.lively}
    assert all(later - earlier <= 3 for name in lively for earlier, later in itertools.pairwise([0, *rounds[name]]))


def test_an_object_that_was_never_described_is_described_next():
    """An object that the org lacked may have appeared."""
    described = {name: Standing(low=WINDOW.low, watermark=NOW, described_at=NOW) for name in STANDARD.names}
    described["Quote"] = Standing(low=WINDOW.low, watermark=None)
    present = {name: each for name, each in ALL.items() if name != "Quote"}

    turn = next_turn(STANDARD, present, described, NOW)

    assert turn.described == ["Quote"]
    assert "Quote" not in turn.names


def test_what_changed_comes_as_records_or_ids():
    """A few objects as records, the others as ids, the vanished from the deletion log."""
    org = TinyOrg()
    org.rows = {
        "Opportunity": [row(1, IsWon=False), row(2, at=NOW - timedelta(days=1))],
        "Task": [row(3, prefix="00T", WhatId="006")],
        "Account": [row(4, prefix="001")],
        "OpportunityStage": [row(5, prefix="01J")],
    }
    org.deleted = {"OpportunityLineItem": [("00k000000000000006", NOW - timedelta(seconds=5))]}

    found = look(org)

    assert [record["Id"] for record in found.opportunities] == [row(1)["Id"]]
    assert "attributes" not in found.opportunities[0]
    assert found.updated_ids["Task"] == (row(3, prefix="00T")["Id"],)
    assert found.updated_ids["Account"] == (row(4, prefix="001")["Id"],)
    assert found.deleted_ids["OpportunityLineItem"] == ("00k000000000000006",)
    assert len(found.sets["OpportunityStage"]) == 1
    assert found.covered["Account"] == NOW.replace(second=0)


def test_opportunities_are_asked_of_query_all_and_whatever_their_stage():
    """So that a deal that is deleted or reopened is seen to leave."""
    org = TinyOrg()

    look(org)

    assert [
        url for url in org.calls[0] if "/queryAll?" in url and "FROM%20Opportunity%20" in url and "IsWon" not in url
    ]


@given(
    count=st.integers(0, 60),
    batch=st.integers(1, 20),
    stamps=st.lists(st.integers(0, 3), min_size=60, max_size=60),
)
def test_every_row_of_a_window_comes_exactly_once(count, batch, stamps):
    """Equal stamps, short pages, ends of pages: the order by id is proof against all of them."""
    org = TinyOrg(batch=batch)
    org.rows["Opportunity"] = [row(n, at=NOW - timedelta(seconds=stamps[n])) for n in range(count)]

    found = look(org, selections={"Opportunity": ALL["Opportunity"]})

    inside = [each["Id"] for each, stamp in zip(org.rows["Opportunity"], stamps, strict=False) if stamp > 0]
    assert [record["Id"] for record in found.opportunities] == inside


def test_more_equal_stamps_than_fit_a_page_are_no_endless_loop():
    """A bulk load stamps thousands of rows with the same second."""
    org = TinyOrg()
    org.rows["Opportunity"] = [row(number) for number in range(20_000)]

    found = look(org, selections={"Opportunity": ALL["Opportunity"]})

    assert len(found.opportunities) == 20_000


def test_a_refused_object_leaves_the_others_alone():
    """Its own window fails, nothing else does."""
    org = TinyOrg()
    org.refused = {"Quote": "INVALID_TYPE"}
    org.rows["Opportunity"] = [row(1)]

    found = look(org)

    assert isinstance(found.failed["Quote"], ObjectMissing)
    assert len(found.opportunities) == 1
    assert "Quote" not in found.updated_ids


def test_objects_without_lists_of_ids_are_read_as_sets_while_they_are_few():
    """A set tells of additions, changes and deletions; links of files vanish without a trace."""
    org = TinyOrg()
    org.rows["ContentDocumentLink"] = [row(1, prefix="06A", LinkedEntityId="006", at=NOW - timedelta(days=9))]

    found = look(org)

    assert len(found.sets["ContentDocumentLink"]) == 1
    assert "ContentDocumentLink" not in found.updated_ids


def test_many_records_without_lists_are_queried_by_their_stamp_and_counted():
    """Where a set would take many pages, a count tells whether records have vanished."""
    turn = everything(STANDARD, ALL, standings(rows=5_000), NOW)

    assert "ContentDocumentLink" in turn.queried
    assert turn.counted == ["ContentDocumentLink"]
    assert "ContentDocumentLink" not in turn.sets


def test_a_deep_look_asks_everything_once():
    """Every object that can tell of changes by itself, and no part twice."""
    org = TinyOrg()

    found = look(org)

    told = {*found.changed, *found.sets, *found.updated_ids}
    assert told == {each.name for each in STANDARD if not each.silent}
    urls = [url for call in org.calls for url in call]
    assert len(urls) == len(set(urls))


def test_users_are_not_asked_for_deletions():
    """They can only be switched off. A price can go, and be named again by a line item that comes back."""
    turn = everything(STANDARD, ALL, standings(), NOW)

    assert "User" in turn.updated
    assert "User" not in turn.deleted
    assert "PricebookEntry" in turn.deleted
    assert all(
        each.name in turn.deleted for each in STANDARD if each.reach is Reach.CHILD and each.name in turn.updated
    )


def test_an_org_that_refuses_the_present_minute_is_asked_for_the_full_minutes():
    """Then the lists cover less, and say so."""
    org = TinyOrg()
    org.refuse_future = True

    found = look(org)

    assert found.failed == {}
    assert "Account" in found.covered
    asked = [url for call in org.calls for url in call if "/Account/updated" in url]
    assert len(asked) == 2


def test_a_forgotten_deletion_log_is_noticed():
    """Salesforce purges it early when it grows; then all ids must be compared."""
    org = TinyOrg()

    found = look(org, low=NOW - timedelta(days=29))

    assert "Account" in found.deletions_lost


@given(
    low=st.datetimes(min_value=NOW.replace(tzinfo=None) - timedelta(days=60), max_value=NOW.replace(tzinfo=None)),
    present=st.booleans(),
)
def test_spans_cover_the_window_in_whole_minutes(low, present):
    """Salesforce drops the seconds, so a span is wider than its window, and at least a minute long."""
    low = low.replace(tzinfo=NOW.tzinfo)

    start, end = span(low, NOW, into_present=present)

    assert start <= max(low, NOW - OLDEST_START)
    assert end - start >= timedelta(minutes=1)
    assert (start.second, start.microsecond, end.second, end.microsecond) == (0, 0, 0, 0)
    assert end > NOW if present else end <= NOW


def test_the_children_of_deals_come_as_complete_sets():
    """Every child, whenever it was last changed; a deal without children has an empty set, which may delete."""
    org = TinyOrg(batch=7)
    old = NOW - timedelta(days=700)
    org.rows["OpportunityLineItem"] = [row(n, at=old, prefix="00k", OpportunityId="006A") for n in range(30)]
    org.rows["Task"] = [row(1, at=old, prefix="00T", WhatId="006B"), row(2, prefix="00T", WhatId="006X")]

    sets = {each.object_name: each for each in sets_of(org, deals=["006B", "006A", "006A"])}

    assert len(sets["OpportunityLineItem"].records) == 30
    assert [record["WhatId"] for record in sets["Task"].records] == ["006B"]
    assert sets["Event"].records == []
    assert all(each.complete and each.parent_ids == ("006A", "006B") for each in sets.values())
    assert set(sets) == {each.name for each in STANDARD.children_of("Opportunity")}


def test_one_deal_and_its_customer_share_calls():
    """Five queries to a call."""
    org = TinyOrg()

    sets = sets_of(org, deals=["006A"], accounts=["001A"])

    assert len(org.calls) == -(-len(sets) // 5)


def test_a_set_that_changes_while_it_is_read_is_not_believed():
    """A set that is not complete would delete what is still there."""
    org = TinyOrg(batch=5)
    org.rows["Contact"] = [row(n, prefix="003", AccountId="001A") for n in range(20)]
    org.on_call = lambda: org.rows["Contact"].pop() if len(org.calls) == 2 else None

    with pytest.raises(ResultTruncated):
        sets_of(org, accounts=["001A"])


def test_an_object_that_vanished_brings_no_set_and_no_failure():
    """An org without quotes still has deals."""
    org = TinyOrg()
    org.refused = {"Quote": "INVALID_TYPE"}

    assert "Quote" not in {each.object_name for each in sets_of(org, deals=["006A"])}


def test_records_are_found_by_their_ids_in_few_calls():
    """About a thousand ids to a query, five queries to a call; unknown ids bring nothing."""
    org = TinyOrg()
    org.rows["User"] = [row(n, prefix="005") for n in range(4_000)]
    wanted = [each["Id"] for each in org.rows["User"]] + ["005unknown"]

    found = by_ids(org, [ALL["User"]], {"User": wanted * 2})["User"]

    assert len(found) == 4_000
    assert len(org.calls) == 1


def test_several_objects_by_id_share_a_call():
    """Accounts, users and products of a fresh deal."""
    org = TinyOrg()
    org.rows = {"User": [row(1, prefix="005")], "Account": [row(2, prefix="001")]}
    ids = {"User": [row(1, prefix="005")["Id"]], "Account": [row(2, prefix="001")["Id"]], "Product2": []}

    found = by_ids(org, [ALL["User"], ALL["Account"], ALL["Product2"]], ids)

    assert {name: len(records) for name, records in found.items()} == {"User": 1, "Account": 1, "Product2": 0}
    assert len(org.calls) == 1


@given(st.lists(st.integers(), max_size=50), st.integers(1, 9))
def test_chunks_lose_and_repeat_nothing(ids, size):
    """In their order, none too large."""
    pieces = chunks(ids, size)

    assert [each for piece in pieces for each in piece] == ids
    assert all(0 < len(piece) <= size for piece in pieces)


def test_pages_that_run_in_a_circle_end_in_an_error():
    """A server that ignores where to go on must not hang the worker."""
    org = TinyOrg(batch=2)
    org.rows["Opportunity"] = [row(number) for number in range(5)]
    part = QueryPart("Opportunity", lambda _: window_query(ALL["Opportunity"], WINDOW, scoped=False))

    drain(org, [part])

    assert isinstance(part.error, BadReply)
