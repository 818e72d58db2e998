"""Stages that imported deals are in and the org does not know: each becomes an OpportunityStage row."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from demo_org.load.report import Findings
from demo_org.load.rows import Row
from demo_org.store import Org

_CATEGORY = {
    "Pipeline": "Pipeline",
    "Best Case": "BestCase",
    "Commit": "Forecast",
    "Closed": "Closed",
    "Omitted": "Omitted",
}


def settle_stages(
    org: Org, deals: list[Row], findings: Findings, *, told: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Make the missing stages and give every deal the flags its file does not have."""
    meanings = _known(org)
    found = dict.fromkeys(str(row["StageName"]) for row in deals if row.get("StageName"))
    new = [name for name in found if name not in meanings]
    for name in new:
        rows = [row for row in deals if row.get("StageName") == name]
        meanings[name] = _told(told[name]) if told and name in told else _meaning(name, rows, findings)
    if new:
        _add(org, new, meanings)
        findings.note(f"Stages the org did not have are added: {', '.join(_described(n, meanings[n]) for n in new)}")
    for row in deals:
        meaning = meanings.get(str(row.get("StageName")), {})
        row |= {name: value for name, value in meaning.items() if row.get(name) is None}


def _known(org: Org) -> dict[str, Row]:
    with org.reading() as connection:
        rows = connection.execute(
            "SELECT ApiName, IsClosed, IsWon, DefaultProbability, ForecastCategory, ForecastCategoryName "
            "FROM OpportunityStage"
        ).fetchall()
    return {
        name: {"IsClosed": closed, "IsWon": won, "Probability": chance, "ForecastCategory": category,
               "ForecastCategoryName": category_name}
        for name, closed, won, chance, category, category_name in rows
    }  # fmt: skip


def _told(entry: Mapping[str, Any]) -> Row:
    won = bool(entry.get("won"))
    closed = won or bool(entry.get("closed"))
    category = entry.get("forecast", "Closed" if won else "Omitted" if closed else "Pipeline")
    return {
        "IsClosed": int(closed), "IsWon": int(won), "Probability": float(entry.get("probability", 100 * won)),
        "ForecastCategory": _CATEGORY.get(category, category), "ForecastCategoryName": category,
    }  # fmt: skip


def _meaning(name: str, rows: list[Row], findings: Findings) -> Row:
    """What the rows say about their stage; most of them decide."""
    won = _majority(row.get("IsWon") for row in rows)
    closed = _majority(row.get("IsClosed") for row in rows)
    if won is None and closed is None:
        findings.note(f"Nothing says whether the stage {name!r} is won or closed: it is taken for open")
    if any(row.get("IsWon") not in {None, won} for row in rows):
        findings.note(f"Deals in the stage {name!r} disagree whether it is won; each keeps its own value")
    chance = _majority(row.get("Probability") for row in rows)
    category = _majority(row.get("ForecastCategory") for row in rows)
    told = _told({"won": won, "closed": closed})
    return told | {
        "Probability": told["Probability"] if chance is None else chance,
        "ForecastCategory": category or told["ForecastCategory"],
        "ForecastCategoryName": _majority(row.get("ForecastCategoryName") for row in rows)
        or told["ForecastCategoryName"],
    }


def _majority(values: Iterable[Any]) -> Any:
    counted = Counter(value for value in values if value is not None)
    return counted.most_common(1)[0][0] if counted else None


def _add(org: Org, names: list[str], meanings: Mapping[str, Row]) -> None:
    with org.reading() as connection:
        last = connection.execute("SELECT coalesce(max(SortOrder), 0) FROM OpportunityStage").fetchone()[0]
    org.load(
        "OpportunityStage",
        ["MasterLabel", "ApiName", "IsActive", "SortOrder", "DefaultProbability", "IsClosed", "IsWon",
         "ForecastCategory", "ForecastCategoryName"],
        [(name, name, 1, last + place, meanings[name]["Probability"], meanings[name]["IsClosed"],
          meanings[name]["IsWon"], meanings[name]["ForecastCategory"], meanings[name]["ForecastCategoryName"])
         for place, name in enumerate(names, start=1)],
    )  # fmt: skip


def _described(name: str, meaning: Row) -> str:
    return f"{name} ({'won' if meaning['IsWon'] else 'lost' if meaning['IsClosed'] else 'open'})"
