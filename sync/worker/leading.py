"""Which of several workers of an org leads: a lease that is renewed beside the work, with a fence for each commit."""

import os
import secrets
import socket
import threading
from datetime import timedelta

import structlog

from models import lease
from models.errors import StoreError
from models.session import Store
from sync.run import Fence

LEASE_LASTS = timedelta(seconds=60)

log = structlog.get_logger("baton.worker")


class Leadership:
    """The lease of one org as this process holds it, or not. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._name: str | None = None
        #: what each commit checks; None while another worker leads
        self.fence: Fence | None = None

    @property
    def leads(self) -> bool:
        """Whether this process led when it asked last."""
        return self.fence is not None

    def renewed(self, org_id: str) -> bool:
        """Take or renew the lease; whether this process leads."""
        with self._lock:
            self._name = name = f"worker {org_id}"
            try:
                with self._store.writing() as session:
                    token = lease.take_lease(session, name, holder=self.holder, lasting=LEASE_LASTS)
                    other = lease.lease_holder(session, name)
                    if token is None and other is not None and _is_dead(other):
                        # Killed on this machine: its lease need not run out. The fence covers a mistake here.
                        lease.give_lease_back(session, name, holder=other)
                        token = lease.take_lease(session, name, holder=self.holder, lasting=LEASE_LASTS)
            except StoreError as error:
                log.warning("lease_not_renewed", error=str(error))
                return False
            if token is None:
                if self.fence is not None:
                    log.warning("standing_by", why="another worker leads")
                self.fence = None
                return False
            self.fence = Fence(name=name, token=token)
            return True

    def lost(self) -> None:
        """Take note that another worker has taken over."""
        self.fence = None

    def give_back(self) -> None:
        """End the lease early, so that nobody need wait for it to run out."""
        if self._name is None:
            return
        try:
            with self._store.writing() as session:
                lease.give_lease_back(session, self._name, holder=self.holder)
        except StoreError as error:
            log.warning("lease_not_given_back", error=str(error))


def _is_dead(holder: str) -> bool:
    """Whether a lease is held by a process of this machine that has ended."""
    host, pid, _ = holder.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
