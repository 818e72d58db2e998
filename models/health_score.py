"""Scores that other tools give to inputs of a customer's health. Nothing is changed: a later score is another row."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, DateTime, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import insert

from models.health import HealthInput
from models.mirror import metadata
from models.session import WriteSession

HEALTH_SCORE = Table(
    "health_score",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("input", Text, primary_key=True),
    Column("measured_at", DateTime(timezone=True), primary_key=True),
    Column("score", Numeric, primary_key=True),  # 0 to 100
    Column("source", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("kept_by", Text, nullable=False),
    schema="cs",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthScore:
    """What another tool measured."""

    customer_id: str
    input: HealthInput
    measured_at: datetime
    score: Decimal
    source: str


def keep_scores(session: WriteSession, org_id: str, scores: Iterable[HealthScore], *, by: str) -> int:
    """Keep each score that is not there yet, and return how many those were; in which order they come is the same."""
    values = [{**asdict(each), "input": each.input.value, "org_id": org_id, "kept_by": by} for each in set(scores)]
    if not values:
        return 0
    statement = insert(HEALTH_SCORE).on_conflict_do_nothing().returning(HEALTH_SCORE.c.input)
    return len(session.execute(statement, values).all())
