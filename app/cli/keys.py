"""`baton keys create`: an API key, shown once."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from app.auth import ADMIN, BRIEFS_READ, METRICS_READ
from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import print_json, remark, say
from models.access import create_key

_SCOPES = (BRIEFS_READ, METRICS_READ, ADMIN)
_UNITS = {"d": "days", "h": "hours"}


def make_key(*, name: str, scopes: Sequence[str], expires: str | None, as_json: bool) -> int:
    """Make a key and print it alone on stdout, so that a script can keep it."""
    unknown = [scope for scope in scopes if scope not in _SCOPES]
    if unknown:
        message = f"--scope: there is no scope {', '.join(unknown)}; choose of {', '.join(_SCOPES)}."
        raise CommandError(message, exit_code=MISUSED)
    expires_at = None if expires is None else expiry(expires, now=datetime.now(UTC))
    with open_store() as store, store.writing() as session:
        key = create_key(session, name=name, scopes=list(scopes), expires_at=expires_at)
    if as_json:
        print_json({"name": name, "key": key, "scopes": list(scopes), "expires_at": expires_at})
    else:
        say(key)
        remark("Keep it now: only its hash is stored, and it can't be shown again.")
    return 0


def expiry(text: str, *, now: datetime) -> datetime:
    """Return the instant at which a key ends: after its last day (UTC), or so many days or hours from now."""
    span = re.fullmatch(r"(\d{1,5})([dh])", text)
    if span:
        return now + timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        last_day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        message = f"--expires: {text!r} is neither a day such as 2027-12-31 nor a time from now such as 90d or 12h."
        raise CommandError(message, exit_code=MISUSED) from None
    if last_day < now.date():
        raise CommandError(f"--expires: {text} has passed; give a later day.", exit_code=MISUSED)
    return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=UTC)
