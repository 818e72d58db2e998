"""The commands `baton mapping …` and their options."""

# ruff: noqa: PLC0415 - imports inside a command keep the others fast

from pathlib import Path
from typing import Annotated

import typer

mapping_app = typer.Typer(help="Which fields of the org fill which line of the brief.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]
Org = Annotated[str | None, typer.Option(metavar="NAME", help="The org, by its name in baton.toml.")]
Given = Annotated[Path, typer.Option("--file", help="The mapping, as TOML or JSON.")]


@mapping_app.command("suggest")
def mapping_suggest(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also lines for which nothing else comes into question.")
    ] = False,
    org: Org = None,
    json: Json = False,
) -> int:
    """Show what fills each line of the brief and which fields might, with how often they are filled."""
    from app.cli.mapping import suggest_mapping

    return suggest_mapping(as_json=json, everything=everything, org=org)


@mapping_app.command("check")
def mapping_check(
    *,
    file: Annotated[Path | None, typer.Option("--file", help="This one, instead of the mapping in force.")] = None,
    org: Org = None,
    json: Json = False,
) -> int:
    """Hold a mapping against what the org has now."""
    from app.cli.mapping import check_mapping

    return check_mapping(file=file, as_json=json, org=org)


@mapping_app.command("apply")
def mapping_apply(
    *,
    file: Given,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    deal: Annotated[str | None, typer.Option(metavar="ID", help="Show what changes in the brief of this deal.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: Annotated[str | None, typer.Option(help="Who chooses it; the user of this machine unless given.")] = None,
    org: Org = None,
    json: Json = False,
) -> int:
    """Make a mapping the one in force, after showing what it changes. The next pass makes all briefs anew."""
    from app.cli.mapping import apply_mapping

    return apply_mapping(file, dry_run=dry_run, deal=deal, yes=yes, by=by, as_json=json, org=org)


@mapping_app.command("export")
def mapping_export(
    *,
    whole: Annotated[bool, typer.Option("--whole", help="With every line that is found by its name.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write into this file.")] = None,
    org: Org = None,
    json: Json = False,
) -> int:
    """Write the mapping in force as TOML (or JSON), to be changed and applied."""
    from app.cli.mapping import export_mapping

    return export_mapping(whole=whole, as_json=json, out=out, org=org)
