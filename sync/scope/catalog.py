"""The objects around a won deal and how each of them is reached from it.

A record belongs to the closure when one of its relations leads to a won opportunity. The order of `CLOSURE` is the
order in which objects are read: what is found by ids comes after what names those ids.
"""

from dataclasses import dataclass
from enum import StrEnum

ROOT = "Opportunity"


class Reach(StrEnum):
    """How records of an object get into the closure."""

    ROOT = "root"  # the won opportunities themselves
    DEAL_CHILD = "deal_child"  # its parent field names a won opportunity
    CUSTOMER = "customer"  # the account of a won opportunity, and its parents all the way up
    ACCOUNT_CHILD = "account_child"  # its AccountId names the account of a won opportunity
    NAMED = "named"  # another record of the closure names it
    WHOLE = "whole"  # all records of the org


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureObject:
    """One object of the closure."""

    name: str
    reach: Reach
    #: the field that names the deal or account, when there is one
    parent_field: str | None = None
    #: old records are archived and seen by queryAll only (activities older than a year)
    archived: bool = False
    #: other fields of the closure that name records of this object: (object, field)
    named_by: tuple[tuple[str, str], ...] = ()


OBJECTS: tuple[ClosureObject, ...] = (
    ClosureObject(name="OpportunityStage", reach=Reach.WHOLE),
    ClosureObject(name=ROOT, reach=Reach.ROOT),
    ClosureObject(name="OpportunityLineItem", reach=Reach.DEAL_CHILD, parent_field="OpportunityId"),
    ClosureObject(name="OpportunityContactRole", reach=Reach.DEAL_CHILD, parent_field="OpportunityId"),
    ClosureObject(name="OpportunityHistory", reach=Reach.DEAL_CHILD, parent_field="OpportunityId"),
    ClosureObject(name="Quote", reach=Reach.DEAL_CHILD, parent_field="OpportunityId"),
    ClosureObject(name="Task", reach=Reach.DEAL_CHILD, parent_field="WhatId", archived=True),
    ClosureObject(name="Event", reach=Reach.DEAL_CHILD, parent_field="WhatId", archived=True),
    ClosureObject(name="Note", reach=Reach.DEAL_CHILD, parent_field="ParentId"),
    ClosureObject(name="Account", reach=Reach.CUSTOMER, named_by=((ROOT, "AccountId"), ("Account", "ParentId"))),
    ClosureObject(
        name="Contact",
        reach=Reach.ACCOUNT_CHILD,
        parent_field="AccountId",
        named_by=(("OpportunityContactRole", "ContactId"), ("Task", "WhoId"), ("Event", "WhoId")),
    ),
    ClosureObject(name="Contract", reach=Reach.ACCOUNT_CHILD, parent_field="AccountId"),
    ClosureObject(name="PricebookEntry", reach=Reach.NAMED, named_by=(("OpportunityLineItem", "PricebookEntryId"),)),
    ClosureObject(
        name="Product2",
        reach=Reach.NAMED,
        named_by=(("OpportunityLineItem", "Product2Id"),),
    ),
    # Every field of the closure that points at a User names one, so they are not listed here.
    ClosureObject(name="User", reach=Reach.NAMED),
)

BY_NAME: dict[str, ClosureObject] = {each.name: each for each in OBJECTS}

#: the names of all objects of the closure, in reading order
CLOSURE: tuple[str, ...] = tuple(BY_NAME)

#: objects that hang on a deal: name -> the field that names the deal
DEAL_CHILDREN: dict[str, str] = {
    each.name: each.parent_field for each in OBJECTS if each.reach is Reach.DEAL_CHILD and each.parent_field
}

#: objects that hang on an account of a deal: name -> the field that names the account
ACCOUNT_CHILDREN: dict[str, str] = {
    each.name: each.parent_field for each in OBJECTS if each.reach is Reach.ACCOUNT_CHILD and each.parent_field
}

#: objects that are read by the ids that other records name
NAMED: tuple[str, ...] = tuple(each.name for each in OBJECTS if each.reach is Reach.NAMED)

#: first characters of the ids of objects that polymorphic fields (WhoId, OwnerId) point at
KEY_PREFIXES: dict[str, str] = {"Account": "001", "Contact": "003", "User": "005", ROOT: "006"}

#: objects that a poll reads by query, because they change most and their records are wanted at once; with the
#: opportunities and their stages these are the five queries that one composite call may hold
POLL_QUERIED: tuple[str, ...] = ("OpportunityLineItem", "OpportunityContactRole", "Task")

#: objects whose changed ids a poll asks for. OpportunityHistory is not among them: its rows are written by the very
#: save that changes the opportunity, so a changed deal is fetched whole with them.
POLL_REPLICATED: tuple[str, ...] = (
    "Quote",
    "Event",
    "Note",
    "Account",
    "Contact",
    "Contract",
    "PricebookEntry",
    "Product2",
    "User",
)

#: the same for a deep look. A task that was moved away from a deal leaves the scope of the tasks' query and shows only
#: in the list of changed ids, so here tasks are listed instead of queried; all of it still fits into one call.
DEEP_QUERIED: tuple[str, ...] = ("OpportunityLineItem", "OpportunityContactRole")
DEEP_REPLICATED: tuple[str, ...] = (*POLL_REPLICATED, "Task")

#: objects whose deletions a poll needs not ask for: users can't be deleted, history goes with its deal, and the
#: deletion of a price that a line item uses is refused
NEVER_DELETED: frozenset[str] = frozenset({"User", "OpportunityHistory", "PricebookEntry", "OpportunityStage"})
