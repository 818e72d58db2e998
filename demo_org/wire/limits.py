"""What the org allows in a day and how much is left (…/limits), and roughly how many records it has."""

from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

#: allowances of a Developer Edition nothing here uses up
_UNTOUCHED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyDeliveredPlatformEvents": 10_000,
    "DailyStandardVolumePlatformEvents": 10_000,
    "DailyWorkflowEmails": 405,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
    "HourlyAsyncReportRuns": 1200,
    "HourlyPublishedPlatformEvents": 50_000,
    "HourlyPublishedStandardVolumePlatformEvents": 1000,
    "HourlySyncReportRuns": 500,
    "MonthlyPlatformEventsUsageEntitlement": 300_000,
    "PermissionSets": 1500,
    "SingleEmail": 15,
}
_BULK_JOBS = 10_000


def limits(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Every allowance with what is left of it."""
    most = context.usage.daily_calls
    left = {name: {"Max": value, "Remaining": value} for name, value in _UNTOUCHED.items()}
    left["DailyApiRequests"] = {"Max": most, "Remaining": max(0, most - context.usage.used)}
    left["DailyBulkV2QueryJobs"] = {"Max": _BULK_JOBS, "Remaining": max(0, _BULK_JOBS - context.usage.bulk_jobs)}
    return Reply(content=dict(sorted(left.items())))


def record_count(context: Context, request: Request) -> Reply:
    """How many records objects have; those that have none, or don't exist, are left out."""
    catalog = context.org.catalog
    asked = request.query.get("sObjects")
    names = [name.strip() for name in asked.split(",")] if asked else list(catalog.objects)
    found = [catalog.object(name).name for name in names if name in catalog]
    counts = [(context.org.count(name), name) for name in sorted(found)]
    return Reply(content={"sObjects": [{"count": count, "name": name} for count, name in counts if count]})
