"""What the handlers of the wire share: the org and everything the wire itself remembers about its clients."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from demo_org.cometd import Listeners, Streaming
from demo_org.control import OpenTransactions
from demo_org.events import EventBus, Topics
from demo_org.events.managed import ManagedSubscriptions
from demo_org.faults import Faults
from demo_org.store import Org
from demo_org.wire.bulk.classic.jobs import ClassicJobs
from demo_org.wire.bulk.ingest_jobs import IngestJobs
from demo_org.wire.bulk.numbers import JobNumbers
from demo_org.wire.bulk.query_jobs import QueryJobs
from demo_org.wire.login.approvals import Approvals
from demo_org.wire.login.logins import Logins
from demo_org.wire.login.scopes import USER_SCOPE
from demo_org.wire.login.sessions import Sessions
from demo_org.wire.login.signer import Signer
from demo_org.wire.long_running import LongRunning
from demo_org.wire.message import Reply, Request
from demo_org.wire.query.cursors import Cursors
from demo_org.wire.settings import WireSettings
from demo_org.wire.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One running wire in front of one org."""

    org: Org
    settings: WireSettings
    sessions: Sessions
    approvals: Approvals
    logins: Logins
    signer: Signer
    usage: Usage
    long_running: LongRunning
    faults: Faults
    cursors: Cursors
    query_jobs: QueryJobs
    ingest_jobs: IngestJobs
    classic_jobs: ClassicJobs
    transactions: OpenTransactions
    #: change events, whoever may listen
    events: EventBus
    managed: ManagedSubscriptions
    #: those who hear them over the Streaming API
    listeners: Listeners
    streaming: Streaming
    #: answers a request from inside another one (a part of a composite call)
    dispatch: Callable[[Request], Reply]
    #: where handlers run, so that the loop stays responsive while SQLite works
    threads: ThreadPoolExecutor

    def order_faults(self, order: Any, *, added: bool = False) -> None:
        """Put faults in force in place of all others, or besides them."""
        if added:
            self.faults.add(order)
        else:
            self.faults.replace(order)
        self.org.lag.allow(self.faults.longest_lag())

    def close(self) -> None:
        """Let running handlers end and remove the result files of Bulk jobs."""
        self.threads.shutdown(wait=True, cancel_futures=True)
        self.listeners.close()
        self.events.close()
        self.query_jobs.close()
        self.ingest_jobs.close()
        self.classic_jobs.close()


Handler = Callable[[Context, Request], Reply]
Methods = Mapping[str, Handler]


def open_context(org: Org, settings: WireSettings, *, dispatch: Callable[[Context, Request], Reply]) -> Context:
    """Set up the wire's memory for an org: no sessions, no cursors, no jobs, all of the day's calls left."""
    sessions = Sessions(org.clock, org_id=org.org_id, lifetime=timedelta(seconds=settings.session_seconds))
    approvals = Approvals(
        org.clock, sessions, most=settings.approvals, code_life=timedelta(seconds=settings.code_seconds)
    )
    known = settings.credentials
    approvals.give(
        org.users.integration, client_id=known.client_id, scope=USER_SCOPE, refresh_token=known.refresh_token
    )
    topics = Topics(org, selected=settings.change_event_objects, most=settings.most_change_event_objects)
    numbers = JobNumbers()
    bus = EventBus(org, topics, most_changes=settings.told_changes, daily_deliveries=settings.daily_deliveries)
    faults = Faults(org.clock)
    listeners = Listeners(bus, faults)
    context = Context(
        org=org,
        settings=settings,
        sessions=sessions,
        approvals=approvals,
        signer=Signer(),
        logins=Logins(org, hourly=settings.hourly_logins),
        usage=Usage(
            org.clock,
            daily_calls=settings.daily_calls,
            app_calls=settings.app_calls,
            daily_query_jobs=settings.daily_query_jobs,
        ),
        long_running=LongRunning(seconds=settings.long_seconds, most=settings.long_requests),
        faults=faults,
        cursors=Cursors(org.clock, limit=settings.open_cursors),
        query_jobs=QueryJobs(org, numbers, delay=settings.bulk_delay),
        ingest_jobs=IngestJobs(org, numbers, delay=settings.bulk_delay),
        classic_jobs=ClassicJobs(org, numbers, delay=settings.bulk_delay),
        transactions=OpenTransactions(org=org),
        events=bus,
        managed=ManagedSubscriptions(bus),
        listeners=listeners,
        streaming=Streaming(listeners, org.catalog, seconds=settings.streaming_seconds),
        dispatch=lambda request: dispatch(context, request),
        threads=ThreadPoolExecutor(max_workers=settings.threads, thread_name_prefix="wire"),
    )
    if settings.faults is not None:
        context.order_faults(settings.faults)
    return context
