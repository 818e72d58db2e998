"""Answers of surveys: what customers say when they are asked. Nothing is ever changed, only answered anew."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import insert

from models.mirror import metadata
from models.session import WriteSession

SURVEY_ANSWER = Table(
    "survey_answer",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),  # the tool, or the Salesforce object, that it is from
    Column("external_id", Text, primary_key=True),  # of the survey in that tool
    Column("changed_at", DateTime(timezone=True), primary_key=True),  # which answer is newer
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of what it says: sent again it is no other
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("customer_id", Text, nullable=False),
    Column("deal_id", Text),
    Column("contact_id", Text),
    Column("kind", Text, nullable=False),  # csat | nps
    Column("asked_on", Date),
    Column("answered_on", Date),
    Column("score", Integer),  # null while nobody has answered
    Column("scale", Integer, nullable=False),  # the best score there is
    Column("comment", Text),
    Column("is_void", Boolean, nullable=False),  # it is to count nowhere
    Column("kept_by", Text, nullable=False),
    schema="cs",
)
Index("survey_answer_customer", SURVEY_ANSWER.c.org_id, SURVEY_ANSWER.c.customer_id)


class SurveyKind(StrEnum):
    """What is asked."""

    CSAT = "csat"  # how satisfied, from 1 up to the best score of its scale
    NPS = "nps"  # how likely a recommendation is, from 0 to 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswer:
    """One survey that was sent to somebody, and what they answered, if they did."""

    source: str
    external_id: str
    customer_id: str
    kind: SurveyKind
    #: which of several answers of one survey is the newest
    changed_at: datetime
    asked_on: date | None
    answered_on: date | None
    score: int | None
    scale: int
    deal_id: str | None = None
    contact_id: str | None = None
    comment: str | None = None
    is_void: bool = False


def keep_answers(session: WriteSession, org_id: str, answers: Iterable[SurveyAnswer], *, by: str) -> int:
    """Keep each answer that is not there yet, and return how many those were.

    In which order they come does not matter: the one with the latest stamp counts, whenever it arrives. One that is
    sent again, alone or with others, is the same.
    """
    rows = {row["digest"]: row for row in (_row(each) for each in answers)}
    if not rows:
        return 0
    erased = _erased(session, org_id, {row["contact_id"] for row in rows.values() if row["contact_id"]})
    values = [
        {**row, "org_id": org_id, "kept_by": by, **({"comment": None} if row["contact_id"] in erased else {})}
        for row in rows.values()
    ]
    statement = insert(SURVEY_ANSWER).on_conflict_do_nothing().returning(SURVEY_ANSWER.c.external_id)
    new = len(session.execute(statement, values).all())
    if any(row["contact_id"] and row["comment"] for row in values):
        forget_comments(session, org_id)
    return new


def forget_comments(session: WriteSession, org_id: str) -> None:
    """Let go of what people wrote who were erased on request; their scores, which tell nothing of them, stay."""
    session.execute(
        text("""
            UPDATE cs.survey_answer AS answer SET comment = NULL FROM cs.erased_contact AS gone
             WHERE answer.org_id = :org_id AND gone.org_id = :org_id AND gone.contact_id = answer.contact_id
               AND answer.comment IS NOT NULL
        """),
        {"org_id": org_id},
    )


def _erased(session: WriteSession, org_id: str, contact_ids: set[str]) -> set[str]:
    """Who of these was erased: what they write is not kept again."""
    if not contact_ids:
        return set()
    statement = text("SELECT contact_id FROM cs.erased_contact WHERE org_id = :org_id AND contact_id = ANY(:ids)")
    return set(session.execute(statement, {"org_id": org_id, "ids": sorted(contact_ids)}).scalars())


def _row(answer: SurveyAnswer) -> dict[str, Any]:
    said: Mapping[str, Any] = {name: getattr(answer, name) for name in SurveyAnswer.__dataclass_fields__}
    return {**said, "kind": answer.kind.value, "digest": hashlib.sha256(msgspec.json.encode(answer)).digest()}
