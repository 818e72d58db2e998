"""How all terms stand, worked out by the database: what figures over many of them are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.read.calendar import fiscal_start_month, known_day, orgs_asked
from app.read.renewals import Standpoint, choose_currency, customers_in_book, problems_of, rates_into, units
from app.read.sight import Sight
from models.renewals.problem import Problem
from models.session import ReadSession

#: the terms that keep somebody a customer, as the rest of a query sees them
SEEN = """
    seen AS MATERIALIZED (
        SELECT * FROM cs_v1.terms_in(:as_of, :known_at, :grace_days, :orgs, :currency, CAST(:rates AS jsonb)) AS seen
         WHERE kind IN ('fixed', 'evergreen')
           AND (:customers IS NULL OR seen.org_id || ':' || seen.customer_id = ANY(:customers))
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """From where all terms are looked at, and in which currency."""

    session: ReadSession
    where: Standpoint
    orgs: tuple[str, ...]
    #: customers that the caller may see, as `org:customer`; None: all
    customers: tuple[str, ...] | None
    as_of: date
    currency: str | None
    #: how much of `currency` one unit of another is taken to be worth, of those that occur
    rates: Mapping[str | None, Decimal]
    fiscal_start_month: int
    #: what is wrong with terms
    problems: tuple[Problem, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of `SEEN`."""
        return {
            "as_of": self.as_of,
            "known_at": self.where.known_at,
            "grace_days": self.where.grace_days,
            "orgs": list(self.orgs),
            "currency": self.currency,
            "rates": msgspec.json.encode({str(code): str(rate) for code, rate in self.rates.items()}).decode(),
            "customers": None if self.customers is None else list(self.customers),
        }


def standing(session: ReadSession, where: Standpoint, *, sight: Sight) -> Standing:
    """Find out from where the terms are to be looked at, and what is wrong with any of them."""
    orgs = orgs_asked(session, where.org)
    ids = [row["org_id"] for row in orgs]
    used = _currencies(session, ids, where)
    known_units = units(session)
    currency = where.currency or choose_currency(used, known_units)
    rates = rates_into(known_units, currency)
    book = None
    if sight.book is not None:
        book = tuple(sorted(f"{org_id}:{customer_id}" for org_id, customer_id in customers_in_book(session, sight)))
    here = Standing(
        session=session,
        where=where,
        orgs=tuple(ids),
        customers=book,
        as_of=where.as_of or known_day(session, orgs),
        currency=currency,
        rates={code: rates[code] for code in used if code in rates and code != currency},
        fiscal_start_month=fiscal_start_month(orgs),
    )
    # Customers that have anything odd are looked at one by one.
    odd = {(row.org_id, row.customer_id) for row in session.execute(bound(_ODD), here.values)}
    return replace(here, problems=problems_of(session, where, odd, currency=currency)) if odd else here


def bound(statement: str) -> Any:
    """A statement whose parameters have the types of `SEEN`."""
    lists = [bindparam(name, type_=ARRAY(Text)) for name in ("orgs", "customers")]
    return text(statement).bindparams(*lists)


def _currencies(session: ReadSession, orgs: Iterable[str], where: Standpoint) -> set[str | None]:
    values = {"orgs": list(orgs), "known_at": where.known_at}
    return set(session.execute(_CURRENCIES, values).scalars())


_KNOWN = """
    known AS MATERIALIZED (
        SELECT term.* FROM cs.term
         WHERE term.org_id = ANY(:orgs)
           AND CASE WHEN CAST(:known_at AS timestamptz) IS NULL THEN term.known_to IS NULL
                    ELSE term.known_from <= :known_at AND (term.known_to IS NULL OR term.known_to > :known_at) END
    )
"""
_CURRENCIES = text(f"WITH {_KNOWN} SELECT DISTINCT currency FROM known").bindparams(
    bindparam("orgs", type_=ARRAY(Text))
)
# A superset of what the ledger calls a problem: it looks at these customers and says which.
_ODD = f"""
    WITH {_KNOWN}, link AS (
        SELECT after.org_id, after.customer_id, before.customer_id AS before_customer_id, before.term_id,
               before.term_id = after.term_id OR before.start_on >= after.start_on AS is_odd
          FROM known AS after CROSS JOIN LATERAL unnest(after.renews) AS named (term_id)
          JOIN known AS before ON before.org_id = after.org_id AND before.term_id = named.term_id
    ), odd AS (
        SELECT org_id, customer_id FROM known
         WHERE start_on IS NULL OR jsonb_array_length(steps) = 0
            OR (kind = 'fixed' AND due_on IS NULL) OR due_on < start_on
            OR steps::text ~ '"-|NaN|Inf'
            OR (currency IS DISTINCT FROM :currency AND NOT jsonb_exists(CAST(:rates AS jsonb), coalesce(currency, '')))
         UNION SELECT org_id, customer_id FROM link WHERE is_odd
         UNION SELECT org_id, before_customer_id FROM link WHERE is_odd
         UNION SELECT org_id, unnest(array_agg(customer_id) || array_agg(before_customer_id)) FROM link
                GROUP BY org_id, term_id HAVING count(*) > 1
    )
    SELECT org_id, customer_id FROM odd
     WHERE :customers IS NULL OR org_id || ':' || customer_id = ANY(:customers)
"""
