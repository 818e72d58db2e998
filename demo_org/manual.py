"""Writes the tables of the manual that the code knows best: acts of the control plane, faults.

python -m demo_org.manual docs/demo-org.md
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from demo_org.faults import KINDS
from demo_org.faults.kinds import Kind, Parameter
from demo_org.faults.order import MATCHING
from demo_org.wire.control.acts import ACTS

_GROUPS = {
    "refusals": "Answers that are none",
    "connection": "The way an answer takes",
    "answers": "Answers that are off",
    "states": "Sessions, jobs, logins, stamps",
    "events": "Change events",
}
_LONGEST = 60  # characters of a default that is told
_PLACE = re.compile(r"(<!-- table: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def acts_table() -> str:
    """Everything the control plane can do."""
    rows = [
        (f"`{each.method} {each.path}`", _listed({name: Parameter(doc=doc) for name, doc in each.arguments.items()}),
         each.doc)
        for each in ACTS
    ]  # fmt: skip
    return _table(("act", "arguments", "what it does"), rows)


def matching_table() -> str:
    """What every fault may have."""
    rows = [(f"`{name}`", each.doc, _default(each)) for name, each in MATCHING.items()]
    return _table(("key", "meaning", "unless told"), rows)


def kinds_table() -> str:
    """Every kind of fault, by groups."""
    rows: list[Sequence[str]] = []
    for group, title in _GROUPS.items():
        rows.append((f"**{title}**", "", ""))
        rows += [(f"`{each.name}`", each.doc + _notes(each), _listed(each.parameters)) for each in _of(group)]
    return _table(("fault", "what happens", "parameters"), rows)


TABLES: Mapping[str, Callable[[], str]] = {"acts": acts_table, "matching": matching_table, "kinds": kinds_table}


def rewritten(page: str) -> str:
    """The page with its tables as the code has them."""
    return _PLACE.sub(lambda found: f"{found[1]}\n{TABLES[found['name']]()}\n{found[3]}", page)


def _of(group: str) -> Iterable[Kind]:
    return (each for each in KINDS.values() if each.group == group)


def _notes(kind: Kind) -> str:
    return " *Changes records.*" if kind.changes_truth else ""


def _listed(parameters: Mapping[str, Parameter]) -> str:
    """Names with what they mean and are unless told."""
    found = []
    for name, each in parameters.items():
        default = _default(each)
        found.append(f"`{name}`: {each.doc}{f' ({default})' if default else ''}")
    return "; ".join(found)


def _default(parameter: Parameter) -> str:
    default = parameter.default
    if default is None or default in ("", {}) or len(str(default)) > _LONGEST:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"|{'|'.join(_cell(each) for each in line)}|\n" for line in lines)


def _cell(text: str) -> str:
    return "---" if text == "---" else f" {text.replace('|', chr(92) + '|')} " if text else " "


def main(arguments: Sequence[str]) -> int:
    """Rewrite the pages that are named."""
    for name in arguments:
        path = Path(name)
        path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
