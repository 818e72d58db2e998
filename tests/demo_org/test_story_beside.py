"""What hangs on the deals of the story agrees with them: mails, files, history, orders, assets, cases, projects."""

import base64
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest

from demo_org.clock import Clock
from demo_org.ids import is_id
from demo_org.store import Org
from demo_org.store.values import stored_value
from demo_org.story import fill
from demo_org.story.pdf import pdf

TODAY = date(2026, 11, 24)
#: everything a deal can reach, except currencies, of which this start-up has one
CLOSURE = (
    "Opportunity", "OpportunityLineItem", "OpportunityContactRole", "OpportunityHistory", "OpportunityFieldHistory",
    "OpportunityTeamMember", "OpportunityCompetitor", "Partner", "Quote", "QuoteLineItem", "Task", "Event",
    "EmailMessage", "Note", "ContentDocumentLink", "ContentDocument", "ContentVersion", "Account", "Contact",
    "AccountContactRelation", "AccountTeamMember", "Contract", "Order", "OrderItem", "Asset", "AssetStatePeriod",
    "Case", "Campaign", "CampaignMember", "Product2", "PricebookEntry", "User", "OpportunityStage", "RecordType",
    "Implementation__c", "Subscription__c",
)  # fmt: skip
TOLD = (*CLOSURE, "EmailMessageRelation", "AccountPartner", "OpportunityPartner", "CampaignMemberStatus")
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    with Org.open() as filled:
        fill(filled, today=TODAY)
        yield filled


def rows(org: Org, object_name: str, where: str = "1") -> Rows:
    cursor = org.connection.execute(f'SELECT * FROM "{object_name}" WHERE {where}')
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, each, strict=True)) for each in cursor]


def by(listed: Rows, name: str) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for each in listed:
        found[each[name]].append(each)
    return found


def test_every_object_of_the_closure_has_records_that_one_can_ask_for(org: Org):
    """Whoever starts the demo sees a record of each kind that Baton knows."""
    assert [name for name in CLOSURE if name not in org.catalog or not org.count(name)] == []


def test_every_value_fits_its_field(org: Org):
    """What the story loads is what a save would have let through: no text too long, no value a list does not have."""
    for name in TOLD:
        described = org.catalog.stored_object(name)
        for row in rows(org, name):
            for field, value in row.items():
                computed = (name, field) == ("Quote", "Discount")  # by the org, with decimals
                if described.fields[field].type not in {"id", "anyType"} and not computed:
                    assert stored_value(described.fields[field], value) == value, (name, field)


def test_every_reference_of_every_object_points_at_a_record(org: Org):
    """Nothing that hangs on a deal points nowhere."""
    ids = {each for name in org.catalog.stored for (each,) in org.connection.execute(f'SELECT Id FROM "{name}"')}
    for name in TOLD:
        lookups = [field.name for field in org.catalog.stored_object(name).fields.values() if field.type == "reference"]
        for row in rows(org, name):
            assert is_id(row["Id"])
            assert {row[lookup] for lookup in lookups if row[lookup]} <= ids, name


def test_nothing_beside_the_deals_happened_later_than_yesterday_or_has_a_hole(org: Org):
    """No stamp lies in the future, none before its record was made, and no text has an unfilled word."""
    for name in TOLD:
        for row in rows(org, name):
            made, last = row.get("CreatedDate"), row.get("SystemModstamp") or row["CreatedDate"]
            if name not in {"OpportunityStage", "User"}:  # an org has some of them from its first minute
                assert datetime.fromisoformat(last).date() < TODAY, name
            assert made is None or made <= last, name
            holes = [v for v in row.values() if isinstance(v, str) and re.search(r"\{[a-z_]+\}", v)]
            assert holes == [], name


def test_mails_go_between_people_of_the_demo_only(org: Org):
    """Every address lies under a domain that nobody can own, and is that of the person it stands for."""
    addresses = {row["Email"]: row["Id"] for name in ("Contact", "User") for row in rows(org, name)}
    written = {row["Id"]: row for row in rows(org, "EmailMessage")}
    for mail in written.values():
        for address in filter(None, (mail["FromAddress"], mail["ToAddress"], mail["CcAddress"])):
            assert address.endswith(".example")
    for each in rows(org, "EmailMessageRelation"):
        assert each["RelationAddress"] in addresses
        assert written[each["EmailMessageId"]][each["RelationType"]] == each["RelationAddress"]


def test_a_mail_that_the_timeline_shows_belongs_to_a_mail_of_the_same_deal(org: Org):
    """The task of a logged mail and the mail itself are of one deal and one instant."""
    tasks = {row["Id"]: row for row in rows(org, "Task", "TaskSubtype = 'Email'")}
    mails = rows(org, "EmailMessage", "ActivityId IS NOT NULL")

    assert {mail["ActivityId"] for mail in mails} == tasks.keys()
    for mail in mails:
        task = tasks[mail["ActivityId"]]
        assert (task["WhatId"], task["CreatedDate"]) == (mail["RelatedToId"], mail["MessageDate"])


