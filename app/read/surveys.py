"""Which surveys were sent, and what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, select, tuple_

from app.read.listing import Order, Page, Slice, any_of, between, read_page
from app.read.sight import Sight
from app.read.views import SURVEY, deals
from models.session import ReadSession

FIELDS = tuple(column.name for column in SURVEY.c)
SORTS = ("asked_on", "answered_on", "customer_name", "source", "kind", "score", "changed_at")
_LATEST_FIRST = (Order(column="changed_at", descending=True),)
_TIE_BREAK = (Order(column="external_id"), Order(column="source"), Order(column="org_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFilter:
    """Which surveys are asked for; what is None or empty restricts nothing."""

    kind: Sequence[str] = ()
    customer: Sequence[str] = ()
    source: Sequence[str] = ()
    answered: bool | None = None
    asked_from: date | None = None
    asked_to: date | None = None
    org: Sequence[str] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        column = SURVEY.c
        return [
            *any_of(self.kind, column.kind),
            *any_of(self.customer, column.customer_id, column.customer_name),
            *any_of(self.source, column.source),
            *between(column.asked_on, self.asked_from, self.asked_to),
            *([] if self.answered is None else [column.score.is_not(None) == self.answered]),
            *any_of(self.org, column.org_id),
        ]


def list_surveys(session: ReadSession, wanted: SurveyFilter, part: Slice, *, sight: Sight) -> Page:
    """Read one page of surveys, the latest answers first."""
    where = [*wanted.conditions(), *of_customers(SURVEY, sight)]
    order = [*(part.order or _LATEST_FIRST), *_TIE_BREAK]
    page = read_page(session, SURVEY, where=where, order=order, after=part.after, limit=part.limit)
    return Page(rows=sight.cover("survey", page.rows), next_position=page.next_position)


def of_customers(survey: FromClause, sight: Sight) -> list[ColumnElement[bool]]:
    """Surveys of customers that still have a deal, and one in the reader's book."""
    deal = deals()
    owners: Any = select(deal.c.org_id, deal.c.customer_id).where(~deal.c.is_draft, *sight.of_deals(deal))
    return [tuple_(survey.c.org_id, survey.c.customer_id).in_(owners)]
