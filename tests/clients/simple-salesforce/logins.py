"""Every way simple-salesforce can log in, and what it says when it may not."""

import json
import os

from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

ORG = json.loads(os.environ["DEMO_ORG"])
USER = {"username": ORG["username"], "password": ORG["password"]}
CLIENT = {"consumer_key": ORG["client_id"], "consumer_secret": ORG["client_secret"]}
VERSION = {"version": "64.0"}


def org_seen_by(salesforce: Salesforce) -> str:
    """The id of the org behind a login."""
    return salesforce.query("SELECT Id FROM Organization")["records"][0]["Id"]


def refusal(**arguments: str) -> str:
    """The code with which a login is refused."""
    try:
        Salesforce(**arguments, **VERSION)
    except SalesforceAuthenticationFailed as refused:
        return refused.code
    return ""


soap = Salesforce(**USER, security_token=ORG["security_token"], **VERSION)
logins = {
    "soap": soap,
    "jwt": Salesforce(
        username=ORG["username"], consumer_key=ORG["client_id"], privatekey_file=ORG["private_key_file"], **VERSION
    ),
    "client credentials": Salesforce(**CLIENT, domain="demo.my", **VERSION),
    "password": Salesforce(
        username=ORG["username"], password=ORG["password"] + ORG["security_token"], **CLIENT, **VERSION
    ),
    "session": Salesforce(session_id=soap.session_id, instance_url=ORG["https_url"], **VERSION),
}
print(
    json.dumps(
        {
            "orgs": {name: org_seen_by(salesforce) for name, salesforce in logins.items()},
            "refusals": {
                "soap": refusal(username=ORG["username"], password="wrong", security_token=""),
                "client credentials": refusal(consumer_key=ORG["client_id"], consumer_secret="wrong", domain="demo.my"),
                "jwt": refusal(
                    username=ORG["username"], consumer_key="nobody", privatekey_file=ORG["private_key_file"]
                ),
            },
            "is_sandbox": soap.is_sandbox(),
        }
    )
)
