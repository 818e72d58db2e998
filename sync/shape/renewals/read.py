"""The books of some customers out of the mirror: each object is asked once for all of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from models import org
from models.membership import drafts_among
from models.session import ReadSession, driver
from sync.shape.aggregate import Row
from sync.shape.gather import context_of
from sync.shape.lookup import map_fields
from sync.shape.renewals.book import Book, Org
from sync.shape.renewals.fields import fields_of

_read_json = msgspec.json.Decoder().decode
_DEAL = (
    "id, accountid, contractid, type, recordtypeid, stagename, closedate, amount, currencyisocode, isclosed, iswon,"
    " createddate, custom"
)
_CONTRACT = (
    "id, accountid, startdate, enddate, contractterm, status, statuscode, customersigneddate, ownerexpirationnotice,"
    " createddate, custom"
)


def read_org(session: ReadSession, org_id: str) -> Org:
    """Return what all customers of an org have in common."""
    context = context_of(session, org_id)
    row = org.org_row(session, org_id)
    fields = map_fields(context["labels"], context["unavailable"], context["mapping"])
    return Org(
        fields=fields_of(context["labels"], fields),
        mapping=context["mapping"],
        currency=context["currency"],
        time_zone=zone_of(None if row is None else row.time_zone),
    )


def zone_of(name: str | None) -> ZoneInfo:
    """The time zone in which an org's days begin; UTC where it does not tell a known one."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def read_books(session: ReadSession, org_id: str, customers: Sequence[str], about: Org) -> Iterator[Book]:
    """Return the books of these customers."""
    ask = _Asked(session, org_id)
    deals = ask.rows("closure.opportunity", _DEAL, "accountid", customers)
    drafts = drafts_among(session, org_id, [deal["id"] for deal in deals])
    won = [deal["id"] for deal in deals if deal["id"] not in drafts]
    contracts = ask.rows("salesforce.contract", _CONTRACT, "accountid", customers)
    history = ask.rows(
        "salesforce.opportunityhistory",
        "id, opportunityid, stagename, forecastcategory, probability, createddate", "opportunityid", won,
    )  # fmt: skip
    items = ask.rows(
        "salesforce.opportunitylineitem", "id, opportunityid, product2id, totalprice", "opportunityid", won
    )
    products = ask.rows("salesforce.product2", "id, family", "id", [each["product2id"] for each in items])
    orders = ask.rows('salesforce."order"', "id, contractid, enddate", "contractid", [each["id"] for each in contracts])
    kinds = ask.rows("salesforce.recordtype", "id, name", "id", [each["recordtypeid"] for each in deals])
    of_customer = _grouped(deals, "accountid")
    contracts_of = _grouped(contracts, "accountid")
    shared: dict[str, Any] = {
        "history": _grouped(history, "opportunityid"),
        "items": _grouped(items, "opportunityid"),
        "families": {each["id"]: each["family"] for each in products},
        "orders": _grouped(orders, "contractid"),
        "record_types": {each["id"]: each["name"] or "" for each in kinds},
    }
    for customer_id in customers:
        own = of_customer.get(customer_id, [])
        yield Book(
            org=about,
            customer_id=customer_id,
            deals=[deal for deal in own if deal["id"] not in drafts],
            drafts=[deal for deal in own if deal["id"] in drafts],
            contracts={each["id"]: each for each in contracts_of.get(customer_id, [])},
            **shared,
        )


class _Asked:
    """Living rows of the mirror, as the pure derivation wants them."""

    def __init__(self, session: ReadSession, org_id: str) -> None:
        self._connection = driver(session)
        self._org_id = org_id

    def rows(self, table: str, wanted: str, column: str, ids: Sequence[str | None]) -> list[dict[str, Any]]:
        """Return the rows whose column is one of the ids, in the order of their own ids."""
        named = sorted({each for each in ids if each})
        if not named:
            return []
        with self._connection.cursor(row_factory=dict_row) as cursor:
            set_json_loads(_read_json, cursor)
            cursor.execute(
                f"SELECT {wanted} FROM {table}"
                f" WHERE org_id = %s AND {column} = ANY(%s) AND tombstone IS NULL ORDER BY id",
                (self._org_id, named),
            )
            return cursor.fetchall()


def _grouped(rows: Sequence[Row], column: str) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups
