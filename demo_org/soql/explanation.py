"""Tells how a statement would be run (…/query?explain=): which index would lead, and what it would cost.

The plans have Salesforce's form; their figures are those of the org's own planner.
"""

from dataclasses import replace
from typing import Any

from demo_org.soql.context import Context
from demo_org.soql.groups import group_columns
from demo_org.soql.parser import parse
from demo_org.soql.plan import Plan
from demo_org.soql.rules import check
from demo_org.soql.scope import Scope
from demo_org.soql.selection import Selection
from demo_org.soql.sql import ready
from demo_org.store import Org

# Above 1 a query is not selective (REST guide, query performance feedback).
_SCAN_COST = 2.8


def explain(org: Org, text: str) -> dict[str, Any]:
    """The plans of a statement, cheapest first."""
    parsed = parse(text)
    check(parsed)
    context = Context.of(org)
    scope = Scope.of(context, parsed)
    # The columns are looked at only to find mistakes in them.
    if parsed.aggregates:
        group_columns(scope)
        # What is planned is how the records are found, before they are grouped.
        records = replace(parsed, group_by=(), having=None, order_by=(), limit=None, offset=None)
        scope = Scope.of(context, records)
    else:
        Selection(context, scope, parsed.select)
    plan = Plan(context, scope)
    with org.reading() as connection:
        ready(org, connection)
        total, leads, found = plan.figures(connection)
    name = scope.source.name
    hidden = [field for field in ("IsDeleted",) if scope.source.has(field)]
    notes = [
        {
            "description": "Not considering filter for optimization because unindexed",
            "fields": hidden,
            "tableEnumOrId": name,
        }
    ] if hidden else []  # fmt: skip

    def line(operation: str, fields: list[str], cardinality: int, cost: float) -> dict[str, Any]:
        return {
            "cardinality": cardinality,
            "fields": fields,
            "leadingOperationType": operation,
            "notes": notes,
            "relativeCost": round(cost, 3),
            "sobjectCardinality": total,
            "sobjectType": name,
        }

    plans = [line("Index", [field], count, count / max(total, 1)) for field, count in leads]
    plans.append(line("TableScan", [], found, _SCAN_COST * found / max(total, 1)))
    return {"plans": sorted(plans, key=lambda each: each["relativeCost"]), "sourceQuery": text}
