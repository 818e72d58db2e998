"""`baton export`: whole tables as files."""

import importlib.util
import sys
from pathlib import Path

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import remark
from app.read.exports import Dataset, write_csv, write_parquet


def export(called: str, *, form: str, out: Path | None) -> int:
    """Write a table into a file, or CSV to stdout."""
    if called not in list(Dataset):
        raise CommandError(f"there is no {called!r}; choose of {', '.join(Dataset)}.", exit_code=MISUSED)
    if form not in {"csv", "parquet"}:
        raise CommandError(f"--format: there is no {form!r}; choose of csv, parquet.", exit_code=MISUSED)
    if form == "parquet" and out is None:
        raise CommandError("a Parquet file needs a name: --out terms.parquet.", exit_code=MISUSED)
    if form == "parquet" and importlib.util.find_spec("duckdb") is None:
        raise CommandError("Parquet files need an extra: pip install 'baton[parquet]'.", exit_code=MISUSED)
    dataset = Dataset(called)
    with open_store() as store, store.reading() as session:
        if form == "parquet" and out is not None:
            count = write_parquet(session, dataset, out)
        elif out is not None:
            with out.open("wb") as held:
                count = write_csv(session, dataset, held)
        else:
            count = write_csv(session, dataset, sys.stdout.buffer)
            sys.stdout.flush()
    remark(f"{count:,} rows of {dataset}")
    return 0
