"""What a proof found: how many records were compared, how many were wrong, and how many still are."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofReport:
    """How the store stands against the org, in total and per object; the target of `drift_rows` is 0."""

    drift_rows: int
    #: drift_rows and rows of each object; of a proof by ids also rows_compared, drift_found and drift_repaired
    objects: dict[str, dict[str, int]]
    api_calls: int
    seconds: float
    #: objects that could not be compared, each with the reason
    unproven: dict[str, str] = field(default_factory=dict)
    #: what a person must look at
    alarms: dict[str, str] = field(default_factory=dict)

    @property
    def drift_found(self) -> int:
        """How many records were wrong before they were mended; of a proof that mends nothing, how many are."""
        return sum(each.get("drift_found", each["drift_rows"]) for each in self.objects.values())

    @property
    def is_equal(self) -> bool:
        """Whether everything was compared and nothing differs any more."""
        return not (self.drift_rows or self.unproven or self.alarms)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-able data."""
        return {
            "drift_rows": self.drift_rows,
            "drift_found": self.drift_found,
            "objects": self.objects,
            "unproven": self.unproven,
            "alarms": self.alarms,
            "api_calls": self.api_calls,
            "seconds": self.seconds,
        }
