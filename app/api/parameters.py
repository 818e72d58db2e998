"""What every list takes: sort, fields, limit and cursor; a word that we do not know is an error, never ignored."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, Field

from app.paging import Cursor, seal, unseal
from app.problems import Problem
from app.read.listing import Order, Page, Position
from app.scopes import Scope
from models.access import cursor_secret
from models.session import ReadSession

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Filters = TypeVar("Filters", bound="DataclassInstance")

_UNKNOWN = {"fields": "unknown_field", "sort": "unknown_sort", "expand": "unknown_expansion"}
#: these say how much of a list is delivered, not which list it is; they may change from page to page
_PER_PAGE = frozenset({"limit", "cursor", "include_total"})


class ListQuery(BaseModel):
    """How a list is to be delivered; each list adds its filters."""

    sort: str | None = Field(
        None, description="columns, comma-separated; `-` before one turns it round", examples=["-won_on,name"]
    )
    fields: str | None = Field(
        None, description="only these, comma-separated; rows then have no others", examples=["deal_id,name,amount"]
    )
    limit: int = Field(100, ge=1, le=1000, description="rows per page")
    cursor: str | None = Field(
        None,
        description="`next_cursor` of the page before; it carries filters, sort and fields, so they may be left out",
    )
    include_total: bool = Field(False, description="also count, and add up amounts by currency")  # noqa: FBT003 - pydantic's default

    def question(self) -> dict[str, Any]:
        """Which list is asked for, as JSON-able data."""
        return self.model_dump(mode="json", exclude=set(_PER_PAGE), exclude_defaults=True)

    def chosen(self, filters: type[Filters]) -> Filters:
        """Return the filters of the list, a dataclass, without what concerns delivery."""
        return filters(**{each.name: getattr(self, each.name) for each in dataclasses.fields(filters)})


Asked = TypeVar("Asked", bound=ListQuery)


def known_parameters(request: Request) -> None:
    """Refuse what the operation cannot take: a misspelt filter would deliver everything."""
    allowed = sorted(_query_names(request.scope["route"].dependant))
    unknown = sorted(set(request.query_params) - set(allowed))
    if unknown:
        takes = f"Allowed: {', '.join(allowed)}." if allowed else "This operation takes none."
        raise Problem(
            400,
            "unknown_parameter",
            f"There is no parameter {', '.join(map(repr, unknown))}. {takes}",
            errors=[{"pointer": f"/query/{name}", "detail": "unknown parameter"} for name in unknown],
        )
    # PostgreSQL has no NUL character in text, so nothing can match it.
    if any("\0" in value for _, value in request.query_params.multi_items()):
        raise Problem(400, "invalid_parameter", "A parameter contains a NUL character. Leave it out.")


def resumed(session: ReadSession, query: Asked, *, kind: str) -> tuple[Asked, Position | None]:
    """Return the question (that of the cursor, when there is one) and where to go on.

    Parameters sent along with a cursor must be those of the first page.
    """
    if query.cursor is None:
        return query, None
    cursor = unseal(query.cursor, cursor_secret(session), kind=kind)
    sent = query.question()
    differing = sorted(name for name, value in sent.items() if cursor.asked.get(name) != value)
    if differing:
        raise Problem(
            400,
            "cursor_of_another_question",
            f"The cursor belongs to another {', '.join(differing)}. Start again without it, or leave them out.",
            errors=[{"pointer": f"/query/{name}", "detail": "differs from the cursor's"} for name in differing],
        )
    per_page = query.model_dump(include=set(_PER_PAGE))
    return type(query).model_validate({**cursor.asked, **per_page}), cursor.position


def next_cursor(session: ReadSession, page: Page, query: ListQuery, *, kind: str) -> str | None:
    """Write the cursor of the next page, or None after the last one."""
    if page.next_position is None:
        return None
    return seal(Cursor(kind, query.question(), list(page.next_position)), cursor_secret(session))


def parse_order(text: str | None, *, allowed: Sequence[str]) -> list[Order]:
    """Read `-won_on,name` as columns and directions."""
    names = [part.strip() for part in (text or "").split(",") if part.strip()]
    columns = {name.lstrip("-+"): Order(column=name.lstrip("-+"), descending=name.startswith("-")) for name in names}
    _refuse_unknown("sort", list(columns), allowed)
    return list(columns.values())


def parse_fields(text: str | None, *, allowed: Sequence[str]) -> list[str] | None:
    """Read `deal_id,name` as field names; None means all."""
    names = list(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
    _refuse_unknown("fields", names, allowed)
    return names or None


def refuse_hidden(hidden: frozenset[str], order: Sequence[Order], **filters: Any) -> None:
    """Refuse to sort or filter by what the caller may not see: the order of rows would tell it."""
    by = [("sort", each.column) for each in order if each.column in hidden]
    by += [(name, name.removeprefix("min_")) for name, value in filters.items() if value is not None]
    told = [(parameter, column) for parameter, column in by if column in hidden]
    if told:
        raise Problem(
            403,
            "scope_missing",
            f"This key may not see {', '.join(column for _, column in told)}, so it can't sort or filter by it. "
            f"Use a key that has the scope {Scope.COMMERCIAL_READ}.",
            errors=[{"pointer": f"/query/{parameter}", "detail": "needs another scope"} for parameter, _ in told],
        )


def parse_expand(text: str | None, *, allowed: Sequence[str]) -> list[str]:
    """Read `customer,items` as what is to be written out within each row."""
    names = list(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
    _refuse_unknown("expand", names, allowed)
    return names


def _refuse_unknown(parameter: str, names: Sequence[str], allowed: Sequence[str]) -> None:
    unknown = [name for name in names if name not in allowed]
    if unknown:
        raise Problem(
            400,
            _UNKNOWN[parameter],
            f"{parameter} does not know {', '.join(map(repr, unknown))}. Allowed: {', '.join(allowed)}.",
            errors=[{"pointer": f"/query/{parameter}", "detail": f"unknown: {name}"} for name in unknown],
        )


def _query_names(dependant: Dependant) -> set[str]:
    names: set[str] = set()
    for parameter in dependant.query_params:
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            names |= {field.alias or name for name, field in annotation.model_fields.items()}
        else:
            names.add(parameter.alias)
    return names.union(*(_query_names(each) for each in dependant.dependencies))
