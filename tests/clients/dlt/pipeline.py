"""A pipeline with dlt as its users write it: a resource per object, each run continuing where the last one ended.

simple-salesforce reads the objects by Bulk API 1.0; DuckDB takes them.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
from simple_salesforce import Salesforce

OBJECTS = ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Task")
_COMPOUND = {"address", "location"}
_INSTANTS = {"date", "datetime"}


def log_in() -> Salesforce:
    """By user name, password and security token, as dlt's source for Salesforce does."""
    org = json.loads(os.environ["DEMO_ORG"])
    return Salesforce(username=org["username"], password=org["password"], security_token=org["security_token"])


def resource_of(salesforce: Salesforce, name: str) -> Any:
    """An object as a resource that is merged by Id and continued by SystemModstamp."""
    fields = [field for field in getattr(salesforce, name).describe()["fields"] if field["type"] not in _COMPOUND]
    instants = {field["name"] for field in fields if field["type"] in _INSTANTS}
    doubles = {field["name"]: {"data_type": "double"} for field in fields if field["type"] in {"currency", "double"}}

    @dlt.resource(name=name.lower(), primary_key="Id", write_disposition="merge", columns=doubles)
    def rows(
        since: dlt.sources.incremental[datetime] = dlt.sources.incremental(  # noqa: B008 - how dlt is told
            "SystemModstamp", initial_value=datetime(2000, 1, 1, tzinfo=UTC)
        ),
    ) -> Iterator[list[dict[str, Any]]]:
        columns = ", ".join(field["name"] for field in fields)
        start = since.last_value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        soql = f"SELECT {columns} FROM {name} WHERE SystemModstamp > {start}Z"
        for page in getattr(salesforce.bulk, name).query(soql, lazy_operation=True):
            yield [_landed(row, instants) for row in page]

    return rows


def _landed(row: dict[str, Any], instants: set[str]) -> dict[str, Any]:
    """A row without its attributes, with the instants that Bulk API 1.0 writes as milliseconds."""
    return {
        name: datetime.fromtimestamp(value / 1000, UTC) if name in instants and value is not None else value
        for name, value in row.items()
        if name != "attributes"
    }


def main() -> None:
    """Run the pipeline once and print what its tables hold."""
    pipeline = dlt.pipeline(
        "demo_org", pipelines_dir=str(Path.cwd() / "pipelines"), destination="duckdb", dataset_name="salesforce"
    )
    salesforce = log_in()
    pipeline.run([resource_of(salesforce, name) for name in OBJECTS])
    with pipeline.sql_client() as client:
        counts = {name: client.execute_sql(f"SELECT count(*) FROM {name.lower()}")[0][0] for name in OBJECTS}
        deals = client.execute_sql("SELECT id, name, amount, close_date, is_won, next_step FROM opportunity")
    normalised = pipeline.last_trace.last_normalize_info.row_counts
    print(
        json.dumps(
            {
                "counts": counts,
                "new": {name: normalised.get(name.lower(), 0) for name in OBJECTS},
                "deals": {row[0]: [*row[1:3], row[3].date().isoformat(), *row[4:]] for row in deals},
            }
        )
    )


main()
