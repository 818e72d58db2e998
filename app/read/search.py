"""Finding a deal, a customer, a person, a note or a task by what somebody remembers of it.

Words are found from their beginning, within, and with typing errors. An id, or the address of a record in Salesforce,
leads straight to it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, select, text, tuple_

from app.read.record_id import long_id
from app.read.sight import Sight
from app.read.views import customers, deals
from models.forgotten_brief import SOMEBODY
from models.session import ReadSession

#: the kinds of things that are found, in the order in which equally good ones are shown
TYPES = ("customer", "deal", "contact", "note", "task")
_PERSONAL = frozenset({"contact"})
#: words less alike than this are another word, and not one with a typing error
_ALIKE = {"alike": "0.45"}
#: typing errors are looked for when there are fewer hits than this: it is a hundred times the work
_FEW = 5
_SHORTEST_PART = 3
_ADDRESS = re.compile(r"https?://\S*?/([a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)(?:[/?#]\S*)?\Z")

Hit = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one type is found: its table, its id and words, whether a record of it is shown, and what stands beside."""

    table: str
    id: str
    words: str
    shown: str
    beside: str
    deal_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to find: the conditions, each by its index, and how good a hit is."""

    arms: tuple[str, ...]
    score: str


_BY_ID = _Way(("id = :id",), "10")
_BY_WORDS = _Way(
    ("{words} ILIKE :starts", "{words} ILIKE :within AND NOT {words} ILIKE :starts"),
    """CASE WHEN {words} ILIKE :exactly THEN 4 WHEN {words} ILIKE :starts THEN 3 WHEN {words} ILIKE :word THEN 2
            ELSE 1 END + word_similarity(:q, {words})""",
)
_BY_LIKENESS = _Way((":q <% {words}",), "word_similarity(:q, {words})")

_OF_A_DEAL = """EXISTS (SELECT FROM closure.opportunity AS deal WHERE deal.org_id = hit.org_id AND deal.id = hit.{})"""
_OF_A_CUSTOMER = """
    EXISTS (SELECT FROM closure.opportunity AS deal
              JOIN ops.scope_member AS member ON member.org_id = deal.org_id AND member.opportunity_id = deal.id
             WHERE deal.org_id = hit.org_id AND deal.accountid = hit.{} AND member.reason <> 'closing_soon')
