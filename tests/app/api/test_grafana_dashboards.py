"""The dashboards of deploy/grafana ask questions that the API answers, and show columns that it has."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import stored_deals as stored
import worked_example as example
import yaml

from models.session import Store
from models.term import KnownTerm, write_terms

FOLDER = Path(__file__).parents[3] / "deploy" / "grafana"
BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
SPAN = {"${__from:date:YYYY-MM-DD}": "2024-11-23", "${__to:date:YYYY-MM-DD}": "2026-11-23"}
PANELS = [(name, panel["title"]) for name, board in BOARDS.items() for panel in board["panels"]]


@pytest.fixture
def client(store: Store, client_of: Any) -> Any:
    """A store with the worked example, a deal, a run and a doubtful term; a key as the page says to make it."""
    stored.fill(store, [{"id": "F01", "name": "A deal"}])
    terms = [*example.terms(), example.term("Odd", "2026-01-01", "2026-12-31", 5, signed_on=None)]
    terms.append(example.term("Soon", "2026-01-01", "2026-12-30", 5))
    known = [KnownTerm(term=each, deal_id="F01", deal_ids=("F01",), contract_id=None, why=()) for each in terms]
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.logo for each in terms}, known, generation=1)
        session.exec_driver_sql("UPDATE ops.org SET watermark = '2026-11-23T12:00Z'")
    return client_of(store, "metrics:read", "briefs:read", "commercial:read")


def questions(board: dict[str, Any], target: dict[str, Any]) -> Iterator[list[tuple[str, str]]]:
    """The parameters of a query, once for each choice of the variables in it."""
    variables = {f"${{{each['name']}}}": each["query"].split(",") for each in board["templating"]["list"]}
    params = [(each["key"], each["value"]) for each in target["url_options"]["params"]]
    used = [name for name in variables if name in {value for _, value in params}]
    for chosen in product(*(variables[name] for name in used)):
        filled = {**SPAN, **dict(zip(used, chosen, strict=True))}
        yield [(key, filled.get(value, value)) for key, value in params]


def value_at(row: dict[str, Any], selector: str) -> Any:
    """What a selector finds in a row; a missing column is an error."""
    found: Any = row
    for part in selector.split("."):
        found = found[int(part)] if part.isdigit() else found[part]
    return found


def fits(value: Any, column: dict[str, Any]) -> bool:
    """Whether a value is what Grafana is told that it is."""
    match value, column["type"]:
        case None, _:
            return True
        case _, "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _, "timestamp":
            return column["timestampFormat"] == "2006-01-02" and bool(datetime.strptime(value, "%Y-%m-%d"))  # noqa: DTZ007 - it is a day
        case _:
            return isinstance(value, str)


@pytest.mark.parametrize(("board", "title"), PANELS)
def test_a_panel_shows_what_the_api_answers(client, board: str, title: str):
    """Each query of a panel, with every choice of its variables: answered, not empty, with columns of that type."""
    [panel] = [each for each in BOARDS[board]["panels"] if each["title"] == title]
    for target in panel["targets"]:
        for params in questions(BOARDS[board], target):
            answer = client.get(target["url"], params=params)
            assert answer.status_code == 200, (params, answer.text)
            rows = answer.json()[target["root_selector"]]

            assert rows, params
            for row, column in product(rows, target["columns"]):
                assert fits(value_at(row, column["selector"]), column), (column, row)


def test_the_files_belong_together():
    """All panels ask the data source that is set up, by relative paths; ids are there once, and no key is in them."""
    [source] = yaml.safe_load((FOLDER / "datasource.yaml").read_text("utf-8"))["datasources"]
    expected = {"type": source["type"], "uid": source["uid"]}
    targets = [each for board in BOARDS.values() for panel in board["panels"] for each in panel["targets"]]

    assert targets
    assert all(each["datasource"] == expected and each["url"].startswith("/api/v1/") for each in targets)
    assert all(each["parser"] == "backend" for each in targets)
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)
    for board in BOARDS.values():
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert source["secureJsonData"] == {"bearerToken": "${BATON_KEY}"}
    assert yaml.safe_load((FOLDER / "dashboards.yaml").read_text("utf-8"))["providers"]
