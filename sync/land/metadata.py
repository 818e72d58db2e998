"""What deals depend on without any stamp, kept as hashes: stages, record types, rates, and what may be read."""

from collections.abc import Iterable, Mapping

from sqlalchemy import text

from models import org, proof
from models.session import WriteSession
from sync.errors import ObjectMissing
from sync.land.landing import Landing
from sync.record import ObjectShape, Unchanged

#: not part of what a record means
_OURS = "ARRAY['generation', 'landed_at', 'tombstone', 'systemmodstamp']"


def setup_changed(landing: Landing, object_names: Iterable[str]) -> list[str]:
    """Return the objects, each of a few records that an admin keeps, that are not what they were."""
    return _changed(landing.session, landing.org_id, {name: _hash_of(landing, name) for name in object_names})


def description_changed(
    session: WriteSession, org_id: str, described: Mapping[str, ObjectShape | Unchanged | ObjectMissing]
) -> list[str]:
    """Return the objects of which other fields, values or rights were described than before."""
    hashes = {
        f"describe {name}": answer.fingerprint for name, answer in described.items() if isinstance(answer, ObjectShape)
    }
    hashes |= {f"describe {name}": "missing" for name, answer in described.items() if isinstance(answer, ObjectMissing)}
    return _changed(session, org_id, hashes)


def _changed(session: WriteSession, org_id: str, hashes: Mapping[str, str]) -> list[str]:
    changed = proof.metadata_changed(session, org_id, hashes)
    if changed:
        # Formulas may read what has changed: their next refresh is due at once.
        org.formulas_due(session, org_id)
    return changed


def _hash_of(landing: Landing, object_name: str) -> str:
    statement = f"""
        SELECT md5(coalesce(string_agg((to_jsonb(record) - {_OURS})::text, ' ' ORDER BY record.id), ''))
          FROM {landing.mirrors[object_name].closure} AS record WHERE record.org_id = :org_id
    """
    return str(landing.session.execute(text(statement), {"org_id": landing.org_id}).scalar_one())
