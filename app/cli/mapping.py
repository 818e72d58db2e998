"""`baton mapping suggest|check|apply|export`: which fields of the org fill which line of the brief."""

# ruff: noqa: PLC0415 - the pipeline is loaded by what needs it

import getpass
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from app.cli.connection import open_store
from app.cli.failures import FAILED, MISUSED, CommandError
from app.cli.output import remark, say
from app.read.briefs import plain_brief
from app.read.difference import difference
from app.read.difference_text import difference_lines
from app.read.encode import plain_row, to_json
from app.read.record_id import long_id
from app.read.status import all_org_ids, org_ids
from models.session import ReadSession, Store


def suggest_mapping(*, as_json: bool, everything: bool, org: str | None) -> int:
    """Show what fills each line, and what might; from the store alone."""
    from sync.shape.desk import shown_mapping

    with open_store() as store, store.reading() as session:
        shown = shown_mapping(session, _org(session, org))
    if as_json:
        say(to_json(plain_row(shown)).decode())
        return 0
    lines = [line for line in shown["lines"] if everything or not line["fields"] or line["suggestions"]]
    for line in lines:
        say(_line_in_words(line))
        for each in line["suggestions"]:
            say(f"    maybe {each['field']} ({each['label']}): {each['why']}, {_filled(each['fill_rate'])}")
    say(_count_in_words(shown["lines"]))
    return 0


def check_mapping(*, file: Path | None, as_json: bool, org: str | None) -> int:
    """Hold a mapping against what the org has now; ends with 1 when something is wrong."""
    from sync.errors import MappingInvalid
    from sync.shape.desk import checked_mapping, in_force

    with open_store() as store, store.reading() as session:
        org_id = _org(session, org)
        document = in_force(session, org_id).document if file is None else _read(file)
        try:
            checked_mapping(session, org_id, document)
            problems: tuple[str, ...] = ()
        except MappingInvalid as error:
            problems = error.problems
    if as_json:
        say(to_json({"org_id": org_id, "problems": list(problems)}).decode())
    else:
        for each in problems:
            say(each)
        say("The mapping fits the org." if not problems else f"{len(problems)} to correct; nothing was changed.")
    return FAILED if problems else 0


def apply_mapping(
    file: Path, *, dry_run: bool, deal: str | None, yes: bool, by: str | None, as_json: bool, org: str | None
) -> int:
    """Make a mapping the one in force, after showing what it changes."""
    from sync.shape.desk import changed_lines, checked_mapping, in_force, set_mapping
    from sync.shape.mapping import write_mapping

    if not (yes or dry_run) and not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask on; look with --dry-run, then apply it with --yes.")
    with open_store() as store:
        with store.reading() as session:
            org_id = _org(session, org)
            mapping = checked_mapping(session, org_id, _read(file))
            kept = in_force(session, org_id)
            changes = changed_lines(kept.document, write_mapping(mapping))
            shown = _previewed(session, org_id, mapping, deal)
        _tell(changes, shown, as_json=False, beside=as_json)
        version = kept.version
        if changes and not dry_run:
            if not yes and not _agreed():
                remark("baton mapping apply: nothing was changed.")
                return FAILED
            version = _set(store, lambda session: set_mapping(session, org_id, mapping, by=by or getpass.getuser()))
    if as_json:
        say(to_json({"version": version, "dry_run": dry_run, "changes": changes, "brief": shown}).decode())
    elif not changes:
        say(f"This is the mapping already, version {version}.")
    elif dry_run:
        say("Nothing was changed.")
    else:
        say(f"Version {version} is in force; the next pass makes all briefs anew: baton sync run, or wait.")
    return 0


def export_mapping(*, whole: bool, as_json: bool, out: Path | None, org: str | None) -> int:
    """Write the mapping as a file that `apply` reads back."""
    from sync.shape.desk import in_force, whole_mapping

    with open_store() as store, store.reading() as session:
        org_id = _org(session, org)
        document = dict(whole_mapping(session, org_id) if whole else in_force(session, org_id).document)
    text = to_json(document).decode() + "\n" if as_json else tomli_w.dumps(document)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    else:
        say(text.rstrip("\n"))
    return 0


def _set(store: Store, act: Any) -> int:
    with store.writing() as session:
        return int(act(session))


def _previewed(session: ReadSession, org_id: str, mapping: Any, deal: str | None) -> dict[str, Any] | None:
    """What the mapping changes in the brief of a deal."""
    from sync.shape.desk import previewed_briefs

    if deal is None:
        return None
    deal_id = long_id(deal)
    made = None if deal_id is None else previewed_briefs(session, org_id, mapping, deal_id)
    if made is None:
        raise CommandError(f"--deal: there is no deal {deal}.", exit_code=MISUSED)
    before, after = (plain_brief(msgspec.json.decode(each, type=dict[str, msgspec.Raw])) for each in made)
    return {"deal_id": deal_id, "name": after["name"], **difference(before, after)}


def _tell(changes: list[dict[str, Any]], shown: dict[str, Any] | None, *, as_json: bool, beside: bool) -> None:
    tell = remark if beside or as_json else say
    for each in changes:
        tell(f"{each['key']}: {_value(each['before'])} becomes {_value(each['after'])}")
    if shown is not None:
        tell(f"In the brief of {shown['name']} ({shown['deal_id']}):")
        for line in difference_lines(shown) or ["nothing changes."]:
            tell(f"  {line}")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        found = msgspec.json.decode(text) if file.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: it can't be read ({error}); correct it", exit_code=MISUSED) from None
    if not isinstance(found, dict):
        raise CommandError(f"{file}: it holds no table; export one to begin with", exit_code=MISUSED)
    return found


def _org(session: ReadSession, name: str | None) -> str:
    found = all_org_ids(session) if name is None else org_ids(session, name)
    if len(found) == 1:
        return found[0]
    if not found:
        hint = f"no org is called {name}" if name else "no org is connected yet; run: baton sync run"
        raise CommandError(f"--org: {hint}", exit_code=MISUSED)
    raise CommandError(f"several orgs are connected; choose one with --org: {', '.join(found)}", exit_code=MISUSED)


def _agreed() -> bool:
    sys.stderr.write("Apply this mapping? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _line_in_words(line: Mapping[str, Any]) -> str:
    title = f"{line['section']}: {line['label']} [{line['key']}]"
    if not line["fields"]:
        return f"{title}: no field" + (", as you chose" if line["chosen"] else "")
    how = "chosen" if line["chosen"] else "by its name"
    return f"{title}: {', '.join(line['fields'])} ({how}, {_filled(line['fill_rate'])})"


def _filled(rate: float | None) -> str:
    return "filling unknown" if rate is None else f"filled in {rate:.0%}"


def _count_in_words(lines: Iterable[Mapping[str, Any]]) -> str:
    mapped = [line for line in lines if line["fields"]]
    return f"{len(mapped)} lines are filled by fields; write the mapping with: baton mapping export --whole"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "no field"
    return "what is found by its name" if value is None else str(value)
