"""Recorded events and schemas of real orgs are read with our header, our bitmaps and our schemas."""

import base64
import io
import json
import re
from typing import Any

import fastavro
import pytest
from wire_client import RECORDED, recorded

from demo_org.catalog import Catalog
from demo_org.events.bitmaps import pack, unpack
from demo_org.events.schema import HEADER, Schema, schema_of
from demo_org.events.shape import shape_of
from demo_org.pubsub import replay
from demo_org.pubsub.contract import CALLS, MESSAGES

#: fields the recorded org has switched on or made, which a new demo org has not; and the reverse
_ONLY_THERE = re.compile(
    r"ChangeEventHeader|Person\w+|IsPersonAccount|\w+__p?c|DandbCompanyId|OperatingHoursId|IndividualId|Pronouns|"
    r"GenderIdentity|BuyerAttributes"
)
_ONLY_HERE = {"MiddleName", "Suffix", "RecordTypeId"}


def events() -> list[tuple[str, str, bytes, bytes]]:
    """(event id, schema id, replay id, payload) of every recorded event."""
    found = []
    for body in (
        recorded("pubsub/AccountUpdateEvents.json"),
        recorded("pubsub/AccountAddressUpdateEvent.json"),
        recorded("pubsub/AccountCreationEvents.json"),
        recorded("pubsub/EventContentPayload.json"),
    ):
        for each in body["events"] if isinstance(body, dict) else body:
            event = each["event"]
            payload, position = base64.b64decode(event["payload"]), base64.b64decode(each["replayId"])
            found.append((event["id"], event["schemaId"], position, payload))
    return found


def real_schema(name: str) -> Schema:
    """A recorded schema as ours are kept."""
    return Schema.of(json.dumps(recorded(f"pubsub/{name}ChangeEvent.avsc")))


def test_every_recorded_header_is_read_as_an_independent_decoder_read_it():
    """Our header schema is Salesforce's: a consumer that decodes theirs decodes ours."""
    oracle = {each["event_id"]: each for each in recorded("pubsub/expected_headers.json")}
    header = fastavro.parse_schema(HEADER)
    read = {}
    for event_id, _, position, payload in events():
        stream = io.BytesIO(payload)
        read[event_id] = (fastavro.schemaless_reader(stream, header), stream.tell(), position.hex())

    assert read == {key: (each["header"], each["header_len"], each["replay_id_hex"]) for key, each in oracle.items()}


def test_an_event_kept_as_bytes_has_a_header_too():
    """One more recorded event, of another client and another year."""
    (each,) = recorded("pubsub/EventBod.json")
    header: Any = fastavro.schemaless_reader(io.BytesIO(bytes(each["Event"]["Payload"])), fastavro.parse_schema(HEADER))

    assert header["entityName"] == "Account"
    assert header["changeType"] == "UPDATE"
    assert unpack(header["changedFields"], real_schema("Account"))


def test_recorded_headers_are_written_byte_for_byte():
    """What we send is what Salesforce sends, down to the encoding."""
    header = fastavro.parse_schema(HEADER)
    for _, _, _, payload in events():
        stream = io.BytesIO(payload)
        read = fastavro.schemaless_reader(stream, header)
        written = io.BytesIO()
        fastavro.schemaless_writer(written, header, read)

        assert written.getvalue() == payload[: stream.tell()]


def test_recorded_bitmaps_name_the_fields_that_changed_and_are_packed_the_same_way():
    """The event of a geocoding has a nested element alone; updates of many records are split as we split them."""
    schema = real_schema("Account")
    bitmaps = [
        each["header"]["changedFields"]
        for each in recorded("pubsub/expected_headers.json")
        if each["header"]["changeType"] == "UPDATE"
    ]
    names = [unpack(each, schema) for each in bitmaps]

    assert names[0][0] == "LastModifiedDate"
    assert names[1:4] == [
        ["LastModifiedDate", "ShippingAddress.Street"],
        ["ShippingAddress.Latitude", "ShippingAddress.Longitude"],
        ["LastModifiedDate"],
    ]
    assert [pack(each, schema) for each in names] == bitmaps


