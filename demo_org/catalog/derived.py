"""Standard fields Salesforce computes at reading, without a formula a describe would show.

Activities come and go without a stamp on their deal, days pass by themselves.
"""

_OPEN_TASK = (
    'SELECT 1 FROM "Task" AS own_task WHERE own_task."WhatId" = {row}."Id" AND own_task."IsClosed" = 0 '
    'AND own_task."IsDeleted" = 0 AND own_task."IsArchived" = 0'
)
_COMING_EVENT = (
    'SELECT 1 FROM "Event" AS own_event WHERE own_event."WhatId" = {row}."Id" AND own_event."IsDeleted" = 0 '
    'AND own_event."EndDateTime" > org_now()'
)


def _days_since(instant: str) -> str:
    return f"CAST(julianday(org_today()) - julianday(substr({instant}, 1, 10)) AS INTEGER)"


#: (object, field) -> SQL in which {row} stands for the record
DERIVATIONS = {
    ("Opportunity", "HasOpenActivity"): f"(EXISTS ({_OPEN_TASK}) OR EXISTS ({_COMING_EVENT}))",
    ("Opportunity", "HasOverdueTask"): f'EXISTS ({_OPEN_TASK} AND own_task."ActivityDate" < org_today())',
    ("Opportunity", "AgeInDays"): '(CASE WHEN {row}."IsClosed" THEN CAST(julianday({row}."CloseDate") - '
    'julianday(substr({row}."CreatedDate", 1, 10)) AS INTEGER) ELSE ' + _days_since('{row}."CreatedDate"') + " END)",
    ("Opportunity", "LastActivityInDays"): _days_since('{row}."LastActivityDate"'),
    ("Opportunity", "LastStageChangeInDays"): _days_since('coalesce({row}."LastStageChangeDate", {row}."CreatedDate")'),
}  # fmt: skip
