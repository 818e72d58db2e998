"""What people see and decide about the mapping of an org: what fills each line, what might, and what a change does."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import text

from models import org
from models.kept_mapping import KeptMapping, keep_mapping, kept_mapping
from models.session import ReadSession, WriteSession
from sync.errors import MappingInvalid
from sync.shape.brief import shape_brief
from sync.shape.gather import aggregates, context_of
from sync.shape.lookup import map_fields
from sync.shape.mapping import BriefMapping, problems_of, read_mapping, write_mapping
from sync.shape.suggest import OrgField, mapped_lines

#: the objects whose fields can fill a line
_LOOKED_AT = ("Opportunity", "Account", "Contract", "OpportunityContactRole", "Contact")


def shown_mapping(session: ReadSession, org_id: str) -> dict[str, Any]:
    """Return the mapping in force, what is wrong with it by now, and of each line what fills it and what might."""
    kept = kept_mapping(session, org_id)
    mapping = read_mapping(kept.document)
    context = context_of(session, org_id)
    fields = org_fields(session, org_id)
    lines = mapped_lines(fields, map_fields(context["labels"], context["unavailable"], mapping), mapping)
    return {
        "org_id": org_id,
        "version": kept.version,
        "set_at": kept.set_at,
        "set_by": kept.set_by,
        "mapping": write_mapping(mapping),
        "problems": problems_of(mapping, _types(fields)),
        "lines": [_line(asdict(each)) for each in lines],
    }


def whole_mapping(session: ReadSession, org_id: str) -> dict[str, Any]:
    """Return the mapping with every line that is found by its name written out, as a start for changing it."""
    mapping = read_mapping(kept_mapping(session, org_id).document)
    context = context_of(session, org_id)
    found = map_fields(context["labels"], context["unavailable"], mapping)
    known = _types(org_fields(session, org_id))
    fields = {
        line: tuple(place for place in places if place in known or line in mapping.fields)
        for line, places in found.items()
    }
    return write_mapping(BriefMapping(**{**_parts(mapping), "fields": fields}))


def checked_mapping(session: ReadSession, org_id: str, document: Mapping[str, Any]) -> BriefMapping:
    """Read a mapping and hold it against the org.

    Raises:
        MappingInvalid: it can't be read, or names what the org does not have, or hides.
    """
    mapping = read_mapping(document)
    problems = problems_of(mapping, _types(org_fields(session, org_id)))
    if problems:
        raise MappingInvalid(problems=problems)
    return mapping


def previewed_briefs(session: ReadSession, org_id: str, mapping: BriefMapping, deal_id: str) -> tuple[str, str] | None:
    """Return the brief of a deal as it is made now, and as it would be by this mapping; None where there is no deal."""
    before, after = context_of(session, org_id), {**context_of(session, org_id), "mapping": mapping}
    after["contact_fields"] = [*after["contact_fields"], *(
        name for places in mapping.fields.values() for place, name in places if place == "Opportunity"
    )]  # fmt: skip
    made = [
        shape_brief(each).json()
        for context in (before, after)
        for each in aggregates(session, org_id, [deal_id], context)
    ]
    return (made[0], made[1]) if len(made) == 2 else None


def changed_lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tell what differs between two mappings, as documents."""
    changes = []
    for part in ("fields", "roles", "families"):
        old, new = before.get(part, {}), after.get(part, {})
        changes += [
            {"key": f"{part}.{name}", "before": old.get(name), "after": new.get(name)}
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        ]
    return changes + [
        {"key": name, "before": before.get(name), "after": after.get(name)}
        for name in ("amount_means", "heavy_discount_percent")
        if before.get(name) != after.get(name)
    ]


def set_mapping(session: WriteSession, org_id: str, mapping: BriefMapping, *, by: str) -> int:
    """Make a mapping the one in force from the next pass on, which makes all briefs anew; returns its version."""
    return keep_mapping(session, org_id, write_mapping(mapping), set_by=by)


def in_force(session: ReadSession, org_id: str) -> KeptMapping:
    """Return the mapping that counts."""
    return kept_mapping(session, org_id)


def org_fields(session: ReadSession, org_id: str) -> list[OrgField]:
    """Return the readable fields of the objects that can fill a line, each with how often it is filled for deals."""
    found: list[OrgField] = []
    states = org.object_states(session, org_id)
    for object_name in _LOOKED_AT:
        state = states.get(object_name)
        if state is None or state.state != "ok":
            continue
        hidden = set(state.unavailable_fields)
        rates = _fill_rates(session, org_id, object_name)
        for field in (state.shape or {}).get("fields", []):
            if field["name"] not in hidden:
                rate = None if rates is None or not field["custom"] else rates.get(field["name"], 0.0)
                found.append(
                    OrgField(
                        object_name=object_name, name=field["name"], label=field["label"], type=field["type"],
                        custom=field["custom"], fill_rate=rate,
                    )
                )  # fmt: skip
    return found


def _fill_rates(session: ReadSession, org_id: str, object_name: str) -> Mapping[str, float] | None:
    """Of each custom field the share of records in the closure that have it filled; None without any record."""
    closure = f"closure.{object_name.lower()}"
    total = session.execute(text(f"SELECT count(*) FROM {closure} WHERE org_id = :org_id"), {"org_id": org_id}).scalar()
    if not total:
        return None
    rows: Sequence[Any] = session.execute(
        text(f"""
            SELECT pair.key, count(*) AS filled
              FROM {closure} AS record, jsonb_each_text(record.custom) AS pair
             WHERE record.org_id = :org_id AND pair.value IS NOT NULL AND btrim(pair.value) NOT IN ('', 'false')
             GROUP BY pair.key
        """),
        {"org_id": org_id},
    ).all()
    return {row.key: round(row.filled / total, 3) for row in rows}


def _types(fields: Sequence[OrgField]) -> dict[tuple[str, str], str]:
    return {(field.object_name, field.name): field.type for field in fields}


def _parts(mapping: BriefMapping) -> dict[str, Any]:
    return {name: getattr(mapping, name) for name in mapping.__slots__}


def _line(line: dict[str, Any]) -> dict[str, Any]:
    suggested = [
        {
            "field": f"{each['field']['object_name']}.{each['field']['name']}",
            **{name: each["field"][name] for name in ("label", "type", "fill_rate")},
            **{name: each[name] for name in ("score", "why")},
        }
        for each in line["suggestions"]
    ]
    return {**line, "fields": list(line["fields"]), "suggestions": suggested}
