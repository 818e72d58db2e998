"""Searching texts: …/search with SOSL, …/parameterizedSearch with parameters, and …/recent."""

import itertools
from typing import Any

from demo_org.catalog import ObjectType
from demo_org.errors import SalesforceFault
from demo_org.soql import execute
from demo_org.soql.sosl import NO_TERM, Search, Wanted, malformed, matcher, parse_search, words_of
from demo_org.store import recent
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.metadata.describe import recent_records

_MOST = 2000  # records of one search (SOSL guide)
_TEXTS = frozenset({"string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url"})
_IN_AN_OBJECT = 37  # older versions answer with the bare list (REST guide, search)
_NAMES = frozenset({"Name", "FirstName", "LastName"})


def search(context: Context, request: Request) -> Reply:
    """Records that hold the words of a SOSL statement."""
    text = request.query.get("q")
    if text is None:
        raise malformed(NO_TERM)
    found = _found(context, request, parse_search(text))
    return Reply(content=found if float(request.version) < _IN_AN_OBJECT else {"searchRecords": found})


def parameterized(context: Context, request: Request) -> Reply:
    """The same, with the search in parameters or in a JSON body."""
    asked = _body(request) if request.method == "POST" else _parameters(request)
    return Reply(content={"searchRecords": _found(context, request, asked)})


def recently_viewed(context: Context, request: Request) -> Reply:
    """What the user worked on last, of all objects, latest first."""
    asked = request.query.get("limit", "200")
    limit = int(asked) if asked.isdigit() else 200
    kept = recent.items(context.org, request.user_id)
    found: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(name for name, _ in kept if name in context.org.catalog):
        ids = [record_id for object_name, record_id in kept if object_name == name]
        found |= {each["Id"]: each for each in recent_records(context, request, context.org.catalog.object(name), ids)}
    return Reply(content=[found[each] for _, each in kept if each in found][:limit])


def _found(context: Context, request: Request, asked: Search) -> list[dict[str, Any]]:
    wanted = asked.wanted or tuple(
        Wanted(object=each.name) for each in context.org.catalog.objects.values() if each.searchable
    )
    most = min(_MOST, asked.limit or _MOST)
    matcher(asked.term)  # a mistake in the term is told even when no object is left to search
    every = itertools.chain.from_iterable(_of_object(context, request, asked, each) for each in wanted)
    return list(itertools.islice(every, most))


def _of_object(context: Context, request: Request, asked: Search, wanted: Wanted) -> list[dict[str, Any]]:
    described = context.org.catalog.find(wanted.object)
    if described is None or not described.searchable:
        message = f"sObject type '{wanted.object}' is not supported in a search"
        raise SalesforceFault(400, "INVALID_TYPE", message)
    ids = _matching(context, described, asked)
    if not ids:
        return []
    listed = ",".join(f"'{each}'" for each in ids)
    # Ids come from the table; the rest of the text is checked by the query it becomes a part of.
    text = f"SELECT {', '.join(wanted.fields)} FROM {described.name} WHERE Id IN ({listed})"  # noqa: S608 - see above
    text += f" AND ({wanted.where})" if wanted.where else ""
    text += f" ORDER BY {wanted.order}" if wanted.order else ""
    text += f" LIMIT {wanted.limit or _MOST}"
    text += f" OFFSET {wanted.offset}" if wanted.offset else ""
    return execute(context.org, text).records(0, _MOST, version=request.version)


def _matching(context: Context, described: ObjectType, asked: Search) -> list[str]:
    """Ids of live records whose texts hold what is searched."""
    fields = [name for name in described.columns if _searched(described, name, asked.group)]
    if not fields:
        return []
    matches = matcher(asked.term)
    words = [each for each in words_of(asked.term) if each]
    # A first sieve by SQLite: one of the words is somewhere in one of the texts.
    sieve = " OR ".join(f'"{name}" LIKE ? ESCAPE ?' for name in fields for _ in words) or "1"
    values = [part for _ in fields for word in words for part in (f"%{_escaped(word)}%", "\\")]
    live = " AND IsDeleted = 0" if "IsDeleted" in context.org.catalog.stored_object(described.name).fields else ""
    columns = ", ".join(f'"{name}"' for name in fields)
    with context.org.reading() as connection:
        rows = connection.execute(
            f'SELECT Id, {columns} FROM "{described.name}" WHERE ({sieve}){live} ORDER BY Id',  # noqa: S608 - names come from the catalogue
            values,
        )
        found = (row[0] for row in rows if matches([text for text in row[1:] if text is not None]))
        return list(itertools.islice(found, _MOST))


def _searched(described: ObjectType, name: str, group: str) -> bool:
    field = described.fields[name]
    named = field.name_field or name in _NAMES
    match group:
        case "NAME":
            return named
        case "EMAIL" | "PHONE":
            return field.type == group.lower()
        case "SIDEBAR":
            return named or field.type in {"email", "phone"}
    return field.type in _TEXTS


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _parameters(request: Request) -> Search:
    """A search in the query of the address: q, sobject, Account.fields, Account.limit, in, overallLimit."""
    given = request.query
    fields = given.get("fields", "Id")
    names = [each.strip() for each in given.get("sobject", "").split(",") if each.strip()]
    wanted = tuple(
        Wanted(
            object=name,
            fields=tuple(each.strip() for each in given.get(f"{name}.fields", fields).split(",")),
            where=given.get(f"{name}.where", given.get("where")),
            limit=_number(given.get(f"{name}.limit", given.get("defaultLimit"))),
        )
        for name in names
    )
    return _checked(given.get("q"), given.get("in"), wanted, _number(given.get("overallLimit")))


def _body(request: Request) -> Search:
    """A search in a JSON body: q, fields, sobjects with fields, where and limit of their own, in, overallLimit."""
    body = request.json_object()
    listed = body.get("sobjects") or []
    usual = body.get("fields") or ["Id"]
    if not isinstance(listed, list) or not all(isinstance(each, dict) and "name" in each for each in listed):
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "sobjects must be a list of objects with names")
    wanted = tuple(
        Wanted(
            object=str(each["name"]),
            fields=tuple(str(name) for name in each.get("fields") or usual),
            where=each.get("where"),
            order=each.get("orderBy"),
            limit=_number(each.get("limit", body.get("defaultLimit"))),
        )
        for each in listed
    )
    return _checked(body.get("q"), body.get("in"), wanted, _number(body.get("overallLimit")))


def _checked(term: object, group: object, wanted: tuple[Wanted, ...], limit: int | None) -> Search:
    if not isinstance(term, str) or not term.strip():
        raise malformed(NO_TERM)
    name = "ALL" if group is None else str(group).upper()
    if name not in {"ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"}:
        raise SalesforceFault(
            400, "INVALID_SEARCH_SCOPE", f"in must be ALL, NAME, EMAIL, PHONE or SIDEBAR, not {group}"
        )
    return Search(term=term, group=name, wanted=wanted, limit=limit)


def _number(given: object) -> int | None:
    if given is None:
        return None
    if not str(given).isdigit():
        raise SalesforceFault(400, "INVALID_NUMBER", f"{given} is not a number")
    return int(str(given))
