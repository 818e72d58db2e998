"""What a program writes with simple-salesforce: single records, composite requests, collections."""

import json

from session import log_in
from simple_salesforce.exceptions import SalesforceMalformedRequest

salesforce = log_in()
account = salesforce.Account.create({"Name": "Written", "Industry": "Biotechnology"})["id"]
statuses = [
    salesforce.Account.update(account, {"NumberOfEmployees": 12, "Industry": None}),
    salesforce.Account.upsert(f"Id/{account}", {"Site": "North"}),
]
changed = salesforce.Account.get(account)

made = salesforce.restful(
    "composite",
    method="POST",
    json={
        "allOrNone": True,
        "compositeRequest": [
            {
                "method": "POST",
                "url": "/services/data/v64.0/sobjects/Contact",
                "referenceId": "person",
                "body": {"LastName": "Composite", "AccountId": account},
            },
            {
                "method": "GET",
                "url": "/services/data/v64.0/sobjects/Contact/@{person.id}?fields=Name,AccountId",
                "referenceId": "read",
            },
        ],
    },
)["compositeResponse"]

collection = salesforce.restful(
    "composite/sobjects",
    method="POST",
    json={
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Contact"}, "LastName": "First", "AccountId": account},
            {"attributes": {"type": "Contact"}},
        ],
    },
)
tree = salesforce.restful(
    "composite/tree/Account",
    method="POST",
    json={
        "records": [
            {
                "attributes": {"type": "Account", "referenceId": "parent"},
                "Name": "Tree",
                "Contacts": {
                    "records": [{"attributes": {"type": "Contact", "referenceId": "child"}, "LastName": "Leaf"}]
                },
            }
        ]
    },
)
try:
    salesforce.Contact.create({"FirstName": "Nobody"})
    refused = []
except SalesforceMalformedRequest as error:
    refused = error.content
print(
    json.dumps(
        {
            "account": account,
            "statuses": statuses,
            "changed": [changed[name] for name in ("Name", "NumberOfEmployees", "Industry", "Site")],
            "composite": [each["httpStatusCode"] for each in made],
            "read": {name: made[1]["body"][name] for name in ("Name", "AccountId")},
            "collection": [[each["success"], [error["statusCode"] for error in each["errors"]]] for each in collection],
            "tree": [tree["hasErrors"], sorted(each["referenceId"] for each in tree["results"])],
            "refused": refused,
            "deleted": salesforce.Account.delete(account),
        }
    )
)
