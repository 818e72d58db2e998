"""A logged-in simple-salesforce for the other programs of this folder."""

import json
import os

from simple_salesforce import Salesforce


def log_in() -> Salesforce:
    """The login that most programs use: by client credentials, at the My Domain of the org."""
    org = json.loads(os.environ["DEMO_ORG"])
    return Salesforce(
        consumer_key=org["client_id"], consumer_secret=org["client_secret"], domain="demo.my", version="64.0"
    )
