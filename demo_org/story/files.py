"""The files of a deal: the proposal, the signed order form, and the statement of work that success works from."""

import base64
import hashlib
from datetime import datetime, timedelta
from random import Random

from demo_org.story.arcs import Sort
from demo_org.story.course import PROPOSAL
from demo_org.story.pdf import pdf
from demo_org.story.plots import beside
from demo_org.story.rows import Ref, Row, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import audit


def write_files(volume: Volume, sale: Sale, rng: Random) -> None:
    """Attach to a deal what a deal of its kind has: a won one its papers, another one the proposal at most."""
    texts = beside()["file"]
    if sale.won:
        at = sale.decided_at + timedelta(minutes=11)
        _publish(volume, sale, sale.say(texts["order_form"]), [(at, _order_form(sale))])
        if sale.plan.sort is not Sort.RENEWAL:
            first = sale.decided_at - timedelta(days=rng.randint(4, 15), minutes=30)
            versions = [(max(first, sale.opened_at + timedelta(hours=1)), _statement_of_work(volume, sale))]
            if rng.random() < 0.3:
                versions.append((sale.decided_at + timedelta(minutes=26), versions[0][1]))
            _publish(volume, sale, sale.say(texts["work"]), versions)
    elif sale.course.priced and rng.random() < 0.4:
        at = next(change.at for change in sale.course.changes if change.stage == PROPOSAL)
        lines = [sale.say(line) for line in texts["proposal_lines"]]
        _publish(volume, sale, sale.say(texts["proposal"]), [(at + timedelta(minutes=20), [*lines, *_lines(sale)])])


def _order_form(sale: Sale) -> list[str]:
    start, end = sale.term
    said = [sale.say(line) for line in beside()["file"]["order_lines"]]
    total = f"First year: ${sale.offer.amount:,.2f}. Term: {sale.plan.term} months, from {start} to {end}."
    return [said[0], *_lines(sale), total, *said[1:]]


def _statement_of_work(volume: Volume, sale: Sale) -> list[str]:
    """What is done, by whom and until when, in the words of the deal."""
    deal = volume.row("Opportunity", sale.ref)
    parts: list[tuple[str, object]] = [
        ("Scope", deal.get("Use_Case__c")),
        ("Interfaces", deal.get("Integrations__c")),
        ("Data", deal.get("Data_Migration__c")),
        ("Order of work", deal.get("Implementation_Notes__c")),
        ("Agreed beforehand", deal.get("Commitments__c")),
        ("Measured by", deal.get("Success_Criteria__c")),
        ("Kickoff", deal.get("Kickoff_Date__c")),
        ("Go-live", deal.get("Go_Live_Date__c")),
    ]
    said = [sale.say(line) for line in beside()["file"]["work_lines"]]
    return [said[0], *(f"{title}: {value}" for title, value in parts if value), *said[1:]]


def _lines(sale: Sale) -> list[str]:
    return [f"{line.quantity} x {line.product.name}: ${line.total:,.2f}" for line in sale.offer.lines]


def _publish(volume: Volume, sale: Sale, title: str, versions: list[tuple[datetime, list[str]]]) -> None:
    """Upload a file with its versions and share it with the deal, as an upload does (demo_org/semantics/file.py)."""
    document, seller = volume.reserve("ContentDocument"), sale.customer.seller.id
    uploaded: list[tuple[Ref, Row]] = []
    for number, (at, paragraphs) in enumerate(versions, start=1):
        data = pdf(title if number == 1 else f"{title} (version {number})", paragraphs)
        row: Row = {
            "ContentDocumentId": document, "Title": title, "PathOnClient": f"{title}.pdf", "FileType": "PDF",
            "FileExtension": "pdf", "VersionData": base64.b64encode(data).decode(), "ContentSize": len(data),
            "Checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(), "VersionNumber": str(number),
            "IsLatest": number == len(versions), "IsMajorVersion": True, "PublishStatus": "P", "Origin": "C",
            "ContentLocation": "S", "SharingOption": "A", "SharingPrivacy": "N", "RatingCount": 0,
            "PositiveRatingCount": 0, "NegativeRatingCount": 0, "ContentModifiedDate": at,
            "ContentModifiedById": seller, "OwnerId": seller,
            "FirstPublishLocationId": sale.ref if number == 1 else None,
            "ReasonForChange": sale.say("Changes of {tech_first} worked in") if number > 1 else None,
            # The version that was on top is touched when another one takes its place.
            **audit(at, seller, changed=versions[-1][0]),
        }  # fmt: skip
        uploaded.append((volume.add("ContentVersion", row), row))
    first, (latest, top) = versions[0][0], uploaded[-1]
    shown = ("Title", "OwnerId", "PublishStatus", "ContentSize", "FileType", "FileExtension", "ContentModifiedDate",
             "SharingOption", "SharingPrivacy")  # fmt: skip
    volume.put("ContentDocument", document, {
        **{name: top[name] for name in shown}, "IsArchived": False, "LatestPublishedVersionId": latest,
        **audit(first, seller, changed=versions[-1][0]),
    })  # fmt: skip
    for shared_with, share in ((seller, "I"), (sale.ref, "V")):
        volume.add("ContentDocumentLink", {
            "ContentDocumentId": document, "LinkedEntityId": shared_with, "ShareType": share,
            "Visibility": "AllUsers", "SystemModstamp": first,
        })  # fmt: skip
