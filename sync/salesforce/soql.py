"""The words of Salesforce's query language that we write: literals, clauses and limits. Pure text, no network."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

#: the longest statement Salesforce takes, in characters
MAX_STATEMENT = 100_000
#: records of one page when the rows are not unusually wide
PAGE_SIZE = 2_000

# Backslash first, or the backslashes of the other escapes would be escaped again.
_ESCAPES = (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\b", "\\b"), ("\f", "\\f"))


def text_literal(value: str) -> str:
    """A text as it stands in a query, quoted so that it can't end the literal."""
    for plain, escaped in _ESCAPES:
        value = value.replace(plain, escaped)
    return f"'{value}'"


def instant_literal(value: datetime) -> str:
    """An instant as it stands in a query: UTC, whole seconds, which is the precision of Salesforce's stamps."""
    if value.tzinfo is None:
        message = "An instant in a query needs a time zone: pass an aware datetime."
        raise ValueError(message)
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def list_literal(values: Iterable[str]) -> str:
    """Texts, mostly ids, as the right side of IN."""
    return "(" + ",".join(text_literal(value) for value in values) + ")"


def select(
    fields: Iterable[str],
    object_name: str,
    *,
    where: Iterable[str] = (),
    after_id: str | None = None,
    ordered: bool = False,
    limit: int | None = None,
) -> str:
    """A SELECT statement whose conditions all hold. `after_id` continues a reading that is ordered by Id."""
    conditions = list(where)
    if after_id is not None:
        conditions.append(f"Id > {text_literal(after_id)}")
    statement = f"SELECT {', '.join(fields)} FROM {object_name}"  # noqa: S608 - names come from describe
    if conditions:
        statement += " WHERE " + " AND ".join(conditions)
    if ordered:
        statement += " ORDER BY Id"
    if limit is not None:
        statement += f" LIMIT {limit}"
    if len(statement) > MAX_STATEMENT:
        message = (
            f"A query of {object_name} has {len(statement)} characters, more than {MAX_STATEMENT}: pass fewer ids."
        )
        raise ValueError(message)
    return statement


def query_url(base: str, statement: str, *, include_deleted: bool = False) -> str:
    """Path and query string that run a statement, e.g. as the url of a part of a composite call."""
    return f"{base}/{'queryAll' if include_deleted else 'query'}?q={quote(statement, safe='')}"
