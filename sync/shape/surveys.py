"""Answers of surveys that an org keeps in an object of its own, found by what the object and its fields are called."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import text

from models import org
from models.session import ReadSession, WriteSession
from models.survey import SurveyAnswer, SurveyKind, keep_answers
from sync.shape.aliases import plain

#: words in the name of an object that holds surveys: a satisfaction beside other things is none
_OBJECTS = ("survey", "nps", "csat", "feedback")
#: what a field tells -> what it is called, best first
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "nps": ("NPS", "NPS Score", "Net Promoter Score", "Likelihood to Recommend"),
    "csat": ("CSAT", "CSAT Score", "Satisfaction", "Satisfaction Score", "Customer Satisfaction"),
    "asked_on": ("Sent Date", "Sent On", "Survey Sent", "Survey Sent Date", "Invited On", "Asked On"),
    "answered_on": ("Response Date", "Responded On", "Answered On", "Answer Date", "Completed On", "Completed Date"),
    "comment": ("Comment", "Comments", "Feedback", "Verbatim"),
    "contact": ("Contact", "Respondent"),
}
_SCALES = {SurveyKind.NPS: (0, 10), SurveyKind.CSAT: (1, 5)}
_KINDS = frozenset(kind.value for kind in SurveyKind)
_NUMBERS = frozenset({"double", "int", "percent", "currency", "picklist", "string"})


@dataclass(frozen=True, slots=True)
class SurveyObject:
    """An object of surveys: what its fields tell -> their API names."""

    name: str
    fields: Mapping[str, str]


def survey_objects(shapes: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[SurveyObject]:
    """Find the objects of surveys among an org's own, by object -> its fields as describe tells them."""
    found = []
    for name, fields in sorted(shapes.items()):
        if name.endswith("__c") and any(word in plain(name) for word in _OBJECTS):
            known = _fields_of(list(fields))
            if known.keys() & _KINDS:
                found.append(SurveyObject(name, known))
    return found


def _fields_of(fields: list[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tells, names in _FIELDS.items():
        wanted = [plain(each) for each in names]
        ranked = [
            (min(wanted.index(called) for called in calls), field["name"])
            for field in fields
            if field["custom"] and (calls := {plain(field["label"]), plain(field["name"])} & set(wanted))
            and (tells not in _KINDS or field["type"] in _NUMBERS)
        ]  # fmt: skip
        if ranked:
            found[tells] = min(ranked)[1]
    return found


def keep_survey_records(session: WriteSession, org_id: str, *, every: bool) -> int:
    """Keep what the records say that the pass touched, or all of them; returns how many answers were new."""
    objects = {each.name: each for each in survey_objects(_shapes(session, org_id))}
    if not objects:
        return 0
    rows = session.execute(_EVERY if every else _TOUCHED, {"org_id": org_id, "objects": list(objects)})
    answers = [answer for row in rows for answer in answers_of(objects[row.object], row)]
    return keep_answers(session, org_id, answers, by="Salesforce")


def answers_of(survey: SurveyObject, row: Any) -> Iterator[SurveyAnswer]:
    """What one record says: one answer for each kind of score that its object has."""
    if row.customer_id is None:
        return
    held = {tells: (row.custom or {}).get(name) for tells, name in survey.fields.items()}
    created = row.createddate.astimezone(UTC).date()
    asked_on = _day(held.get("asked_on")) or created
    for kind in SurveyKind:
        if kind.value not in survey.fields:
            continue
        score = _score(held[kind.value], *_SCALES[kind])
        answered_on = None if score is None else max(_day(held.get("answered_on")) or asked_on, asked_on)
        yield SurveyAnswer(
            source=survey.name,
            external_id=f"{row.id} {kind.value}",
            customer_id=row.customer_id,
            deal_id=row.deal_id,
            contact_id=held.get("contact"),
            kind=kind,
            asked_on=asked_on,
            answered_on=answered_on,
            score=score,
            scale=_SCALES[kind][1],
            comment=None if score is None else held.get("comment"),
            # What is gone from the org counts no more; one that comes back has a later stamp.
            changed_at=_stamp(row),
            is_void=row.is_gone,
        )


def _stamp(row: Any) -> datetime:
    stamp: datetime = row.systemmodstamp.astimezone(UTC)
    return stamp + timedelta(microseconds=1) if row.is_gone else stamp


def _score(value: Any, lowest: int, best: int) -> int | None:
    """A score of the scale; what is none, such as a word, is no answer."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    is_one = number.is_finite() and number == number.to_integral_value() and lowest <= number <= best
    return int(number) if is_one else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _shapes(session: ReadSession, org_id: str) -> dict[str, list[Mapping[str, Any]]]:
    states = org.object_states(session, org_id)
    return {name: (each.shape or {}).get("fields", []) for name, each in states.items() if each.state == "ok"}


_SELECTED = """
    SELECT record.object, record.id, record.createddate, record.systemmodstamp, record.custom,
           record.tombstone IS NOT NULL AS is_gone, deal.id AS deal_id,
           coalesce(deal.accountid, CASE WHEN record.parentid LIKE '001%' THEN record.parentid END) AS customer_id
      FROM salesforce.custom_record AS record
      LEFT JOIN salesforce.opportunity AS deal ON deal.org_id = record.org_id AND deal.id = record.parentid
     WHERE record.org_id = :org_id AND record.object = ANY(:objects) AND record.createddate IS NOT NULL
"""
_EVERY = text(_SELECTED)
_TOUCHED = text(f"{_SELECTED} AND record.id IN (SELECT id FROM pass_touched WHERE object = ANY(:objects))")
