"""Why a login is refused: what OAuth answers for each reason, and what SOAP does.

OAuth's words are those clients match on; SOAP tells little on purpose, most reasons look like a wrong password there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

WRONG_LOGIN = "Invalid username, password, security token; or user locked out."


@dataclass(frozen=True, slots=True)
class Words:
    """One refusal in both protocols."""

    error: str
    description: str
    code: str = "INVALID_LOGIN"
    message: str = WRONG_LOGIN


class Reason(Enum):
    """A reason that does not lie in what the client sent; a test may tell the org to refuse for any of them."""

    USER_INACTIVE = "user_inactive"
    USER_LOCKED = "user_locked"
    ORG_LOCKED = "org_locked"
    IP_RESTRICTED = "ip_restricted"
    NOT_APPROVED = "not_approved"
    NOT_ADMIN_APPROVED = "not_admin_approved"
    API_DISABLED = "api_disabled"
    NO_API_PERMISSION = "no_api_permission"
    RATE_EXCEEDED = "rate_exceeded"


WORDS: Mapping[Reason, Words] = {
    Reason.USER_INACTIVE: Words("invalid_grant", "inactive user"),
    Reason.USER_LOCKED: Words("invalid_grant", "user is locked", "PASSWORD_LOCKOUT"),
    Reason.ORG_LOCKED: Words("invalid_grant", "inactive organization", "ORG_LOCKED", "organization locked"),
    Reason.IP_RESTRICTED: Words("invalid_grant", "ip restricted"),
    Reason.NOT_APPROVED: Words("invalid_grant", "user hasn't approved this consumer"),
    Reason.NOT_ADMIN_APPROVED: Words("invalid_app_access", "user is not admin approved to access this app"),
    Reason.API_DISABLED: Words(
        "invalid_grant", "authentication failure", "API_CURRENTLY_DISABLED", "API is disabled for this User"
    ),
    Reason.NO_API_PERMISSION: Words(
        "invalid_grant", "authentication failure", "INSUFFICIENT_ACCESS", "The user lacks the API Enabled permission"
    ),
    Reason.RATE_EXCEEDED: Words("login_rate_exceeded", "login rate exceeded"),
}


class LoginRefused(Exception):
    """Nobody may log in, or this user may not, whatever the client proves."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.words = WORDS[reason]
