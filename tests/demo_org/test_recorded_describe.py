"""Recorded describes of real orgs, held against ours: objects, fields, picklists, child relationships, addresses."""

from typing import Any

import pytest
from wire_client import recorded

#: the recording -> the object it describes
RECORDINGS = {
    "describe/Opportunity_describe.json": "Opportunity",
    "describe/Account_describe.json": "Account",
    "describe/Contact_describe.json": "Contact",
    "describe/Case_describe.json": "Case",
    "describe/Lead_describe.json": "Lead",
    "describe/Event_describe.json": "Event",
    "describe/OpportunityContactRole_describe.json": "OpportunityContactRole",
}
#: what came after the oldest recordings
NEWER = {"sobjectDescribeOption", "associateEntityType", "associateParentEntity"}
#: standard fields of the recordings that point at objects the demo org does not have
FIELDS_LEFT_OUT = {"DandbCompanyId", "OperatingHoursId", "IndividualId"}
#: standard fields we have and a recording has not: switched off in that org, hidden from its user, or newer
FIELDS_ADDED = {
    "PushCount", "RecordTypeId", "ContractId", "SyncedQuoteId", "IsPriorityRecord", "HasOptedOutOfEmail",
    "HasOptedOutOfFax", "ContactSource", "MiddleName", "DoNotCall", "Suffix", "Language", "LastTransferDate", "Type",
    "WhoCount", "WhatCount",
}  # fmt: skip
#: (field, key) that differ, and why
DEVIATIONS = {
    ("Name", "extraTypeInfo"): "the recorded org has person accounts",
    ("JigsawCompanyId", "relationshipName"): "the demo org has no Data.com objects",
    ("JigsawContactId", "relationshipName"): "the demo org has no Data.com objects",
    ("WhatId", "referenceTo"): "the demo org has fewer objects, and quotes",
    ("OwnerId", "referenceTo"): "the demo org has no public calendars",
    ("OwnerId", "namePointing"): "the demo org has no public calendars",
    ("OwnerId", "polymorphicForeignKey"): "the demo org has no public calendars",
    ("RecurrenceTimeZoneSidKey", "picklistValues"): "every time zone there is; the demo org takes any",
    ("Recurrence2PatternVersion", "picklistValues"): "the labels of two internal versions",
}
#: child relationships we have and a recording has not: its org had no quotes, or they are newer
CHILDREN_ADDED = {("Quote", "OpportunityId"), ("Quote", "AccountId"), ("Quote", "ContactId"),
                  ("EmailMessage", "FromId"), ("EventRelation", "AccountId")}  # fmt: skip
#: addresses a recording has and ours has not, and why
ADDRESSES_LEFT_OUT = {"defaultValues": "only in describes of some orgs; nothing is served there"}
#: scopes of some versions: scoping rules came later than the Account's recording, case teams are a feature
SCOPES = {"scopingRule", "genericteam"}


@pytest.fixture(scope="module", params=list(RECORDINGS))
def pair(request, client) -> tuple[dict[str, Any], dict[str, Any]]:
    """A recorded describe and ours of the same object, asked over the wire."""
    real = recorded(request.param)
    return real, client.get(f"sobjects/{RECORDINGS[request.param]}/describe").json()


def test_the_object_says_what_the_recorded_one_says(pair):
    """Every key, in alphabetical order, with the same value where no org decides it."""
    real, ours = pair
    other = {"fields", "childRelationships", "recordTypeInfos", "supportedScopes", "urls", "actionOverrides"}

    assert set(ours) - set(real) <= NEWER
    assert list(ours) == sorted(ours)
    assert {key: ours.get(key) for key in real if key not in other} == {
        key: real[key] for key in real if key not in other
    }


def test_the_fields_are_those_of_the_recorded_object(pair):
    """No standard field is missing or made up, and they come in Salesforce's order."""
    real, ours = pair
    theirs = [each["name"] for each in real["fields"] if not each["name"].endswith("__c")]
    names = [each["name"] for each in ours["fields"]]

    assert set(theirs) - set(names) <= FIELDS_LEFT_OUT
    assert set(names) - set(theirs) <= FIELDS_ADDED
    # An org with record types lists that field near the top.
    both = set(theirs) & set(names) - {"RecordTypeId"}
    assert [name for name in theirs if name in both] == [name for name in names if name in both]


