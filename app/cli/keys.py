"""`baton keys`: API keys are made, listed, exchanged and taken away."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import print_json, remark, say
from app.scopes import MEANINGS
from models.access import create_key, keys_called, list_keys, revoke_key, rotate_key
from models.session import ReadSession

_UNITS = {"d": "days", "h": "hours"}
_ONCE = "Keep it now: only its hash is stored, and it can't be shown again."


def make_key(*, name: str, scopes: Sequence[str], expires: str | None, book: str | None, as_json: bool) -> int:
    """Make a key and print it alone on stdout, so that a script can keep it."""
    unknown = [scope for scope in scopes if scope not in list(MEANINGS)]
    if unknown:
        message = f"--scope: there is no scope {', '.join(unknown)}; choose of {', '.join(MEANINGS)}."
        raise CommandError(message, exit_code=MISUSED)
    expires_at = None if expires is None else expiry(expires, now=datetime.now(UTC))
    with open_store() as store, store.writing() as session:
        key = create_key(session, name=name, scopes=list(scopes), expires_at=expires_at, book=book)
    if as_json:
        print_json({"name": name, "key": key, "scopes": list(scopes), "expires_at": expires_at, "book": book})
    else:
        say(key)
        remark(_ONCE)
    return 0


def show_keys(*, as_json: bool) -> int:
    """List all keys by their visible beginning; the keys themselves are known to their owners only."""
    with open_store() as store, store.reading() as session:
        keys = list_keys(session)
    if as_json:
        print_json({"keys": [{**each, "key_id": str(each["key_id"])} for each in keys]})
        return 0
    for each in keys:
        facts = [each["prefix"] + "…", each["name"], " ".join(each["scopes"]), _standing(each)]
        if each["book"]:
            facts.append(f"only the book of {each['book']}")
        say("  ".join(facts))
    if not keys:
        remark("There are no keys. Make one: baton keys create --name NAME.")
    return 0


def exchange_key(called: str, *, overlap: str, as_json: bool) -> int:
    """Make the successor of a key and print it; the old one ends after the overlap."""
    span = _span(overlap)
    if span is None:
        message = f"--overlap: {overlap!r} is no time such as 7d or 12h."
        raise CommandError(message, exit_code=MISUSED)
    with open_store() as store, store.writing() as session:
        old = _only_key(session, called)
        key = rotate_key(session, old["key_id"], overlap=span)
    if as_json:
        print_json(
            {"name": old["name"], "key": key, "replaces": old["prefix"], "overlap_seconds": span.total_seconds()}
        )
    else:
        say(key)
        remark(f"{_ONCE} {old['prefix']}… still opens for {overlap}.")
    return 0


def take_key(called: str) -> int:
    """Take a key away at once."""
    with open_store() as store, store.writing() as session:
        old = _only_key(session, called)
        revoke_key(session, old["key_id"])
    say(f"{old['prefix']}… ({old['name']}) opens nothing any more.")
    return 0


def _only_key(session: ReadSession, called: str) -> dict[str, Any]:
    found = keys_called(session, called.removesuffix("…"))
    if len(found) != 1:
        which = ", ".join(each["prefix"] for each in found)
        why = f"several are called so; name one by its beginning: {which}." if found else "see: baton keys list."
        raise CommandError(f"no key to be found by {called!r}: {why}", exit_code=MISUSED)
    return found[0]


def _standing(key: dict[str, Any]) -> str:
    if key["revoked_at"]:
        return f"revoked on {key['revoked_at']:%Y-%m-%d}"
    ends = (
        f"expire{'s' if key['is_valid'] else 'd'} on {key['expires_at']:%Y-%m-%d %H:%M} UTC"
        if key["expires_at"]
        else ""
    )
    used = f"last used on {key['last_used_at']:%Y-%m-%d %H:%M} UTC" if key["last_used_at"] else "never used"
    return ", ".join(part for part in (used, ends) if part)


def _span(text: str) -> timedelta | None:
    found = re.fullmatch(r"(\d{1,5})([dh])", text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def expiry(text: str, *, now: datetime) -> datetime:
    """Return the instant at which a key ends: after its last day (UTC), or so many days or hours from now."""
    span = _span(text)
    if span:
        return now + span
    try:
        last_day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        message = f"--expires: {text!r} is neither a day such as 2027-12-31 nor a time from now such as 90d or 12h."
        raise CommandError(message, exit_code=MISUSED) from None
    if last_day < now.date():
        raise CommandError(f"--expires: {text} has passed; give a later day.", exit_code=MISUSED)
    return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=UTC)
