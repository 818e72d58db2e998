"""Ids are unique within one org only: what a path says when several orgs of the store have the record."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from app.problems import Problem

OfOrg = Annotated[
    str | None,
    Query(description="id of the org, 18 characters; needed only when several orgs have a record of this id"),
]


def only_one(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the record that was meant; of several orgs' records none is guessed."""
    if len(found) > 1:
        orgs = ", ".join(each["org_id"] for each in found)
        raise Problem(
            409, "several_orgs", f"Several orgs have a record of this id. Say which one you mean: org= one of {orgs}."
        )
    return found[0]
