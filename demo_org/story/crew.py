"""Who works on a deal and with a customer: the deal's team, the account's team, and whom each person belongs to."""

from datetime import datetime

from demo_org.story.cast import Customer
from demo_org.story.company import Colleague
from demo_org.story.course import PROPOSAL
from demo_org.story.rows import Ref, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import audit


def write_deal_team(volume: Volume, sale: Sale) -> None:
    """The engineer joins with the offer, customer success with the win."""
    customer = sale.customer
    if sale.course.priced:
        at = next(change.at for change in sale.course.changes if change.stage == PROPOSAL)
        _join_deal(volume, sale, customer.engineer, "Pre-Sales Consultant", "Read", at)
    if sale.won:
        _join_deal(volume, sale, customer.success, "Account Manager", "Edit", sale.decided_at)


def write_account_team(volume: Volume, customer: Customer, won_at: datetime | None) -> None:
    """Relate everybody to their account; a customer has a team besides its owner, from its first win on."""
    for person in customer.people.values():
        _relate(volume, customer, person.ref, customer.ref, "", customer.known_since, direct=True)
    parent = volume.row("Account", customer.ref)["ParentId"]
    if parent is not None:
        sponsor = customer.people["sponsor"].ref
        _relate(volume, customer, sponsor, parent, "Executive Sponsor", customer.known_since, direct=False)
    if won_at is None:
        return
    for colleague, role in ((customer.success, "Account Manager"), (customer.engineer, "Pre-Sales Consultant")):
        volume.add("AccountTeamMember", {
            "AccountId": customer.ref, "UserId": colleague.id, "TeamMemberRole": role, "Title": colleague.title,
            "AccountAccessLevel": "Edit", "OpportunityAccessLevel": "Read", "CaseAccessLevel": "Edit",
            "ContactAccessLevel": "ControlledByParent", **audit(won_at, customer.seller.id),
        })  # fmt: skip


def _join_deal(volume: Volume, sale: Sale, colleague: Colleague, role: str, access: str, at: datetime) -> None:
    volume.add("OpportunityTeamMember", {
        "OpportunityId": sale.ref, "UserId": colleague.id, "Name": colleague.name, "Title": colleague.title,
        "TeamMemberRole": role, "OpportunityAccessLevel": access, **audit(at, sale.customer.seller.id),
    })  # fmt: skip


def _relate(
    volume: Volume, customer: Customer, person: Ref, account: Ref, roles: str, since: datetime, *, direct: bool
) -> None:
    volume.add("AccountContactRelation", {
        "AccountId": account, "ContactId": person, "IsDirect": direct, "IsActive": True, "Roles": roles or None,
        **audit(since, customer.seller.id),
    })  # fmt: skip
