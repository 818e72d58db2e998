"""The day it is for the orgs of the store, and the periods by which their people count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text

from app.read.spans import span_asked
from models.session import ReadSession

Org = Mapping[str, Any]


def orgs_asked(session: ReadSession, org: Sequence[str]) -> list[Org]:
    """Return the orgs of these ids, or all of them, with what their calendars depend on."""
    rows = session.execute(_ORGS).mappings().all()
    return [dict(row) for row in rows if not org or row["org_id"] in org]


def known_day(session: ReadSession, orgs: Sequence[Org]) -> date:
    """The day, where the org is, up to which everything is known."""
    seen = [row["watermark"] for row in orgs if row["watermark"] is not None]
    now: datetime = min(seen) if seen else session.execute(text("SELECT now()")).scalar_one()
    try:
        zone = ZoneInfo(next((row["time_zone"] for row in orgs if row["time_zone"]), "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return now.astimezone(UTC).astimezone(zone).date()


def fiscal_start_month(orgs: Sequence[Org]) -> int:
    """The month in which the year of the orgs begins."""
    return next((row["fiscal_start_month"] for row in orgs if row["fiscal_start_month"]), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days that figures are about, the day from which they are seen, and the month in which years begin."""

    as_of: date
    first: date
    last: date
    fiscal_start_month: int


def days_asked(
    session: ReadSession, org: Sequence[str], *, as_of: date | None, first: date | None, last: date | None
) -> Days:
    """Return the days of a question to some orgs; what is None is chosen by itself."""
    orgs = orgs_asked(session, org)
    seen_from = as_of or known_day(session, orgs)
    first, last = span_asked(first, last, seen_from)
    return Days(as_of=seen_from, first=first, last=last, fiscal_start_month=fiscal_start_month(orgs))


_ORGS = text(
    "SELECT org_id, time_zone, fiscal_year_start_month AS fiscal_start_month, watermark FROM ops.org ORDER BY org_id"
)
