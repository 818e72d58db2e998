"""The figures of renewals, as tables: one question, one answer, whoever asks and however it is shown."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.read.renewals import Standpoint, Terms, problem_rows, read_ledger
from app.read.sight import Sight
from app.read.spans import periods_asked, span_asked
from app.read.standing import Standing, standing
from app.read.standing_figures import renewals_in, retention_in
from app.read.term_groups import GroupBy, groups_of
from app.read.term_rows import term_rows
from models.renewals.cohorts import cohorts
from models.renewals.columns import (
    ALL,
    DEFINITION_VERSION,
    columns_of_cohort,
    columns_of_renewals,
    columns_of_retention,
)
from models.renewals.period import MONTHS, Bucket, Period, add_months
from models.renewals.rates import cohort, renewals_by
from models.renewals.retention import Span, retention_by
from models.session import ReadSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which numbers are wanted; what is None is chosen by itself."""

    where: Standpoint = field(default_factory=Standpoint)
    first: date | None = None
    last: date | None = None
    bucket: Bucket | None = None
    group_by: GroupBy | None = None
    exclude_escalators: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A table, and the terms that it was made of."""

    rows: list[dict[str, Any]]
    hidden: frozenset[str]
    terms: Terms | Standing

    def beside(self) -> dict[str, Any]:
        """What has to be known to understand the table."""
        return {
            "as_of_date": self.terms.as_of,
            "currency": self.terms.currency,
            "currency_rates": dict(self.terms.rates),
            "definition_version": DEFINITION_VERSION,
            "problems": problem_rows(self.terms.problems),
        }


def renewal_figures(session: ReadSession, asked: Question, *, sight: Sight) -> Figures:
    """Of what was up for renewal in each period, how much was renewed, and how soon."""
    if asked.group_by is None:
        seen = standing(session, asked.where, sight=sight)
        rows = [
            columns_of_renewals(each)
            for each in renewals_in(seen, _periods(asked, seen, asked.bucket or Bucket.QUARTER))
        ]
        return _figures("renewals", rows, seen, sight)
    terms = read_ledger(session, asked.where, sight=sight)
    periods = _periods(asked, terms, asked.bucket or Bucket.QUARTER)
    groups = groups_of(session, terms, asked.group_by)
    found = renewals_by(terms.ledger, periods, terms.as_of, groups=groups)
    return _figures("renewals", [columns_of_renewals(each, group=group or ALL) for group, each in found], terms, sight)


def term_figures(session: ReadSession, asked: Question, *, sight: Sight) -> Figures:
    """Every term that is due between two days, with how it ended: what the rates of these days are made of."""
    terms = read_ledger(session, asked.where, sight=sight)
    first, last = _days(asked, terms)
    found = cohort(terms.ledger, Period("", first, last), terms.as_of)
    return _figures("term", term_rows(session, terms, [row.term.term_id for row in found]), terms, sight)


def retention_figures(session: ReadSession, asked: Question, *, sight: Sight) -> Figures:
    """What became of the whole base between two days, or from the first day of each period to that of the next."""
    if asked.group_by is None and not asked.exclude_escalators:
        seen = standing(session, asked.where, sight=sight)
        spans, periods = _spans(asked, seen)
        rows = [columns_of_retention(each, period=periods.get(each.since)) for each in retention_in(seen, spans)]
        return _figures("retention", rows, seen, sight)
    terms = read_ledger(session, asked.where, sight=sight)
    spans, periods = _spans(asked, terms)
    groups = groups_of(session, terms, asked.group_by)
    rows = [
        columns_of_retention(each, period=periods.get(each.since), group=group or ALL)
        for group, each in retention_by(terms.ledger, spans, terms.as_of, groups=groups)
    ]
    return _figures("retention", rows, terms, sight)


def _spans(asked: Question, terms: Terms | Standing) -> tuple[list[Span], dict[date, Period]]:
    """The spans that are compared, and the period of each by its first day where there are periods."""
    first, last = _days(asked, terms)
    whole = Span(first, last, exclude_escalators=asked.exclude_escalators)
    if asked.bucket is None:
        return [whole], {}
    months = MONTHS[asked.bucket]
    periods = _periods(asked, terms, asked.bucket)
    spans = [replace(whole, since=each.first, until=add_months(each.first, months)) for each in periods]
    return spans, {each.first: each for each in periods}


def cohort_figures(session: ReadSession, asked: Question, *, sight: Sight) -> Figures:
    """What became of the customers that came in each period."""
    terms = read_ledger(session, asked.where, sight=sight)
    bucket = asked.bucket or Bucket.QUARTER
    periods = _periods(asked, terms, bucket)
    groups = groups_of(session, terms, asked.group_by)
    found = cohorts(terms.ledger, periods, terms.as_of, step=MONTHS[bucket], groups=groups)
    return _figures("cohort", [columns_of_cohort(each, group=group or ALL) for group, each in found], terms, sight)


def _figures(view: str, rows: list[dict[str, Any]], terms: Terms | Standing, sight: Sight) -> Figures:
    return Figures(rows=sight.cover(view, rows), hidden=sight.hidden(view), terms=terms)


def _days(asked: Question, terms: Terms | Standing) -> tuple[date, date]:
    return span_asked(asked.first, asked.last, terms.as_of)


def _periods(asked: Question, terms: Terms | Standing, bucket: Bucket) -> list[Period]:
    first, last = _days(asked, terms)
    return periods_asked(first, last, bucket, fiscal_start_month=terms.fiscal_start_month)
