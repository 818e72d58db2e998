"""Two ways to read what hangs on many deals: by their ids, or all of it by jobs. The one with fewer calls wins."""

from math import ceil

from sync.extract.aggregate import PARENTS_PER_QUERY
from sync.salesforce.bulk import PAGE_ROWS
from sync.salesforce.composite import MAX_QUERIES

#: what a job costs without its pages: start, two looks at its state, removal
_CALLS_OF_A_JOB = 4


def calls_by_ids(deals: int, *, objects: int) -> int:
    """Calls that it takes to ask for the children of some deals, in all objects that hang on deals."""
    return ceil(ceil(deals / PARENTS_PER_QUERY) * objects / MAX_QUERIES)


def calls_by_jobs(rows: int, *, objects: int) -> int:
    """Calls that it takes to read some objects whole that have so many rows together."""
    return objects * (_CALLS_OF_A_JOB + 1) + rows // PAGE_ROWS


def jobs_are_cheaper(deals: int, *, objects: int, rows: int) -> bool:
    """Whether a burst of changed deals is read by jobs; a limit that was met has no say in it."""
    return calls_by_ids(deals, objects=objects) > calls_by_jobs(rows, objects=objects)
