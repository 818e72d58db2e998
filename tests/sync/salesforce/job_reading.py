"""Reads a bulk job from end to end, one page after the other, and compares the counts: what a download does."""

import time
from collections.abc import Iterator

from sync.errors import ResultTruncated
from sync.salesforce.bulk import BulkJob, BulkPage, job_error
from sync.salesforce.client import Client


def pages_of(client: Client, job: BulkJob) -> Iterator[BulkPage]:
    """The pages of a job, once it is complete; each must be read before the next is asked for."""
    while not (state := client.bulk_state(job)).is_complete:
        if state.has_ended:
            raise job_error(job, state)
        time.sleep(0.01)
    locator, landed = None, 0
    while True:
        with client.bulk_page(job, locator=locator) as page:
            yield page
        landed += page.rows_landed or 0
        locator = page.next_locator
        if locator is None:
            break
    if state.records_processed is not None and landed != state.records_processed:
        raise ResultTruncated(object_name=job.object_name, expected=state.records_processed, got=landed)
