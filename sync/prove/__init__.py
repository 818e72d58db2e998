"""Is the store equal to the org? Every night by ids and stamps, which mends what differs; on demand value by value."""

from sync.prove.formulas import refresh_formulas
from sync.prove.nightly import prove_ids, prove_ids_once
from sync.prove.report import ProofReport
from sync.prove.values import prove, prove_once

__all__ = ["ProofReport", "prove", "prove_ids", "prove_ids_once", "prove_once", "refresh_formulas"]
