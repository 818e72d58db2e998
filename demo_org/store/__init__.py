"""The records of the demo org: one SQLite file with Salesforce's rules for writing, deleting and replicating."""

from demo_org.store.late import LateTransaction
from demo_org.store.org import Org, Users
from demo_org.store.unit import Unit

__all__ = ["LateTransaction", "Org", "Unit", "Users"]