"""
_NAME_OF_DEAL = """(SELECT deal.name FROM salesforce.opportunity AS deal
                     WHERE deal.org_id = hit.org_id AND deal.id = hit.{})"""
_NAME_OF_CUSTOMER = """(SELECT account.name FROM salesforce.account
                         WHERE account.org_id = hit.org_id AND account.id = hit.{})"""

_SOURCES = {
    "customer": _Source(
        "salesforce.account", "id", "name", _OF_A_CUSTOMER.format("id"), "concat_ws(' · ', hit.industry, hit.website)",
        "NULL", "hit.id",
    ),
    "deal": _Source(
        "salesforce.opportunity", "id", "name", _OF_A_DEAL.format("id"), _NAME_OF_CUSTOMER.format("accountid"),
        "hit.id", "hit.accountid",
    ),
    "contact": _Source(
        "salesforce.contact", "id", "name", _OF_A_CUSTOMER.format("accountid"),
        f"concat_ws(' · ', hit.title, {_NAME_OF_CUSTOMER.format('accountid')})", "NULL", "hit.accountid",
    ),
    "note": _Source(
        "salesforce.note", "id", "title", _OF_A_DEAL.format("parentid"), _NAME_OF_DEAL.format("parentid"),
        "hit.parentid", "NULL",
    ),
    "task": _Source(
        "salesforce.task", "id", "subject", _OF_A_DEAL.format("whatid"), _NAME_OF_DEAL.format("whatid"),
        "hit.whatid", "NULL",
    ),
}  # fmt: skip
#: what CS wrote down itself is found as a note, too
_OWN_NOTES = _Source(
    "cs.note", "note_id", "body", _OF_A_CUSTOMER.format("customer_id"), _NAME_OF_CUSTOMER.format("customer_id"),
    "hit.deal_id", "hit.customer_id",
)  # fmt: skip


def search(session: ReadSession, q: str, *, types: Sequence[str], limit: int, sight: Sight) -> list[Hit]:
    """Return what matches best, the best first; nothing that the caller may not see."""
    wanted = [kind for kind in TYPES if kind in types and (sight.contacts or kind not in _PERSONAL)]
    asked_id = _id_in(q)
    if not wanted:
        return []
    if asked_id is not None:
        found = _run(session, _statement(wanted, _BY_ID), {"id": asked_id})
    else:
        values = _patterns(" ".join(q.split()))
        found = _run(session, _statement(wanted, _BY_WORDS), values)
        if len(_in_sight(session, found, sight)) < _FEW:
            session.execute(text("SELECT set_config('pg_trgm.word_similarity_threshold', :alike, true)"), _ALIKE)
            known = {(hit["org_id"], hit["id"]) for hit in found}
            alike = _run(session, _statement(wanted, _BY_LIKENESS), values)
            found += [hit for hit in alike if (hit["org_id"], hit["id"]) not in known]
    found.sort(key=lambda hit: (-hit["score"], TYPES.index(hit["type"]), hit["title"] or "", hit["id"]))
    return [_shown(hit) for hit in _in_sight(session, found, sight)[:limit]]


def _id_in(q: str) -> str | None:
    """The id that was asked for, alone or within the address of a record."""
    address = _ADDRESS.search(q.strip())
    found = long_id(address[1] if address else q)
    # Fifteen letters may be a word; an id of Salesforce has digits among its first three or is told by its address.
    return found if address or (found and any(letter.isdigit() for letter in found[:5])) else None


def _patterns(words: str) -> dict[str, str]:
    plain = re.sub(r"([\\%_])", r"\\\1", words)
    within = f"%{plain}%" if len(words) >= _SHORTEST_PART else f"{plain}%"
    return {"q": words, "exactly": plain, "starts": f"{plain}%", "word": f"% {plain}%", "within": within}


def _run(session: ReadSession, statement: TextClause, values: dict[str, Any]) -> list[Hit]:
    return [dict(row) for row in session.execute(statement, values).mappings()]


def _statement(types: Sequence[str], way: _Way) -> TextClause:
    sources = [(kind, _SOURCES[kind]) for kind in types]
    sources += [("note", _OWN_NOTES)] if "note" in types and way is not _BY_ID else []
    return text(" UNION ALL ".join(_part(kind, source, way) for kind, source in sources))


def _part(kind: str, source: _Source, way: _Way) -> str:
    """The SELECT of one type: a few hundred candidates by the index, then whether they are shown, and how good."""
    alive = "true" if source is _OWN_NOTES else "tombstone IS NULL"
    arms = [f"(SELECT * FROM {source.table} WHERE {arm} AND {alive} LIMIT 150)" for arm in way.arms]
    candidates = " UNION ALL ".join(arms).format(words=source.words)
    matched = "id" if way is _BY_ID else source.words
    return f"""
        (WITH hit AS MATERIALIZED ({candidates})
         SELECT '{kind}' AS type, hit.org_id, hit.{source.id}::text AS id, hit.{source.words} AS title,
                {source.beside} AS snippet, '{matched}' AS matched_field,
                ({way.score.format(words=source.words)})::float8 AS score,
                {source.deal_id} AS deal_id, {source.customer_id} AS customer_id
           FROM hit WHERE {source.shown} ORDER BY score DESC LIMIT 50)
    """


def _in_sight(session: ReadSession, found: list[Hit], sight: Sight) -> list[Hit]:
    """Without what belongs to deals and customers outside the caller's book."""
    if sight.book is None or not found:
        return found
    deal, customer = deals(), customers()
    mine = _visible(session, deal, "deal_id", found, sight.of_deals(deal))
    theirs = _visible(session, customer, "customer_id", found, sight.of_customers(customer))
    return [hit for hit in found if _belongs(hit, mine, theirs)]


def _belongs(hit: Hit, deals_seen: set[tuple[str, str]], customers_seen: set[tuple[str, str]]) -> bool:
    if hit["deal_id"]:
        return (hit["org_id"], hit["deal_id"]) in deals_seen
    return (hit["org_id"], hit["customer_id"]) in customers_seen


def _visible(session: ReadSession, view: Any, key: str, found: list[Hit], where: Sequence[Any]) -> set[tuple[str, str]]:
    wanted = sorted({(hit["org_id"], hit[key]) for hit in found if hit[key]})
    among = tuple_(view.c.org_id, view.c[key]).in_(wanted)
    rows = session.execute(select(view.c.org_id, view.c[key]).where(among, *where))
    return {(row[0], row[1]) for row in rows}


def _shown(hit: Hit) -> Hit:
    match hit["type"]:
        case "contact":
            path = f"contacts/{hit['id']}"
        case "customer":
            path = f"customers/{hit['id']}"
        case "note" if hit["deal_id"] is None:
            path = f"customers/{hit['customer_id']}/notes"
        case _:
            path = f"deals/{hit['deal_id']}"
    # Who was erased has no name: only their id leads to them.
    title = hit["title"] or (SOMEBODY if hit["type"] == "contact" else "")
    return {
        "type": hit["type"], "org_id": hit["org_id"], "id": hit["id"],
        "title": title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…",
        "snippet": hit["snippet"], "matched_field": hit["matched_field"], "url": f"/api/v1/{path}",
        "score": round(hit["score"], 3),
    }  # fmt: skip


_LONGEST_TITLE = 200
