"""What people do to records."""

from collections.abc import Sequence
from typing import Any

from demo_org import jobs
from demo_org.semantics import conversion
from machine.children import DEEPER, OF_ACCOUNTS, OF_DEALS
from machine.world import Impossible, World

#: (object, field, values that it is given in turn)
_CHANGES: Sequence[tuple[str, str, Sequence[Any]]] = (
    ("Opportunity", "Name", ("Renamed", "Renamed again")),
    ("Opportunity", "NextStep", ("call", "wait", None)),
    ("Opportunity", "Amount", (5, 7.25, None)),
    ("Opportunity", "CloseDate", ("2026-03-30", "2026-05-31")),
    ("Opportunity", "Why__c", ("because", "so what", None)),
    ("Account", "Name", ("Hospital", "Practice")),
    ("Account", "Industry", ("Education", "Energy", None)),
    ("Account", "NumberOfEmployees", (5, 50)),
    ("Contact", "LastName", ("Miller", "Smith")),
    ("Contact", "Title", ("Chief", None)),
    ("OpportunityLineItem", "Quantity", (2, 3)),
    ("OpportunityLineItem", "Description", ("small", "large", None)),
    ("OpportunityContactRole", "Role", ("Evaluator", "Influencer")),
    ("OpportunityContactRole", "IsPrimary", (True, False)),
    ("OpportunityTeamMember", "TeamMemberRole", ("Executive Sponsor", "Sales Manager")),
    ("OpportunityCompetitor", "Strengths", ("price", "speed")),
    ("Task", "Status", ("Completed", "Not Started")),
    ("Task", "Description", ("long talk", None)),
    ("Event", "Subject", ("Workshop", "Lunch")),
    ("EmailMessage", "Subject", ("Re: offer", "Re: Re: offer")),
    ("Note", "Body", ("changed\r\ntext", " ")),
    ("Quote", "Status", ("Presented", "Accepted")),
    ("QuoteLineItem", "Quantity", (4, 6)),
    ("Contract", "ContractTerm", (12, 24)),
    ("Contract", "Status", ("Activated", "Draft")),
    ("Order", "Description", ("ship", None)),
    ("OrderItem", "Quantity", (1, 9)),
    ("Asset", "Status", ("Installed", "Obsolete")),
    ("AssetStatePeriod", "Quantity", (3, 4)),
    ("Case", "Status", ("Closed", "New")),
    ("AccountContactRelation", "Roles", ("Decision Maker", "Other")),
    ("AccountTeamMember", "TeamMemberRole", ("Sales Rep", "Account Manager")),
    ("Campaign", "Name", ("Spring", "Autumn")),
    ("CampaignMember", "Status", ("Responded", "Sent")),
    ("ContentDocument", "Title", ("Plan", "Draft")),
    ("Product2", "Name", ("Suite", "Module")),
    ("PricebookEntry", "UnitPrice", (11, 12.5)),
    ("User", "LastName", ("Jones", "Brown")),
    ("RecordType", "Name", ("Type A", "Type B")),
    ("Renewal__c", "Worth__c", (1.25, None)),
    ("Ticket__c", "Urgent__c", (True, False)),
)
#: (object, field, object that it is hung on; None empties the field)
_MOVES: Sequence[tuple[str, str, str | None]] = (
    ("Task", "WhatId", "Opportunity"),
    ("Task", "WhatId", "Account"),
    ("Task", "WhoId", "Contact"),
    ("Task", "WhoId", None),
    ("Event", "WhatId", "Opportunity"),
    ("Event", "WhoId", "Contact"),
    ("EmailMessage", "RelatedToId", "Opportunity"),
    ("Contact", "AccountId", "Account"),
    ("Contact", "AccountId", None),
    ("Opportunity", "AccountId", "Account"),
    ("Opportunity", "CampaignId", "Campaign"),
    ("Opportunity", "ContractId", "Contract"),
    ("Opportunity", "OwnerId", "User"),
    ("Opportunity", "RecordTypeId", "RecordType"),
    ("Account", "ParentId", "Account"),
    ("Account", "ParentId", None),
    ("Contract", "AccountId", "Account"),
    ("Order", "AccountId", "Account"),
    ("Asset", "AccountId", "Account"),
    ("Asset", "Product2Id", "Product2"),
    ("Case", "AccountId", "Account"),
    ("Quote", "ContactId", "Contact"),
    ("OpportunityContactRole", "ContactId", "Contact"),
    ("Contract", "OwnerId", "User"),
    ("Renewal__c", "Deal__c", "Opportunity"),
    ("Renewal__c", "Deal__c", None),
    ("Ticket__c", "Customer__c", "Account"),
    ("Ticket__c", "Customer__c", None),
    ("Renewal__c", "Customer__c", "Account"),
    ("Renewal__c", "Customer__c", None),
)
_DELETABLE = (
    *dict.fromkeys((*OF_DEALS, *OF_ACCOUNTS, *DEEPER)),
    *("Account", "Campaign", "Product2", "PricebookEntry", "ContentDocument"),
    *("Opportunity", "Opportunity", "OpportunityLineItem", "Contact"),
)
_STAGES = ("Closed Won", "Prospecting", "Closed Lost", "Negotiation/Review")
#: so many records of a kind must stay, so that there is always something to do
_LEAST = 2


