"""What can go wrong between Salesforce and the store, sorted by what the caller must do about it.

    SyncError
    x Retry    try again, with backoff
      - OrgUnreachable · OrgBusy · SessionExpired · QueryTimedOut · ResultTruncated · BadReply · DeadlinePassed
      - Interrupted
    x Wait     nothing works before a certain time
      - BudgetSpent · ScopeInvalid
    x Skip     go on without the object or field
      - ObjectMissing · FieldHidden · BulkUnsupported · RequestRefused
    x Stop     a person must act
      - LoginRefused · WrongHost · ApiDisabled · DeletionBreaker · MappingInvalid

Code branches on the four parents only. The message is built from the attributes and ends with what to do next; it never
holds a secret or the data of a contact.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar


class SyncError(Exception):
    """Something went wrong between Salesforce and the store."""

    #: stable name for logs, metrics and the API
    code: ClassVar[str] = "sync_error"
    #: how long to wait at least, where that was said
    retry_after: timedelta | None = None


class Retry(SyncError):
    """The same request may succeed in a moment."""

    code = "retry"


class Wait(SyncError):
    """Nothing will succeed before `retry_after` has passed."""

    code = "wait"
    retry_after: timedelta


class Skip(SyncError):
    """One object or field can't be read; everything else can."""

    code = "skip"


class Stop(SyncError):
    """No retry helps: a person must change something first."""

    code = "stop"


# --- Retry -----------------------------------------------------------------------------------------------------------


class OrgUnreachable(Retry):
    """Salesforce did not answer at all: refused, unknown name, broken connection or time-out."""

    code = "org_unreachable"

    def __init__(self, *, host: str, detail: str) -> None:
        self.host = host
        self.detail = detail
        super().__init__(
            f"{host} could not be reached ({detail}). Check the network and BATON_SALESFORCE_URL; "
            "reading goes on by itself as soon as it answers."
        )


class OrgBusy(Retry):
    """Salesforce answered that it can't serve the request now."""

    code = "org_busy"

    def __init__(self, *, status: int, detail: str, retry_after: timedelta | None = None) -> None:
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(
            f"Salesforce is busy (HTTP {status}: {detail}). Nothing to do: the request is tried again "
            "with longer pauses. If it lasts, see status.salesforce.com."
        )


class SessionExpired(Retry):
    """The session ended and a new login did not cure it."""

    code = "session_expired"

    def __init__(self, *, detail: str) -> None:
        self.detail = detail
        super().__init__(
            f"Salesforce no longer accepts the session ({detail}). The next pass logs in again; "
            "if it lasts, check that the integration user may use the API."
        )


class QueryTimedOut(Retry):
    """A query took longer than Salesforce allows."""

    code = "query_timed_out"

    def __init__(self, *, object_name: str | None, detail: str) -> None:
        self.object_name = object_name
        self.detail = detail
        super().__init__(
            f"A query of {object_name or 'an object'} took too long ({detail}). It is tried again in smaller parts; "
            "if it lasts, read less at once or ask Salesforce for an index."
        )


class ResultTruncated(Retry):
    """Fewer or more records arrived than Salesforce counted."""

    code = "result_truncated"

    def __init__(self, *, object_name: str, expected: int, got: int) -> None:
        self.object_name = object_name
        self.expected = expected
        self.got = got
        super().__init__(
            f"{got} records of {object_name} arrived where Salesforce counted {expected}. Nothing was stored of them; "
            "they are read again in the next pass."
        )


class BadReply(Retry):
    """Salesforce, or something in between, answered with what is not an answer."""

    code = "bad_reply"

    def __init__(self, *, what: str, detail: str) -> None:
        self.what = what
        self.detail = detail
        super().__init__(
            f"The reply to {what} can't be read ({detail}). It is asked again; "
            "if it lasts, look for a proxy that changes replies."
        )


class DeadlinePassed(Retry):
    """A pass took longer than it may."""

    code = "deadline_passed"

    def __init__(self, *, host: str) -> None:
        self.host = host
        super().__init__(
            f"The pass was given up because {host} is too slow. Nothing is lost: the next pass reads the same window; "
            "if it lasts, see status.salesforce.com."
        )


class Interrupted(Retry):
    """The work was broken off because Baton ends."""

    code = "interrupted"

    def __init__(self) -> None:
        super().__init__("The work was broken off because Baton ends. Nothing to do: it goes on at the next start.")


