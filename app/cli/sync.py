"""`baton sync run|status|prove`: one pass, how things stand, and the proof that nothing differs."""

# ruff: noqa: PLC0415 - the status needs no pipeline

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.cli.connection import open_store, wanted_orgs
from app.cli.failures import FAILED, explain
from app.cli.logs import log_to_stderr
from app.cli.output import print_json, progress, remark, say
from app.read.encode import to_json
from app.read.status import freshness, sync_status
from models.session import Store

if TYPE_CHECKING:
    from sync.run.report import Progress
    from sync.settings import SalesforceSettings


def run_sync(*, snapshot: bool, accept_deletions: bool = False, as_json: bool, org: str | None) -> int:
    """Do one complete pass of each wanted org in the foreground."""
    from sync.run import run_once

    log_to_stderr(level=logging.ERROR)

    def run(store: Store, settings: "SalesforceSettings", shown: "Progress") -> tuple[dict[str, Any], int]:
        report = run_once(
            store, settings, snapshot=snapshot, accept_deletions=accept_deletions, progress=shown
        ).as_dict()
        failed = int(report["windows"]["failed"])
        for warning in report.get("warnings", []):
            remark(f"baton sync run: {warning}")
        if failed:
            remark(
                f"baton sync run: {failed} of {failed + int(report['windows']['committed'])} windows were not "
                f"committed; nothing of them is lost, run it again. {_reasons(report)}"
            )
        return report, FAILED if failed else 0

    return _for_each(org, run, _pass_lines, as_json=as_json, doing="baton sync run")


def show_status(*, as_json: bool, org: str | None) -> int:
    """Show how fresh the store is and what is wrong."""
    with open_store() as store, store.reading() as session:
        fresh, status = freshness(session), sync_status(session, org=org)
    document = {**status, "as_of": fresh.as_of, "lag_seconds": fresh.lag_seconds}
    if as_json:
        say(to_json(document).decode())
    else:
        for line in _status_lines(document):
            say(line)
    return 0


def run_prove(*, ids_only: bool, as_json: bool, org: str | None) -> int:
    """Compare the store with each wanted org, record by record."""
    from sync.prove import prove_ids_once, prove_once

    log_to_stderr(level=logging.ERROR)

    def run(store: Store, settings: "SalesforceSettings", shown: "Progress") -> tuple[dict[str, Any], int]:
        report = (prove_ids_once if ids_only else prove_once)(store, settings, progress=shown)
        for detail in [*report.unproven.values(), *report.alarms.values()]:
            remark(f"baton sync prove: {detail}")
        return report.as_dict(), 0 if report.is_equal else FAILED

    return _for_each(org, run, _proof_lines, as_json=as_json, doing="baton sync prove")


Run = Callable[[Store, "SalesforceSettings", "Progress"], tuple[dict[str, Any], int]]


def _for_each(
    org: str | None, run: Run, lines: Callable[[dict[str, Any]], list[str]], *, as_json: bool, doing: str
) -> int:
    """Run something for the org of that name, the only one, or all; what fails in one does not keep the others."""
    wanted = wanted_orgs(org)
    if len(wanted) == 1:
        with open_store() as store, progress() as shown:
            report, code = run(store, wanted[0].salesforce, shown)
        _show(report, lines, as_json=as_json)
        return code
    found, codes = [], []
    with open_store() as store, progress() as shown:
        for each in wanted:
            name = each.salesforce.name
            try:
                report, code = run(store, each.salesforce, shown)
            except Exception as error:  # noqa: BLE001 - one org's failure is told, and the next has its turn
                line, code = explain(error, doing=f"{doing} --org {name}")
                remark(line)
                report = {"error": line}
            found.append({"org": name, **report})
            codes.append(code)
            if not as_json and "error" not in report:
                say(f"{name}:")
                _show(report, lines, as_json=False)
    if as_json:
        print_json({"orgs": found})
    return max(codes)


def _show(report: dict[str, Any], lines: Callable[[dict[str, Any]], list[str]], *, as_json: bool) -> None:
    if as_json:
        print_json(report)
    else:
        for line in lines(report):
            say(line)


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
        + (f" {counts['drift_repaired']:>8,} mended" if "drift_repaired" in counts else "")
        for name, counts in report["objects"].items()
    ]
    mended = report["drift_found"] - report["drift_rows"]
    verdict = "Nothing differs." if not report["drift_rows"] else "Repair it with: baton sync run --snapshot"
    lines.append(
        f"{report['drift_rows']:,} rows differ from the org. {verdict}" + (f" {mended:,} did before." if mended else "")
    )
    return lines


def _status_lines(status: dict[str, Any]) -> list[str]:
    lines = []
    for org in status["orgs"]:
        lines += _org_lines(org)
        lines += [_object_line(each) for each in org["objects"]]
        lines.append("")
    if not status["problems"]:
        return [*lines, "All is well."]
    return [*lines, "What is wrong, and what to do:", *(f"  {each}" for each in status["problems"])]


def _org_lines(org: dict[str, Any]) -> list[str]:
    lag = "nothing has landed yet" if org["lag_seconds"] is None else f"{org['lag_seconds']} s behind"
    called = f"{org['label']}: " if org["label"] else ""
    calls, scope, run = org["api_calls_today"], org["scope"], org["last_run"]
    expected = "" if calls["expected"] is None else f"; by midnight UTC some {calls['expected']:,} are expected"
    budget = "" if calls["budget"] is None else f", of a budget of {calls['budget']:,}"
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in calls["by_kind"].items())
    members = f"{scope['deals']:,} deals, {scope['drafts']:,} drafts."
    lines = [
        f"{called}{org['name']} ({org['org_id']}): {lag}",
        f"  scope     version {scope['version']}: {members} {' '.join(scope['in_words'])}",
        f"  API calls {calls['total']:,} today{f' ({kinds})' if kinds else ''}{expected}{budget}",
    ]
    if run is not None:
        ended = f", ended {run['ended_at']:%Y-%m-%d %H:%M:%S} UTC" if run["ended_at"] else ""
        lines.append(f"  last run  {run['kind']}, {run['state']}{ended}")
    return [*lines, *_worker_lines(org["worker"]), *map(_reading_line, org["readings"])]


def _reading_line(reading: dict[str, Any]) -> str:
    total = "" if reading["expected_rows"] is None else f" of {reading['expected_rows']:,} ({reading['percent']} %)"
    why = f": {reading['error']}" if reading["error"] else ""
    return (
        f"  reading   {reading['object']}, {reading['state']}: {reading['rows_landed']:,}{total} rows have landed{why}"
    )


def _worker_lines(lanes: dict[str, dict[str, Any]]) -> list[str]:
    lines = []
    plan = lanes["live"]["plan"] if "live" in lanes else {}
    if plan.get("poll_seconds") is not None:
        lines.append(f"  worker    a look every {plan['poll_seconds']:g} s ({plan['pace'].replace('_', ' ')})")
    for name, lane in lanes.items():
        if lane["doing"] is not None:
            lines.append(f"  {name:<9} {lane['doing']} since {lane['since']:%H:%M:%S} UTC")
        if lane["error"] is not None:
            lines.append(f"  {name:<9} {lane['error']}")
    return lines


def _object_line(each: dict[str, Any]) -> str:
    age = "" if each["age_seconds"] is None else f"{each['age_seconds']:,} s"
    late = f" {each['late_rows']:,} came late, by {each['most_late_seconds']} s at most." if each["late_rows"] else ""
    return f"  {each['object']:<24} {each['rows'] or 0:>10,} rows {age:>10}  {each['in_words']}{late}"
