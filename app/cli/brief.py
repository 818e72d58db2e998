"""`baton brief ID`: the handoff brief of a deal, for people and programs."""

import sys

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import say
from app.read.briefs import brief_document, plain_brief
from app.read.deals import deal_rows, why_absent
from app.read.encode import to_json
from app.read.markdown import brief_markdown
from app.read.record_id import long_id
from app.read.status import freshness, org_ids
from models.session import ReadSession


def show_brief(asked: str, *, as_json: bool, as_markdown: bool, org: str | None) -> int:
    """Print the brief as JSON or Markdown; on a terminal the Markdown is laid out."""
    if as_json and as_markdown:
        raise CommandError("--json and --md exclude each other; choose one.", exit_code=MISUSED)
    deal_id = long_id(asked)
    if deal_id is None:
        message = (
            f"{asked!r} is no Salesforce id: it has 15 or 18 letters and digits; copy it from the record's address."
        )
        raise CommandError(message, exit_code=MISUSED)
    with open_store() as store, store.reading() as session:
        org_id = None if org is None else _org_id(session, org)
        deals = deal_rows(session, deal_id, org=org_id)
        if len(deals) > 1:
            orgs = ", ".join(each["org_id"] for each in deals)
            raise CommandError(f"several orgs have a deal {deal_id}; choose one with --org: {orgs}.", exit_code=MISUSED)
        document = brief_document(session, deals[0]) if deals else None
        if document is None:
            hint = why_absent(session, deal_id, org=org_id)
            hint = hint or "Only won opportunities are deals; see: baton sync status"
            raise CommandError(f"there is no brief of a deal {deal_id}: {hint}")
        fresh = freshness(session)
    document = {**document, "as_of": fresh.as_of, "lag_seconds": fresh.lag_seconds}
    if as_json:
        say(to_json(document).decode())
        return 0
    text = brief_markdown(plain_brief(document))
    if as_markdown or not sys.stdout.isatty():
        say(text.rstrip("\n"))
        return 0
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.markdown import Markdown  # noqa: PLC0415 - see above

    Console().print(Markdown(text))
    return 0


def _org_id(session: ReadSession, org: str) -> str:
    found = org_ids(session, org)
    if len(found) != 1:
        raise CommandError(
            f"--org: {'no org' if not found else 'more than one org'} is called {org}.", exit_code=MISUSED
        )
    return found[0]
