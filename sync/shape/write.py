"""From the mirror to stored briefs: loads whole aggregates in batches and keeps each brief that says something new."""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import text

from models import brief, org
from models.membership import drafts_among
from models.session import WriteSession, driver
from sync.shape.aggregate import WHOLE_OBJECT, Aggregate, Row
from sync.shape.brief import shape_briefs

#: deals shaped at once: their rows are in memory together
_BATCH = 200
_NOT_SHOWN = ("org_id", "generation", "tombstone", "landed_at")

#: Everything that hangs on a batch of deals, asked once per object: where it goes, from which view, by which column.
_DEAL_ROWS: tuple[tuple[str, str, str], ...] = (
    ("roles", "opportunitycontactrole", "opportunityid"),
    ("items", "opportunitylineitem", "opportunityid"),
    ("history", "opportunityhistory", "opportunityid"),
    ("tasks", "task", "whatid"),
    ("events", "event", "whatid"),
    ("notes", "note", "parentid"),
    ("quotes", "quote", "opportunityid"),
)

#: What a brief shows of an object, from the touched record to the deal: every step goes by an index, so the time grows
#: with what was touched and not with the store.
_AFFECTED = text("""
    WITH touched AS MATERIALIZED (SELECT DISTINCT object, id FROM pass_touched),
         account AS (SELECT id FROM touched WHERE object = 'Account'
                      UNION SELECT child.id FROM touched
                              JOIN salesforce.account AS child ON child.org_id = :org_id AND child.parentid = touched.id
                             WHERE touched.object = 'Account'
                      UNION SELECT contract.accountid FROM touched
                              JOIN salesforce.contract ON contract.org_id = :org_id AND contract.id = touched.id
                             WHERE touched.object = 'Contract'
                      UNION SELECT opportunity.accountid FROM touched
                              JOIN salesforce.opportunity
                                ON opportunity.org_id = :org_id AND opportunity.id = touched.id
                             WHERE touched.object = 'Opportunity')
    SELECT id FROM touched WHERE object = 'Opportunity'
     UNION SELECT opportunity.id FROM account
             JOIN salesforce.opportunity ON opportunity.org_id = :org_id AND opportunity.accountid = account.id
     UNION SELECT opportunity.id FROM touched
             JOIN salesforce.opportunity ON opportunity.org_id = :org_id AND opportunity.ownerid = touched.id
            WHERE touched.object = 'User'
     UNION SELECT item.opportunityid FROM touched
             JOIN salesforce.opportunitylineitem AS item ON item.org_id = :org_id AND item.id = touched.id
            WHERE touched.object = 'OpportunityLineItem'
     UNION SELECT item.opportunityid FROM touched
             JOIN salesforce.opportunitylineitem AS item ON item.org_id = :org_id AND item.product2id = touched.id
            WHERE touched.object = 'Product2'
     UNION SELECT role.opportunityid FROM touched
             JOIN salesforce.opportunitycontactrole AS role ON role.org_id = :org_id AND role.id = touched.id
            WHERE touched.object = 'OpportunityContactRole'
     UNION SELECT role.opportunityid FROM touched
             JOIN salesforce.opportunitycontactrole AS role ON role.org_id = :org_id AND role.contactid = touched.id
            WHERE touched.object = 'Contact'
     UNION SELECT change.opportunityid FROM touched
             JOIN salesforce.opportunityhistory AS change ON change.org_id = :org_id AND change.id = touched.id
            WHERE touched.object = 'OpportunityHistory'
     UNION SELECT quote.opportunityid FROM touched
             JOIN salesforce.quote ON quote.org_id = :org_id AND quote.id = touched.id WHERE touched.object = 'Quote'
     UNION SELECT task.whatid FROM touched
             JOIN salesforce.task ON task.org_id = :org_id AND task.id = touched.id WHERE touched.object = 'Task'
     UNION SELECT event.whatid FROM touched
             JOIN salesforce.event ON event.org_id = :org_id AND event.id = touched.id WHERE touched.object = 'Event'
     UNION SELECT note.parentid FROM touched
             JOIN salesforce.note ON note.org_id = :org_id AND note.id = touched.id WHERE touched.object = 'Note'
""")


