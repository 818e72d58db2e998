"""SOQL, Salesforce's query language, answered from the org's SQLite file.

parse() reads a statement, execute() runs it over an org, bulk_refusal() tells what Bulk API 2.0 would not run.
"""

from demo_org.soql.bulk import bulk_refusal
from demo_org.soql.column_list import columns
from demo_org.soql.errors import SoqlError
from demo_org.soql.explanation import explain
from demo_org.soql.parser import parse
from demo_org.soql.printer import write
from demo_org.soql.results import Following, ResultSet, execute
from demo_org.soql.syntax import Query

__all__ = [
    "Following",
    "Query",
    "ResultSet",
    "SoqlError",
    "bulk_refusal",
    "columns",
    "execute",
    "explain",
    "parse",
    "write",
]
