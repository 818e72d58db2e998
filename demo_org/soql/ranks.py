"""The order of a picklist's values is the one an admin gave them, not the alphabet's (SOQL guide, "toLabel()")."""

from demo_org.soql.scope import Column


def rank_sql(column: Column) -> str:
    """The place of a value in its picklist; values the list no longer has come last."""
    values = column.field.picklist_values
    cases = " ".join(f"WHEN '{_escaped(value)}' THEN {place}" for place, value in enumerate(values))
    return f"CASE {column.sql} {cases} ELSE {len(values)} END"


def _escaped(value: str) -> str:
    return value.replace("'", "''")
