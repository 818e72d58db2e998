"""Which records changed or went away in a span of time: …/sobjects/X/updated and …/deleted."""

from datetime import UTC, datetime

from demo_org.errors import SalesforceFault
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def updated(context: Context, request: Request) -> Reply:
    """Ids of records created or changed."""
    ids, covered = context.org.updated_ids(request.parts["object"], _time(request, "start"), _time(request, "end"))
    return Reply(content={"ids": ids, "latestDateCovered": _stamp(covered)})


def deleted(context: Context, request: Request) -> Reply:
    """Ids of records deleted, softly or for good, and how far back the log of deletions reaches."""
    gone, earliest, covered = context.org.deleted_ids(
        request.parts["object"], _time(request, "start"), _time(request, "end")
    )
    content = {
        "deletedRecords": [{"deletedDate": _stamp(at), "id": record_id} for record_id, at in gone],
        "earliestDateAvailable": _stamp(earliest),
        "latestDateCovered": _stamp(covered),
    }
    return Reply(content=content)


def _time(request: Request, name: str) -> datetime:
    text = request.query.get(name, "")
    try:
        # An offset's plus sign that was not percent-encoded arrives as a space; Salesforce accepts both.
        instant = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # an offset may lead beyond the calendar
        message = f"{name} must be an ISO 8601 date and time with an offset, not '{text}'"
        raise SalesforceFault(400, "INVALID_REPLICATION_DATE", message) from None


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
