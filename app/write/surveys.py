"""Keeping answers of surveys that another tool sends: each once, and only about customers that the sender may see."""

from collections.abc import Sequence
from dataclasses import replace

from app.read.record_id import long_id
from app.read.sight import Sight
from app.write.about_customers import customers_called, orgs_of, refuse, why_unknown
from models.session import WriteSession
from models.survey import SurveyAnswer, keep_answers


def keep_surveys(
    session: WriteSession, answers: Sequence[SurveyAnswer], *, org: str | None, by: str, sight: Sight
) -> int:
    """Keep all of them or, where one is about nobody we know, none; returns how many were new."""
    whole = [_with_long_ids(each) for each in answers]
    customers = customers_called(session, {each.customer_id for each in whole}, org=org, sight=sight)
    problems: list[dict[str, str]] = []
    by_org: dict[str, list[SurveyAnswer]] = {}
    for place, each in enumerate(whole):
        unknown = why_unknown(customers, each.customer_id)
        if unknown is not None:
            problems.append({"pointer": f"/body/answers/{place}/customer_id", "detail": unknown})
            continue
        [org_id] = orgs_of(customers, each.customer_id)
        if each.deal_id is not None and each.deal_id not in customers[org_id, each.customer_id]:
            problems.append({"pointer": f"/body/answers/{place}/deal_id", "detail": "this customer has no such deal"})
        by_org.setdefault(org_id, []).append(each)
    refuse(problems)
    return sum(keep_answers(session, org_id, found, by=by) for org_id, found in sorted(by_org.items()))


def _with_long_ids(answer: SurveyAnswer) -> SurveyAnswer:
    """The same with ids of 18 characters; what is no id stays, and is found nowhere."""
    return replace(
        answer,
        customer_id=long_id(answer.customer_id) or answer.customer_id,
        deal_id=answer.deal_id and (long_id(answer.deal_id) or answer.deal_id),
        contact_id=answer.contact_id and (long_id(answer.contact_id) or answer.contact_id),
    )
