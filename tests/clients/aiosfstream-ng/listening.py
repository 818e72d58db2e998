"""A program with aiosfstream: what happened before, what happens now, and on from there after it was away."""

import asyncio
import json
import os
from typing import Any

import aiohttp
from aiosfstream_ng import ReplayMarker, ReplayOption, SalesforceStreamingClient

ORG = json.loads(os.environ["DEMO_ORG"])
CHANNEL = "/data/ChangeEvents"


def client(replay: Any) -> SalesforceStreamingClient:
    """A client that logs in with user name and password at login.salesforce.com, as this one does."""
    return SalesforceStreamingClient(
        consumer_key=ORG["client_id"],
        consumer_secret=ORG["client_secret"],
        username=ORG["username"],
        password=ORG["password"] + ORG["security_token"],
        replay=replay,
    )


async def act(method: str, resource: str, body: Any = None) -> Any:
    """What another program of the org does meanwhile."""
    grant = {"grant_type": "client_credentials", "client_id": ORG["client_id"], "client_secret": ORG["client_secret"]}
    async with aiohttp.ClientSession(ORG["url"]) as session:
        token = (await (await session.post("/services/oauth2/token", data=grant)).json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = await session.request(method, f"/services/data/v64.0/{resource}", json=body, headers=headers)
        return await answer.json() if answer.status != 204 else None


async def hear(markers: Any, until: str) -> list[dict[str, Any]]:
    """Events until one has a name."""
    heard: list[dict[str, Any]] = []
    async with client(markers) as listening:
        await listening.subscribe(CHANNEL)
        async for message in listening:
            payload = message["data"]["payload"]
            heard.append(payload | {"replay": message["data"]["event"]["replayId"]})
            if payload.get("Name") == "Before":
                await act("POST", "sobjects/Account", {"Name": "Now", "AnnualRevenue": 1200.0})
            if payload.get("Name") == until:
                return heard
    return heard


async def main() -> dict[str, Any]:
    """Listen, go away, come back: the client keeps in a dictionary how far it has heard."""
    markers: dict[str, Any] = {}
    first = await hear(ReplayOption.ALL_EVENTS, "Now")
    markers[CHANNEL] = ReplayMarker(
        date=str(first[-1]["ChangeEventHeader"]["commitTimestamp"]), replay_id=first[-1]["replay"]
    )
    for name in ("Meanwhile", "Later"):
        await act("POST", "sobjects/Account", {"Name": name})
    return {"first": first, "again": await hear(markers, "Later")}


print(json.dumps(asyncio.run(main())))
