"""The commands of `baton`. Each loads only what it needs, so that its first output comes at once."""

# ruff: noqa: PLC0415 - imports inside a command keep the others fast

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from app.cli.failures import run
from app.cli.mapping_commands import mapping_app
from app.cli.metrics_commands import metrics_app
from app.cli.people import people_app
from app.cli.scope_commands import scope_app
from app.cli.sql_reader_commands import sql_reader_app
from app.cli.survey_commands import survey_app

app = typer.Typer(
    name="baton",
    help="Passes a won deal from sales to customer success without dropping anything.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sync_app = typer.Typer(
    help="Read Salesforce once, see how it stands, or prove that nothing differs.", no_args_is_help=True
)
erase_app = typer.Typer(help="Erase what is known of a person, on their request.", no_args_is_help=True)
keys_app = typer.Typer(help="Keys for the API.", no_args_is_help=True)
app.add_typer(sync_app, name="sync")
app.add_typer(scope_app, name="scope")
app.add_typer(mapping_app, name="mapping")
app.add_typer(metrics_app, name="metrics")
app.add_typer(keys_app, name="keys")
app.add_typer(sql_reader_app, name="sql-reader")
app.add_typer(people_app, name="people")
app.add_typer(survey_app, name="survey")
app.add_typer(erase_app, name="erase")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]
Org = Annotated[str | None, typer.Option(metavar="NAME", help="Only this org, by its name in baton.toml.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the API; 0 takes a free one.")]


@app.callback()
def options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole error, not one line. Works anywhere.")] = False,
) -> None:
    """Options that every command understands; both are handled before the commands."""


@app.command()
def demo(
    *,
    data: Annotated[
        Path | None, typer.Option(help="Show these rows instead of the story: one file per object.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="How the files of --data become objects (TOML).")] = None,
    scale: Annotated[int, typer.Option(min=1, help="Tell the story this many times over.")] = 1,
    seed: Annotated[int, typer.Option(help="Another number, another story.")] = 7,
    port: Port = None,
) -> int:
    """Show everything at work: an org, its sync, the store and the API; a deal is won every minute. Ctrl-C ends it."""
    from app.cli.demo import Story, show_demo

    return show_demo(Story(data=data, mapping=mapping, scale=scale, seed=seed), port=port)


@app.command(
    "demo-org", context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def demo_org(context: typer.Context) -> int:
    """Run only the Salesforce-compatible demo org; `baton demo-org --help` lists its options."""
    from app.cli.serving import run_demo_org

    return run_demo_org(context.args)


@app.command()
def up(*, port: Port = None) -> int:
    """Run the worker and the API for the configured org together. Ctrl-C ends both."""
    from app.cli.up import run_up

    return run_up(port=port)


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on; loopback unless set.")] = None,
    port: Port = None,
) -> int:
    """Serve the API."""
    from app.cli.serving import run_serve

    return run_serve(host=host, port=port)


@app.command()
def worker() -> int:
    """Read Salesforce again and again."""
    from app.cli.serving import run_worker_until_stopped

    return run_worker_until_stopped()


@app.command()
def migrate() -> int:
    """Bring the database to the schema of this version."""
    from app.cli.serving import run_migrate

    return run_migrate()


@sync_app.command("run")
def sync_run(
    *,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="Read everything anew, not only what changed.")] = False,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="Delete what vanished, even far more than people delete at once.")
    ] = False,
    org: Org = None,
    json: Json = False,
) -> int:
    """Do one complete pass now; it ends with 0 only when every window of it was committed."""
    from app.cli.sync import run_sync

    return run_sync(snapshot=snapshot, accept_deletions=accept_deletions, as_json=json, org=org)


@sync_app.command("status")
def sync_status(*, org: Org = None, json: Json = False) -> int:
    """Tell how fresh the store is and what is wrong, from the store alone."""
    from app.cli.sync import show_status

    return show_status(as_json=json, org=org)


@sync_app.command("prove")
def sync_prove(
    *,
    ids: Annotated[
        bool,
        typer.Option("--ids", help="Compare ids and stamps only, and mend what differs, as every night."),
    ] = False,
    org: Org = None,
    json: Json = False,
) -> int:
    """Compare the store with the org, value by value; it ends with 0 only when no row differs."""
    from app.cli.sync import run_prove

    return run_prove(ids_only=ids, as_json=json, org=org)


