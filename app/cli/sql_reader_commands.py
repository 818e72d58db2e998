"""The commands `baton sql-reader …` and their options."""

# ruff: noqa: PLC0415 - imports inside a command keep the others fast

from typing import Annotated

import typer

sql_reader_app = typer.Typer(help="Users of the database for dashboards that speak SQL.", no_args_is_help=True)


@sql_reader_app.command("create")
def sql_reader_create(
    *,
    name: Annotated[str, typer.Option(help="What the user is called, such as metabase.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")] = False,
) -> int:
    """Make a user that reads the views of cs_v1 and nothing else, and print its password once."""
    from app.cli.sql_reader import make_reader

    return make_reader(name, as_json=json)


@sql_reader_app.command("drop")
def sql_reader_drop(name: Annotated[str, typer.Argument(help="What the user is called.")]) -> int:
    """Take such a user away."""
    from app.cli.sql_reader import remove_reader

    return remove_reader(name)
