"""Keeping what other tools measure of customers' health: each score once, and only about customers that are there."""

from collections.abc import Sequence
from dataclasses import replace

from app.read.record_id import long_id
from app.read.sight import Sight
from app.write.about_customers import customers_called, orgs_of, refuse, why_unknown
from models.health_score import HealthScore, keep_scores
from models.session import WriteSession


def keep_health_scores(
    session: WriteSession, scores: Sequence[HealthScore], *, org: str | None, by: str, sight: Sight
) -> int:
    """Keep all of them or, where one is about nobody we know, none; returns how many were new."""
    whole = [replace(each, customer_id=long_id(each.customer_id) or each.customer_id) for each in scores]
    customers = customers_called(session, {each.customer_id for each in whole}, org=org, sight=sight)
    unknown = [(place, why_unknown(customers, each.customer_id)) for place, each in enumerate(whole)]
    problems = [
        {"pointer": f"/body/scores/{place}/customer_id", "detail": why} for place, why in unknown if why is not None
    ]
    refuse(problems)
    by_org: dict[str, list[HealthScore]] = {}
    for each in whole:
        by_org.setdefault(orgs_of(customers, each.customer_id)[0], []).append(each)
    return sum(keep_scores(session, org_id, found, by=by) for org_id, found in sorted(by_org.items()))
