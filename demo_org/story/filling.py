"""Fills an org with the story."""

from collections.abc import Iterator
from datetime import date
from random import Random

from demo_org.store import Org
from demo_org.story.arcs import plan
from demo_org.story.cast import Customer, cast
from demo_org.story.company import Company, found_company
from demo_org.story.crew import write_account_team, write_deal_team
from demo_org.story.daybook import Calendar
from demo_org.story.delivery import Delivered, write_delivery
from demo_org.story.fields import add_fields
from demo_org.story.files import write_files
from demo_org.story.mail import write_mail
from demo_org.story.market import Market, open_market, write_market
from demo_org.story.rows import Copier, Varying, Volume, columns_of
from demo_org.story.sale import Sale, make_sale
from demo_org.story.support import write_cases
from demo_org.story.talks import write_talks
from demo_org.story.tracking import write_tracking
from demo_org.story.writing import write_sale

#: the story is told anew so many times; beyond that its copies repeat texts under other names and ids
_TELLINGS = 4
_PER_COPY = 10_000  # numbers of contracts, quotes and the like that a copy may use
_ORDER = (
    "Account", "Contact", "Opportunity", "OpportunityContactRole", "OpportunityLineItem", "OpportunityHistory",
    "Contract", "Quote", "Task", "Event", "Note", "QuoteLineItem", "OpportunityFieldHistory", "OpportunityTeamMember",
    "OpportunityCompetitor", "Partner", "AccountPartner", "OpportunityPartner", "AccountTeamMember",
    "AccountContactRelation", "Campaign", "CampaignMemberStatus", "CampaignMember", "EmailMessage",
    "EmailMessageRelation", "ContentDocument", "ContentVersion", "ContentDocumentLink", "Order", "OrderItem", "Asset",
    "AssetStatePeriod", "Case", "Implementation__c", "Subscription__c",
)  # fmt: skip


def _number(value: object, copy: int) -> str:
    return f"{(copy - 1) * _PER_COPY + int(str(value)):08d}"


def _period(value: object, copy: int) -> str:
    return f"ASP-{(copy - 1) * _PER_COPY + int(str(value)[4:]):06d}"


def _place(value: object, copy: int) -> object:
    return value if copy <= _TELLINGS else f"{value} {copy}"


_VARYING: Varying = {
    ("Contract", "ContractNumber"): _number,
    ("Quote", "QuoteNumber"): _number,
    ("Order", "OrderNumber"): _number,
    ("OrderItem", "OrderItemNumber"): _number,
    ("Case", "CaseNumber"): _number,
    ("AssetStatePeriod", "AssetStatePeriodNumber"): _period,
    ("Account", "Name"): _place,
    ("Campaign", "Name"): _place,
}


def fill(org: Org, *, seed: int = 7, scale: int = 1, today: date | None = None) -> int:
    """Tell the story in the org and return how many rows it took; the same seed and day tell the same story.

    One scale is about 200 accounts, 600 opportunities, 150 wins, 22,800 rows, all in the years before today.
    """
    if scale < 1:
        raise ValueError(f"scale is {scale}; give 1 for the story as it is or a larger whole number")
    today = today or org.clock.today()
    add_fields(org)
    company = found_company(org, today=today)
    prefixes = {name: org.catalog.stored_object(name).id_prefix for name in _ORDER}
    volumes = [tell(company, prefixes, seed=f"{seed}:{number}", today=today)
               for number in range(min(scale, _TELLINGS))]  # fmt: skip
    return sum(_load(org, volumes, name, scale) for name in _ORDER)


def tell(company: Company, prefixes: dict[str, str], *, seed: str, today: date) -> Volume:
    """Tell the story once."""
    rng, calendar, volume = Random(seed), Calendar(today=today), Volume(prefixes)
    # What lies beside the deals has dice of its own, so that more of it tells no other deals.
    dice = Random(f"{seed}:beside")
    customers = cast(volume, company, rng, today=today)
    market = open_market(volume, company, dice, today=today)
    for customer, deals in zip(customers, plan(customers, rng), strict=True):
        former: Sale | None = None
        delivered = Delivered()
        for each in deals:
            ref = volume.reserve("Opportunity")
            sale = make_sale(ref, each, customer, company, calendar, rng, former)
            write_sale(volume, sale)
            _write_beside(volume, sale, market, dice)
            if sale.won:
                former = sale
                write_delivery(volume, sale, delivered, dice)
                _became_customer(volume, customer, sale)
        write_account_team(volume, customer, delivered.won_at)
        if former is not None:
            write_cases(volume, former, delivered, dice)
    return volume


def _write_beside(volume: Volume, sale: Sale, market: Market, dice: Random) -> None:
    """Write what was said about a deal, and what hangs on it."""
    mailed = write_talks(volume, sale)
    write_tracking(volume, sale)
    write_deal_team(volume, sale)
    write_market(volume, sale, market, dice)
    write_mail(volume, sale, mailed, dice)
    write_files(volume, sale, dice)


def _became_customer(volume: Volume, customer: Customer, sale: Sale) -> None:
    """A first win makes the account a customer with a CSM, a day or so later."""
    row = volume.row("Account", customer.ref)
    if row["Type"] == "Prospect":
        row |= {"Type": customer.kind.facts["account_type"], "LastModifiedDate": sale.decided_at,
                "SystemModstamp": sale.decided_at}  # fmt: skip
        if sale.rng.random() < 0.9:
            row["Customer_Success_Manager__c"] = customer.success.id


def _load(org: Org, volumes: list[Volume], object_name: str, scale: int) -> int:
    columns = columns_of(volumes, object_name)
    copiers = [Copier(volume, object_name, columns, _VARYING) for volume in volumes]

    def rows() -> Iterator[tuple[object, ...]]:
        for copy in range(1, scale + 1):
            yield from copiers[(copy - 1) % len(copiers)].rows(copy)

    return org.load(object_name, columns, rows())