def test_each_field_says_what_the_recorded_one_says(pair):
    """All 57 keys in their order, and every value of a standard field: type, length, abilities, picklist."""
    real, ours = pair
    by_name = {each["name"]: each for each in ours["fields"]}
    both = [(each, by_name[each["name"]]) for each in real["fields"] if each["name"] in by_name]

    assert all(list(theirs) == list(own) for theirs, own in both)
    differences = [
        (theirs["name"], key, theirs[key], own[key])
        for theirs, own in both
        for key in theirs
        if theirs[key] != own[key] and (theirs["name"], key) not in DEVIATIONS
    ]
    assert differences == []


def test_children_are_those_of_the_recorded_object(client, pair):
    """Which records go with a deleted one, and which forbid its deletion, is the same as in a real org."""
    real, ours = pair
    known = {name: set(client.org.catalog.object(name).fields) for name in client.org.catalog.objects}
    theirs = {
        (each["childSObject"], each["field"]): each
        for each in real["childRelationships"]
        if each["field"] in known.get(each["childSObject"], ())
    }
    own = {(each["childSObject"], each["field"]): each for each in ours["childRelationships"]}

    assert {key: own.get(key) for key in theirs} == theirs
    assert set(own) - set(theirs) <= CHILDREN_ADDED


def test_addresses_scopes_and_record_types_look_like_the_recorded_ones(pair):
    """A client that follows an address of the describe finds it where Salesforce has it."""
    real, ours = pair
    version = real["urls"]["sobject"].split("/")[3]

    def path(url):
        return url.replace("/v64.0/", f"/{version}/").split("://")[-1].partition("/")[2]

    assert set(real["urls"]) - set(ours["urls"]) <= set(ADDRESSES_LEFT_OUT)
    assert set(ours["urls"]) <= set(real["urls"])
    for name, url in ours["urls"].items():
        assert path(url) == path(real["urls"][name])
    assert [each for each in real["supportedScopes"] if each["name"] not in SCOPES] == [
        each for each in ours["supportedScopes"] if each["name"] not in SCOPES
    ]
    for theirs, each in zip(real["recordTypeInfos"], ours["recordTypeInfos"], strict=False):
        assert {key: type(value) for key, value in theirs.items()} == {key: type(value) for key, value in each.items()}


def test_the_list_of_objects_says_what_the_recorded_one_says(client):
    """Every entry we share with the recorded list is the same, key by key."""
    real = {each["name"]: each for each in recorded("describe/Global_describe.json")["sobjects"]}
    ours = {each["name"]: each for each in client.get("sobjects").json()["sobjects"]}
    # Put in by hand: they have no prefix.
    shared = real.keys() & ours.keys() - {"Event", "Lead"}

    assert {"Account", "Campaign", "Case", "Opportunity", "User", "UserChangeEvent", "UserRole"} <= shared
    for name in shared:
        assert list(ours[name]) == list(real[name])
        assert ours[name]["urls"] == {key: url.replace("v52.0", "v64.0") for key, url in real[name]["urls"].items()}
        assert {key: value for key, value in ours[name].items() if key != "urls"} == {
            key: value for key, value in real[name].items() if key != "urls"
        }


def test_record_types_are_described_and_chosen(client):
    """The first active record type is the default of new records, and the describe moves when one is made."""
    before = client.get("sobjects/Case/describe")
    assert [each["developerName"] for each in before.json()["recordTypeInfos"]] == ["Master"]
    asked = {"If-None-Match": before.headers["ETag"]}
    assert client.get("sobjects/Case/describe", headers=asked).status_code == 304
    made = client.make("RecordType", Name="Support", DeveloperName="Support", SobjectType="Case", IsActive=True)
    described = client.get("sobjects/Case/describe", headers=asked)
    first, master = described.json()["recordTypeInfos"]

    assert (first["recordTypeId"], first["defaultRecordTypeMapping"], first["master"]) == (made, True, False)
    assert (master["defaultRecordTypeMapping"], master["master"]) == (False, True)
    case = client.make("Case", Subject="Help")
    assert client.get(f"sobjects/Case/{case}").json()["RecordTypeId"] == made
    refused = client.post("sobjects/Account", json={"Name": "A", "RecordTypeId": made})
    assert refused.json()[0]["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
