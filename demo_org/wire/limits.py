"""What the org allows in a day and how much is left (…/limits), and roughly how many records it has."""

from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

#: allowances of a Developer Edition nothing here uses up
_UNTOUCHED = {
    "ActiveScratchOrgs": 3,
    "AnalyticsExternalDataSizeMB": 40_960,
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentEinsteinDataInsightsStoryCreation": 5,
    "ConcurrentEinsteinDiscoveryStoryCreation": 2,
    "ConcurrentSyncReportRuns": 20,
    "DailyAnalyticsDataflowJobExecutions": 60,
    "DailyAnalyticsUploadedFilesSizeMB": 51_200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyAsyncApexTests": 540,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyDeliveredPlatformEvents": 10_000,
    "DailyDurableGenericStreamingApiEvents": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyEinsteinDataInsightsStoryCreation": 1_000,
    "DailyEinsteinDiscoveryOptimizationJobRuns": 25,
    "DailyEinsteinDiscoveryPredictAPICalls": 50_000,
    "DailyEinsteinDiscoveryPredictionsByCDC": 500_000,
    "DailyEinsteinDiscoveryStoryCreation": 100,
    "DailyFunctionsApiCallLimit": 50_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyScratchOrgs": 6,
    "DailyStandardVolumePlatformEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 405,
    "DataStorageMB": 5,
    "DurableStreamingApiConcurrentClients": 20,
    "FileStorageMB": 20,
    "HourlyAsyncReportRuns": 1_200,
    "HourlyDashboardRefreshes": 200,
    "HourlyDashboardResults": 5_000,
    "HourlyDashboardStatuses": 999_999_999,
    "HourlyLongTermIdMapping": 100_000,
    "HourlyManagedContentPublicRequests": 50_000,
    "HourlyODataCallout": 1_000,
    "HourlyPublishedPlatformEvents": 50_000,
    "HourlyPublishedStandardVolumePlatformEvents": 1_000,
    "HourlyShortTermIdMapping": 100_000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 50,
    "MassEmail": 10,
    "MonthlyEinsteinDiscoveryStoryCreation": 500,
    "MonthlyPlatformEventsUsageEntitlement": 300_000,
    "Package2VersionCreates": 6,
    "Package2VersionCreatesWithoutValidation": 500,
    "PrivateConnectOutboundCalloutHourlyLimitMB": 0,
    "PublishCallbackUsageInApex": 5_242_880,
    "SingleEmail": 15,
    "StreamingApiConcurrentClients": 20,
}
#: two sets come with every org; those an admin makes are counted apart
_PERMISSION_SETS = {"Max": 1500, "Remaining": 1498, "CreateCustom": {"Max": 1000, "Remaining": 998}}


def limits(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Every allowance with what is left of it."""
    most = context.usage.daily_calls
    left: dict[str, object] = {name: {"Max": value, "Remaining": value} for name, value in _UNTOUCHED.items()}
    left["PermissionSets"] = _PERMISSION_SETS
    left["DailyApiRequests"] = {"Max": most, "Remaining": max(0, most - context.usage.used)}
    usage = context.usage
    left["DailyBulkV2QueryJobs"] = {"Max": usage.daily_query_jobs, "Remaining": usage.query_jobs_left}
    return Reply(content=dict(sorted(left.items())))


def record_count(context: Context, request: Request) -> Reply:
    """How many records objects have; those that have none, or don't exist, are left out."""
    catalog = context.org.catalog
    asked = request.query.get("sObjects")
    names = [name.strip() for name in asked.split(",")] if asked else list(catalog.objects)
    found = [catalog.object(name).name for name in names if name in catalog]
    counts = [(context.org.count(name), name) for name in sorted(found)]
    return Reply(content={"sObjects": [{"count": count, "name": name} for count, name in counts if count]})