def affected_deals(session: WriteSession, org_id: str) -> list[str]:
    """Return the deals whose brief may have changed by what this pass touched."""
    found = session.execute(_AFFECTED, {"org_id": org_id}).scalars().all()
    members = session.execute(
        text("SELECT id FROM closure.opportunity WHERE org_id = :org_id AND id = ANY(:ids) ORDER BY 1"),
        {"org_id": org_id, "ids": [deal_id for deal_id in found if deal_id]},
    )
    return list(members.scalars())


def all_deals(session: WriteSession, org_id: str) -> list[str]:
    """Return every deal of the org."""
    return list(
        session.execute(
            text("SELECT id FROM closure.opportunity WHERE org_id = :org_id ORDER BY 1"), {"org_id": org_id}
        )
        .scalars()
        .all()
    )


def shape(
    session: WriteSession,
    org_id: str,
    deal_ids: Sequence[str],
    *,
    generation: int,
    progress: Callable[[int], None] = lambda _: None,
) -> list[tuple[str, int]]:
    """Shape the briefs of these deals and keep those that changed; returns (deal id, new version)."""
    written: list[tuple[str, int]] = []
    context = _context(session, org_id) if deal_ids else {}
    with _without_garbage_collector():
        for start in range(0, len(deal_ids), _BATCH):
            batch = deal_ids[start : start + _BATCH]
            made = [
                (each.deal_id, each.score, each.json())
                for each in shape_briefs(_aggregates(session, org_id, batch, context))
            ]
            written += brief.write_briefs(session, org_id, made, generation=generation)
            progress(start + len(batch))
    return written


