"""Restatements: outcomes that were told once and are told differently now, because what we know has changed."""

from dataclasses import dataclass
from datetime import date

from models.renewals.ledger import SETTLED, Ledger, Outcome
from models.renewals.term import Kind


@dataclass(frozen=True, slots=True, order=True)
class Restatement:
    """A term whose settled outcome is another one now; None where the term is no more."""

    term_id: str
    before: Outcome
    after: Outcome | None


def restatements(before: Ledger, after: Ledger, as_of: date) -> list[Restatement]:
    """Compare what two states of knowledge say about the same day."""
    found = []
    for term in before.of_kind(Kind.FIXED):
        told = before.ending(term, as_of).outcome
        if told not in SETTLED:
            continue
        known = after.terms.get(term.term_id)
        tells = None if known is None or known.kind is not Kind.FIXED else after.ending(known, as_of).outcome
        if tells is not told:
            found.append(Restatement(term.term_id, told, tells))
    return found
