"""How the deal was won, and what has been said about getting it to work."""

from sync.shape.aggregate import Aggregate, Row
from sync.shape.lookup import Lookup
from sync.shape.ours import named_user
from sync.shape.value import (
    Item,
    Section,
    State,
    best,
    choices,
    instant,
    oldest_first,
    source_of,
    verbatim,
)


def how_we_won(lookup: Lookup) -> Section:
    """Whom we beat, and how they decided."""
    items = (
        _competitors(lookup),
        *(_competitor(lookup.aggregate, row) for row in oldest_first(lookup.aggregate.competitors)),
        lookup.custom("incumbent", "Incumbent", form=choices),
        lookup.custom("objections", "Objections"),
        lookup.custom("decision_criteria", "Decision criteria"),
        lookup.custom("decision_process", "Decision process"),
        lookup.custom("paper_process", "Paper process"),
    )
    return Section("how_we_won", "How we won", items)


def implementation(lookup: Lookup) -> Section:
    """What has been said about getting it to work, and who helps."""
    items = (
        lookup.custom("kickoff_on", "Kickoff"),
        lookup.custom("go_live_on", "Go-live target"),
        lookup.custom("integrations", "Integrations", form=choices),
        lookup.custom("tech_stack", "Tech stack", form=choices),
        lookup.custom("data_migration", "Data migration"),
        lookup.custom("security_review", "Security review"),
        _partner(lookup),
        lookup.custom("implementation_notes", "Implementation notes"),
        lookup.standard("next_step", "Next step", "Opportunity", "NextStep", lookup.aggregate.deal),
    )
    return Section("implementation", "Implementation", items)


def _competitors(lookup: Lookup) -> Item:
    key, label = "competitors", "Competitors"
    custom = lookup.custom(key, label, form=choices)
    rows = oldest_first(lookup.aggregate.competitors)
    names = list(dict.fromkeys(name for row in rows if (name := verbatim(row.get("competitorname")))))
    return best([custom, lookup.related(key, label, "OpportunityCompetitor", "CompetitorName", rows, names or None)])


def _competitor(aggregate: Aggregate, row: Row) -> Item:
    author = named_user(aggregate.users, row.get("createdbyid"))
    value = {
        "name": verbatim(row.get("competitorname")),
        "strengths": verbatim(row.get("strengths")),
        "weaknesses": verbatim(row.get("weaknesses")),
        "author": author and author["name"],
        "at": instant(row.get("createddate")),
    }
    source = source_of("OpportunityCompetitor", "CompetitorName", row)
    return Item("competitor", value["name"] or "Competitor", value, State.OK, source)


def _partner(lookup: Lookup) -> Item:
    """The firm that helps: from the field made for it, else from the deal's partners."""
    key, label, aggregate = "partner", "Partner", lookup.aggregate
    custom = lookup.custom(key, label)
    own = aggregate.deal.get("accountid")
    # Salesforce keeps each partnership as two records, one from either side.
    rows = [row for row in oldest_first(aggregate.partners) if row.get("accounttoid") not in {None, own}]
    rows.sort(key=lambda row: not row.get("isprimary"))
    firms = [
        {
            "name": verbatim((aggregate.accounts.get(row["accounttoid"]) or {}).get("name")),
            "customer_id": row["accounttoid"],
            "note": verbatim(row.get("role")),
        }
        for row in rows
    ]
    return best([custom, lookup.related(key, label, "Partner", "AccountToId", rows, firms or None)])
