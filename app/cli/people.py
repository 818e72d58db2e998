"""`baton people`: who is signed in, and signing somebody out."""

# ruff: noqa: PLC0415 - imports inside a command keep the others fast

from typing import Annotated

import typer

from app.cli.failures import MISUSED, CommandError
from app.cli.output import print_json, remark, say

people_app = typer.Typer(help="People who sign in with a browser.", no_args_is_help=True)


@people_app.command("list")
def show_people(
    *, json: Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")] = False
) -> int:
    """List who is signed in, the latest first."""
    from app.cli.connection import open_store
    from models.sign_in import list_sign_ins

    with open_store() as store, store.reading() as session:
        people = list_sign_ins(session)
    if json:
        print_json({"people": people})
        return 0
    for each in people:
        until = f"until {each['expires_at']:%Y-%m-%d %H:%M} UTC"
        say("  ".join([each["name"], each["email"] or each["person_id"], " ".join(each["roles"]), until]))
    if not people:
        remark("Nobody is signed in.")
    return 0


@people_app.command("sign-out")
def sign_out(who: Annotated[str, typer.Argument(help="E-mail address, or the id of the person.")]) -> int:
    """Sign somebody out of all browsers."""
    from app.cli.connection import open_store
    from models.sign_in import end_all_of

    with open_store() as store, store.writing() as session:
        browsers = end_all_of(session, who)
    if not browsers:
        raise CommandError(f"nobody called {who!r} is signed in; see: baton people list.", exit_code=MISUSED)
    say(f"{who} is signed out of {browsers} browser{'s' if browsers > 1 else ''}.")
    return 0
