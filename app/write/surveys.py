"""Keeping answers of surveys that another tool sends: each once, and only about customers that the sender may see."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.problems import Problem
from app.read.record_id import long_id
from app.read.sight import Sight
from app.read.views import deals
from models.session import ReadSession, WriteSession
from models.survey import SurveyAnswer, keep_answers

#: (org, customer) -> its deals
_Customers = Mapping[tuple[str, str], set[str]]


def keep_surveys(
    session: WriteSession, answers: Sequence[SurveyAnswer], *, org: str | None, by: str, sight: Sight
) -> int:
    """Keep all of them or, where one is about nobody we know, none; returns how many were new."""
    whole = [_with_long_ids(each) for each in answers]
    customers = _customers(session, {each.customer_id for each in whole}, org=org, sight=sight)
    problems: list[dict[str, str]] = []
    by_org: dict[str, list[SurveyAnswer]] = {}
    for place, each in enumerate(whole):
        orgs = [org_id for org_id, customer_id in customers if customer_id == each.customer_id]
        if len(orgs) > 1:
            problems.append(_problem(place, "customer_id", f"several orgs have it: say org= one of {', '.join(orgs)}"))
        elif not orgs:
            problems.append(_problem(place, "customer_id", "there is no such customer"))
        elif each.deal_id is not None and each.deal_id not in customers[orgs[0], each.customer_id]:
            problems.append(_problem(place, "deal_id", "this customer has no such deal"))
        else:
            by_org.setdefault(orgs[0], []).append(each)
    if problems:
        where = ", ".join(f"{each['pointer']}: {each['detail']}" for each in problems[:3])
        raise Problem(400, "survey_of_nobody", f"{where}. Nothing was kept. {_HINT}", errors=problems)
    return sum(keep_answers(session, org_id, found, by=by) for org_id, found in sorted(by_org.items()))


_HINT = "An account becomes a customer with its first won deal; correct the ids, or send the others without these."


def _problem(place: int, field: str, detail: str) -> dict[str, str]:
    return {"pointer": f"/body/answers/{place}/{field}", "detail": detail}


def _with_long_ids(answer: SurveyAnswer) -> SurveyAnswer:
    """The same with ids of 18 characters; what is no id stays, and is found nowhere."""
    return replace(
        answer,
        customer_id=long_id(answer.customer_id) or answer.customer_id,
        deal_id=answer.deal_id and (long_id(answer.deal_id) or answer.deal_id),
        contact_id=answer.contact_id and (long_id(answer.contact_id) or answer.contact_id),
    )


def _customers(session: ReadSession, ids: set[str], *, org: str | None, sight: Sight) -> _Customers:
    deal = deals()
    where: list[Any] = [deal.c.customer_id.in_(sorted(ids)), ~deal.c.is_draft, *sight.of_deals(deal)]
    if org is not None:
        where.append(deal.c.org_id == org)
    found: dict[tuple[str, str], set[str]] = {}
    for row in session.execute(select(deal.c.org_id, deal.c.customer_id, deal.c.deal_id).where(*where)):
        found.setdefault((row.org_id, row.customer_id), set()).add(row.deal_id)
    return found
