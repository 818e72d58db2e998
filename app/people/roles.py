"""What people may do, by what they are; a role is the scopes that an API key would be given."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from app.scopes import OF_A_REP, Scope


class Role(StrEnum):
    """What somebody is at work."""

    CSM = "csm"
    LEAD = "lead"
    ANALYST = "analyst"
    ADMIN = "admin"


_WORKING_WITH_DEALS = frozenset({*OF_A_REP, Scope.METRICS_READ, Scope.NOTES_WRITE})

SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.CSM: _WORKING_WITH_DEALS,
    Role.LEAD: _WORKING_WITH_DEALS,
    Role.ANALYST: frozenset({Scope.BRIEFS_READ, Scope.COMMERCIAL_READ, Scope.METRICS_READ}),
    Role.ADMIN: frozenset({Scope.ADMIN}),
}

#: who sees the deals of their own book only
LIMITED_TO_THEIR_BOOK = frozenset({Role.CSM})

#: what each role is for, in words
MEANINGS: Mapping[Role, str] = {
    Role.CSM: "reads and writes about the deals of their own book",
    Role.LEAD: "the same about all deals",
    Role.ANALYST: "reads all deals and figures, but no people of customers",
    Role.ADMIN: "everything",
}


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """What somebody with these roles may do: whatever one of them may."""
    return frozenset().union(*(SCOPES[Role(role)] for role in roles))


def is_limited(roles: Iterable[str]) -> bool:
    """Whether somebody with these roles sees their own book only: when none of them sees more."""
    return {Role(role) for role in roles} <= LIMITED_TO_THEIR_BOOK
