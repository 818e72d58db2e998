"""Reads recorded exchanges with a real org out of the YAML files a recorder of HTTP left."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import yaml
from wire_client import RECORDED

_SHARED = "cumulusci/cumulusci/tests/shared_cassettes/"
_SLOT = re.compile(r"\{(?P<name>\w+)(?::(?P<usual>[^}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what the org answered; bodies are JSON where they can be read as such, else text."""

    method: str
    #: from /services on, with the query
    target: str
    sent: Any
    status: int
    headers: dict[str, str]
    answered: Any

    @property
    def resource(self) -> str:
        """What follows the version: query/?q=..., sobjects/Account/describe."""
        return self.target.split("/", 4)[-1]


def exchanges(path: str) -> list[Exchange]:
    """The exchanges of a cassette in their order; the test is skipped where the recordings are not at hand."""
    if not RECORDED.exists():
        pytest.skip("the recorded bodies are not beside this checkout")
    return [_exchange(each) for each in _interactions(path)]


@cache
def _interactions(path: str) -> tuple[dict[str, Any], ...]:
    whole = yaml.load((RECORDED / path).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    found: list[dict[str, Any]] = []
    # One that many cassettes share is a file of its own, sometimes with the exchange at its top.
    for each in whole.get("interactions", [whole]):
        found += _interactions(_SHARED + each["include_file"]) if "include_file" in each else [each]
    return tuple(found)


def _exchange(recorded: dict[str, Any]) -> Exchange:
    request, response = recorded["request"], recorded["response"]
    headers = {name: value[0] if isinstance(value, list) else value for name, value in response["headers"].items()}
    return Exchange(
        method=request["method"],
        target="/" + request["uri"].split("/", 3)[-1],
        sent=_read(request["body"]),
        status=response["status"]["code"],
        headers={name: value for name, value in headers.items() if "Elided" not in value},
        answered=_read(_text(response["body"]["string"])),
    )


def _text(body: Any) -> str | None:
    """The body as text; what many exchanges share is a template with {slots} or {slots:with a usual value}."""
    if not isinstance(body, dict):
        return body
    template = (RECORDED / _SHARED / "vcr_string_templates" / body["include_template"]).read_text(encoding="utf-8")
    return _SLOT.sub(lambda slot: str(body["vars"].get(slot["name"], slot["usual"])), template)


def template(text: str) -> str:
    """A pattern for what a recorded template stands for: its text, with any value in each of its {slots}."""
    pieces = _SLOT.split(text)  # text, name and usual value of a slot, text, and so on
    return "[^<]*".join(re.escape(each) for each in pieces[::3]).replace("vxx\\.0", "[^<]*")


def _read(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