def change(world: World, number: int) -> None:
    """Change one field of one record."""
    name, field, values = _CHANGES[number % len(_CHANGES)]
    number //= len(_CHANGES)
    world.org.update(name, world.must_pick(name, number // len(values)), {field: values[number % len(values)]})


def move(world: World, number: int) -> None:
    """Hang one record on another one."""
    name, field, parent = _MOVES[number % len(_MOVES)]
    number //= len(_MOVES)
    record = world.must_pick(name, number)
    target = None if parent is None else world.must_pick(parent, number // 5)
    if record != target:
        world.org.update(name, record, {field: target})


def win(world: World, number: int) -> None:
    """Win a deal that is not won."""
    world.org.update("Opportunity", _deal(world, number, won=False), {"StageName": "Closed Won"})


def reopen(world: World, number: int) -> None:
    """Take a won deal back into an open stage, or lose it."""
    stage = _STAGES[1 + number % 3]
    world.org.update("Opportunity", _deal(world, number // 3, won=True), {"StageName": stage})


def toggle_twice(world: World, number: int) -> None:
    """Reopen a won deal and win it again, or the other way round, with a child in between."""
    deal = world.must_pick("Opportunity", number // 2)
    for turn in range(2):
        world.org.update("Opportunity", deal, {"StageName": _STAGES[(number + turn) % 2]})
        if turn == 0:
            world.org.insert("Note", {"ParentId": deal, "Title": "in between"})


def delete(world: World, number: int) -> None:
    """Put a record, with what hangs on it, into the recycle bin."""
    name = _DELETABLE[number % len(_DELETABLE)]
    world.org.delete(name, _spared(world, name, number // len(_DELETABLE)))


def hard_delete(world: World, number: int) -> None:
    """Remove a record without a trace in the recycle bin."""
    name = _DELETABLE[number % len(_DELETABLE)]
    world.org.hard_delete(name, _spared(world, name, number // len(_DELETABLE)))


def undelete(world: World, number: int) -> None:
    """Take a record, with what was deleted with it, out of the recycle bin."""
    with world.org.reading() as connection:
        found = connection.execute("SELECT DISTINCT root FROM _bin ORDER BY root").fetchall()
    if not found:
        raise Impossible
    root = found[number % len(found)][0]
    described = world.org.catalog.of_id(root)
    if described is None:
        raise Impossible
    world.org.undelete(described.name, root)


def purge(world: World, number: int) -> None:
    """Empty the recycle bin, or let old things in it expire."""
    if number % 2:
        world.org.purge()
        return
    with world.org.transaction() as unit:
        jobs.expire_bin(unit)


def merge(world: World, number: int) -> None:
    """Merge two accounts, contacts or cases."""
    name = ("Account", "Contact", "Case")[number % 3]
    winner, loser = world.must_pick(name, number // 3), _spared(world, name, number // 7)
    if winner == loser:
        raise Impossible
    world.org.merge(name, winner, [loser])


def convert(world: World, number: int) -> None:
    """Convert a lead, into an account of its own or one that is there."""
    lead = world.pick("Lead", number, "NOT IsConverted")
    if lead is None:
        raise Impossible
    account = world.pick("Account", number) if number % 2 else None
    with world.org.transaction() as unit:
        conversion.convert(unit, lead, account_id=account)


def synchronise(world: World, number: int) -> None:
    """Choose a quote: the deal's line items are replaced by its lines."""
    quote = world.must_pick("Quote", number)
    row = world.org.get("Quote", quote) or {}
    world.org.update("Opportunity", row["OpportunityId"], {"SyncedQuoteId": None if number % 5 == 0 else quote})


def transfer(world: World, number: int) -> None:
    """Give all that a user owns to another one."""
    former, owner = world.must_pick("User", number), world.must_pick("User", number // 5)
    with world.org.transaction() as unit:
        jobs.transfer(unit, former, owner, closed_too=number % 2 == 0)


def several(world: World, number: int) -> None:
    """One transaction that changes several deals, and moves their children about."""
    with world.org.transaction() as unit:
        for place, deal in enumerate(world.ids("Opportunity")[:4]):
            unit.update("Opportunity", deal, {"StageName": _STAGES[(number >> place) & 1]})
            if (number >> place) & 2:
                unit.insert("Note", {"ParentId": deal, "Title": f"note {place}"})


def begin(world: World, number: int) -> None:
    """Begin a long transaction, or write more in the one that is open."""
    if world.late is None:
        world.late = world.org.open_transaction()
    kind = number % 6
    number //= 6
    if kind < 3:
        deal = world.must_pick("Opportunity", number)
        world.late.update("Opportunity", deal, {"StageName": _STAGES[kind % 2]})
    elif kind == 3:
        name = list(OF_DEALS)[number % len(OF_DEALS)]
        deal = world.must_pick("Opportunity", number // 5)
        world.late.insert(name, OF_DEALS[name](world, deal, number))
    elif kind == 4:
        name = _DELETABLE[number % len(_DELETABLE)]
        world.late.delete(name, _spared(world, name, number // 5))
    else:
        name, field, values = _CHANGES[number % len(_CHANGES)]
        world.late.update(name, world.must_pick(name, number // 7), {field: values[0]})


def commit(world: World, number: int) -> None:
    """Let the long transaction be seen, or forget it."""
    world.end_transaction(commit=number % 4 != 0)


def _deal(world: World, number: int, *, won: bool) -> str:
    found = world.pick("Opportunity", number, "IsWon = ?", int(won))
    if found is None:
        raise Impossible
    return found


def _spared(world: World, name: str, number: int) -> str:
    found = world.ids(name)
    if len(found) <= (_LEAST if name in {"Account", "Contact", "PricebookEntry", "Product2", "Campaign"} else 0):
        raise Impossible
    return found[number % len(found)]
