"""What was between us and the customer before: where they came from, earlier deals, cases; and the files of a deal."""

from typing import Any

from sync.shape.aggregate import Aggregate, Row
from sync.shape.lookup import Lookup
from sync.shape.value import Item, Section, State, day_text, money, oldest_first, source_of, verbatim

_CASE = "Case"


def prior_history(lookup: Lookup) -> Section:
    """Where the customer came from, and what else we sold them, or failed to sell them; the last decided first."""
    aggregate = lookup.aggregate
    items = [
        lookup.standard("lead_source", "Lead source", "Opportunity", "LeadSource", aggregate.deal),
        _campaign(lookup),
    ]
    past = [
        row for row in aggregate.past_deals if row["id"] != aggregate.deal["id"] and row.get("isclosed") is not False
    ]
    past.sort(key=lambda row: (day_text(row.get("closedate")) or "", row["id"]), reverse=True)
    items += [_past_deal(lookup, row) for row in past]
    if not past:
        items.append(Item("past_deal", "Other deals", None, State.EMPTY, None))
    items.append(_closed_cases(lookup))
    return Section("prior_history", "Prior history", tuple(items))


def open_cases(aggregate: Aggregate) -> list[Row]:
    """What the customer waits for, the oldest first."""
    return [row for row in oldest_first(aggregate.cases) if row.get("isclosed") is not True]


def open_case_items(lookup: Lookup) -> list[Item]:
    """Each open case as a line; one line that says so where there is none."""
    rows = open_cases(lookup.aggregate)
    if not rows:
        return [lookup.related("open_case", "Open cases", _CASE, "IsClosed", [], None)]
    return [_case(row) for row in rows]


def _case(row: Row) -> Item:
    value = {
        "number": verbatim(row.get("casenumber")),
        "subject": verbatim(row.get("subject")),
        "status": verbatim(row.get("status")),
        "priority": verbatim(row.get("priority")),
        "is_escalated": row.get("isescalated") is True,
        "opened_on": day_text(row.get("createddate")),
    }
    return Item("open_case", value["subject"] or "Case", value, State.OK, source_of(_CASE, "Subject", row))


def _closed_cases(lookup: Lookup) -> Item:
    rows = [row for row in lookup.aggregate.cases if row.get("isclosed") is True]
    last = max((text for row in rows if (text := day_text(row.get("closeddate")))), default=None)
    value = {"count": len(rows), "last_closed_on": last} if rows else None
    return lookup.related("closed_cases", "Cases solved so far", _CASE, "IsClosed", [], value)


def _campaign(lookup: Lookup) -> Item:
    """The campaign that brought the deal; by its id where the campaign itself can't be read."""
    campaign = lookup.aggregate.campaign

    def named(campaign_id: Any) -> Any:
        if not campaign_id:
            return None
        known = campaign or {}
        return {
            "name": verbatim(known.get("name")),
            "kind": verbatim(known.get("type")),
            "campaign_id": campaign_id,
        }

    item = lookup.standard("campaign", "Campaign", "Opportunity", "CampaignId", lookup.aggregate.deal, form=named)
    if item.filled and campaign is not None:
        return Item(item.key, item.label, item.value, item.state, source_of("Campaign", "Name", campaign))
    return item


def _past_deal(lookup: Lookup, row: Row) -> Item:
    won = bool(row.get("iswon"))
    value = {
        "name": verbatim(row.get("name")),
        "outcome": "won" if won else "lost",
        "closed_on": day_text(row.get("closedate")),
        "amount": money(row.get("amount")),
        "type": verbatim(row.get("type")),
        "reason": None if won else lookup.custom_of("loss_reason", "Opportunity", row),
        "deal_id": row["id"],
    }
    source = source_of("Opportunity", "IsWon", row)
    return Item("past_deal", value["name"] or row["id"], value, State.OK, source)


def files_section(lookup: Lookup) -> Section:
    """The files that hang on the deal: what they are and where they lie, never what is in them."""
    aggregate = lookup.aggregate
    known = [row for link in aggregate.file_links if (row := aggregate.files.get(link.get("contentdocumentid") or ""))]
    items = [_file(aggregate, row) for row in oldest_first({row["id"]: row for row in known}.values())]
    if not items:
        items = [lookup.related("file", "Files", "ContentDocumentLink", "ContentDocumentId", [], None)]
    items += [
        lookup.custom("recording_link", "Recordings of calls"),
        lookup.custom("proposal_link", "Proposal"),
        lookup.custom("folder_link", "Folder"),
    ]
    return Section("files", "Files and links", tuple(items))


def _file(aggregate: Aggregate, row: Row) -> Item:
    owner = aggregate.users.get(row.get("ownerid") or "") or {}
    title = verbatim(row.get("title"))
    value = {
        "title": title,
        "kind": verbatim(row.get("filetype")),
        "extension": verbatim(row.get("fileextension")),
        "size_bytes": row.get("contentsize"),
        "changed_on": day_text(row.get("contentmodifieddate") or row.get("lastmodifieddate")),
        "owner": verbatim(owner.get("name")),
        "url": f"{aggregate.instance_url.rstrip('/')}/lightning/r/ContentDocument/{row['id']}/view",
    }
    source = source_of("ContentDocument", "Title", row)
    return Item("file", title or "File without a title", value, State.OK, source)
