"""The objects around a won deal and how each of them is reached from it.

A record belongs to the closure when one of its relations leads to a won opportunity. The order of the objects is the
order in which they are read: children come after their parents, and what is found by ids after what names those ids.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sync.scope.scope import EVERYTHING_WON, ClosureChoice, ScopeToday

ROOT = "Opportunity"
ACCOUNT = "Account"
STAGES = "OpportunityStage"


class Reach(StrEnum):
    """How records of an object get into the closure."""

    ROOT = "root"  # the won opportunities themselves
    CUSTOMER = "customer"  # the account of a won opportunity, and its parents all the way up
    CHILD = "child"  # its parent field names a record of the closure
    NAMED = "named"  # another record of the closure names it
    WHOLE = "whole"  # all records of the org


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureObject:
    """One object of the closure."""

    name: str
    reach: Reach
    #: of a child: the object that its parent field names. Of accounts only those of deals have children in the
    #: closure, not their parents.
    parent: str | None = None
    #: of a child: the field that names the parent
    parent_field: str | None = None
    #: old records are archived and seen by queryAll only (activities older than a year)
    archived: bool = False
    #: Salesforce purges old records of it; what has been seen is kept
    kept: bool = False
    #: changes often, so it is polled more often than others
    lively: bool = False
    #: its records change and go only together with their parent, which is read whole then
    silent: bool = False
    #: is shown only to who asks by its parent, not by its id (links of files)
    asked_by_parent: bool = False
    #: can't be deleted at all
    undying: bool = False
    #: fields of the closure that bring records of this object in by naming them: (object, field)
    named_by: tuple[tuple[str, str], ...] = ()
    #: whether the org has made it itself
    custom: bool = False


def _child(
    name: str,
    parent: str,
    field: str,
    *,
    archived: bool = False,
    kept: bool = False,
    lively: bool = False,
    silent: bool = False,
    asked_by_parent: bool = False,
) -> ClosureObject:
    return ClosureObject(
        name=name, reach=Reach.CHILD, parent=parent, parent_field=field,
        archived=archived, kept=kept, lively=lively, silent=silent, asked_by_parent=asked_by_parent,
    )  # fmt: skip


def _named(name: str, *named_by: tuple[str, str], undying: bool = False) -> ClosureObject:
    return ClosureObject(name=name, reach=Reach.NAMED, named_by=named_by, undying=undying)


_LINES = ("OpportunityLineItem", "QuoteLineItem", "OrderItem")

OBJECTS: tuple[ClosureObject, ...] = (
    ClosureObject(name=STAGES, reach=Reach.WHOLE),
    ClosureObject(name="RecordType", reach=Reach.WHOLE),
    ClosureObject(name="CurrencyType", reach=Reach.WHOLE),
    ClosureObject(name=ROOT, reach=Reach.ROOT),
    _child("OpportunityLineItem", ROOT, "OpportunityId"),
    _child("OpportunityContactRole", ROOT, "OpportunityId"),
    # Their rows are written by the very save that changes the opportunity, so a changed deal is read whole with them.
    _child("OpportunityHistory", ROOT, "OpportunityId", kept=True, silent=True),
    _child("OpportunityFieldHistory", ROOT, "OpportunityId", kept=True, silent=True),
    _child("OpportunityTeamMember", ROOT, "OpportunityId"),
    _child("OpportunityCompetitor", ROOT, "OpportunityId"),
    _child("Partner", ROOT, "OpportunityId"),
    _child("Quote", ROOT, "OpportunityId", lively=True),
    _child("QuoteLineItem", "Quote", "QuoteId"),
    _child("Task", ROOT, "WhatId", archived=True, lively=True),
    _child("Event", ROOT, "WhatId", archived=True, lively=True),
    _child("EmailMessage", ROOT, "RelatedToId", lively=True),
    _child("Note", ROOT, "ParentId"),
    _child("ContentDocumentLink", ROOT, "LinkedEntityId", asked_by_parent=True),
    ClosureObject(
        name=ACCOUNT, reach=Reach.CUSTOMER, named_by=((ROOT, "AccountId"), (ACCOUNT, "ParentId")), lively=True
    ),
    ClosureObject(
        name="Contact",
        reach=Reach.CHILD,
        parent=ACCOUNT,
        parent_field="AccountId",
        named_by=(("OpportunityContactRole", "ContactId"), ("Task", "WhoId"), ("Event", "WhoId")),
        lively=True,
    ),
    _child("AccountContactRelation", ACCOUNT, "AccountId"),
    _child("AccountTeamMember", ACCOUNT, "AccountId"),
    _child("Contract", ACCOUNT, "AccountId"),
    _child("Order", ACCOUNT, "AccountId"),
    _child("OrderItem", "Order", "OrderId"),
    _child("Asset", ACCOUNT, "AccountId"),
    _child("AssetStatePeriod", "Asset", "AssetId"),
    _child("Case", ACCOUNT, "AccountId", lively=True),
    _child("CampaignMember", "Contact", "ContactId"),
    _named("Campaign", (ROOT, "CampaignId"), ("CampaignMember", "CampaignId")),
    _named("ContentDocument", ("ContentDocumentLink", "ContentDocumentId")),
    _named("ContentVersion", ("ContentDocument", "LatestPublishedVersionId")),
    _named("PricebookEntry", *((name, "PricebookEntryId") for name in _LINES)),
    _named("Product2", *((name, "Product2Id") for name in (*_LINES, "Asset"))),
    # Every field of the closure that points at a User names one, so they are not listed here. Users can't be deleted.
    _named("User", undying=True),
)

#: first characters of the ids of objects that polymorphic fields (WhoId, OwnerId) point at
KEY_PREFIXES: dict[str, str] = {ACCOUNT: "001", "Contact": "003", "User": "005", ROOT: "006"}


class Closure:
    """The objects that are read of one org: the standard ones, and its own that look up to deals or accounts."""

    def __init__(self, own: Iterable[ClosureObject] = (), *, scope: ScopeToday = EVERYTHING_WON) -> None:
        #: which opportunities all of it hangs on
        self.scope = scope
        self._by_name: dict[str, ClosureObject] = {each.name: each for each in (*OBJECTS, *own)}

    def __getitem__(self, name: str) -> ClosureObject:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[ClosureObject]:
        return iter(self._by_name.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all objects, in reading order."""
        return tuple(self._by_name)

    def children_of(self, parent: str) -> tuple[ClosureObject, ...]:
        """The objects whose parent field names records of this object."""
        return tuple(each for each in self if each.reach is Reach.CHILD and each.parent == parent)

    @property
    def parents(self) -> tuple[str, ...]:
        """The objects that have children, other than deals and their accounts."""
        found = dict.fromkeys(each.parent for each in self if each.parent not in {None, ROOT, ACCOUNT})
        return tuple(name for name in found if name is not None)

    @property
    def custom(self) -> tuple[ClosureObject, ...]:
        """The org's own objects."""
        return tuple(each for each in self if each.custom)


#: the closure of an org without objects of its own
STANDARD = Closure()


def own_objects(lookups: Iterable[tuple[str, str, str]]) -> list[ClosureObject]:
    """The org's own objects that look up to a deal or an account, by what describe tells of these two.

    An object that looks up to both, or several times, counts by the first of its lookups, deals first.

    Args:
        lookups: (parent object, child object, field of the child), deals first.
    """
    found: dict[str, ClosureObject] = {}
    for parent, name, field in lookups:
        if name not in found and parent in {ROOT, ACCOUNT}:
            found[name] = _own(name, parent, field)
    return list(found.values())


def as_chosen(found: Iterable[ClosureObject], choice: ClosureChoice) -> list[ClosureObject]:
    """The org's own objects as people want them: less what they leave out, and with what they add by its lookup."""
    wanted = {each.name: each for each in found}
    wanted |= {each.name: _own(each.name, each.parent, each.parent_field) for each in choice.add}
    return [each for name, each in wanted.items() if name not in choice.leave_out]


def _own(name: str, parent: str, field: str) -> ClosureObject:
    return ClosureObject(name=name, reach=Reach.CHILD, parent=parent, parent_field=field, custom=True)