@contextmanager
def _without_garbage_collector() -> Iterator[None]:
    """Let counting references free the rows: they have no circles, and looking for some doubles the time of shaping."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _aggregates(
    session: WriteSession, org_id: str, deal_ids: Sequence[str], context: Mapping[str, Any]
) -> Iterator[Aggregate]:
    ask = _Asked(session, org_id)
    deals = ask.rows("salesforce.opportunity", "id", deal_ids)
    account_ids = sorted({deal["accountid"] for deal in deals if deal["accountid"]})
    accounts = {row["id"]: row for row in ask.rows("salesforce.account", "id", account_ids)}
    parents = ask.parents(accounts)
    per_deal = {
        part: _grouped(ask.rows(f"salesforce.{view}", column, deal_ids), column) for part, view, column in _DEAL_ROWS
    }
    contact_ids = {row["contactid"] for rows in per_deal["roles"].values() for row in rows}
    contact_ids |= {row["whoid"] for part in ("tasks", "events") for rows in per_deal[part].values() for row in rows}
    contracts = _grouped(ask.rows("salesforce.contract", "accountid", account_ids), "accountid")
    contact_ids |= {row.get("customersignedid") for rows in contracts.values() for row in rows}
    contact_ids |= {deal["custom"].get(name) for deal in deals for name in context["contact_fields"]}
    contacts = {row["id"]: row for row in ask.rows("salesforce.contact", "id", sorted(filter(None, contact_ids)))}
    items = [row for rows in per_deal["items"].values() for row in rows]
    products = ask.named("salesforce.product2", items, "product2id")
    entries = ask.named("salesforce.pricebookentry", items, "pricebookentryid")
    drafts = drafts_among(session, org_id, deal_ids)
    siblings = _grouped(ask.rows("closure.opportunity", "accountid", account_ids), "accountid")
    for deal in sorted(deals, key=lambda row: str(row["id"])):
        account_id = deal["accountid"]
        own = contracts.get(account_id, [])
        yield Aggregate(
            org_id=org_id,
            instance_url=context["instance_url"],
            currency=context["currency"],
            deal=deal,
            is_draft=deal["id"] in drafts,
            customer=accounts.get(account_id),
            parents=parents.get(account_id, []),
            contacts=contacts,
            products=products,
            pricebook_entries=entries,
            contract=next((each for each in own if each["id"] == deal["contractid"]), None),
            contracts=own,
            users=context["users"],
            past_deals=[each for each in siblings.get(account_id, []) if each["id"] != deal["id"]],
            unavailable=context["unavailable"],
            labels=context["labels"],
            **{part: per_deal[part].get(deal["id"], []) for part, _, _ in _DEAL_ROWS},
        )


class _Asked:
    """Rows of the mirror for one batch of deals, as the pure shaping wants them."""

    def __init__(self, session: WriteSession, org_id: str) -> None:
        self._connection = driver(session)
        self._org_id = org_id

    def rows(self, relation: str, column: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the living rows whose column is one of the ids, in the order of their own ids."""
        if not ids:
            return []
        with self._connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(
                f"SELECT * FROM {relation} WHERE org_id = %s AND {column} = ANY(%s) AND tombstone IS NULL ORDER BY id",
                (self._org_id, list(ids)),
            )
            found = cursor.fetchall()
        for row in found:
            for name in _NOT_SHOWN:
                del row[name]
        return found

    def named(self, relation: str, rows: Sequence[Mapping[str, Any]], column: str) -> dict[str, Row]:
        """Return the records that a column of some rows names, by id."""
        return {
            row["id"]: row for row in self.rows(relation, "id", sorted({each[column] for each in rows if each[column]}))
        }

    def parents(self, accounts: Mapping[str, Row]) -> dict[str, list[Row]]:
        """Return the parents of each account, nearest first."""
        known: dict[str, Row] = dict(accounts)
        wanted = {row["parentid"] for row in accounts.values() if row["parentid"]} - known.keys()
        while wanted:
            found = self.rows("salesforce.account", "id", sorted(wanted))
            known.update({row["id"]: row for row in found})
            wanted = {row["parentid"] for row in found if row["parentid"]} - known.keys()
        chains: dict[str, list[Row]] = {}
        for account_id, row in accounts.items():
            chain: list[Row] = []
            step = known.get(row["parentid"])
            while step is not None and step not in chain and step["id"] != account_id:
                chain.append(step)
                step = known.get(step["parentid"])
            chains[account_id] = chain
        return chains


def _context(session: WriteSession, org_id: str) -> dict[str, Any]:
    """Return what all briefs of a pass share: the org, the users, and what fields are called or hidden."""
    row = org.org_row(session, org_id)
    if row is None:
        raise LookupError(f"org {org_id} is not connected")
    labels: dict[tuple[str, str], str] = {}
    contact_fields: list[str] = []
    unavailable: set[tuple[str, str]] = set()
    for name, state in org.object_states(session, org_id).items():
        if state.state != "ok":
            unavailable.add((name, WHOLE_OBJECT))
        unavailable |= {(name, field) for field in state.unavailable_fields}
        for field in (state.shape or {}).get("fields", []):
            labels[name, field["name"]] = field["label"]
            if name == "Opportunity" and field["custom"] and "Contact" in field["reference_to"]:
                contact_fields.append(field["name"])
    with driver(session).cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT id, name, title, email, managerid, isactive, systemmodstamp, lastmodifieddate, custom"
            ' FROM salesforce."user"'
            " WHERE org_id = %s AND tombstone IS NULL",
            (org_id,),
        )
        users = {each["id"]: each for each in cursor.fetchall()}
    return {
        "instance_url": row.instance_url,
        "currency": row.currency,
        "users": users,
        "labels": labels,
        "unavailable": frozenset(unavailable),
        "contact_fields": contact_fields,
    }


def _grouped(rows: Sequence[dict[str, Any]], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups
