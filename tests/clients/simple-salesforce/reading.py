"""What a program reads with simple-salesforce: queries, describes, limits, a search and the replication lists."""

import json
from datetime import UTC, datetime, timedelta

from session import log_in
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

salesforce = log_in()
every_deal = salesforce.query_all_iter(
    "SELECT Id, Name, Amount, Account.Name FROM Opportunity", headers={"Sforce-Query-Options": "batchSize=200"}
)
by_stage = salesforce.query_all("SELECT StageName, COUNT(Id) deals FROM Opportunity GROUP BY StageName")["records"]
first = salesforce.query("SELECT Id FROM Contact LIMIT 1")["records"][0]["Id"]
parents = salesforce.query(
    "SELECT Name, (SELECT Name FROM Opportunities ORDER BY Name) FROM Account WHERE Id IN (SELECT AccountId FROM "
    "Opportunity WHERE IsWon = TRUE) ORDER BY Name LIMIT 5"
)["records"]


def error_of(soql: str) -> str:
    """The code a query is refused with."""
    try:
        salesforce.query(soql)
    except SalesforceMalformedRequest as refused:
        return refused.content[0]["errorCode"]
    return ""


kept, gone = (salesforce.Lead.create({"LastName": name, "Company": "Somewhere"})["id"] for name in ("Qvortrup", "Gone"))
salesforce.Lead.delete(gone)
try:
    salesforce.Lead.get(gone)
    missing = ""
except SalesforceResourceNotFound as refused:
    missing = refused.content[0]["errorCode"]
span = (datetime.now(UTC) - timedelta(minutes=10), datetime.now(UTC) + timedelta(minutes=2))
words = salesforce.quick_search("Qvortrup")["searchRecords"]

print(
    json.dumps(
        {
            "deals": {
                deal["Id"]: [deal["Name"], deal["Amount"], (deal["Account"] or {}).get("Name")] for deal in every_deal
            },
            "by_stage": {row["StageName"]: row["deals"] for row in by_stage},
            "contact": {k: v for k, v in salesforce.Contact.get(first).items() if k in {"Id", "LastName", "Email"}},
            "parents": {
                parent["Name"]: [child["Name"] for child in (parent["Opportunities"] or {"records": []})["records"]]
                for parent in parents
            },
            "errors": [
                error_of(soql=soql) for soql in ("SELECT Naem FROM Account", "SELECT Id FROM Nothing", "SELECT")
            ],
            "missing": missing,
            "objects": sorted(each["name"] for each in salesforce.describe()["sobjects"]),
            "stage_names": [
                value["value"]
                for field in salesforce.Opportunity.describe()["fields"]
                if field["name"] == "StageName"
                for value in field["picklistValues"]
            ],
            "metadata": salesforce.Opportunity.metadata()["objectDescribe"]["keyPrefix"],
            "limits": salesforce.limits()["DailyApiRequests"],
            "usage": salesforce.api_usage["api-usage"].total,
            "updated": salesforce.Lead.updated(*span)["ids"] == [kept],
            "deleted": [each["id"] for each in salesforce.Lead.deleted(*span)["deletedRecords"]] == [gone],
            "found": [each["Id"] for each in words] == [kept],
        }
    )
)
