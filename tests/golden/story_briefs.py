"""The briefs of the story's deals, made from a store that has read them over the wire; run it to write the files anew.

A changed file is read line by line before it is committed: it is what CS reps would read.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text

from app.read.markdown import brief_markdown
from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.story import fill
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings
from models.embedded.server import EmbeddedServer
from models.migrate import migrate
from models.session import Store
from sync.run import run_once
from sync.settings import SalesforceSettings
from sync.shape.aggregate import Aggregate
from sync.shape.brief import shape_brief
from sync.shape.gather import aggregates, context_of

FOLDER = Path(__file__).parent / "briefs"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: file -> what the deal is called
DEALS = {
    "complete": "Redstone Primary Care - Reminders and recall",
    "upgrade_with_gaps": "Eastmere Memorial - add surgery preparation",
    "renewal": "Hazelwood Women's Health - Reminders and recall renewal 2026",
    "single_threaded": "Nettle Creek Family Health - Referral management",
}
#: the file of the first of these, as if its org had made no fields of its own
BARE = "bare"
#: where the org of the files is said to be, whatever port it answered on
_ADDRESS = "https://quillow.my.salesforce.com"


@contextmanager
def story_store(store: Store) -> Iterator[tuple[Store, str]]:
    """A store that has read the whole story, and the address of the org."""
    org = Org.open(clock=Clock(frozen_at=NOW))
    fill(org, seed=7, today=NOW.date())
    wire = WireSettings(bulk_delay=0.0)
    with running(org, settings=wire) as served:
        settings = SalesforceSettings(
            url=served.url,
            auth="client_credentials",
            client_id=wire.credentials.client_id,
            client_secret=wire.credentials.client_secret,
            currency="USD",
        )
        run_once(store, settings, snapshot=True)
        yield store, served.url
    org.close()


def written_briefs(store: Store, address: str) -> dict[str, str]:
    """The text of each golden file."""
    files: dict[str, str] = {}
    with store.reading() as session:
        [org_id] = session.execute(text("SELECT org_id FROM ops.org")).scalars()
        found = session.execute(
            text("""
                SELECT DISTINCT ON (brief.deal_id) opportunity.name, brief.document::text AS document
                  FROM cs.brief JOIN salesforce.opportunity
                    ON opportunity.org_id = brief.org_id AND opportunity.id = brief.deal_id
                 WHERE opportunity.name = ANY(:names) ORDER BY brief.deal_id, brief.version DESC
            """),
            {"names": list(DEALS.values())},
        )
        documents = {row.name: row.document.replace(address, _ADDRESS) for row in found}
        for file, name in DEALS.items():
            files |= _files(file, documents[name])
        named = msgspec.json.decode(documents[next(iter(DEALS.values()))])
        for each in aggregates(session, org_id, [named["deal_id"]], context_of(session, org_id)):
            files |= _files(BARE, shape_brief(without_own_fields(each)).json().replace(address, _ADDRESS))
    return files


def without_own_fields(aggregate: Aggregate) -> Aggregate:
    """The same deal in an org that has made no fields of its own."""
    parts = {each.name: _bare(getattr(aggregate, each.name)) for each in fields(Aggregate)}
    parts["labels"] = {place: label for place, label in aggregate.labels.items() if not place[1].endswith("__c")}
    return replace(aggregate, **parts)


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if isinstance(value, Mapping) and "id" in value:
        return {**value, "custom": {}}
    return {key: _bare(each) for key, each in value.items()} if isinstance(value, Mapping) else value


def _files(name: str, document: str) -> dict[str, str]:
    plain = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode(document)
    printed = brief_markdown({**plain, "version": 1, "is_draft": False, "as_of": NOW.isoformat()})
    laid_out = msgspec.json.format(document.encode(), indent=1).decode() + "\n"
    return {f"{name}.json": laid_out, f"{name}.md": printed}


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="baton-golden-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedServer(Path(folder), database="golden", is_kept=False) as url:
            store = Store(url)
            migrate(store)
            with story_store(store) as (filled, address):
                for name, content in written_briefs(filled, address).items():
                    (FOLDER / name).write_text(content, encoding="utf-8")
            store.close()


if __name__ == "__main__":
    main()