def test_the_field_history_is_what_saves_would_have_left(org: Org):
    """The deal's changes, saved one after the other in an empty org, leave the same rows of field history."""
    told = by(rows(org, "OpportunityFieldHistory"), "OpportunityId")
    stages = by(rows(org, "OpportunityHistory"), "OpportunityId")
    recent = [deal for deal, changes in stages.items()
              if min(each["CreatedDate"] for each in changes) > "2025-07-01" and len(changes) > 4]  # fmt: skip
    assert len(recent) > 30
    for deal in recent[:30]:
        changes = sorted(stages[deal], key=lambda row: row["CreatedDate"])
        with Org.open(clock=Clock(frozen_at=datetime(2026, 1, 1, tzinfo=UTC))) as other:
            values = [{name: each[name] for name in ("StageName", "Amount", "CloseDate")} for each in changes]
            made = other.insert("Opportunity", {"Name": "Replayed", **values[0]})
            for each in values[1:]:
                other.update("Opportunity", made, each)
            saved = rows(other, "OpportunityFieldHistory", "1 ORDER BY Id")

        facts = ("Field", "DataType", "OldValue", "NewValue")
        assert [[row[name] for name in facts] for row in told[deal]] == [[row[name] for name in facts] for row in saved]


def test_salesforce_forgets_field_history_after_a_year_and_a_half(org: Org):
    """Older deals have no field history any more, as in an org that is purged."""
    first = min(row["CreatedDate"] for row in rows(org, "OpportunityFieldHistory"))

    assert first >= "2025-05-24"
    assert rows(org, "OpportunityHistory", "CreatedDate < '2025-05-24'")


def test_the_lines_of_quotes_and_orders_add_up(org: Org):
    """A quote is worth its lines, an order its products, and an accepted quote's lines are those of the deal."""
    quoted = by(rows(org, "QuoteLineItem"), "QuoteId")
    for quote in rows(org, "Quote"):
        lines = quoted[quote["Id"]]
        assert sum(line["TotalPrice"] for line in lines) == pytest.approx(quote["TotalPrice"])
        assert len(lines) == quote["LineItemCount"]
        assert all((line["OpportunityLineItemId"] is not None) == bool(quote["IsSyncing"]) for line in lines)
    ordered = by(rows(org, "OrderItem"), "OrderId")
    for order in rows(org, "Order"):
        assert sum(item["TotalPrice"] for item in ordered[order["Id"]]) == pytest.approx(order["TotalAmount"])
        (contract,) = rows(org, "Contract", f"Id = '{order['ContractId']}'")
        assert (order["EffectiveDate"], order["EndDate"]) == (contract["StartDate"], contract["EndDate"])


def test_an_assets_periods_follow_each_other_and_add_up_to_its_worth(org: Org):
    """What a customer pays over the years has no hole and no overlap, also where a renewal prolonged it."""
    periods = by(rows(org, "AssetStatePeriod"), "AssetId")
    prolonged = 0
    for asset in rows(org, "Asset"):
        own = sorted(periods[asset["Id"]], key=lambda row: row["StartDate"])
        assert own[0]["StartDate"] == asset["LifecycleStartDate"]
        assert own[-1]["EndDate"] == asset["LifecycleEndDate"]
        assert sum(each["Amount"] for each in own) == pytest.approx(asset["TotalLifecycleAmount"])
        for before, after in pairwise(own):
            gap = datetime.fromisoformat(after["StartDate"]) - datetime.fromisoformat(before["EndDate"])
            assert gap.total_seconds() == 1
        prolonged += len({each["CreatedDate"] for each in own}) > 1
    assert prolonged > 10


def test_the_statement_of_work_says_what_the_deal_says(org: Org):
    """A won deal that is no renewal has a readable file for customer success, which names the people of the deal."""
    deals = {row["Id"]: row for row in rows(org, "Opportunity", "IsWon = 1 AND Type <> 'Renewal'")}
    links = {row["LinkedEntityId"]: row["ContentDocumentId"] for row in rows(org, "ContentDocumentLink")}
    works = [row for row in rows(org, "ContentVersion", "IsLatest = 1") if row["Title"].startswith("Statement of work")]
    documents = {row["Id"]: row for row in rows(org, "ContentDocument")}

    assert len(works) == len(deals)
    assert sum(work["VersionNumber"] == "2" for work in works) > 10
    for work in works:
        data = base64.b64decode(work["VersionData"])
        assert data.startswith(b"%PDF-1.4")
        assert data.endswith(b"%%EOF\n")
        assert (len(data), hashlib.md5(data).hexdigest()) == (work["ContentSize"], work["Checksum"])
        assert documents[work["ContentDocumentId"]]["LatestPublishedVersionId"] == work["Id"]
    for deal in deals.values():
        (version,) = [each for each in works if each["ContentDocumentId"] == links[deal["Id"]]]
        (account,) = rows(org, "Account", f"Id = '{deal['AccountId']}'")
        shown = b" ".join(re.findall(rb"\((.*)\) Tj", base64.b64decode(version["VersionData"])))
        assert account["Name"].encode() in shown


