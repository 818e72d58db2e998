"""A program with aio-sf, which does everything at once: queries, describes, lists of records, Bulk 2.0 into a table."""

import asyncio
import json
import os

from aio_sf import ClientCredentialsAuth, RefreshTokenAuth, SalesforceClient, bulk_query

ORG = json.loads(os.environ["DEMO_ORG"])
DEALS = "SELECT Id, Name, Amount, Account.Name FROM Opportunity"


def client_by(strategy: str) -> SalesforceClient:
    """A client that logs in one way or the other."""
    app = {"client_id": ORG["client_id"], "client_secret": ORG["client_secret"]}
    if strategy == "refresh":
        auth = RefreshTokenAuth(ORG["https_url"], access_token=None, refresh_token=ORG["refresh_token"], **app)
    else:
        auth = ClientCredentialsAuth(ORG["https_url"], **app)
    return SalesforceClient(auth, version="v64.0")


async def reading(client: SalesforceClient) -> dict[str, object]:
    """Queries and describes that run at the same time."""
    deals, contacts, objects, described, limits, organisation = await asyncio.gather(
        client.query.soql(DEALS),
        client.query.soql("SELECT Id FROM Contact", include_deleted=True),
        client.describe.list_sobjects(),
        client.describe.sobject("Opportunity"),
        client.describe.get_limits(),
        client.describe.get_organization_info(),
    )
    return {
        "deals": {row["Id"]: [row["Name"], row["Amount"], (row["Account"] or {}).get("Name")] async for row in deals},
        "contacts": len([row async for row in contacts]),
        "objects": [each["name"] for each in objects],
        "fields": [field["name"] for field in described["fields"]],
        "limits": limits["DailyApiRequests"]["Max"],
        "organisation": organisation["Id"],
    }


async def writing(client: SalesforceClient) -> dict[str, object]:
    """450 records at once in lists of 200, changed, upserted and deleted."""
    collections = client.collections
    people = [{"LastName": f"Async {number}"} for number in range(450)]
    inserted = await collections.insert(people, "Contact")
    ids = [each["id"] for each in inserted]
    updated = await collections.update([{"Id": each, "Title": "Changed"} for each in ids], "Contact")
    upserted = await collections.upsert([{"Id": each, "Department": "North"} for each in ids[:3]], "Id", "Contact")
    mixed = await collections.insert([{"LastName": "Good"}, {"FirstName": "Bad"}], "Contact", all_or_none=False)
    stored = await client.query.soql(
        "SELECT Id FROM Contact WHERE LastName LIKE 'Async %' AND Title = 'Changed' ORDER BY Id"
    )
    found = sorted([row["Id"] async for row in stored])
    deleted = await collections.delete(ids)
    return {
        "success": [sum(each["success"] for each in done) for done in (inserted, updated, upserted, deleted)],
        "created": [each["created"] for each in upserted],
        "mixed": [[each["success"], [error["statusCode"] for error in each["errors"]]] for each in mixed],
        "found": found == sorted(ids),
        "ids": ids,
    }


async def exporting(client: SalesforceClient) -> dict[str, object]:
    """A query by Bulk API 2.0, page by page."""
    result = await bulk_query(
        client, "SELECT Id, Name, Amount, IsWon FROM Opportunity", batch_size=250, poll_interval=1
    )
    rows = [row async for row in result]
    return {"total": len(result), "deals": {row["Id"]: [row["Name"], row["Amount"], row["IsWon"]] for row in rows}}


async def main() -> None:
    """Do all of it with one session, and log in once more the other way."""
    async with client_by("credentials") as client:
        found = {
            "reading": await reading(client),
            "writing": await writing(client),
            "exporting": await exporting(client),
        }
    async with client_by("refresh") as client:
        found["refreshed"] = (await client.describe.get_organization_info())["Id"]
    print(json.dumps(found))


asyncio.run(main())
