"""`baton metrics`: the figures of the API, for people at a terminal and for scripts."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import remark, say
from app.read.csv import to_csv
from app.read.encode import to_json
from app.read.explain import explain
from app.read.figures import (
    Figures,
    Question,
    cohort_figures,
    renewal_figures,
    retention_figures,
    term_figures,
)
from app.read.renewals import Standpoint, read_ledger
from app.read.sight import EVERYTHING
from app.read.spans import Unanswerable
from app.read.status import org_ids
from app.read.term_groups import GroupBy
from app.read.term_rows import term_rows
from models.renewals.period import Bucket
from models.session import ReadSession


class Form(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question as it was typed."""

    since: str | None = None
    to: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    bucket: str | None = None
    group_by: str | None = None
    currency: str | None = None
    grace_days: int = 30
    exclude_escalators: bool = False
    org: str | None = None


def show_renewals(asked: Asked, *, form: str) -> int:
    """Print renewal rates by period."""
    columns = ("period", "group", "logos_due", "logo_renewal_rate", "term_renewal_rate", "gross_renewal_rate",
               "net_renewal_rate", "on_time_rate", "pending", "floor", "ceiling", "atr", "renewed_arr")  # fmt: skip
    return _show(renewal_figures, asked, form=form, columns=columns)


def show_terms(asked: Asked, *, form: str) -> int:
    """Print the terms that the rates are made of."""
    columns = ("due_on", "customer_name", "deal_name", "csm_name", "status", "renewal_signed_on", "atr", "renewed_arr",
               "currency", "confidence")  # fmt: skip
    return _show(term_figures, asked, form=form, columns=columns)


def show_retention(asked: Asked, *, form: str) -> int:
    """Print GRR, NRR and the bridge."""
    columns = ("since", "until", "group", "grr", "nrr", "customer_retention_rate", "start_arr", "churned_arr",
               "contraction_arr", "expansion_arr", "new_arr", "end_arr")  # fmt: skip
    return _show(retention_figures, asked, form=form, columns=columns)


def show_cohorts(asked: Asked, *, form: str) -> int:
    """Print cohorts."""
    columns = ("period", "group", "months", "customers_at_start", "customers", "customer_retention_rate", "start_arr",
               "arr", "arr_retention_rate")  # fmt: skip
    return _show(cohort_figures, asked, form=form, columns=columns)


def show_explanation(term_id: str, *, org: str | None) -> int:
    """Print why a term stands as it does."""
    with open_store() as store, store.reading() as session:
        where = Standpoint(org=() if org is None else _org_ids(session, org))
        terms = read_ledger(session, where, sight=EVERYTHING)
        keys = [key for key, each in terms.known.items() if each.term.term_id[:15] == term_id[:15]]
        if len(keys) != 1:
            why = "several orgs have it; choose one with --org" if keys else "see: baton metrics rows"
            raise CommandError(f"no term to be found by {term_id!r}: {why}.", exit_code=MISUSED)
        [row] = term_rows(session, terms, keys)
    say(f"{row['customer_name'] or row['customer_id']}, {row['deal_name'] or row['deal_id']}")
    for line in explain(terms, keys[0], with_amounts=True):
        say(line)
    return 0


def _show(figures: Callable[..., Figures], asked: Asked, *, form: str, columns: tuple[str, ...]) -> int:
    """Print a table; people see the columns they work with, programs all of them."""
    wanted = _one_of(Form, form, option="--format")
    with open_store() as store, store.reading() as session:
        try:
            found = figures(session, _question(session, asked), sight=EVERYTHING)
        except Unanswerable as error:
            raise CommandError(
                str(error).replace("`from`", "--from").replace("`to`", "--to"), exit_code=MISUSED
            ) from None
    if wanted is Form.TABLE:
        _lay_out(found, columns)
    else:
        written = to_json({"data": found.rows, **found.beside()}) + b"\n"
        if wanted is Form.CSV:
            written = to_csv(found.rows, list(found.rows[0]) if found.rows else columns)
        sys.stdout.buffer.write(written)
        sys.stdout.flush()
    count = len(found.terms.problems)
    if count:
        remark(f"{count} problem{'s' if count > 1 else ''} with terms that are in no number: see --format json.")
    return 0


def _question(session: ReadSession, asked: Asked) -> Question:
    return Question(
        where=Standpoint(
            as_of=_day(asked.as_of, option="--as-of"),
            known_at=_instant(asked.known_at),
            org=() if asked.org is None else _org_ids(session, asked.org),
            currency=asked.currency,
            grace_days=asked.grace_days,
        ),
        first=_day(asked.since, option="--from"),
        last=_day(asked.to, option="--to"),
        bucket=None if asked.bucket is None else _one_of(Bucket, asked.bucket, option="--bucket"),
        group_by=None if asked.group_by is None else _one_of(GroupBy, asked.group_by, option="--group-by"),
        exclude_escalators=asked.exclude_escalators,
    )


def _lay_out(found: Figures, columns: tuple[str, ...]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a table needs it
    from rich.table import Table  # noqa: PLC0415 - see above

    told = f" in {found.terms.currency}" if found.terms.currency else ""
    table = Table(caption=f"as of {found.terms.as_of}{told}", caption_justify="left")
    for name in columns:
        is_text = all(isinstance(row[name], str | date | None) for row in found.rows)
        table.add_column(name.replace("_", " "), justify="left" if is_text else "right")
    for row in found.rows:
        table.add_row(*(_cell(name, row[name]) for name in columns))
    is_terminal = sys.stdout.isatty()
    Console(width=None if is_terminal else 240).print(table)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "–"  # noqa: RUF001 - a dash for what there is none of
    if name.endswith(("rate", "grr", "nrr", "floor", "ceiling")):
        return f"{value * 100:.2f} %"
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


_Choice = TypeVar("_Choice", bound=StrEnum)


def _one_of(choices: type[_Choice], given: str, *, option: str) -> _Choice:
    try:
        return choices(given)
    except ValueError:
        message = f"{option}: there is no {given!r}; choose of {', '.join(choices)}."
        raise CommandError(message, exit_code=MISUSED) from None


def _day(given: str | None, *, option: str) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except ValueError:
        raise CommandError(f"{option}: {given!r} is no day such as 2026-09-30.", exit_code=MISUSED) from None


def _instant(given: str | None) -> datetime | None:
    try:
        told = None if given is None else datetime.fromisoformat(given)
    except ValueError:
        message = f"--known-at: {given!r} is no instant such as 2026-07-01T12:00Z."
        raise CommandError(message, exit_code=MISUSED) from None
    return told.replace(tzinfo=UTC) if told is not None and told.tzinfo is None else told


def _org_ids(session: ReadSession, org: str) -> list[str]:
    found = org_ids(session, org)
    if not found:
        raise CommandError(f"--org: no org is called {org}.", exit_code=MISUSED)
    return list(found)
