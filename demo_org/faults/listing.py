"""The catalogue of faults as people read it."""

from collections.abc import Mapping
from typing import Any

from demo_org.faults.catalogue import KINDS
from demo_org.faults.kinds import Parameter
from demo_org.faults.order import MATCHING


def described_kinds() -> dict[str, Any]:
    """What every fault may have, and each kind with what it does and has besides."""
    kinds = [
        {
            "kind": kind.name,
            "group": kind.group,
            "doc": kind.doc,
            "parameters": _parameters(kind.parameters),
            "by_chance": kind.by_chance,
            "changes_truth": kind.changes_truth,
        }
        for kind in KINDS.values()
    ]
    return {"matching": _parameters(MATCHING), "kinds": kinds}


def _parameters(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, each in parameters.items():
        found[name] = {"default": each.default, "doc": each.doc} | ({"choices": each.choices} if each.choices else {})
    return found
