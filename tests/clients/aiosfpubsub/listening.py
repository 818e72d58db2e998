"""A program with aiosfpubsub: what happened before, and what happens now."""

import asyncio
import json
import os
from typing import Any

import certifi
import httpx
from aiosfpubsub import Client

ORG = json.loads(os.environ["DEMO_ORG"])
TOPIC = "/data/ChangeEvents"


def connect() -> Client:
    """A client that logs in by SOAP, as this one does."""
    # It asks certifi for the authorities it trusts, whatever the machine trusts.
    certifi.where = lambda: ORG["ca_file"]
    host, port = ORG["pubsub"].split(":")
    client = Client(
        ORG["https_url"], ORG["username"], ORG["password"] + ORG["security_token"], grpc_host=host, grpc_port=int(port)
    )
    client.auth()
    return client


def act() -> str:
    """What another program of the org does meanwhile."""
    grant = {"grant_type": "client_credentials", "client_id": ORG["client_id"], "client_secret": ORG["client_secret"]}
    with httpx.Client(base_url=ORG["url"], trust_env=False) as rest:
        token = rest.post("/services/oauth2/token", data=grant).json()["access_token"]
        rest.headers["Authorization"] = f"Bearer {token}"
        base = "/services/data/v64.0/sobjects/Opportunity"
        deal = {"Name": "Now", "StageName": "Prospecting", "CloseDate": "2026-06-30", "Amount": 1200.5}
        made = rest.post(base, json=deal).json()["id"]
        rest.patch(f"{base}/{made}", json={"StageName": "Closed Won"})
    return made


async def main() -> dict[str, Any]:
    """Listen from the oldest event on until the deal is won."""
    client = connect()
    topic = client.get_topic("/data/OpportunityChangeEvent")
    heard: list[dict[str, Any]] = []
    won = asyncio.Event()
    loop = asyncio.get_running_loop()
    deal: list[str] = []

    def hear(answer: Any, listening: Client) -> None:
        for each in answer.events:
            schema = listening.get_schema_json(each.event.schema_id)
            heard.append(listening.decode(schema, each.event.payload) | {"replay": each.replay_id.hex()})
            if heard[-1].get("Name") == "Before":
                loop.run_in_executor(None, lambda: deal.append(act()))
            if heard[-1].get("StageName") == "Closed Won":
                won.set()

    listening = asyncio.create_task(client.subscribe(TOPIC, "EARLIEST", b"", 5, hear))
    await asyncio.wait_for(won.wait(), 60)
    listening.cancel()
    return {"topic": topic.schema_id, "deal": deal, "heard": heard}


print(json.dumps(asyncio.run(main())))
