"""`baton scope show|preview|set`: which deals belong to us, and what another choice would change."""

# ruff: noqa: PLC0415 - showing the scope needs no pipeline

import getpass
import logging
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.connection import open_store, salesforce_settings
from app.cli.failures import FAILED, MISUSED, CommandError
from app.cli.logs import log_to_stderr
from app.cli.output import remark, say
from app.read.encode import plain_value, to_json
from app.read.scope import in_words, scopes

if TYPE_CHECKING:
    from sync.run.scope_choice import Named, Preview

#: deals that a preview names for people; programs get all of them
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A scope as the options of a command say it; what is not given is as by default."""

    file: Path | None = None
    by_default: bool = False
    record_types: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    closed_from: str | None = None
    won_from: str | None = None
    closing_days: int | None = None
    closing_probability: int | None = None
    add: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The scope as a document, from the file or from the options."""
        options = self._options()
        if sum((self.file is not None, self.by_default, bool(options))) != 1:
            raise CommandError(
                "say the whole scope: by options, or by --file, or --default for everything that is won.",
                exit_code=MISUSED,
            )
        if self.file is None:
            return options
        try:
            return tomllib.loads(self.file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            message = f"{self.file}: it can't be read as TOML ({error}); correct it"
            raise CommandError(message, exit_code=MISUSED) from None

    def _options(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "record_types": list(self.record_types),
            "stages": list(self.stages),
            "closed_from": self.closed_from,
            "won_from": self.won_from,
        }
        if (self.closing_days, self.closing_probability) != (None, None):
            said["closing_soon"] = {"days": self.closing_days, "probability": self.closing_probability}
        if self.add or self.leave_out:
            added = [dict(zip(("object", "parent_field"), each.partition(".")[::2], strict=True)) for each in self.add]
            said["closure"] = {"add": added, "leave_out": list(self.leave_out)}
        return {name: value for name, value in said.items() if value}


def show_scope(*, as_json: bool) -> int:
    """Show the scope of each org, from the store alone."""
    with open_store() as store, store.reading() as session:
        found = scopes(session)
    if as_json:
        say(to_json({"scopes": found}).decode())
        return 0
    for each in found:
        say(f"{each['name']} ({each['org_id']}): version {each['version']}, {_since(each)}")
        for line in [*each["in_words"], f"That is {each['deals']:,} deals and {each['drafts']:,} drafts now."]:
            say(f"  {line}")
    if not found:
        say("No org is connected yet, so the scope is the default: opportunities that are won. Run: baton sync run")
    return 0


def preview_scope(wish: Wish, *, as_json: bool, org: str | None) -> int:
    """Show who would come and who would leave; nothing is written."""
    from sync.run.scope_choice import preview
    from sync.salesforce.client import connect
    from sync.scope.document import read_scope

    log_to_stderr(level=logging.ERROR)
    scope = read_scope(wish.document())
    settings = salesforce_settings(org)
    with open_store() as store, connect(settings) as client:
        found = preview(store, client, scope)
        calls = client.api_calls
    _show(found, api_calls=calls, as_json=as_json)
    return 0


def set_scope(wish: Wish, *, yes: bool, by: str | None, as_json: bool, org: str | None) -> int:
    """Make a scope the one in force, after showing what it changes."""
    from sync.run import connected_org
    from sync.run.scope_choice import choose, preview
    from sync.salesforce.client import connect
    from sync.scope.document import read_scope

    log_to_stderr(level=logging.ERROR)
    scope = read_scope(wish.document())
    if not yes and not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask on; look with baton scope preview, then set it with --yes.")
    settings = salesforce_settings(org)
    with open_store() as store, connect(settings) as client:
        found = preview(store, client, scope)
        version = found.before.version
        if not as_json or not yes:
            _show(found, api_calls=client.api_calls, as_json=False, beside=as_json)
        if not found.changes_nothing:
            if not yes and not _agreed():
                remark("baton scope set: nothing was changed.")
                return FAILED
            version = choose(store, connected_org(store, client), found.scope, by=by or getpass.getuser())
        calls = client.api_calls
    if as_json:
        say(to_json({**_document(found, api_calls=calls), "version": version}).decode())
    elif found.changes_nothing:
        say(f"This is the scope already, version {version}.")
    else:
        say(f"Version {version} is in force from the next pass on: baton sync run, or wait for the worker.")
    return 0


def _agreed() -> bool:
    sys.stderr.write("Set this scope? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _since(scope: Mapping[str, Any]) -> str:
    if scope["set_at"] is None:
        return "the default, which nobody has changed"
    waits = "; the next pass applies it" if scope["waits_for_a_pass"] else ""
    return f"set {scope['set_at']:%Y-%m-%d %H:%M} UTC by {scope['set_by']}{waits}"


def _show(found: "Preview", *, api_calls: int, as_json: bool, beside: bool = False) -> None:
    if as_json:
        say(to_json(_document(found, api_calls=api_calls)).decode())
        return
    tell = remark if beside else say
    for line in _lines(found):
        tell(line)


def _lines(found: "Preview") -> Iterable[str]:
    from sync.scope.document import write_scope

    yield " ".join(in_words(write_scope(found.scope)))
    yield f"{found.deals:,} deals and {found.drafts:,} drafts belong to it."
    for sign, what, rows in (
        ("+", "come in", found.enter),
        ("-", "leave", found.leave),
        ("^", "become deals", found.become_deals),
        ("v", "become drafts", found.become_drafts),
    ):
        if rows:
            yield f"{len(rows):,} {what}: {_amounts_in_words(rows)}"
            yield from (f"  {sign} {_in_words(each)}" for each in rows[:_SHOWN])
        if len(rows) > _SHOWN:
            yield f"  … and {len(rows) - _SHOWN:,} more; --json lists all."
    if not (found.enter or found.leave or found.become_deals or found.become_drafts):
        yield "Nobody comes in and nobody leaves."


def _in_words(each: "Named") -> str:
    amount = "" if each.amount is None else f"{each.currency or ''} {each.amount:,.2f}".strip()
    draft = "draft, " if each.is_draft else ""
    return f"{each.id}  {each.name or ''}  ({draft}{each.stage or 'no stage'}, {each.close_on or 'no date'})  {amount}"


def _amounts_in_words(rows: Iterable["Named"]) -> str:
    sums = _sums(rows)
    return ", ".join(f"{currency} {amount:,.2f}" for currency, amount in sums.items()) or "without an amount"


def _sums(rows: Iterable["Named"]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for each in rows:
        if each.amount is not None:
            currency = each.currency or "unknown"
            sums[currency] = sums.get(currency, Decimal(0)) + each.amount
    return dict(sorted(sums.items()))


def _document(found: "Preview", *, api_calls: int) -> dict[str, Any]:
    from sync.scope.document import write_scope

    parts = {
        "enter": found.enter,
        "leave": found.leave,
        "become_deals": found.become_deals,
        "become_drafts": found.become_drafts,
    }
    return {
        "scope": write_scope(found.scope),
        "soql": found.soql,
        "changes_nothing": found.changes_nothing,
        "deals": found.deals,
        "drafts": found.drafts,
        "api_calls": api_calls,
        **{
            name: {
                "count": len(rows),
                "amount_by_currency": {key: plain_value(amount) for key, amount in _sums(rows).items()},
                "deals": [{key: plain_value(value) for key, value in asdict(each).items()} for each in rows],
            }
            for name, rows in parts.items()
        },
    }
