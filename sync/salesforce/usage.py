"""How much of the org's daily API allocation is used, as Salesforce says it in every reply."""

import re
from dataclasses import dataclass

# The parts come in any order and the second is not always there, so neither pattern is anchored:
# e.g. "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)".
_ORG = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
_APP = re.compile(r"per-app-api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUsage:
    """Calls used and allowed in the rolling 24 hours, for the org and, where Salesforce limits it, for our app."""

    used: int
    limit: int
    app_used: int | None = None
    app_limit: int | None = None


def parse_usage(header: str | None) -> ApiUsage | None:
    """Read the Sforce-Limit-Info header; None when it says nothing of the org."""
    org = _ORG.search(header or "")
    if org is None:
        return None
    app = _APP.search(header or "")
    return ApiUsage(
        used=int(org[1]),
        limit=int(org[2]),
        app_used=int(app[1]) if app else None,
        app_limit=int(app[2]) if app else None,
    )
