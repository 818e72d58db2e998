"""The two Bulk APIs as simple-salesforce speaks them: out of the org and into it."""

import csv
import io
import json
import sys

from session import log_in

salesforce = log_in()
PEOPLE = [{"LastName": f"Bulk {sys.argv[1]} {number}", "Title": "Number, with comma"} for number in range(5)]
MINE = f"FROM Contact WHERE LastName LIKE 'Bulk {sys.argv[1]} %'"

DEALS = "SELECT Id, Amount, CloseDate FROM Opportunity"


def rows(pages) -> list[dict[str, str]]:
    """The rows of pages of CSV, each with its own head."""
    return [row for page in pages for row in csv.DictReader(io.StringIO(page))]


def counts(jobs) -> list[int]:
    """How many records the one job of an upload processed and how many of them failed."""
    return [jobs[0]["numberRecordsProcessed"], jobs[0]["numberRecordsFailed"]]


def version_2() -> dict[str, object]:
    """Bulk API 2.0: CSV up and down."""
    contacts = salesforce.bulk2.Contact
    inserted = contacts.insert(records=PEOPLE)
    ids = [row["Id"] for row in rows(contacts.query(f"SELECT Id {MINE} ORDER BY LastName", wait=0))]
    updated = contacts.update(records=[{"Id": each, "Title": "Changed"} for each in ids])
    broken = contacts.update(records=[{"Id": ids[0], "LastName": "#N/A"}])
    failures = rows([contacts.get_failed_records(broken[0]["job_id"])])
    titles = {row["LastName"]: row["Title"] for row in rows(contacts.query(f"SELECT LastName, Title {MINE}", wait=0))}
    deleted = contacts.delete(records=[{"Id": each} for each in ids])
    return {
        "jobs": [
            [job[0]["numberRecordsProcessed"], job[0]["numberRecordsFailed"]] for job in (inserted, updated, deleted)
        ],
        "failures": [row["sf__Error"] for row in failures],
        "titles": titles,
        "left": rows(contacts.query(f"SELECT Id {MINE}", wait=0)),
        "successes": len(rows([contacts.get_successful_records(inserted[0]["job_id"])])),
        "deals": rows(
            salesforce.bulk2.Opportunity.query("SELECT Id, Amount, CloseDate FROM Opportunity", max_records=250)
        ),
    }


def version_1() -> dict[str, object]:
    """Bulk API 1.0: JSON in batches."""
    contacts = salesforce.bulk.Contact
    inserted = contacts.insert(PEOPLE, batch_size=2, use_serial=True)
    ids = [row["id"] for row in inserted]
    updated = contacts.update([{"Id": each, "Title": "Changed"} for each in ids])
    found = contacts.query(f"SELECT LastName, Title {MINE} ORDER BY LastName")
    deleted = contacts.delete([{"Id": each} for each in ids])
    return {
        "success": [row["success"] for result in (inserted, updated, deleted) for row in result],
        "titles": {row["LastName"]: row["Title"] for row in found},
        "left": contacts.query(f"SELECT Id {MINE}"),
        "deals": salesforce.bulk.Opportunity.query(DEALS),
    }


print(json.dumps(version_2() if sys.argv[1] == "2.0" else version_1()))
