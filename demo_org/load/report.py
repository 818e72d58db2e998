"""What an import did, in sentences: rows per object, what was left out and why, values that could not be read."""

from collections import Counter
from dataclasses import dataclass, field

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """The result of reading a directory."""

    #: object -> rows loaded
    rows: dict[str, int]
    #: sentences about what was not taken over
    left_out: tuple[str, ...]
    #: sentences about what was decided for the reader: defaults, stages, custom fields
    notes: tuple[str, ...]
    #: sentences about values that could not be read; their fields are empty now
    problems: tuple[str, ...]

    @property
    def total(self) -> int:
        """Rows of all objects."""
        return sum(self.rows.values())

    def text(self) -> str:
        """The report for a terminal."""
        lines = [f"{count:>9,} {name}" for name, count in self.rows.items()]
        for title, sentences in (("Left out", self.left_out), ("Noted", self.notes), ("Not readable", self.problems)):
            lines += [f"{title}: {sentence}" for sentence in sentences[:_SHOWN]]
            if len(sentences) > _SHOWN:
                lines.append(f"{title}: and {len(sentences) - _SHOWN} more")
        return "\n".join(lines)


@dataclass(slots=True)
class Findings:
    """Collects what happens while rows are read; equal findings are counted instead of repeated."""

    rows: Counter[str] = field(default_factory=Counter)
    _left_out: Counter[str] = field(default_factory=Counter)
    _notes: Counter[str] = field(default_factory=Counter)
    _problems: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def leave_out(self, sentence: str) -> None:
        """Say that something is not taken over."""
        self._left_out[sentence] += 1

    def note(self, sentence: str, *, times: int = 1) -> None:
        """Say what was decided."""
        self._notes[sentence] += times

    def unreadable(self, file: str, column: str, value: str, wanted: str) -> None:
        """Say that a value is not what its field holds."""
        self._problems.setdefault((file, f"{column}: no {wanted}"), []).append(value)

    def report(self) -> LoadReport:
        """The findings as they are to be read."""
        return LoadReport(
            rows=dict(self.rows),
            left_out=tuple(self._left_out),
            notes=tuple(_counted(sentence, count) for sentence, count in self._notes.items()),
            problems=tuple(
                f"{file}, {what}: {len(values)} value(s) such as {values[0][:40]!r}; the field stays empty"
                for (file, what), values in self._problems.items()
            ),
        )


def _counted(sentence: str, count: int) -> str:
    return sentence if count == 1 else f"{sentence} ({count:,} rows)"
