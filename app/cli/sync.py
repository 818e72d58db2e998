"""`baton sync run|status|prove`: one pass, how things stand, and the proof that nothing differs."""

# ruff: noqa: PLC0415 - the status needs no pipeline

import logging
from typing import Any

from app.cli.connection import open_store, salesforce_settings
from app.cli.failures import FAILED
from app.cli.logs import log_to_stderr
from app.cli.output import print_json, progress, remark, say
from app.read.encode import to_json
from app.read.status import freshness, sync_status


def run_sync(*, snapshot: bool, as_json: bool) -> int:
    """Do one complete pass in the foreground."""
    from sync.run import run_once

    log_to_stderr(level=logging.ERROR)
    org = salesforce_settings()
    with open_store() as store, progress() as shown:
        report = run_once(store, org, snapshot=snapshot, progress=shown).as_dict()
    failed = int(report["windows"]["failed"])
    for warning in report.get("warnings", []):
        remark(f"baton sync run: {warning}")
    if as_json:
        print_json(report)
    else:
        for line in _pass_lines(report):
            say(line)
    if failed:
        remark(
            f"baton sync run: {failed} of {failed + int(report['windows']['committed'])} windows were not committed; "
            f"nothing of them is lost, run it again. {_reasons(report)}"
        )
    return FAILED if failed else 0


def show_status(*, as_json: bool) -> int:
    """Show how fresh the store is and what is wrong."""
    with open_store() as store, store.reading() as session:
        fresh, status = freshness(session), sync_status(session)
    document = {**status, "as_of": fresh.as_of, "lag_seconds": fresh.lag_seconds}
    if as_json:
        say(to_json(document).decode())
    else:
        for line in _status_lines(document):
            say(line)
    return 0


def run_prove(*, as_json: bool) -> int:
    """Compare the store with the org, row by row."""
    from sync.prove import prove_once

    log_to_stderr(level=logging.ERROR)
    org = salesforce_settings()
    with open_store() as store, progress() as shown:
        report = prove_once(store, org, progress=shown)
    if as_json:
        print_json(report.as_dict())
    else:
        for line in _proof_lines(report.as_dict()):
            say(line)
    return FAILED if report.drift_rows else 0


def _reasons(report: dict[str, Any]) -> str:
    return " ".join(f"{name}: {reason}" for name, reason in report.get("failed", {}).items())


def _pass_lines(report: dict[str, Any]) -> list[str]:
    lines = [
        f"{name:<24} {counts.get('rows_read', 0):>10,} read {counts.get('rows_written', 0):>10,} written "
        f"{counts.get('rows_deleted', 0):>8,} deleted"
        for name, counts in report["objects"].items()
    ]
    lines.append(
        f"One {report['kind']} pass in {report['seconds']:.1f} s with {report['api_calls']} API calls: "
        f"{report['rows_read']:,} rows read, {report['rows_written']:,} written, {report['rows_deleted']:,} deleted; "
        f"{report['deals_in']:,} deals came in, {report['deals_out']:,} went out."
    )
    return lines


def _proof_lines(report: dict[str, Any]) -> list[str]:
    lines = [
        f"{name:<24} {counts['rows']:>10,} rows {counts['drift_rows']:>8,} differ"
        for name, counts in report["objects"].items()
    ]
    verdict = "Nothing differs." if not report["drift_rows"] else "Repair it with: baton sync run --snapshot"
    lines.append(f"{report['drift_rows']:,} rows differ from the org. {verdict}")
    return lines


def _status_lines(status: dict[str, Any]) -> list[str]:
    lines = []
    for org in status["orgs"]:
        lag = "nothing has landed yet" if org["lag_seconds"] is None else f"{org['lag_seconds']} s behind"
        used = org["api_calls_today"]["total"]
        lines.append(f"{org['name']} ({org['org_id']}): {lag}, {used} API calls today")
        lines += [f"  {each['object']:<24} {each['rows'] or 0:>10,} rows  {each['state']}" for each in org["objects"]]
    lines += status["problems"] or ["All is well."]
    return lines
