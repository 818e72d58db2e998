"""One deal with everything that hangs on it, as the store holds it: all that a brief is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.shape.mapping import BriefMapping

#: One mirrored record: standard fields by lower-case name as Python values, and `custom` by exact API name.
Row = Mapping[str, Any]

#: Stands for every field of an object in `Aggregate.unavailable`.
WHOLE_OBJECT = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A deal and its closure. Records that are gone (tombstones) are not in it."""

    org_id: str
    instance_url: str
    #: the code of the org's only currency; None where each record carries its own or the org does not tell
    currency: str | None
    deal: Row
    #: whether it is not won yet, but expected to close soon
    is_draft: bool = False
    customer: Row | None = None
    #: the parent accounts of the customer, nearest first
    parents: list[Row] = field(default_factory=list)
    roles: list[Row] = field(default_factory=list)
    #: how contacts belong to the customer, be they its own or another account's
    relations: list[Row] = field(default_factory=list)
    contacts: Mapping[str, Row] = field(default_factory=dict)
    items: list[Row] = field(default_factory=list)
    products: Mapping[str, Row] = field(default_factory=dict)
    pricebook_entries: Mapping[str, Row] = field(default_factory=dict)
    history: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    #: without their bodies
    emails: list[Row] = field(default_factory=list)
    notes: list[Row] = field(default_factory=list)
    quotes: list[Row] = field(default_factory=list)
    competitors: list[Row] = field(default_factory=list)
    partners: list[Row] = field(default_factory=list)
    #: those of our side who work on the deal, and those who look after the customer
    team: list[Row] = field(default_factory=list)
    customer_team: list[Row] = field(default_factory=list)
    #: which files hang on the deal, and what these are; never what is in them
    file_links: list[Row] = field(default_factory=list)
    files: Mapping[str, Row] = field(default_factory=dict)
    #: what the customer asked for help with
    cases: list[Row] = field(default_factory=list)
    campaign: Row | None = None
    #: the contract that the deal names
    contract: Row | None = None
    #: every contract of the customer
    contracts: list[Row] = field(default_factory=list)
    users: Mapping[str, Row] = field(default_factory=dict)
    #: accounts that the deal names beside the customer, by id, as far as the store has them
    accounts: Mapping[str, Row] = field(default_factory=dict)
    #: other closed opportunities of the customer, won and lost
    past_deals: list[Row] = field(default_factory=list)
    #: (object, field) that may not be read now; the field WHOLE_OBJECT says that the object may not
    unavailable: frozenset[tuple[str, str]] = frozenset()
    #: what people chose about fields and words
    mapping: BriefMapping = field(default_factory=BriefMapping)
    #: what people call a field on the screen, by (object, field)
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
