"""Answers of surveys as people and tools write them down: one at a time, or as a CSV file."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.problems import Problem
from models.survey import SurveyAnswer, SurveyKind

_BEST = {SurveyKind.NPS: 10, SurveyKind.CSAT: 5}
_LOWEST = {SurveyKind.NPS: 0, SurveyKind.CSAT: 1}
MOST_ROWS = 10_000
_TEXT = r"^[^\x00]*$"


class NewAnswer(BaseModel):
    """A survey that was sent to somebody, with what they answered, if they did."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=100, pattern=_TEXT, description="the tool that it is from")
    external_id: str = Field(min_length=1, max_length=200, pattern=_TEXT, description="of the survey in that tool")
    kind: SurveyKind = Field(description="`nps` (0 to 10) or `csat` (1 up to `scale`)")
    customer_id: str = Field(max_length=18, pattern=_TEXT, description="15 or 18 characters")
    deal_id: str | None = Field(
        None, max_length=18, pattern=_TEXT, description="of the customer, where it is about one"
    )
    contact_id: str | None = Field(None, max_length=18, pattern=_TEXT, description="who was asked")
    asked_on: date | None = Field(None, description="when it was sent; without it, it is in no response rate")
    answered_on: date | None = Field(None, description="when it was answered; needs a score")
    score: int | None = Field(None, ge=0, le=10, description="null while nobody has answered")
    scale: int | None = Field(None, ge=2, le=10, description="the best score: 5 unless given, and 10 for `nps`")
    comment: str | None = Field(None, max_length=20_000, pattern=_TEXT)
    changed_at: AwareDatetime | None = Field(
        None, description="of several answers to one survey the latest counts; the day of the answer unless given"
    )
    is_void: bool = Field(False, description="whether it is to count no more")  # noqa: FBT003 - pydantic's default

    @model_validator(mode="after")
    def _fits(self) -> "NewAnswer":
        best = self.best
        if self.kind is SurveyKind.NPS and best != 10:
            raise ValueError("the scale of an nps is 10; leave it out")
        if self.score is not None and not _LOWEST[self.kind] <= self.score <= best:
            raise ValueError(f"the score of a {self.kind} is {_LOWEST[self.kind]} to {best}; correct it, or its scale")
        if (self.score is None) != (self.answered_on is None):
            raise ValueError("score and answered_on belong together; give both, or neither while nobody has answered")
        if self.asked_on is None and self.answered_on is None:
            raise ValueError("it has no day; give asked_on, answered_on, or both")
        if self.asked_on and self.answered_on and self.answered_on < self.asked_on:
            raise ValueError("it was answered before it was asked; correct one of the days")
        return self

    @property
    def best(self) -> int:
        """The best score there is."""
        return self.scale or _BEST[self.kind]

    def answer(self) -> SurveyAnswer:
        """As it is kept."""
        day = self.answered_on or self.asked_on
        assert day is not None
        said = self.model_dump(exclude={"scale", "changed_at"})
        stamp = self.changed_at or datetime.combine(day, time.min, UTC)
        return SurveyAnswer(**said, scale=self.best, changed_at=stamp.astimezone(UTC))


COLUMNS: Sequence[str] = tuple(NewAnswer.model_fields)


def read_survey_file(content: bytes, *, source: str | None = None) -> list[SurveyAnswer]:
    """Read the answers of a CSV file (UTF-8, a head line); `source` where the file has no such column.

    Raises:
        Problem: something in it is no answer; each line that is none is named, and nothing is kept.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "survey_file_invalid", "The file is not in UTF-8. Save it as CSV in UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        _refuse_unknown(names)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        detail = f"Line {reader.line_num} is no CSV: {error}. Quote values that hold commas, quotes or line ends."
        raise Problem(400, "survey_file_invalid", detail) from None
    if len(rows) > MOST_ROWS:
        detail = f"The file has {len(rows)} lines, and {MOST_ROWS} are taken at once. Split it."
        raise Problem(400, "survey_file_invalid", detail)
    return _answers(rows, source=source)


def _refuse_unknown(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if not names or unknown:
        near = [match for name in unknown for match in get_close_matches(name, COLUMNS, n=1)]
        hint = f"Did you mean {', '.join(near)}?" if near else f"Allowed: {', '.join(COLUMNS)}."
        said = f"There is no column {', '.join(map(repr, unknown))}." if unknown else "The file has no head line."
        raise Problem(400, "survey_file_invalid", f"{said} {hint}")


def _answers(rows: Iterable[tuple[int, dict[str | None, Any]]], *, source: str | None) -> list[SurveyAnswer]:
    found: list[SurveyAnswer] = []
    problems: list[dict[str, str]] = []
    for line, row in rows:
        if None in row:
            problems.append({"pointer": f"/line/{line}", "detail": "it has more values than the head line has columns"})
            continue
        said = {name: value.strip() for name, value in row.items() if name and value and value.strip()}
        if source is not None:
            said.setdefault("source", source)
        try:
            found.append(NewAnswer.model_validate(said).answer())
        except ValidationError as error:
            problems += [
                {"pointer": "/".join(["/line", str(line), *map(str, each["loc"])]), "detail": str(each["msg"])}
                for each in error.errors(include_url=False)
            ]
    if problems:
        first = problems[0]
        detail = f"{first['pointer']}: {first['detail']}. Nothing was kept; correct the lines and send the file again."
        raise Problem(400, "survey_file_invalid", detail, errors=problems)
    return found
