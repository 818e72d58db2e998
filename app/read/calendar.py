"""The day it is for the orgs of the store, and the periods by which their people count."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text

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


_ORGS = text(
    "SELECT org_id, time_zone, fiscal_year_start_month AS fiscal_start_month, watermark FROM ops.org ORDER BY org_id"
)
