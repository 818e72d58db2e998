"""`baton brief ID`: the handoff brief of a deal, for people and programs."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.read.briefs import brief_document, plain_brief
from app.read.deals import deal_rows, why_absent
from app.read.encode import to_json
from app.read.markdown import brief_markdown
from app.read.own_words import with_own_words
from app.read.record_id import long_id
from app.read.status import freshness, org_ids
from models.session import ReadSession


class Form(StrEnum):
    """How a brief is written; PAGE is Markdown, laid out where the output is a terminal."""

    PAGE = "page"
    JSON = "json"
    MD = "md"
    HTML = "html"
    PDF = "pdf"


def chosen_form(**wanted: bool) -> Form:
    """The one form that was asked for."""
    found = [name for name, is_wanted in wanted.items() if is_wanted]
    if len(found) > 1:
        options = " and ".join(f"--{name}" for name in found)
        raise CommandError(f"{options} exclude each other; choose one.", exit_code=MISUSED)
    return Form(found[0]) if found else Form.PAGE


def show_brief(asked: str, *, form: Form, version: int | None, out: Path | None, org: str | None) -> int:
    """Print the brief, or write it into a file."""
    if form is Form.PDF and out is None and sys.stdout.isatty():
        raise CommandError("a terminal shows no PDF; name a file: --out brief.pdf", exit_code=MISUSED)
    document = _document(asked, version=version, org=org)
    if form is Form.PAGE and out is None and sys.stdout.isatty():
        _lay_out(brief_markdown(plain_brief(document)))
        return 0
    written = _written(document, form)
    if out is not None:
        out.write_bytes(written)
    else:
        sys.stdout.buffer.write(written)
        sys.stdout.flush()
    return 0


def _document(asked: str, *, version: int | None, org: str | None) -> dict[str, Any]:
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
        document = brief_document(session, deals[0], version=version) if deals else None
        if document is None and deals and version is not None:
            raise CommandError(f"the brief of {deal_id} has no version {version}; leave --version out for the newest.")
        if document is None:
            hint = why_absent(session, deal_id, org=org_id)
            hint = hint or "Only won opportunities are deals; see: baton sync status"
            raise CommandError(f"there is no brief of a deal {deal_id}: {hint}")
        document = with_own_words(session, deals[0], document)
        fresh = freshness(session)
    return {**document, "as_of": fresh.as_of, "lag_seconds": fresh.lag_seconds}


def _written(document: dict[str, Any], form: Form) -> bytes:
    match form:
        case Form.JSON:
            return to_json(document) + b"\n"
        case Form.MD | Form.PAGE:
            return brief_markdown(plain_brief(document)).encode()
        case Form.HTML:
            from app.read.html import brief_html  # noqa: PLC0415 - the template engine is for this form only

            return brief_html(plain_brief(document)).encode()
        case Form.PDF:
            from app.read.pdf import brief_pdf  # noqa: PLC0415 - so are fonts

            return brief_pdf(plain_brief(document))
        case _:
            assert_never(form)


def _lay_out(text: str) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.markdown import Markdown  # noqa: PLC0415 - see above

    Console().print(Markdown(text))


def _org_id(session: ReadSession, org: str) -> str:
    found = org_ids(session, org)
    if len(found) != 1:
        raise CommandError(
            f"--org: {'no org' if not found else 'more than one org'} is called {org}.", exit_code=MISUSED
        )
    return found[0]
