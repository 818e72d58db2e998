"""Every table of the store in one place, for migrations and for the test that compares the two."""

from models import (
    access,
    answered,
    audit,
    brief,
    bulk_job,
    erasure,
    handoff,
    health_score,
    kept_mapping,
    kept_scope,
    lease,
    lookup,
    note,
    org,
    outbox,
    proof,
    reminder,
    run,
    scope,
    sign_in,
    survey,
    term,
    working,
)
from models.mirror import metadata

__all__ = ["SCHEMAS", "metadata"]

SCHEMAS = ("salesforce", "closure", "cs", "cs_v1", "ops")
_MODULES = (
    access, answered, audit, brief, bulk_job, erasure, handoff, health_score, kept_mapping, kept_scope, lease, lookup,
    note, org, outbox, proof, reminder, run, scope, sign_in, survey, term, working,
)  # fmt: skip