def test_a_file_has_its_table_of_contents_in_the_right_places():
    """A PDF reader finds each object where the file says it is, also in a file of several pages."""
    data = pdf("Many (lines)", ["A line with a backslash \\ and brackets ()."] * 80)
    table = data[data.rindex(b"xref\n") :]
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", table)]

    assert int(re.search(rb"startxref\n(\d+)", data)[1]) == data.rindex(b"\nxref\n") + 1
    for number, place in enumerate(places, start=1):
        assert data[place:].startswith(b"%d 0 obj\n" % number)
    assert data.count(b"/Type /Page ") > 1


def test_campaigns_count_their_members_and_deals(org: Org):
    """What a campaign shows of itself is what its members and its deals are."""
    members = by(rows(org, "CampaignMember"), "CampaignId")
    deals = by(rows(org, "Opportunity", "CampaignId IS NOT NULL"), "CampaignId")
    for campaign in rows(org, "Campaign"):
        own, brought = members[campaign["Id"]], deals[campaign["Id"]]
        assert campaign["NumberOfContacts"] == len(own) == len({each["ContactId"] for each in own})
        assert campaign["NumberOfResponses"] == sum(each["HasResponded"] for each in own)
        assert campaign["NumberOfOpportunities"] == len(brought)
        assert campaign["NumberOfWonOpportunities"] == sum(each["IsWon"] for each in brought)
        won = sum(each["Amount"] for each in brought if each["IsWon"])
        assert campaign["AmountWonOpportunities"] == pytest.approx(won)


def test_partners_are_seen_from_both_sides(org: Org):
    """Each partner of a deal has its way back, and both objects that show it."""
    partners = {row["Id"]: row for row in rows(org, "Partner")}
    for each in partners.values():
        assert partners[each["ReversePartnerId"]]["AccountToId"] == each["AccountFromId"]
    assert {row["Id"] for row in rows(org, "AccountPartner")} == partners.keys()
    assert {row["Id"] for row in rows(org, "OpportunityPartner")} == {
        row["Id"] for row in partners.values() if row["Role"] != "None"
    }


def test_each_contact_has_one_direct_account(org: Org):
    """Where people may belong to several accounts, exactly one of them is their own."""
    direct = Counter(row["ContactId"] for row in rows(org, "AccountContactRelation", "IsDirect = 1"))

    assert set(direct.values()) == {1}
    assert direct.keys() == {row["Id"] for row in rows(org, "Contact")}
    assert rows(org, "AccountContactRelation", "IsDirect = 0")


def test_projects_and_subscriptions_agree_with_their_deals(org: Org):
    """A project is live when its go-live has passed, and a subscription has its contract's days."""
    projects = rows(org, "Implementation__c")
    assert {row["Status__c"] for row in projects} == {"Planned", "Running", "Live"}
    for project in projects:
        (deal,) = rows(org, "Opportunity", f"Id = '{project['Opportunity__c']}'")
        assert deal["IsWon"]
        assert project["Kickoff_Date__c"] == deal["Kickoff_Date__c"]
        if project["Status__c"] == "Live":
            assert project["Go_Live_Date__c"] < TODAY.isoformat()
    contracts = {row["Id"]: row for row in rows(org, "Contract")}
    for each in rows(org, "Subscription__c", "Contract__c IS NOT NULL"):
        contract = contracts[each["Contract__c"]]
        assert (each["Account__c"], each["Start_Date__c"], each["End_Date__c"]) == (
            contract["AccountId"], contract["StartDate"], contract["EndDate"],
        )  # fmt: skip


def test_cases_come_after_the_customer_is_live(org: Org):
    """Nobody writes to support about what is not in use yet, and most cases are closed."""
    live = {row["AccountId"] for row in rows(org, "Asset", "InstallDate IS NOT NULL")}
    cases = rows(org, "Case")

    assert len(cases) > 50
    assert {row["AccountId"] for row in cases} <= live
    assert 0 < sum(not row["IsClosed"] for row in cases) < len(cases) / 4
    assert all(bool(row["ClosedDate"]) == bool(row["IsClosed"]) == (row["Status"] == "Closed") for row in cases)


def test_copies_of_the_story_number_everything_anew():
    """A bigger org repeats no number that is handed out once."""
    with Org.open() as org:
        fill(org, scale=3, today=TODAY)
        for name, field in (("Order", "OrderNumber"), ("OrderItem", "OrderItemNumber"), ("Case", "CaseNumber"),
                            ("AssetStatePeriod", "AssetStatePeriodNumber"), ("OpportunityPartner", "Id")):  # fmt: skip
            told = [row[field] for row in rows(org, name)]
            assert len(told) == len(set(told))
        assert org.count("Implementation__c") > 300
