"""Terms of all sorts, sensible or not, that name each other; by seed, so that a failure can be seen again."""

import random
from datetime import date, timedelta
from decimal import Decimal

from models.renewals.term import Confidence, Kind, Provenance, Step, Term

FIRST = date(2025, 1, 1)
_DAYS = 1_000
_KINDS = [Kind.FIXED] * 8 + [Kind.EVERGREEN, Kind.PILOT, Kind.ONE_OFF]


def any_book(chance: random.Random, customer: str) -> list[Term]:
    """Some terms of one customer; a few of them hold together."""
    names = [f"{customer}{letter}" for letter in "AbCdEfG"[: chance.randint(1, 7)]]
    return [_any_term(chance, customer, name, names) for name in names]


def any_day(chance: random.Random) -> date:
    """Some day of three years."""
    return FIRST + timedelta(days=chance.randrange(_DAYS))


def _any_term(chance: random.Random, customer: str, name: str, names: list[str]) -> Term:
    start = any_day(chance)
    kind = chance.choice(_KINDS)
    due = start + timedelta(days=chance.choice([-3, 0, 30, 180, 364, 364, 364, 729]))
    amounts = [_amount(chance) for _ in range(chance.choice([0, 1, 1, 1, 1, 2, 3]))]
    days = sorted([start, *(start + timedelta(days=chance.randint(0, 400)) for _ in amounts[1:])])
    steps = [Step(day, arr, chance.random() < 0.3) for day, arr in zip(days, amounts, strict=False)]
    return Term(
        term_id=name,
        logo=customer,
        kind=kind,
        start=None if chance.random() < 0.05 else start,
        due=None if kind is Kind.EVERGREEN or chance.random() < 0.05 else due,
        steps=tuple(steps),
        currency="USD",
        signed_on=None if chance.random() < 0.1 else start + timedelta(days=chance.randint(-120, 100)),
        renews=tuple(chance.sample([*names, "nobody"], k=min(chance.choice([0, 1, 1, 2, 3]), len(names)))),
        lost_on=any_day(chance) if chance.random() < 0.1 else None,
        ended_on=any_day(chance) if kind is Kind.EVERGREEN and chance.random() < 0.4 else None,
        auto_renews=chance.random() < 0.2,
        is_active=chance.random() < 0.5,
        provenance=chance.choice([None, *Provenance]),
        confidence=chance.choice(list(Confidence)),
    )


def _amount(chance: random.Random) -> Decimal:
    return Decimal(chance.choice([0, 100, 100, 333, 1000, 10_001, -5])) + Decimal(chance.choice([0, 0, 1, 50])) / 100