def test_the_body_of_a_recorded_update_begins_as_our_schema_says():
    """Up to LastModifiedDate recorded bodies have the recorded schema's fields: compound records, unions, instants."""
    whole = recorded("pubsub/AccountChangeEvent.avsc")
    begin = fastavro.parse_schema({**whole, "fields": whole["fields"][:24]})
    bodies = [
        {name: value for name, value in read.items() if value is not None}
        for _, _, _, payload in events()[:3]
        if isinstance(read := fastavro.schemaless_reader(io.BytesIO(payload), begin), dict)
    ]

    header = [body.pop("ChangeEventHeader") for body in bodies]
    assert bodies[0] == {"LastModifiedDate": header[0]["commitTimestamp"]}
    assert bodies[1]["ShippingAddress"]["Street"] == "101 California St"
    assert [part for part, value in bodies[1]["ShippingAddress"].items() if value is not None] == ["Street"]
    assert [part for part, value in bodies[2]["ShippingAddress"].items() if value is not None] == [
        "Latitude", "Longitude",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Account", "Contact"])
def test_our_schema_has_the_recorded_fields_with_their_types_words_and_order(name: str):
    """Order decides what a bitmap means, types what bytes mean; only the fields an org added for itself differ."""
    ours = json.loads(schema_of(shape_of(Catalog().featured_object(name))).text)
    real = recorded("pubsub/AccountChangeEvent.avsc" if name == "Account" else "pubsub/ContactChangeEvent.avsc")
    theirs = {each["name"]: each for each in real["fields"]}
    mine = {each["name"]: each for each in ours["fields"]}

    assert {key: ours[key] for key in ("type", "name", "namespace")} == {
        key: real[key] for key in ("type", "name", "namespace")
    }
    assert [each for each in theirs.keys() - mine.keys() if not _ONLY_THERE.fullmatch(each)] == []
    assert mine.keys() - theirs.keys() <= _ONLY_HERE
    assert [each for each in mine if each in theirs] == [each for each in theirs if each in mine]
    for each in mine.keys() & theirs.keys():
        assert _without_middle_names(mine[each]) == theirs[each]


def test_every_kind_of_custom_field_has_the_recorded_type_and_word():
    """An admin's fields carry their id in the doc word, so that a consumer follows a renamed one."""
    kinds = {
        "Some_Text__c": ("string", {}), "Some_phone__c": ("phone", {}), "Amount_Owed__c": ("currency", {}),
        "Some_Date_Time__c": ("datetime", {}), "Some_Date__c": ("date", {}), "Some_Email__c": ("email", {}),
        "Some_Number__c": ("double", {}), "Some_Percent__c": ("percent", {}), "Some_Picklist__c": ("picklist", {}),
        "Some_Multipicklist__c": ("multipicklist", {}), "Some_URL__c": ("url", {}),
        "Some_Check_Box__c": ("boolean", {}), "Some_Time__c": ("time", {}), "Some_Geolocation__c": ("location", {}),
    }  # fmt: skip
    catalog = Catalog()
    for each, (kind, facts) in kinds.items():
        catalog.add_field("Account", each, kind, **facts)
    ours = {
        each["name"]: each
        for each in json.loads(schema_of(shape_of(catalog.featured_object("Account"))).text)["fields"]
    }
    theirs = {each["name"]: each for each in recorded("pubsub/AccountChangeEvent.avsc")["fields"]}

    for each in kinds:
        ours_doc, theirs_doc = (fields[each]["doc"].rpartition(":") for fields in (ours, theirs))
        assert (each, ours_doc[0], ours[each]["type"]) == (each, theirs_doc[0], theirs[each]["type"])
        assert re.fullmatch(r"00N\w{12}", ours_doc[2])


def test_recorded_replay_ids_and_schema_ids_have_our_form():
    """Ten bytes, of which eight count; twenty-two letters."""
    for _, schema_id, position, _ in events():
        number = replay.read(position)

        assert number is not None
        assert replay.written(number) == position
        assert re.fullmatch(r"[\w-]{22}", schema_id)
    assert re.fullmatch(r"[\w-]{22}", real_schema("Account").id)


def test_our_contract_is_the_published_one():
    """Each message has the published fields under their numbers and types; each call its request and answer."""
    file = RECORDED / "pubsub/pubsub_api.proto"
    if not file.exists():
        pytest.skip("the recorded bodies are not beside this checkout")
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    published = {
        name: re.findall(r"(repeated )?(\w+) (\w+) = (\d+);", body)
        for name, body in re.findall(r"message (\w+) \{(.*?)\}", text, flags=re.DOTALL)
    }
    ours = {
        name: [
            ("repeated " if field.is_repeated else "", _type_name(field), field.name, str(field.number))
            for field in message.DESCRIPTOR.fields
        ]
        for name, message in MESSAGES.items()
    }
    calls = re.findall(r"rpc (\w+) \((stream )?(\w+)\) returns \((stream )?(\w+)\)", text)

    assert ours == published
    assert {name: (request, answer, bool(streams)) for name, streams, request, _, answer in calls} == dict(CALLS)


def _type_name(field: Any) -> str:
    kind = field.message_type or field.enum_type
    return kind.name if kind else {9: "string", 12: "bytes", 8: "bool", 5: "int32", 3: "int64"}[field.type]


def _without_middle_names(field: dict[str, Any]) -> dict[str, Any]:
    """The field without the parts of a name that the recorded org has not switched on."""
    for each in field["type"]:
        if isinstance(each, dict) and each["name"] == "PersonName":
            each["fields"] = [part for part in each["fields"] if part["name"] not in _ONLY_HERE]
    return field
