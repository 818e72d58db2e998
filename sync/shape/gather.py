"""Whole aggregates out of the mirror: each object is asked once for a batch of deals, never once per deal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from models import org
from models.kept_mapping import kept_mapping
from models.membership import drafts_among
from models.mirror import MIRRORS
from models.session import ReadSession, driver
from sync.scope.catalog import KEY_PREFIXES
from sync.shape.aggregate import WHOLE_OBJECT, Aggregate, Row
from sync.shape.mapping import read_mapping

_read_json = msgspec.json.Decoder().decode
_NOT_SHOWN = ("org_id", "generation", "tombstone", "landed_at")
_WHOLE = "*"
_STAMPS = "id, createddate, systemmodstamp"
_TOTALS = "grandtotal, totalprice"
_ACTIVITY = f"{_STAMPS}, whatid, whoid, ownerid, subject, description, activitydate"

#: Everything that hangs on a batch of deals, asked once per object: where it goes, from which table, by which column,
#: and what of it; of wide records only what a brief shows.
_DEAL_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("roles", "opportunitycontactrole", "opportunityid", _WHOLE),
    ("items", "opportunitylineitem", "opportunityid", _WHOLE),
    (
        "history", "opportunityhistory", "opportunityid",
        f"{_STAMPS}, opportunityid, createdbyid, stagename, amount, closedate, probability, forecastcategory",
    ),
    ("tasks", "task", "whatid", f"{_ACTIVITY}, completeddatetime, tasksubtype"),
    ("events", "event", "whatid", f"{_ACTIVITY}, startdatetime, activitydatetime"),
    (
        "emails", "emailmessage", "relatedtoid",
        f"{_STAMPS}, relatedtoid, activityid, incoming, fromid, fromaddress, toaddress, ccaddress, messagedate",
    ),
    ("notes", "note", "parentid", _WHOLE),
    (
        "quotes", "quote", "opportunityid",
        f"{_STAMPS}, opportunityid, name, description, quotenumber, status, issyncing, expirationdate, {_TOTALS}",
    ),
    ("competitors", "opportunitycompetitor", "opportunityid", _WHOLE),
    ("partners", "partner", "opportunityid", _WHOLE),
    ("team", "opportunityteammember", "opportunityid", _WHOLE),
    ("file_links", "contentdocumentlink", "linkedentityid", "id, systemmodstamp, linkedentityid, contentdocumentid"),
)  # fmt: skip

#: What hangs on the customers of a batch of deals.
_CUSTOMER_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("contracts", "contract", "accountid", _WHOLE),
    ("relations", "accountcontactrelation", "accountid", _WHOLE),
    ("customer_team", "accountteammember", "accountid", _WHOLE),
    (
        "cases", "case", "accountid",
        f"{_STAMPS}, accountid, casenumber, subject, status, priority, isclosed, isescalated, closeddate",
    ),
)  # fmt: skip

#: which of these name contacts
_NAMING_OF_DEAL = (("roles", "contactid"), ("tasks", "whoid"), ("events", "whoid"), ("emails", "fromid"))
_NAMING_OF_CUSTOMER = (("relations", "contactid"), ("contracts", "customersignedid"))

_CONTACT = f"""{_STAMPS}, name, title, email, phone, mobilephone, department, reportstoid, custom, (
    SELECT count(*) > 0 FROM cs.erased_contact AS erased
     WHERE erased.org_id = contact.org_id AND erased.contact_id = contact.id) AS is_erased"""
_USER = "id, name, title, email, managerid, isactive, systemmodstamp, lastmodifieddate, custom"
_NAMING_USERS = frozenset(column for mirror in MIRRORS.values() for column in mirror.references_to("User"))
_FILE = f"{_STAMPS}, title, filetype, fileextension, contentsize, contentmodifieddate, lastmodifieddate, ownerid"


def aggregates(
    session: ReadSession, org_id: str, deal_ids: Sequence[str], context: Mapping[str, Any]
) -> Iterator[Aggregate]:
    """Return these deals with all that hangs on them, in the order of their ids."""
    ask = _Asked(session, org_id)
    deals = ask.rows("opportunity", "id", deal_ids)
    account_ids = sorted({deal["accountid"] for deal in deals if deal["accountid"]})
    accounts = {row["id"]: row for row in ask.rows("account", "id", account_ids)}
    parents = ask.parents(accounts)
    of_deal = {part: ask.grouped(table, by, deal_ids, wanted) for part, table, by, wanted in _DEAL_ROWS}
    of_customer = {part: ask.grouped(table, by, account_ids, wanted) for part, table, by, wanted in _CUSTOMER_ROWS}
    named = {deal["id"]: _named_contacts(deal, of_deal, of_customer, context["contact_fields"]) for deal in deals}
    contacts = ask.contacts(set().union(*named.values()))
    items = _flat(of_deal["items"])
    products = ask.named("product2", items, "product2id")
    entries = ask.named("pricebookentry", items, "pricebookentryid")
    files = ask.named("contentdocument", _flat(of_deal["file_links"]), "contentdocumentid", _FILE)
    campaigns = ask.named("campaign", deals, "campaignid", f"{_STAMPS}, name, type")
    firms = ask.named("account", _flat(of_deal["partners"]), "accounttoid", f"{_STAMPS}, name")
    drafts = drafts_among(session, org_id, deal_ids)
    siblings = ask.grouped("opportunity", "accountid", account_ids, schema="closure")
    hanging = [_flat(each) for each in (*of_deal.values(), *of_customer.values(), parents, siblings)]
    named_once = [list(each.values()) for each in (accounts, contacts, files)]
    users = ask.users(_named_users([deals, *named_once, *hanging]))
    for deal in deals:
        account_id = deal["accountid"]
        own = {part: rows.get(account_id, []) for part, rows in of_customer.items()}
        yield Aggregate(
            org_id=org_id,
            instance_url=context["instance_url"],
            currency=context["currency"],
            deal=deal,
            is_draft=deal["id"] in drafts,
            customer=accounts.get(account_id),
            parents=parents.get(account_id, []),
            accounts=firms,
            contacts=_with_those_above(named[deal["id"]], contacts),
            products=products,
            pricebook_entries=entries,
            files=files,
            campaign=campaigns.get(deal["campaignid"] or ""),
            contract=next((each for each in own["contracts"] if each["id"] == deal["contractid"]), None),
            users=users,
            past_deals=[each for each in siblings.get(account_id, []) if each["id"] != deal["id"]],
            unavailable=context["unavailable"],
            labels=context["labels"],
            mapping=context["mapping"],
            **{part: rows.get(deal["id"], []) for part, rows in of_deal.items()},
            **own,
        )


def _named_contacts(
    deal: Row,
    of_deal: Mapping[str, Mapping[str, Sequence[Row]]],
    of_customer: Mapping[str, Mapping[str, Sequence[Row]]],
    contact_fields: Sequence[str],
) -> set[str]:
    """Every contact that some record of the deal names: its brief must not depend on what is shaped with it."""
    found = {deal["contactid"], *(_contact_in(deal, name) for name in contact_fields)}
    for groups, place, columns in (
        (of_deal, deal["id"], _NAMING_OF_DEAL),
        (of_customer, deal["accountid"], _NAMING_OF_CUSTOMER),
    ):
        for part, column in columns:
            found.update(row[column] for row in groups[part].get(place, ()))
    return {each for each in found if each}


def _named_users(groups: Iterable[Sequence[Row]]) -> set[str]:
    """Every user whom a lookup or a custom field of some records names."""
    found: set[Any] = set()
    for rows in groups:
        for column in _NAMING_USERS.intersection(rows[0] if rows else ()):
            found.update(row[column] for row in rows)
        for row in rows:
            found.update(value for value in row.get("custom", {}).values() if isinstance(value, str))
    return {each for each in found if each and each.startswith(KEY_PREFIXES["User"])}


def _contact_in(deal: Row, name: str) -> str | None:
    """The contact that a field names, where it holds the id of one."""
    value = deal["custom"].get(name) if name.endswith("__c") else deal.get(name.lower())
    return value if isinstance(value, str) and value.startswith("003") else None


def _with_those_above(ids: set[str], contacts: Mapping[str, Row]) -> dict[str, Row]:
    """The contacts of these ids, and those whom they report to."""
    found = {each: contacts[each] for each in ids if each in contacts}
    above = {row["reportstoid"] for row in found.values()}
    return found | {each: contacts[each] for each in above if each in contacts}


class _Asked:
    """Rows of the mirror for one batch of deals, as the pure shaping wants them."""

    def __init__(self, session: ReadSession, org_id: str) -> None:
        self._connection = driver(session)
        self._org_id = org_id

    def rows(
        self, table: str, column: str, ids: Sequence[str], wanted: str = _WHOLE, *, schema: str = "salesforce"
    ) -> list[dict[str, Any]]:
        """Return the living rows whose column is one of the ids, in the order of their own ids."""
        if not ids:
            return []
        with self._connection.cursor(row_factory=dict_row) as cursor:
            set_json_loads(_read_json, cursor)
            cursor.execute(
                f'SELECT {wanted} FROM {schema}."{table}"'
                f" WHERE org_id = %s AND {column} = ANY(%s) AND tombstone IS NULL ORDER BY id",
                (self._org_id, list(ids)),
            )
            found = cursor.fetchall()
        if wanted == _WHOLE:
            for row in found:
                for name in _NOT_SHOWN:
                    del row[name]
        return found

    def grouped(
        self, table: str, column: str, ids: Sequence[str], wanted: str = _WHOLE, *, schema: str = "salesforce"
    ) -> dict[str, list[Row]]:
        """Return those rows by what the column names."""
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows(table, column, ids, wanted, schema=schema):
            groups[row[column]].append(row)
        return groups

    def named(self, table: str, rows: Sequence[Row], column: str, wanted: str = _WHOLE) -> dict[str, Row]:
        """Return the records that a column of some rows names, by id."""
        ids = sorted({each[column] for each in rows if each[column]})
        return {row["id"]: row for row in self.rows(table, "id", ids, wanted)}

    def contacts(self, ids: set[str]) -> dict[str, Row]:
        """Return these contacts, and those whom they report to."""
        found = {row["id"]: row for row in self.rows("contact", "id", sorted(ids), _CONTACT)}
        above = {row["reportstoid"] for row in found.values() if row["reportstoid"]} - found.keys()
        return found | {row["id"]: row for row in self.rows("contact", "id", sorted(above), _CONTACT)}

    def users(self, ids: set[str]) -> dict[str, Row]:
        """Return these users, and their managers."""
        found = {row["id"]: row for row in self.rows("user", "id", sorted(ids), _USER)}
        above = {row["managerid"] for row in found.values() if row["managerid"]} - found.keys()
        return found | {row["id"]: row for row in self.rows("user", "id", sorted(above), _USER)}

    def parents(self, accounts: Mapping[str, Row]) -> dict[str, list[Row]]:
        """Return the parents of each account, nearest first."""
        known: dict[str, Row] = dict(accounts)
        wanted = {row["parentid"] for row in accounts.values() if row["parentid"]} - known.keys()
        while wanted:
            found = self.rows("account", "id", sorted(wanted))
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


def context_of(session: ReadSession, org_id: str) -> dict[str, Any]:
    """Return what all briefs of a pass share: the org, and what fields are called or hidden."""
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
    mapping = read_mapping(kept_mapping(session, org_id).document)
    contact_fields += [name for places in mapping.fields.values() for place, name in places if place == "Opportunity"]
    return {
        "mapping": mapping,
        "instance_url": row.instance_url,
        "currency": row.currency,
        "labels": labels,
        "unavailable": frozenset(unavailable),
        "contact_fields": contact_fields,
    }


def _flat(groups: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [row for rows in groups.values() for row in rows]
