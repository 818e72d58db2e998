"""What hangs on deals and customers, and how one of each is made."""

from collections.abc import Callable, Mapping
from typing import Any

from machine.world import Impossible, World

Values = dict[str, Any]
#: (world, parent's id, number) -> values of a new record
Maker = Callable[[World, str, int], Values]


def _price(world: World, number: int) -> str:
    return world.must_pick("PricebookEntry", number)


def _quoted(world: World, number: int, **more: Any) -> Values:
    return {"PricebookEntryId": _price(world, number), "Quantity": number % 5 + 1, "UnitPrice": 10, **more}


def _event(world: World, deal: str, number: int) -> Values:
    day = (world.org.clock.now().date()).isoformat()
    return {
        "WhatId": deal,
        "WhoId": world.pick("Contact", number),
        "Subject": f"Demo {number}",
        "DurationInMinutes": 30,
        "ActivityDateTime": f"{day}T10:00:00Z",
    }


def _quote_line(world: World, quote: str, number: int) -> Values:
    return {"QuoteId": quote, **_quoted(world, number)}


def _order_item(world: World, order: str, number: int) -> Values:
    return {"OrderId": order, **_quoted(world, number)}


#: what hangs on a deal
OF_DEALS: Mapping[str, Maker] = {
    "OpportunityLineItem": lambda world, deal, n: {"OpportunityId": deal, **_quoted(world, n)},
    "OpportunityContactRole": lambda world, deal, n: {
        "OpportunityId": deal, "ContactId": world.must_pick("Contact", n), "Role": "Decision Maker",
        "IsPrimary": n % 2 == 0,
    },
    "OpportunityTeamMember": lambda world, deal, n: {
        "OpportunityId": deal, "UserId": world.must_pick("User", n), "TeamMemberRole": "Sales Rep",
        "OpportunityAccessLevel": "Edit",
    },
    "OpportunityCompetitor": lambda world, deal, n: {"OpportunityId": deal, "CompetitorName": f"Rival {n}"},
    "Partner": lambda world, deal, n: {
        "OpportunityId": deal, "AccountToId": world.must_pick("Account", n), "Role": "Consultant",
        "IsPrimary": n % 2 == 0,
    },
    "Quote": lambda world, deal, n: {"OpportunityId": deal, "Name": f"Offer {n}"},
    "Task": lambda world, deal, n: {
        "WhatId": deal, "WhoId": world.pick("Contact", n), "Subject": f"Call {n}", "Description": f"note {n}",
        "Status": "Completed" if n % 2 else "Not Started", "ActivityDate": "2026-02-27",
    },
    "Event": _event,
    "EmailMessage": lambda world, deal, n: {
        "RelatedToId": deal, "Subject": f"Mail {n}", "TextBody": "secret", "Status": "3", "Incoming": n % 2 == 0,
        "FromAddress": "a@demo.example", "ToAddress": "seller0@demo.example",
    },
    "Note": lambda world, deal, n: {"ParentId": deal, "Title": f"Promise {n}", "Body": f'line\n"{n}" ñ'},
    "ContentVersion": lambda world, deal, n: {
        "Title": f"File {n}", "PathOnClient": f"file{n}.txt", "VersionData": "aGVsbG8=", "FirstPublishLocationId": deal,
    },
    "Renewal__c": lambda world, deal, n: {
        "Name": f"Renewal {n}", "Deal__c": deal, "Worth__c": n + 0.5, "Due__c": "2026-12-01T08:30:00Z",
        **({"Customer__c": world.must_pick("Account", n)} if n % 3 == 0 else {}),
    },
}  # fmt: skip

#: what hangs on a customer
OF_ACCOUNTS: Mapping[str, Maker] = {
    "Contact": lambda world, account, n: {"AccountId": account, "LastName": f"Person {n}", "Title": "Doctor"},
    "Contract": lambda world, account, n: {
        "AccountId": account, "Status": "Draft", "StartDate": "2026-01-31", "ContractTerm": n % 24 + 1,
    },
    "Order": lambda world, account, n: {
        "AccountId": account, "EffectiveDate": "2026-03-01", "Status": "Draft",
        "Pricebook2Id": world.must_pick("Pricebook2", 0),
    },
    "Asset": lambda world, account, n: {
        "AccountId": account, "Name": f"Device {n}", "Product2Id": world.pick("Product2", n), "Quantity": 1,
    },
    "Case": lambda world, account, n: {"AccountId": account, "Subject": f"Question {n}", "Status": "New"},
    "AccountTeamMember": lambda world, account, n: {
        "AccountId": account, "UserId": world.must_pick("User", n), "TeamMemberRole": "Account Manager",
    },
    "AccountContactRelation": lambda world, account, n: {
        "AccountId": account, "ContactId": world.must_pick("Contact", n), "Roles": "Influencer",
    },
    "Renewal__c": lambda world, account, n: {"Name": f"Upgrade {n}", "Customer__c": account, "Worth__c": n + 0.25},
    "Ticket__c": lambda world, account, n: {"Name": f"Ticket {n}", "Customer__c": account, "Urgent__c": n % 2 == 0},
}  # fmt: skip

#: what hangs on those: (object, the parent's object)
DEEPER: Mapping[str, tuple[str, Maker]] = {
    "QuoteLineItem": ("Quote", _quote_line),
    "OrderItem": ("Order", _order_item),
    "AssetStatePeriod": ("Asset", lambda world, asset, n: {
        "AssetId": asset, "StartDate": "2026-01-01T00:00:00Z", "EndDate": "2026-12-31T00:00:00Z", "Quantity": n % 7,
    }),
    "CampaignMember": ("Contact", lambda world, contact, n: {
        "ContactId": contact, "CampaignId": world.must_pick("Campaign", n), "Status": "Sent",
    }),
    "ContentDocumentLink": ("ContentDocument", lambda world, document, n: {
        "ContentDocumentId": document, "LinkedEntityId": world.must_pick("Opportunity", n), "ShareType": "V",
    }),
    "ContentVersion": ("ContentDocument", lambda world, document, n: {
        "ContentDocumentId": document, "Title": f"Version {n}", "PathOnClient": "v.txt", "VersionData": "aGV5",
    }),
}  # fmt: skip


def new_child(world: World, number: int) -> None:
    """One more record that hangs on a deal, a customer, or deeper."""
    kinds = [*OF_DEALS, *OF_ACCOUNTS, *DEEPER]
    place, number = number % len(kinds), number // len(kinds)
    if place < len(OF_DEALS):
        name = kinds[place]
        values = OF_DEALS[name](world, world.must_pick("Opportunity", number), number // 7)
    elif place < len(OF_DEALS) + len(OF_ACCOUNTS):
        name = kinds[place]
        values = OF_ACCOUNTS[name](world, world.must_pick("Account", number), number // 7)
    else:
        name = kinds[place]
        parent, maker = DEEPER[name]
        values = maker(world, world.must_pick(parent, number), number // 7)
    world.org.insert(name, values)


def new_deal(world: World, number: int) -> None:
    """A deal with something of many kinds on it, won at once or not."""
    stages = ("Closed Won", "Prospecting", "Closed Won", "Closed Lost")
    deal = world.org.insert("Opportunity", {
        "Name": f"Deal {number}", "CloseDate": "2026-03-31", "StageName": stages[number % 4],
        "AccountId": world.pick("Account", number // 4), "NextStep": f"step {number}", "Why__c": f"reason {number}",
        "Amount": number % 1000, **({"CampaignId": world.pick("Campaign", number)} if number % 2 else {}),
    })  # fmt: skip
    for place, name in enumerate(OF_DEALS):
        if (number >> place) & 1:
            world.act(name, lambda world, n, name=name: world.org.insert(name, OF_DEALS[name](world, deal, n)), number)


__all__ = ["DEEPER", "OF_ACCOUNTS", "OF_DEALS", "Impossible", "new_child", "new_deal"]
