"""kill -9 of the worker at any moment of a snapshot: the next start finishes, and nothing differs."""

import random
import time

import pytest
from processes import DemoOrg, until

#: Makes the snapshot one of about 50,000 rows.
_LONG_SCALE = 14


@pytest.fixture(scope="module")
def org(is_long):
    """The story, and for the long version many times it."""
    started = DemoOrg("--seed", "7", "--scale", str(_LONG_SCALE if is_long else 1))
    yield started
    started.close()


def test_a_worker_killed_at_random_moments_of_a_snapshot_loses_nothing(new_stage, is_long):
    """However often it is killed, the next start has no more to do than to finish."""
    measured, stage = new_stage(), new_stage()
    began = time.monotonic()
    assert measured.run("sync", "run", "--snapshot").returncode == 0
    lasts = time.monotonic() - began
    moments = random.Random(2026)
    for _ in range(20 if is_long else 5):
        worker = stage.start("worker")
        time.sleep(moments.uniform(0.2, lasts))
        worker.kill()
    stage.start("worker")

    until(stage.api().ready, within=120)
    assert set(stage.api().deals()) == {
        row["Id"] for row in stage.org.query("SELECT Id FROM Opportunity WHERE IsWon = true")
    }
    assert stage.prove()["drift_rows"] == 0
