"""A quarter of 21 terms whose rates were worked out by hand, with the base around it, as data of ours."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.renewals.ledger import Ledger
from models.renewals.period import Period, add_months
from models.renewals.term import Kind, Step, Term

DATA: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
QUARTER = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
DAY = timedelta(days=1)


def term(name: str, start: str, due: str | None, arr: int | str, **values: Any) -> Term:
    """A term of a customer with its own name, signed ten days before it starts."""
    first = date.fromisoformat(start)
    given: dict[str, Any] = {
        "logo": name,
        "steps": (Step(first, Decimal(arr)),),
        "currency": "USD",
        "signed_on": first - timedelta(days=10),
    }
    last = None if due is None else date.fromisoformat(due)
    return Term(term_id=name, start=first, due=last, **{**given, **values})


def renewal(name: str, before: Term, arr: int | str, signed: str | None, **values: Any) -> Term:
    """What continues a term, for a year from the day after its last, unless said otherwise."""
    assert before.due is not None
    start = values.pop("start", before.due + DAY)
    given = {
        "due": add_months(start, 12) - DAY,
        "steps": (Step(start, Decimal(arr)),),
        "signed_on": None if signed is None else date.fromisoformat(signed),
        "renews": (before.term_id,),
    }
    base = term(name, start.isoformat(), None, 0, logo=before.logo)
    return replace(base, **{**given, **values})


def terms() -> list[Term]:
    """Every term of the example, those that were renewed and those that renew them."""
    made = []
    for row in DATA["terms"]:
        due = date.fromisoformat(row["due"])
        start = add_months(due + DAY, -12)
        old = term(row["id"], start.isoformat(), row["due"], row["atr"], logo=row["logo"])
        if row["id"] == "S6":
            old = replace(old, steps=(Step(start, Decimal(10_000)), Step(date(2026, 1, 1), Decimal(15_000))))
        if row["id"] == "S8":
            old = replace(old, lost_on=date(2026, 6, 10))
        made.append(old)
        if row["signed"] is None or row["logo"] == "S7":
            continue
        after = renewal(f"{row['id']}-2", old, row["ren"], row["signed"])
        if row["id"] == "S5":
            after = renewal("S5-2", old, row["ren"], row["signed"], start=date(2026, 4, 2), due=date(2029, 4, 1))
        made.append(after)
    first, second = (each for each in made if each.logo == "S7")
    made.append(renewal("S7-2", first, 22_000, "2026-07-31", renews=(first.term_id, second.term_id)))
    return made + beside()


def beside() -> list[Term]:
    """What is in no cohort of the quarter: a contract over years, an evergreen one, a new one, services, a pilot."""
    years = term("M1", "2025-07-01", "2027-06-30", 60_000)
    raised = (*years.steps, Step(date(2026, 7, 1), Decimal(63_000), is_escalator=True))
    evergreen = term("E1", "2024-01-01", None, 5_000, kind=Kind.EVERGREEN)
    return [
        replace(years, steps=raised),
        replace(evergreen, steps=(*evergreen.steps, Step(date(2026, 3, 1), Decimal(4_000)))),
        term("N1", "2026-08-01", "2027-07-31", 18_000),
        term("X1", "2026-01-01", "2026-08-31", 9_000, kind=Kind.ONE_OFF),
        term("P1", "2026-06-01", "2026-08-31", 1_000, kind=Kind.PILOT),
    ]


def ledger(**values: Any) -> Ledger:
    """The example with what else is given to a ledger."""
    return Ledger(terms(), **values)


def without_signature(name: str) -> Ledger:
    """The example as it is known after somebody has deleted a signature."""
    return Ledger([replace(each, signed_on=None) if each.term_id == name else each for each in terms()])
