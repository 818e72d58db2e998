"""The parts events are made of: bitmaps, differences of long texts, what is told of which object."""

import hashlib
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from demo_org.catalog import Catalog
from demo_org.catalog.change_events import event_name, has_change_events, object_of
from demo_org.events.bitmaps import pack, unpack
from demo_org.events.schema import Schema, fingerprint, schema_of
from demo_org.events.shape import milliseconds, shape_of
from demo_org.events.text_diff import difference
from demo_org.pubsub import replay

CATALOG = Catalog()
ACCOUNT = schema_of(shape_of(CATALOG.featured_object("Account")))
NAMES = [
    *ACCOUNT.fields,
    *(f"{whole}.{part}" for whole, parts in ACCOUNT.parts.items() for part in parts),
]


@given(st.sets(st.sampled_from(NAMES)))
def test_names_survive_bitmaps(names: set[str]):
    """Whatever changed, a consumer reads exactly that out of the header."""
    packed = pack(names, ACCOUNT)

    assert set(unpack(packed, ACCOUNT)) == names
    assert all(re.fullmatch(r"(\d+-)?0x([0-9A-F]{2})+", each) for each in packed)
    assert sum("-" not in each for each in packed) == any("." not in each for each in names)


@given(st.sets(st.sampled_from(NAMES)))
def test_unpacked_names_come_in_the_schemas_order(names: set[str]):
    """The same change always reads the same."""
    order = {name: number for number, name in enumerate(NAMES)}
    top = [each for each in unpack(pack(names, ACCOUNT), ACCOUNT) if "." not in each]

    assert top == sorted(top, key=order.__getitem__)


def test_names_the_schema_lacks_are_left_out():
    """A field that was deleted after the change has no place in a bitmap."""
    assert pack(["Gone__c", "BillingAddress.Planet", "Industry"], ACCOUNT) == pack(["Industry"], ACCOUNT)


@given(st.integers(min_value=0, max_value=2**63))
def test_positions_survive_replay_ids(position: int):
    """A client that keeps the bytes, or the number alone, comes back to the same place."""
    assert replay.read(replay.written(position)) == replay.read(replay.written(position)[:8]) == position


@given(st.binary(max_size=12))
def test_no_bytes_make_the_reader_of_replay_ids_fail(garbage: bytes):
    """What is no replay id is refused, whatever it is."""
    position = replay.read(garbage)

    assert position is None or replay.written(position)[: len(garbage)] == garbage


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=40, max_size=60), min_size=30),
    st.data(),
)
def test_a_difference_leads_to_the_new_text(lines: list[str], data: st.DataObject):
    """A consumer that applies the difference gets a text with the hash that came along."""
    changed = list(lines)
    changed[data.draw(st.integers(0, len(lines) - 1))] = data.draw(
        st.text(st.characters(codec="ascii", min_codepoint=32))
    )
    old, new = "\n".join(lines), "\n".join(changed)
    diff = difference(old, new)

    if diff is not None:
        assert _applied(old, diff) == new
        assert diff.split("\n")[1] == f"+++ {hashlib.sha256(new.encode()).hexdigest()}"


def test_short_texts_and_large_changes_are_sent_whole():
    """A difference is sent only where it is clearly smaller (Change Data Capture guide)."""
    lines = [f"Line {number} of a description that goes on for a while" for number in range(40)]
    text = "\n".join(lines)

    assert difference("a", "b") is None
    assert difference(None, text) is None
    assert difference(text, text.replace("Line", "Row")) is None
    assert difference(text, text.replace("Line 7 ", "Row 7 ")) is not None


def test_instants_days_and_times_are_milliseconds():
    """Avro events carry numbers where REST carries text."""
    assert milliseconds("2026-02-17T01:29:32.000Z") == 1771291772000
    assert milliseconds("1970-01-02") == 86_400_000
    assert milliseconds("10:20:30.500Z") == 37_230_500


def test_events_are_named_after_their_object():
    """Custom objects lose their ending before they get another."""
    for name in ("Account", "Renewal__c"):
        assert object_of(event_name(name)) == name
    assert event_name("Renewal__c") == "Renewal__ChangeEvent"


def test_fields_that_never_come_by_event_are_in_no_schema():
    """A consumer must read them again: a primary contact, a start of a meeting, a formula, a stamp of the system."""
    catalog = Catalog()
    catalog.add_field("Opportunity", "Sum__c", "double", formula="1 + 1")
    missing = {
        "Opportunity": {"SystemModstamp", "IsDeleted", "LastActivityDate", "PushCount", "FiscalYear", "Sum__c"},
        "OpportunityContactRole": {"IsPrimary"},
        "Account": {"PhotoUrl", "IsPartner", "MasterRecordId"},
        "Event": {"StartDateTime", "EndDateTime", "IsArchived"},
        "Task": {"IsHighPriority", "TaskSubtype"},
    }
    present = {"Opportunity": {"StageName", "IsWon", "LastStageChangeDate"}, "Event": {"ActivityDateTime"}}
    fields = {name: set(schema_of(shape_of(catalog.featured_object(name))).fields) for name in missing}

    assert {name: fields[name] & gone for name, gone in missing.items()} == {name: set() for name in missing}
    assert all(there <= fields[name] for name, there in present.items())


def test_objects_without_change_events_cannot_be_selected():
    """History, team, stages, competitors, partners and notes are seen by asking only."""
    silent = (
        "OpportunityHistory", "OpportunityFieldHistory", "OpportunityTeamMember", "OpportunityStage",
        "OpportunityCompetitor", "Partner", "OpportunityPartner", "AccountPartner", "Note", "Attachment",
        "UserRole", "Group", "RecordType",
    )  # fmt: skip

    assert [name for name in silent if name in CATALOG.stored and has_change_events(CATALOG.stored[name])] == []


def test_a_schema_says_who_it_is():
    """The id changes with every field, and only then."""
    again = schema_of(shape_of(Catalog().featured_object("Account")))
    catalog = Catalog()
    catalog.add_field("Account", "More__c")

    assert again.id == ACCOUNT.id == fingerprint(ACCOUNT.text)
    assert schema_of(shape_of(catalog.featured_object("Account"))).id != ACCOUNT.id
    assert Schema.of(ACCOUNT.text) == ACCOUNT


def test_every_object_with_change_events_has_a_schema_that_avro_takes():
    """Whatever is selected, its schema can be parsed by a reader of Avro."""
    for described in CATALOG.stored.values():
        text = schema_of(shape_of(described)).text
        assert json.loads(text)["fields"][0]["name"] == "ChangeEventHeader"


def _applied(old: str, diff: str) -> str:
    """What a consumer does with a difference: the hunks, from the last to the first."""
    lines = old.split("\n")
    hunks = re.split(r"^@@ -(\d+),(\d+) \+\d+,\d+ @@$", diff, flags=re.MULTILINE)[1:]
    for start, count, body in reversed(list(zip(hunks[::3], hunks[1::3], hunks[2::3], strict=True))):
        added = [line[1:] for line in body.split("\n") if line.startswith("+")]
        begin = int(start) - 1 if int(count) else int(start)
        lines[begin : begin + int(count)] = added
    return "\n".join(lines)
