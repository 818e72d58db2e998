"""When work is done: two lanes per org under one governor, one leader by a lease, and a clean stop.

The live lane polls. The bulk lane does chores: whatever reads much and may take its time. Polls never queue behind it.
"""

from sync.worker.lanes import Worker
from sync.worker.schedule import run_worker, run_workers

__all__ = ["Worker", "run_worker", "run_workers"]
