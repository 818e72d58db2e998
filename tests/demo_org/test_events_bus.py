"""The bus: how long it keeps events, how large it gets, and what survives a restart."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from event_bus import NOON, Bus, opened

from demo_org.clock import Clock
from demo_org.store import Org, snapshot


@pytest.fixture
def bus() -> Iterator[Bus]:
    """A bus with the objects that are selected at first."""
    with opened() as made:
        yield made


def test_events_are_kept_three_days_by_the_orgs_clock(bus: Bus):
    """Older ones are gone, and so is every position among them."""
    bus.org.insert("Account", {"Name": "Old"})
    (old,) = bus.news()
    bus.org.clock.move(by=timedelta(hours=71))
    bus.org.insert("Account", {"Name": "New"})
    (new,) = bus.news()
    bus.bus.check(old.replay)
    bus.org.clock.move(by=timedelta(hours=2))

    assert [e.replay for e in bus.bus.after(bus.bus.earliest(), ["AccountChangeEvent"], 10)[0]] == [new.replay]
    bus.bus.check(new.replay)
    for position in (old.replay, new.replay + 1000):
        with pytest.raises(Exception, match=str(position)):
            bus.bus.check(position)


def test_the_bus_does_not_grow_without_end():
    """Past its size the oldest events go, whatever their age."""
    with opened(most_bytes=20_000) as bus:
        for number in range(3000):
            bus.bus.tick()
            if number % 10 == 0:
                bus.org.insert("Account", {"Name": f"Clinic {number}"})
        kept = bus.bus.after(bus.bus.earliest(), ["AccountChangeEvent"], 10_000)[0]

    assert 0 < len(kept) < 300


def test_a_restart_keeps_events_positions_and_selection(tmp_path: Path):
    """A consumer that was away while the org restarted misses nothing."""
    file = tmp_path / "org.db"
    with Org.open(file, clock=Clock(frozen_at=NOON)) as org:
        first = Bus(org)
        first.topics.select(["Account"])
        org.insert("Account", {"Name": "Before"})
        position, (before,) = first.position, first.news()
    with Org.open(file, clock=Clock(frozen_at=NOON)) as org:
        second = Bus(org)
        org.insert("Account", {"Name": "After"})
        second.position = position
        events = second.news()
        selected = second.topics.selected

    assert selected == ("Account",)
    assert [e.body["Name"] for e in events] == ["Before", "After"]
    assert events[0].id == before.id
    assert events[1].header["commitNumber"] > before.header["commitNumber"]


def test_an_old_schema_answers_after_the_object_changed(bus: Bus):
    """Events published before a field came are still read with the schema they were written in."""
    bus.org.insert("Account", {"Name": "Before"})
    bus.org.catalog.add_field("Account", "More__c")
    bus.org.insert("Account", {"Name": "After", "More__c": "x"})
    before, after = bus.news()
    schemas = [bus.bus.schema(each.schema_id) for each in (before, after)]

    assert before.schema_id != after.schema_id
    assert [each is not None and "More__c" in each.fields for each in schemas] == [False, True]


def test_a_restored_org_goes_on_with_new_positions(tmp_path: Path, bus: Bus):
    """What was saved is there again, what came later is not, and no position means two events."""
    bus.org.insert("Account", {"Name": "Saved"})
    (saved,) = bus.news()
    snapshot.save(bus.org, tmp_path / "saved.db")
    bus.topics.select(["Account"])
    bus.org.insert("Account", {"Name": "Lost"})
    (lost,) = bus.news()
    snapshot.restore(bus.org, tmp_path / "saved.db")
    bus.topics.take_up()
    bus.bus.take_up()
    bus.org.insert("Account", {"Name": "New"})
    bus.position = saved.replay - 1
    events = bus.news()

    assert [e.body["Name"] for e in events] == ["Saved", "New"]
    assert events[0].id == saved.id
    assert events[1].replay > lost.replay
    assert "Contact" in bus.topics.selected
