"""The terms of a store as one ledger, as seen on a day and as known at an instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from app.read.calendar import fiscal_start_month, known_day, orgs_asked
from app.read.sight import Sight
from app.read.views import deals
from models.renewals.ledger import Ledger, Policy
from models.renewals.problem import MEANINGS, Problem, in_currency
from models.renewals.term import Term
from models.session import ReadSession
from models.term import KnownTerm, read_terms

#: between an org and an id: ids are unique within one org only
_OF = ":"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """From where the terms are looked at; what is None is chosen by itself."""

    as_of: date | None = None
    known_at: datetime | None = None
    org: Sequence[str] = ()
    currency: str | None = None
    grace_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All terms that a caller may see, together."""

    ledger: Ledger
    #: by the ids of the ledger, with the values as they were signed
    known: Mapping[str, KnownTerm]
    problems: tuple[Problem, ...]
    as_of: date
    currency: str | None
    #: how much of `currency` one unit of another was taken to be worth
    rates: Mapping[str, Decimal]
    fiscal_start_month: int


def read_ledger(session: ReadSession, where: Standpoint, *, sight: Sight) -> Terms:
    """Read the terms of some orgs into one ledger, in one currency."""
    orgs = orgs_asked(session, where.org)
    known: dict[str, KnownTerm] = {}
    for row in orgs:
        for each in read_terms(session, row["org_id"], known_at=where.known_at):
            known[f"{row['org_id']}{_OF}{each.term.term_id}"] = each
    if sight.book is not None:
        seen = customers_in_book(session, sight)
        known = {key: each for key, each in known.items() if (org_of(key), each.term.logo) in seen}
    known_units = units(session)
    currency = where.currency or choose_currency({each.term.currency for each in known.values()}, known_units)
    rates = rates_into(known_units, currency)
    converted, problems = in_currency([_whole(key, each.term) for key, each in known.items()], currency, rates)
    ledger = Ledger(converted, policy=Policy(grace=timedelta(days=where.grace_days)))
    return Terms(
        ledger=ledger,
        known=known,
        problems=tuple(sorted((*problems, *ledger.problems))),
        as_of=where.as_of or known_day(session, orgs),
        currency=currency,
        rates={each.term.currency: rates[each.term.currency] for each in known.values()
               if each.term.currency in rates and each.term.currency != currency},
        fiscal_start_month=fiscal_start_month(orgs),
    )  # fmt: skip


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """What is wrong with terms, in words."""
    return [
        {
            "org_id": org_of(each.term_id),
            "term_id": _id_of(each.term_id),
            "code": each.fault.value,
            "detail": MEANINGS[each.fault],
            "other_id": None if each.other_id is None else _id_of(each.other_id),
        }
        for each in problems
    ]


def org_of(key: str) -> str:
    """The org of a term, by its key."""
    return key.partition(_OF)[0]


def deal_of(terms: Terms, key: str) -> str:
    """The org and the id of the deal that began a term."""
    return f"{org_of(key)}{_OF}{terms.known[key].deal_id}"


def org_ids_of(terms: Terms) -> list[str]:
    """The orgs that the terms are of."""
    return sorted({org_of(key) for key in terms.known})


def _whole(key: str, term: Term) -> Term:
    org_id = org_of(key)
    return replace(
        term, term_id=key, logo=f"{org_id}{_OF}{term.logo}",
        renews=tuple(f"{org_id}{_OF}{each}" for each in term.renews),
    )  # fmt: skip


def _id_of(key: str) -> str:
    return key.partition(_OF)[2]


def customers_in_book(session: ReadSession, sight: Sight) -> set[tuple[str, str]]:
    """The customers with a deal in the caller's book, each with its org."""
    deal = deals()
    rows = session.execute(select(deal.c.org_id, deal.c.customer_id).where(*sight.of_deals(deal)))
    return {(row.org_id, row.customer_id) for row in rows}


def units(session: ReadSession) -> dict[str, tuple[Decimal, bool]]:
    """How much of each currency one unit of the corporate one is, where the orgs agree, and which that one is."""
    found: dict[str, tuple[Decimal, bool]] = {}
    differing: set[str] = set()
    for row in session.execute(_CURRENCIES):
        unit = (Decimal(row.conversionrate), bool(row.iscorporate))
        if found.setdefault(row.isocode, unit) != unit:
            differing.add(row.isocode)
    return {code: unit for code, unit in found.items() if code not in differing and unit[0] > 0}


def choose_currency(found: Collection[str | None], known_units: Mapping[str, tuple[Decimal, bool]]) -> str | None:
    """The currency of all terms; of several the corporate one, else the first by name."""
    if len(found) == 1:
        return next(iter(found))
    corporate = [code for code, (_, is_corporate) in known_units.items() if is_corporate]
    return next(iter(sorted(corporate)), None) or min([code for code in found if code], default=None)


def rates_into(known_units: Mapping[str, tuple[Decimal, bool]], currency: str | None) -> dict[str, Decimal]:
    """How much of a currency one unit of each other one is worth."""
    wanted = known_units.get(currency or "")
    return {} if wanted is None else {code: wanted[0] / each for code, (each, _) in known_units.items()}


def problems_of(
    session: ReadSession, where: Standpoint, customers: Collection[tuple[str, str]], *, currency: str | None
) -> tuple[Problem, ...]:
    """Return what is wrong with the terms of some customers, each with its org."""
    terms: list[Term] = []
    for org_id in sorted({org_id for org_id, _ in customers}):
        own = [customer_id for org, customer_id in customers if org == org_id]
        found = read_terms(session, org_id, customers=own, known_at=where.known_at)
        terms += [_whole(f"{org_id}{_OF}{each.term.term_id}", each.term) for each in found]
    converted, problems = in_currency(terms, currency, rates_into(units(session), currency))
    return tuple(sorted((*problems, *Ledger(converted).problems)))


_CURRENCIES = text("""
    SELECT isocode, conversionrate, iscorporate FROM salesforce.currencytype
     WHERE tombstone IS NULL AND isocode IS NOT NULL AND conversionrate IS NOT NULL ORDER BY org_id, isocode
""")
