"""`baton erase contact`: what is known of a person at a customer is erased, for good."""

import getpass
import sys

import typer

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import print_json, say
from app.read.record_id import long_id
from app.read.status import org_ids
from app.write.erasure import erase_contact
from models.erasure import holders_of
from models.session import ReadSession, Store


def erase_person(asked: str, *, org: str | None, is_meant: bool, as_json: bool) -> int:
    """Erase a contact, once somebody has said that it is meant."""
    contact_id = long_id(asked)
    if contact_id is None:
        message = (
            f"{asked!r} is no Salesforce id: it has 15 or 18 letters and digits; copy it from the record's address."
        )
        raise CommandError(message, exit_code=MISUSED)
    with open_store() as store:
        with store.reading() as session:
            org_id = _only_org(session, contact_id, org)
        _make_sure(contact_id, is_meant=is_meant)
        return _erased(store, org_id, contact_id, as_json=as_json)


def _erased(store: Store, org_id: str, contact_id: str, *, as_json: bool) -> int:
    with store.writing() as session:
        done = erase_contact(session, org_id, contact_id, by=getpass.getuser(), key_id=None, request_id=None)
    if as_json:
        told = {"org_id": org_id, "contact_id": contact_id, "erased_at": done.erased_at, "briefs": done.briefs}
        print_json(told)
    else:
        say(f"{contact_id} is erased; {done.briefs} briefs were rewritten. Do the same in Salesforce and in backups.")
    return 0


def _only_org(session: ReadSession, contact_id: str, org: str | None) -> str:
    among = holders_of(session, contact_id)
    if org is not None:
        among = [each for each in among if each in org_ids(session, org)]
    if not among:
        raise CommandError(f"the store has no contact {contact_id}.", exit_code=MISUSED)
    if len(among) > 1:
        message = f"several orgs have a contact {contact_id}; choose one with --org: {', '.join(among)}."
        raise CommandError(message, exit_code=MISUSED)
    return among[0]


def _make_sure(contact_id: str, *, is_meant: bool) -> None:
    if is_meant:
        return
    if not sys.stdin.isatty():
        raise CommandError("nothing brings an erased person back; say that it is meant: --yes.", exit_code=MISUSED)
    typer.confirm(f"Erase {contact_id} for good?", abort=True)
