"""What landing promises, shown on a real PostgreSQL with hand-made records."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.session import Store, WriteSession
from models.upsert import staging_table
from sync.errors import DeletionBreaker
from sync.land.landing import Landing
from sync.land.staging import copy_csv, open_staging
from sync.record import Field, ObjectShape, Selection, SetOf

ORG = "00D000000000001AAA"


def _selection(name: str, **types: str) -> Selection:
    fields = (
        Field(name="Id", type="id", label="Id"),
        *(Field(name=n, type=t, label=n, custom=n.endswith("__c")) for n, t in types.items()),
    )
    return Selection(shape=ObjectShape(name=name, label=name, fields=fields), fields=fields)


TASK = _selection(
    "Task",
    Subject="string",
    IsDeleted="boolean",
    SystemModstamp="datetime",
    CallDurationInSeconds="int",
    WhatId="reference",
    Score__c="double",
    Seen__c="boolean",
    At__c="datetime",
    Word__c="string",
)
LINE = _selection("OpportunityLineItem", OpportunityId="reference", SystemModstamp="datetime", IsDeleted="boolean")


def _task(number: int, second: int = 0, **values: Any) -> dict[str, Any]:
    stamp = f"2026-11-23T10:00:{second:02}.000+0000"
    return {"Id": f"00T{number:015}", "SystemModstamp": stamp, "IsDeleted": False, "Subject": "call", **values}


@contextmanager
def _landing(store: Store, generation: int = 1) -> Iterator[Landing]:
    with store.writing() as session:
        yield Landing(session, ORG, generation=generation, everything=False)


def _rows(session: WriteSession | Any) -> dict[str, Any]:
    return {row.id: row for row in session.execute(text("SELECT * FROM salesforce.task"))}


def test_values_arrive_as_salesforce_meant_them(store: Store) -> None:
    """Text that looks like something else stays text, whole numbers with a fraction are integers, money is exact."""
    with _landing(store) as landing:
        landing.land(
            TASK,
            [
                _task(
                    1, Subject="NA", CallDurationInSeconds=Decimal("47.0"), Score__c=Decimal("1.0E7"), Word__c="0012"
                ),
                _task(2, Subject="null", Seen__c=True, At__c="2026-11-23T10:00:00.000+0000", Word__c=""),
                _task(3, Subject="a\x00b\r\n\u2028c", Word__c=None),
            ],
        )
    with store.reading() as session:
        rows = list(_rows(session).values())

    assert [row.subject for row in rows] == ["NA", "null", "ab\r\n\u2028c"]
    assert rows[0].calldurationinseconds == 47
    assert rows[0].custom == {"Score__c": 10000000, "Word__c": "0012"}
    assert rows[1].custom == {"Seen__c": True, "At__c": "2026-11-23T10:00:00+00:00"}
    assert rows[2].custom == {}


def test_csv_bytes_and_rest_records_land_as_the_same_rows(store: Store) -> None:
    """A record read by a bulk job and read again by a poll costs no write."""
    names = (
        "Id",
        "Subject",
        "IsDeleted",
        "SystemModstamp",
        "CallDurationInSeconds",
        "Score__c",
        "Seen__c",
        "At__c",
        "Word__c",
    )
    row = (
        "00T000000000000001",
        'say ""hi""\nthere',
        "false",
        "2026-11-23T10:00:00.000Z",
        "5",
        "1.5E1",
        "true",
        "2026-11-23T10:00:00.000Z",
        "",
    )
    csv = '"' + '","'.join(names) + '"\n"' + '","'.join(row) + '"\n'
    selection = Selection(shape=TASK.shape, fields=tuple(f for f in TASK.fields if f.name in names))
    with _landing(store) as landing:
        open_staging(landing.session, selection)
        table = ("pg_temp", staging_table("Task"))
        assert copy_csv(landing.session, table, names, [csv[:40].encode(), csv[40:].encode()]) == 1
        landing.merge(selection)
        assert landing.counts["Task"].rows_written == 1
    with _landing(store, generation=2) as landing:
        landing.land(
            selection,
            [
                _task(
                    1,
                    Subject='say "hi"\nthere',
                    CallDurationInSeconds=5,
                    Score__c=Decimal("15.0"),
                    Seen__c=True,
                    At__c="2026-11-23T10:00:00.000+0000",
                    Word__c=None,
                )
            ],
        )

        assert landing.counts["Task"].rows_written == 0


def test_a_field_that_is_not_read_any_more_keeps_its_value(store: Store) -> None:
    """A field hidden by field-level security is a state, never a silent NULL."""
    with _landing(store) as landing:
        landing.land(TASK, [_task(1, Word__c="kept", Score__c=Decimal(1))])
    less = TASK.without("Word__c").without("Subject")
    with _landing(store, generation=2) as landing:
        landing.land(less, [_task(1, second=5, Score__c=None)])
    with store.reading() as session:
        (row,) = _rows(session).values()

    assert row.subject == "call"
    assert row.custom == {"Word__c": "kept"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([(second, generation) for second in (1, 2) for generation in (1, 2, 3)]))
def test_the_newest_copy_wins_in_whatever_order_copies_arrive(store: Store, order: list[tuple[int, int]]) -> None:
    """A late snapshot row never overwrites what a poll has brought since."""
    with store.writing() as session:
        session.execute(text("TRUNCATE salesforce.task"))
    for second, generation in order:
        with _landing(store, generation=generation) as landing:
            landing.land(TASK, [_task(1, second=second, Subject=f"{second} read by {generation}")])
    with store.reading() as session:
        (row,) = _rows(session).values()

    assert row.subject == "2 read by 3"


def test_a_tombstone_is_not_revived_by_an_older_reading(store: Store) -> None:
    """What a later pass knows to be gone stays gone when an earlier one comes in late."""
    with _landing(store, generation=1) as landing:
        landing.land(TASK, [_task(1)])
    with _landing(store, generation=3) as landing:
        assert landing.bury("Task", ["00T000000000000001", "00T000000000000009"], how="deleted") == [
            "00T000000000000001"
        ]
    with _landing(store, generation=2) as landing:
        landing.land(TASK, [_task(1)])
        assert landing.alive("Task", ["00T000000000000001"]) == set()
    with _landing(store, generation=4) as landing:
        landing.land(TASK, [_task(1)])
        assert landing.alive("Task", ["00T000000000000001"]) == {"00T000000000000001"}


def test_a_complete_set_of_children_tells_which_are_missing(store: Store) -> None:
    """Line items that a quote sync replaced are noticed with the next look, although no deletion was seen."""
    deal = "006000000000000001"
    old, new = (
        {
            "Id": f"00k00000000000000{n}",
            "OpportunityId": deal,
            "SystemModstamp": "2026-11-23T10:00:00.000+0000",
            "IsDeleted": False,
        }
        for n in (1, 2)
    )
    with _landing(store, generation=1) as landing:
        landing.land(LINE, [old])
    with _landing(store, generation=2) as landing:
        missing = landing.replace_sets(
            LINE,
            [
                SetOf(
                    object_name="OpportunityLineItem",
                    records=[new],
                    parent_field="OpportunityId",
                    parent_ids=(deal,),
                    complete=True,
                )
            ],
        )

        assert missing == [old["Id"]]
        assert new["Id"] in landing.alive("OpportunityLineItem", [new["Id"]])


def test_a_child_that_moved_between_parents_that_are_read_together_is_not_missing(store: Store) -> None:
    """What left one deal and came to another was not deleted, whichever of the two was read first."""
    from_deal, to_deal = "006000000000000001", "006000000000000002"
    line = {
        "Id": "00k000000000000001",
        "OpportunityId": from_deal,
        "SystemModstamp": "2026-11-23T10:00:00.000+0000",
        "IsDeleted": False,
    }
    moved = {**line, "OpportunityId": to_deal, "SystemModstamp": "2026-11-23T11:00:00.000+0000"}
    with _landing(store, generation=1) as landing:
        landing.land(LINE, [line])
    with _landing(store, generation=2) as landing:
        missing = landing.replace_sets(LINE, [_lines_of(from_deal, []), _lines_of(to_deal, [moved])])

        assert missing == []
        assert landing.parents_of("OpportunityLineItem", [line["Id"]]) == [to_deal]


def _lines_of(deal: str, records: list[dict[str, object]]) -> SetOf:
    return SetOf(
        object_name="OpportunityLineItem",
        records=records,
        parent_field="OpportunityId",
        parent_ids=(deal,),
        complete=True,
    )


def test_a_set_that_may_be_incomplete_deletes_nothing(store: Store) -> None:
    """A dump of ids that broke off must not empty the store."""
    deal = "006000000000000001"
    line = {
        "Id": "00k000000000000001",
        "OpportunityId": deal,
        "SystemModstamp": "2026-11-23T10:00:00.000+0000",
        "IsDeleted": False,
    }
    with _landing(store, generation=1) as landing:
        landing.land(LINE, [line])
    with _landing(store, generation=2) as landing:
        landing.replace_sets(
            LINE,
            [
                SetOf(
                    object_name="OpportunityLineItem",
                    records=[],
                    parent_field="OpportunityId",
                    parent_ids=(deal,),
                    complete=False,
                )
            ],
        )

        assert landing.alive("OpportunityLineItem", [line["Id"]]) == {line["Id"]}


def test_far_too_many_deletions_stop_the_pass(store: Store) -> None:
    """A sudden drop is an alarm, not a mass delete."""
    with pytest.raises(DeletionBreaker, match="Opportunity"), _landing(store) as landing:
        landing.guard_deletions("Opportunity", 51)