# --- Wait ------------------------------------------------------------------------------------------------------------


class BudgetSpent(Wait):
    """The API calls of this org are used up for now."""

    code = "budget_spent"

    def __init__(self, *, detail: str, retry_after: timedelta = timedelta(minutes=15)) -> None:
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(
            f"Salesforce takes no more API calls for now ({detail}). Reading pauses for "
            f"{int(retry_after.total_seconds())} s; "
            "raise the org's allocation or poll less often if this happens daily."
        )


class ScopeInvalid(Wait):
    """The scope names what the org does not have, so nobody can tell which deals are meant."""

    code = "scope_invalid"

    def __init__(self, *, problems: Sequence[str], retry_after: timedelta = timedelta(minutes=5)) -> None:
        self.problems = tuple(problems)
        self.retry_after = retry_after
        super().__init__(f"The scope can't be used: {' '.join(problems)} Nothing was changed; see: baton scope show.")


# --- Skip ------------------------------------------------------------------------------------------------------------


class ObjectMissing(Skip):
    """An object does not exist in this org, or the integration user may not see it."""

    code = "object_missing"

    def __init__(self, *, object_name: str) -> None:
        self.object_name = object_name
        super().__init__(
            f"{object_name} does not exist in this org or is hidden from the integration user. "
            "Switch the feature on or grant read access if its data are wanted."
        )


class FieldHidden(Skip):
    """A field was taken away or hidden from the integration user."""

    code = "field_hidden"

    def __init__(self, *, object_name: str, field_name: str) -> None:
        self.object_name = object_name
        self.field_name = field_name
        super().__init__(
            f"{object_name}.{field_name} can't be read any more; its last known values are kept. "
            "Grant the integration user field-level read access to get new ones."
        )


class BulkUnsupported(Skip):
    """An object can't be read by a bulk job, and is read page by page instead."""

    code = "bulk_unsupported"

    def __init__(self, *, object_name: str, detail: str) -> None:
        self.object_name = object_name
        self.detail = detail
        super().__init__(
            f"{object_name} can't be read by a bulk job ({detail}). Nothing to do: it is read page by page instead."
        )


class RequestRefused(Skip):
    """Salesforce refused one request for a reason that no retry cures."""

    code = "request_refused"

    def __init__(self, *, status: int, error_code: str, detail: str) -> None:
        self.status = status
        self.error_code = error_code
        self.detail = detail
        super().__init__(
            f"Salesforce refused a request ({error_code}: {detail}). "
            "Check what the integration user may read; if it may, report this message."
        )


# --- Stop ------------------------------------------------------------------------------------------------------------


class LoginRefused(Stop):
    """Salesforce knows us, and does not let us in."""

    code = "login_refused"

    def __init__(self, *, reason: str, remedy: str) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"Salesforce refused the login ({reason}). {remedy}")


class WrongHost(Stop):
    """The configured address is not that of a Salesforce org."""

    code = "wrong_host"

    def __init__(self, *, url: str, detail: str) -> None:
        self.url = url
        self.detail = detail
        super().__init__(
            f"{url} can't be used: {detail}. "
            "Set BATON_SALESFORCE_URL to the org's My Domain, such as https://acme.my.salesforce.com."
        )


class ApiDisabled(Stop):
    """The org's edition or the user's profile has no API access."""

    code = "api_disabled"

    def __init__(self, *, detail: str) -> None:
        self.detail = detail
        super().__init__(
            f"The API is switched off for this org or user ({detail}). Give the integration user "
            "the permission “API Enabled”; the org's edition must include API access."
        )


class DeletionBreaker(Stop):
    """A pass wanted to delete suspiciously much, and was held back."""

    code = "deletion_breaker"

    def __init__(self, *, object_name: str, deletions: int, allowed: int) -> None:
        self.object_name = object_name
        self.deletions = deletions
        self.allowed = allowed
        super().__init__(
            f"{deletions} records of {object_name} would have been deleted at once, more than the {allowed} allowed. "
            "Nothing was deleted: check the integration user's access. If they are gone in Salesforce, too, run "
            "`baton sync run --snapshot --accept-deletions`."
        )


class MappingInvalid(Stop):
    """A mapping of fields to lines of the brief can't be used; the one in force stays."""

    code = "mapping_invalid"

    def __init__(self, *, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"The mapping can't be used: {' '.join(problems)} Nothing was changed.")
