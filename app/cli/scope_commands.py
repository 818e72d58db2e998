"""The commands `baton scope …` and their options."""

# ruff: noqa: PLC0415 - imports inside a command keep the others fast

from pathlib import Path
from typing import Annotated, Optional

import typer

scope_app = typer.Typer(help="Which deals belong to us, and what another choice would change.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]
Names = Optional[list[str]]  # noqa: UP045 - read by typer at run time
RecordTypes = Annotated[Names, typer.Option("--record-type", help="Only deals of this record type; repeatable.")]
Stages = Annotated[Names, typer.Option("--stage", help="This stage counts as won, instead of what Salesforce says.")]
ClosedFrom = Annotated[str | None, typer.Option(metavar="DAY", help="Only deals with this close date or a later one.")]
WonFrom = Annotated[str | None, typer.Option(metavar="DAY", help="Only deals won on this day or later.")]
Days = Annotated[int | None, typer.Option(help="Show open deals as drafts that close within so many days…")]
Chance = Annotated[int | None, typer.Option(help="…with at least this probability, in percent.")]
Added = Annotated[Names, typer.Option("--add", metavar="OBJECT.FIELD", help="An object of yours, by its lookup.")]
LeftOut = Annotated[Names, typer.Option("--leave-out", metavar="OBJECT", help="An object of yours that is not wanted.")]
ScopeFile = Annotated[Path | None, typer.Option("--file", help="The whole scope as a TOML file, instead of options.")]
Org = Annotated[str | None, typer.Option(metavar="NAME", help="The org, by its name in baton.toml.")]
ByDefault = Annotated[bool, typer.Option("--default", help="Everything that is won.")]


@scope_app.command("show")
def scope_show(*, json: Json = False) -> int:
    """Show which deals belong to us, since when and by whose choice."""
    from app.cli.scope import show_scope

    return show_scope(as_json=json)


@scope_app.command("preview")
def scope_preview(  # noqa: PLR0913 - each condition of a scope is an option
    *,
    record_type: RecordTypes = None,
    stage: Stages = None,
    closed_from: ClosedFrom = None,
    won_from: WonFrom = None,
    closing_days: Days = None,
    closing_probability: Chance = None,
    add: Added = None,
    leave_out: LeftOut = None,
    file: ScopeFile = None,
    default: ByDefault = False,
    org: Org = None,
    json: Json = False,
) -> int:
    """Show who would come and who would leave under a scope. Nothing is written."""
    from app.cli.scope import Wish, preview_scope

    wish = Wish(
        file=file, by_default=default, record_types=tuple(record_type or ()), stages=tuple(stage or ()),
        closed_from=closed_from, won_from=won_from, closing_days=closing_days,
        closing_probability=closing_probability, add=tuple(add or ()), leave_out=tuple(leave_out or ()),
    )  # fmt: skip
    return preview_scope(wish, as_json=json, org=org)


@scope_app.command("set")
def scope_set(  # noqa: PLR0913 - each condition of a scope is an option
    *,
    record_type: RecordTypes = None,
    stage: Stages = None,
    closed_from: ClosedFrom = None,
    won_from: WonFrom = None,
    closing_days: Days = None,
    closing_probability: Chance = None,
    add: Added = None,
    leave_out: LeftOut = None,
    file: ScopeFile = None,
    default: ByDefault = False,
    org: Org = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: Annotated[str | None, typer.Option(help="Who chooses it; the user of this machine unless given.")] = None,
    json: Json = False,
) -> int:
    """Make a scope the one in force, after showing what it changes. Options say the whole scope, not what to alter."""
    from app.cli.scope import Wish, set_scope

    wish = Wish(
        file=file, by_default=default, record_types=tuple(record_type or ()), stages=tuple(stage or ()),
        closed_from=closed_from, won_from=won_from, closing_days=closing_days,
        closing_probability=closing_probability, add=tuple(add or ()), leave_out=tuple(leave_out or ()),
    )  # fmt: skip
    return set_scope(wish, yes=yes, by=by, as_json=json, org=org)