@app.command()
def brief(
    deal_id: Annotated[str, typer.Argument(metavar="ID", help="Salesforce id of the deal, 15 or 18 characters.")],
    *,
    json: Json = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown, also when the output is not a terminal.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Print one page for a browser.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Two pages of A4; name a file with --out.")] = False,
    version: Annotated[int | None, typer.Option(min=1, help="An earlier version; the newest unless given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write into this file.")] = None,
    org: Org = None,
) -> int:
    """Print the handoff brief of a deal."""
    from app.cli.brief import chosen_form, show_brief

    form = chosen_form(json=json, md=md, html=html, pdf=pdf)
    return show_brief(deal_id, form=form, version=version, out=out, org=org)


@app.command()
def export(
    dataset: Annotated[str, typer.Argument(metavar="TABLE", help="terms, outcomes or deals.")],
    *,
    form: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="Write into this file; CSV goes to stdout unless given.")] = None,
) -> int:
    """Write a whole table into a file: terms, how they ended, or deals."""
    from app.cli.export import export as write

    return write(dataset, form=form, out=out)


@app.command()
def openapi() -> int:
    """Print the OpenAPI description of the API, for generators of clients."""
    from app.cli.openapi import print_description

    return print_description()


@erase_app.command("contact")
def erase_contact(
    contact_id: Annotated[str, typer.Argument(metavar="ID", help="Salesforce id of the contact, 15 or 18 characters.")],
    *,
    org: Org = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it: nothing brings it back. Needed without a terminal.")
    ] = False,
    json: Json = False,
) -> int:
    """Erase what is known of a person at a customer, for good: the sync does not bring it back."""
    from app.cli.erasing import erase_person

    return erase_person(contact_id, org=org, is_meant=yes, as_json=json)


@app.command("secret-key")
def secret_key() -> int:
    """Print a new key for BATON_SECRET_KEYS, with which secrets at rest are sealed."""
    from app.cli.output import say
    from models.seal import new_secret_key

    say(new_secret_key())
    return 0


@keys_app.command("create")
def keys_create(
    *,
    name: Annotated[str, typer.Option(help="Who or what will use the key.")],
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045 - read by typer at run time
        typer.Option(
            help="What it may do, once per scope.", show_default="briefs:read, commercial:read and contacts:read"
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="Last day (2027-12-31) or time from now (90d, 12h); never unless given.")
    ] = None,
    book: Annotated[
        str | None, typer.Option(metavar="CSM", help="Only this CSM's deals: Salesforce user id, user name or e-mail.")
    ] = None,
    json: Json = False,
) -> int:
    """Make an API key and print it; it is not shown again."""
    from app.cli.keys import make_key
    from app.scopes import OF_A_REP

    return make_key(name=name, scopes=scope or list(OF_A_REP), expires=expires, book=book, as_json=json)


@keys_app.command("list")
def keys_list(*, json: Json = False) -> int:
    """List the keys: their beginning, what they may do, when they were used and when they end."""
    from app.cli.keys import show_keys

    return show_keys(as_json=json)


@keys_app.command("rotate")
def keys_rotate(
    key: Annotated[str, typer.Argument(help="The key's beginning, name or id.")],
    *,
    overlap: Annotated[str, typer.Option(help="How long the old one still opens.")] = "7d",
    json: Json = False,
) -> int:
    """Print a new key that may do the same; the old one ends after the overlap."""
    from app.cli.keys import exchange_key

    return exchange_key(key, overlap=overlap, as_json=json)


@keys_app.command("revoke")
def keys_revoke(key: Annotated[str, typer.Argument(help="The key's beginning, name or id.")]) -> int:
    """Take a key away at once."""
    from app.cli.keys import take_key

    return take_key(key)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write(f"baton {version()}\n")
        return
    sys.exit(
        run(
            lambda rest: typer.main.get_command(app).main(args=rest, prog_name="baton", standalone_mode=False),
            arguments,
        )
    )


def version() -> str:
    """Return the version of the installed package."""
    from importlib import metadata

    try:
        return metadata.version("baton")
    except metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    main()
