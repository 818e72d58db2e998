"""`baton survey import FILE`: answers of surveys come from a file of another tool."""

from pathlib import Path

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import print_json, say
from app.problems import Problem
from app.read.sight import EVERYTHING
from app.read.status import org_ids
from app.write.survey_file import read_survey_file
from app.write.surveys import keep_surveys

_MOST_SHOWN = 10


def import_surveys(file: Path, *, source: str | None, org: str | None, as_json: bool) -> int:
    """Keep the answers of a file, each once; one wrong line, and nothing is kept."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}; name a CSV file.", exit_code=MISUSED) from None
    try:
        answers = read_survey_file(content, source=source)
        with open_store() as store, store.writing() as session:
            chosen = None if org is None else next(iter(org_ids(session, org)), org)
            kept = keep_surveys(session, answers, org=chosen, by="baton survey import", sight=EVERYTHING)
    except Problem as problem:
        lines = [f"  {each['pointer']}: {each['detail']}" for each in problem.errors[:_MOST_SHOWN]]
        raise CommandError("\n".join([f"{file}: {problem.detail}", *lines])) from None
    if as_json:
        print_json({"received": len(answers), "kept": kept, "known": len(answers) - kept})
    else:
        say(f"{kept} of {len(answers)} answers are new; {len(answers) - kept} had come before.")
    return 0
