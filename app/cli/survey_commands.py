"""The commands `baton survey …` and their options."""

# ruff: noqa: PLC0415 - imports inside a command keep the others fast

from pathlib import Path
from typing import Annotated

import typer

survey_app = typer.Typer(help="What customers answer when they are asked.", no_args_is_help=True)


@survey_app.command("import")
def survey_import(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, with a head line.")],
    *,
    source: Annotated[
        str | None, typer.Option(help="The tool that it is from, where the file has no column source.")
    ] = None,
    org: Annotated[str | None, typer.Option(metavar="NAME", help="The org, by its name or id.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")] = False,
) -> int:
    """Take answers of surveys from a file, each once: the same file again changes nothing."""
    from app.cli.surveys import import_surveys

    return import_surveys(file, source=source, org=org, as_json=json)
