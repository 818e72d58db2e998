"""What customers write to support once they are live."""

from datetime import timedelta
from random import Random

from demo_org.story.delivery import Delivered
from demo_org.story.plots import beside
from demo_org.story.rows import Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import audit

_RECENT = 6  # days within which a case may still be open


def write_cases(volume: Volume, sale: Sale, delivered: Delivered, rng: Random) -> None:
    """Up to three cases of a customer, between its go-live and yesterday."""
    if delivered.live_since is None:
        return
    today, customer = sale.calendar.today, sale.customer
    since = (today - delivered.live_since).days
    agos = sorted((rng.randint(1, min(since, 400)) for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))), reverse=True)
    told = rng.sample(beside()["case"], len(agos))
    assets = list(delivered.assets.values())
    for ago, case in zip(agos, told, strict=True):
        at = sale.calendar.at(ago, rng)
        closed = None if ago <= _RECENT else at + timedelta(days=rng.randint(0, _RECENT - 2), hours=3)
        person = customer.people["tech" if case["reason"] == "Installation" else "champion"]
        contact = volume.row("Contact", person.ref)
        status = "Closed" if closed else "Working" if case["priority"] != "Low" else "New"
        volume.add("Case", {
            "AccountId": customer.ref, "ContactId": person.ref, "AssetId": rng.choice(assets) if assets else None,
            "CaseNumber": volume.count("Case") + 1, "Subject": sale.say(case["subject"]),
            "Description": sale.say(case["text"]), "Reason": case["reason"], "Priority": case["priority"],
            "Origin": rng.choice(("Email", "Email", "Web", "Phone")), "Status": status, "IsClosed": closed is not None,
            "ClosedDate": closed, "OwnerId": customer.success.id, "ContactEmail": contact["Email"],
            "ContactPhone": contact["Phone"], **audit(at, customer.success.id, changed=closed),
        })  # fmt: skip
