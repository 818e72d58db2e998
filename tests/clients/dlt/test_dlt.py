"""dlt with simple-salesforce, a pipeline in a small program: Bulk API 1.0 into DuckDB, and again what is new."""

from collections.abc import Mapping
from typing import Any

from client import Client

_SILENT = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


def told(deal: Mapping[str, Any]) -> list[Any]:
    """What the pipeline tells of a deal."""
    return [deal[name] for name in ("Name", "Amount", "CloseDate", "IsWon", "NextStep")]


def test_a_pipeline_lands_the_org_and_later_what_is_new(client: Client):
    """Five tables equal the org; the second run moves only the deal that was changed."""
    first = client.script("pipeline.py", **_SILENT)
    truth = client.org.truth("Opportunity")

    assert first["counts"] == first["new"] == {name: len(client.org.truth(name)) for name in first["counts"]}
    assert first["deals"] == {key: told(deal) for key, deal in truth.items()}

    changed = min(truth)
    client.org.act("PATCH", f"sobjects/Opportunity/{changed}", {"NextStep": "Call again", "Amount": 12.5})
    second = client.script("pipeline.py", **_SILENT)

    assert second["counts"] == first["counts"]
    assert {name: rows for name, rows in second["new"].items() if rows} == {"Opportunity": 1}
    assert second["deals"][changed] == told(client.org.truth("Opportunity")[changed])
