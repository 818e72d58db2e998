"""How a pass tells what it does, and what it has done."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Kind = Literal["live", "deep", "snapshot", "proof", "repair", "refresh"]

_SUMMED = (
    "rows_read",
    "rows_written",
    "rows_deleted",
    "late_rows",
    "deals_in",
    "deals_out",
    "drafts_in",
    "drafts_out",
    "events",
    "briefs",
    "api_calls",
)


class Progress(Protocol):
    """Told how far a pass is: what it does, with which object, and how many rows so far."""

    def __call__(self, stage: str, object_name: str | None, rows: int) -> None:
        """Take note."""
        ...


def silent(stage: str, object_name: str | None, rows: int) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class PassReport:
    """What one pass did."""

    kind: str
    rows_read: int = 0
    rows_written: int = 0
    rows_deleted: int = 0
    #: records that became visible after their object had been read beyond their stamp
    late_rows: int = 0
    deals_in: int = 0
    deals_out: int = 0
    drafts_in: int = 0
    drafts_out: int = 0
    events: int = 0
    briefs: int = 0
    api_calls: int = 0
    seconds: float = 0.0
    objects: dict[str, dict[str, int]] = field(default_factory=dict)
    windows: dict[str, int] = field(default_factory=lambda: {"committed": 0, "failed": 0})
    failed: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    #: complete readings that were merged; each is as old as its job, so that another pass has more to bring
    merged: int = 0

    @property
    def complete(self) -> bool:
        """Whether every window of the pass was committed."""
        return self.windows["failed"] == 0

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-able data."""
        return {
            "kind": self.kind,
            **{name: getattr(self, name) for name in _SUMMED},
            "seconds": self.seconds,
            "objects": self.objects,
            "windows": self.windows,
            "failed": self.failed,
            "warnings": self.warnings,
        }

    def followed_by(self, later: "PassReport") -> "PassReport":
        """Return both passes as one report."""
        objects = {name: Counter(self.objects.get(name, {})) for name in {*self.objects, *later.objects}}
        for name, counts in later.objects.items():
            objects[name].update(counts)
        return PassReport(
            kind=self.kind,
            **{name: getattr(self, name) + getattr(later, name) for name in _SUMMED},
            seconds=round(self.seconds + later.seconds, 3),
            objects={name: dict(counts) for name, counts in sorted(objects.items())},
            windows={name: self.windows[name] + later.windows[name] for name in self.windows},
            failed={**self.failed, **later.failed},
            warnings=[*self.warnings, *later.warnings],
        )
