"""The mails of a deal: first words, the quote and its answer, the signature, and the first mail of customer success."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo_org.story.arcs import Sort
from demo_org.story.company import DOMAIN
from demo_org.story.course import PROPOSAL
from demo_org.story.plots import beside
from demo_org.story.rows import Ref, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import audit
from demo_org.story.words import sentence, tell

_SENT, _READ = "3", "1"  # what Salesforce calls the states of a mail
#: what the timeline calls a mail -> which mail it is
_KINDS = (("First contact", "intro"), ("Request from", "intro"), ("Security", "security"), ("Order form", "signed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """A mail the seller logged: its task in the timeline."""

    task: Ref
    at: datetime
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """Somebody who writes or is written to."""

    ref: Ref | str
    name: str
    address: str


def write_mail(volume: Volume, sale: Sale, mailed: list[Mailed], rng: Random) -> None:
    """Write the mails of a deal; those that the timeline shows have their task."""
    post = _Post(volume, sale)
    for each in mailed:
        kind = next(kind for start, kind in _KINDS if each.subject.startswith(start))
        post.send(kind, each.at, task=each.task)
    if sale.course.priced and (sale.won or rng.random() < 0.4):
        at = next(change.at for change in sale.course.changes if change.stage == PROPOSAL) + timedelta(minutes=40)
        offer = post.send("offer", at)
        answered = sale.calendar.workday(1 + (sale.calendar.today - at.date()).days - rng.randint(1, 3))
        if sale.calendar.today > answered >= at.date() and rng.random() < 0.6:
            post.send("answer", max(at, datetime.combine(answered, at.time(), at.tzinfo)) + timedelta(minutes=25),
                      text=rng.choice(beside()["mail"]["answer"]["texts"]), reply_to=offer)  # fmt: skip
    if sale.won and sale.plan.sort is not Sort.RENEWAL and sale.plan.closed > 12:
        post.send("welcome", sale.calendar.at(sale.plan.closed - rng.randint(1, 6), rng))


class _Post:
    """Sends the mails of one deal."""

    def __init__(self, volume: Volume, sale: Sale) -> None:
        self._volume = volume
        self._sale = sale
        self._words = dict(sale.words) | {"amount": f"${sale.offer.amount:,.0f}", "topic": sale.plan.plot.topic}

    def send(
        self, kind: str, at: datetime, *, text: str | None = None, task: Ref | None = None, reply_to: Ref | None = None
    ) -> Ref:
        """Write one mail of a kind with its relations."""
        written: dict[str, Any] = beside()["mail"][kind]
        sender, to, copied = self._sides(kind)
        incoming = not sender.address.endswith(f"@{DOMAIN}")
        said = sentence(text or written["text"], self._words)
        subject = tell(written["subject"], self._words)
        owner = self._sale.customer.seller.id if incoming or type(sender.ref) is Ref else str(sender.ref)
        ref = self._volume.add("EmailMessage", {
            "RelatedToId": self._sale.ref, "ActivityId": task, "Subject": subject, "Name": subject, "TextBody": said,
            "HtmlBody": f"<html><body><p>{said.replace(chr(10), '<br>')}</p></body></html>",
            "FromName": sender.name, "FromAddress": sender.address, "FromId": sender.ref, "ToAddress": to.address,
            "CcAddress": copied.address if copied else None, "Incoming": incoming,
            "Status": _READ if incoming else _SENT, "MessageDate": at, "ReplyToEmailMessageId": reply_to,
            "HasAttachment": kind in {"offer", "signed", "security"}, "IsExternallyVisible": True, "IsTracked": True,
            **audit(at, owner),
        })  # fmt: skip
        sides = (("FromAddress", sender), ("ToAddress", to), ("CcAddress", copied))
        for relation, side in sides:
            if side is not None:
                self._relate(ref, relation, side, at, owner)
        return ref

    def _relate(self, mail: Ref, relation: str, side: _Side, at: datetime, owner: str) -> None:
        self._volume.add("EmailMessageRelation", {
            "EmailMessageId": mail, "RelationType": relation, "RelationAddress": side.address, "RelationId": side.ref,
            "RelationObjectType": "User" if side.address.endswith(f"@{DOMAIN}") else "Contact",
            "CreatedDate": at, "CreatedById": owner, "SystemModstamp": at,
        })  # fmt: skip

    def _sides(self, kind: str) -> tuple[_Side, _Side, _Side | None]:
        """Who writes to whom, and who is in copy."""
        seller = self._colleague("seller")
        champion = self._person("champion")
        match kind:
            case "intro":
                return seller, champion, None
            case "security":
                return seller, self._person("tech"), self._colleague("engineer")
            case "offer":
                return seller, self._person("buyer"), champion
            case "answer":
                return champion, seller, None
            case "signed":
                return self._person("buyer"), seller, champion
            case _:
                return self._colleague("success"), champion, seller

    def _person(self, part: str) -> _Side:
        person = self._sale.customer.people[part]
        return _Side(ref=person.ref, name=person.name, address=self._volume.row("Contact", person.ref)["Email"])

    def _colleague(self, which: str) -> _Side:
        colleague = getattr(self._sale.customer, which)
        address = f"{colleague.name.replace(' ', '.')}@{DOMAIN}".lower()
        return _Side(ref=colleague.id, name=colleague.name, address=address)
