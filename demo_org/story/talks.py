"""Calls, mails, meetings and notes of a deal, in the order in which they took place."""

from datetime import datetime, timedelta

from demo_org.story.arcs import Outcome, Sort
from demo_org.story.mail import Mailed
from demo_org.story.plots import talk
from demo_org.story.rows import Row, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import audit

_NOT_WON_SHARE = 0.35  # sellers log fewer of the talks that came to nothing


def write_talks(volume: Volume, sale: Sale) -> list[Mailed]:
    """Write what was said, as far as somebody logged it; returns which of it was said in mails."""
    teller = Teller(volume, sale)
    if sale.plan.sort is Sort.RENEWAL:
        _renewal(teller)
    else:
        _first_sale(teller)
    _slips(teller)
    match sale.plan.outcome:
        case Outcome.WON:
            _won(teller)
        case Outcome.LOST:
            _lost(teller)
        case Outcome.OPEN:
            _still_open(teller)
    touched = teller.last_touch
    if touched is not None:
        row = volume.row("Opportunity", sale.ref)
        row["LastActivityDate"] = touched.date()
    return teller.mailed


#: the last part of the way that can have been talked about in a stage
_LOGGED_UNTIL = {
    "Qualification": 0.1,
    "Needs Analysis": 0.25,
    "Value Proposition": 0.4,
    "Id. Decision Makers": 0.5,
    "Proposal/Price Quote": 0.7,
    "Negotiation/Review": 0.9,
}


class Teller:
    """Writes tasks, events and notes of one deal."""

    def __init__(self, volume: Volume, sale: Sale) -> None:
        self.volume = volume
        self.sale = sale
        self.last_touch: datetime | None = None
        self.mailed: list[Mailed] = []

    def logged(self, part: float) -> bool:
        """Whether the talk at that part of the way took place and was logged."""
        sale = self.sale
        if sale.won:
            return sale.rng.random() < 0.88
        return part <= _LOGGED_UNTIL[sale.course.stages[-1]] and sale.rng.random() < _NOT_WON_SHARE

    def when(self, part: float) -> datetime:
        """The instant of that part of the way, after the deal was opened."""
        return max(self.sale.calendar.at(self.sale.between(part), self.sale.rng), self.sale.opened_at)

    def task(self, at: datetime, subtype: str, subject: str, text: str, who: str = "champion") -> None:
        """Log a call or a mail."""
        sale = self.sale
        call: Row = {}
        if subtype == "Call":
            call = {"CallType": "Outbound", "CallDurationInSeconds": sale.rng.randrange(180, 2400, 30),
                    "CallDisposition": "Connected"}  # fmt: skip
        task = self.volume.add("Task", {
            "WhatId": sale.ref, "WhoId": sale.customer.people[who].ref, "AccountId": sale.customer.ref,
            "Subject": sale.say(subject), "Description": text, "ActivityDate": at.date(), "Status": "Completed",
            "Priority": "Normal", "IsClosed": True, "CompletedDateTime": at, "TaskSubtype": subtype, "Type": subtype,
            "OwnerId": sale.customer.seller.id, **call, **audit(at, sale.customer.seller.id),
        })  # fmt: skip
        if subtype == "Email":
            self.mailed.append(Mailed(task=task, at=at, subject=subject))
        self._touch(at)

    def event(self, at: datetime, subject: str, text: str, who: str, *, minutes: int, owner: str | None = None) -> None:
        """Log a meeting; its notes are written an hour after it."""
        sale = self.sale
        end = at + timedelta(minutes=minutes)
        self.volume.add("Event", {
            "WhatId": sale.ref, "WhoId": sale.customer.people[who].ref, "AccountId": sale.customer.ref,
            "Subject": sale.say(subject), "Description": text, "StartDateTime": at, "ActivityDateTime": at,
            "ActivityDate": at.date(), "EndDateTime": end, "DurationInMinutes": minutes, "ShowAs": "Busy",
            "EventSubtype": "Event", "Type": "Meeting", "Location": sale.rng.choice(("Video call", sale.customer.city)),
            "OwnerId": owner or sale.customer.seller.id,
            **audit(at - timedelta(days=2), sale.customer.seller.id, changed=end + timedelta(minutes=20)),
        })  # fmt: skip
        self._touch(at)

    def note(self, at: datetime, title: str, body: str, owner: str | None = None) -> None:
        """Attach a note to the deal."""
        author = owner or self.sale.customer.seller.id
        self.volume.add("Note", {
            "ParentId": self.sale.ref, "Title": self.sale.say(title)[:80], "Body": body, "OwnerId": author,
            **audit(at, author),
        })  # fmt: skip

    def _touch(self, at: datetime) -> None:
        if self.last_touch is None or at > self.last_touch:
            self.last_touch = at


def _general(teller: Teller, name: str) -> str:
    return teller.sale.say(teller.sale.rng.choice(talk()[name]["texts"]))


def _first_sale(teller: Teller) -> None:
    sale, engineer = teller.sale, teller.sale.customer.engineer.id
    if teller.logged(0.02):
        source = str(teller.volume.row("Opportunity", sale.ref)["LeadSource"])
        subject = "First contact with {champion}" if sale.plan.sort is Sort.NEW else "Request from {champion}"
        teller.task(teller.when(0.02), "Email", subject, sale.say(talk()["intro"][source]))
    if teller.logged(0.08):
        teller.event(
            teller.when(0.08), "Discovery call with {champion}", sale.pick("discovery"), "champion", minutes=45
        )
    if teller.logged(0.18):
        teller.task(teller.when(0.18), "Call", "Follow-up after discovery", _general(teller, "follow_up"))
    if teller.logged(0.3):
        teller.event(teller.when(0.3), "Demo of {product} for {short}", sale.pick("demo"), "champion", minutes=60)
    if teller.logged(0.45):
        teller.task(teller.when(0.45), "Call", "Technical call with {tech}", sale.pick("technical"), "tech")
    if teller.logged(0.55) and sale.won:
        teller.task(teller.when(0.55), "Email", "Security questionnaire", _general(teller, "security"), "tech")
    if teller.logged(0.7):
        teller.event(teller.when(0.7), "Price talk with {buyer}", sale.pick("price"), "buyer", minutes=30)
    if teller.logged(0.85) and sale.won:
        teller.task(teller.when(0.85), "Call", "Reference call", _general(teller, "reference"))
    if sale.won and sale.rng.random() < 0.5:
        words = "\n".join(sale.some("objections", 2))
        teller.note(teller.when(0.6), "Objections and what we answered", words, engineer)


def _renewal(teller: Teller) -> None:
    sale = teller.sale
    if sale.won or sale.plan.outcome is Outcome.OPEN:
        text = sale.say("{renewal_text}")
        teller.event(teller.when(0.1), "Business review with {champion}", text, "champion", minutes=60,
                     owner=sale.customer.success.id)  # fmt: skip
    if teller.logged(0.5):
        teller.task(
            teller.when(0.5), "Call", "Renewal talk with {buyer}", sale.say(talk()["renewal"]["price_call"]), "buyer"
        )
    teller.note(teller.when(0.12), "Renewal: where {short} stands", sale.say(talk()["renewal"]["note"]),
                sale.customer.success.id)  # fmt: skip


def _slips(teller: Teller) -> None:
    sale = teller.sale
    texts = sale.rng.sample(talk()["slip"]["texts"], len(talk()["slip"]["texts"]))
    slipped = [change for change in sale.course.changes if change.slipped]
    for change, text in zip(slipped, texts, strict=False):
        if sale.won or sale.rng.random() < 0.5:
            teller.task(change.at + timedelta(minutes=3), "Call", "Close date moved", sale.say(text))


def _won(teller: Teller) -> None:
    sale = teller.sale
    at = sale.decided_at
    if "commitments" not in sale.gaps and sale.plan.sort is not Sort.RENEWAL:
        promised = teller.volume.row("Opportunity", sale.ref)["Commitments__c"]
        agreed = sale.say("Agreed with {champion} and {buyer} in the last call, so that nobody has to remember it:\n")
        teller.note(teller.when(0.88), "Promised to {short}", agreed + promised)
    signed = (
        _general(teller, "signed")
        if sale.plan.sort is not Sort.RENEWAL
        else sale.say("{buyer_first} signed for {term} months.")
    )
    teller.task(at + timedelta(minutes=9), "Email", "Order form signed", signed, "buyer")
    if sale.plan.sort is not Sort.RENEWAL:
        _handover(teller, at)


def _handover(teller: Teller, at: datetime) -> None:
    sale = teller.sale
    done = sale.plan.closed > 12
    finished = at + timedelta(days=sale.rng.randint(1, 6)) if done else None
    teller.volume.add("Task", {
        "WhatId": sale.ref, "AccountId": sale.customer.ref, "Subject": f"Hand over to {sale.customer.success.name}",
        "Description": _general(teller, "handover"), "ActivityDate": at.date() + timedelta(days=5),
        "Status": "Completed" if done else "Not Started", "Priority": "High", "IsHighPriority": True, "IsClosed": done,
        "CompletedDateTime": finished, "TaskSubtype": "Task", "OwnerId": sale.customer.seller.id,
        **audit(at + timedelta(minutes=15), sale.customer.seller.id, changed=finished),
    })  # fmt: skip


def _lost(teller: Teller) -> None:
    sale = teller.sale
    row = teller.volume.row("Opportunity", sale.ref)
    if sale.plan.sort is Sort.RENEWAL:
        reason, text = "Did not renew", sale.say(talk()["renewal"]["churn"])
    else:
        chosen = sale.rng.choice(sale.plan.plot.texts["loss"])
        reason, text = chosen["reason"], sale.say(chosen["text"])
    row |= {"Loss_Reason__c": reason, "Loss_Notes__c": text}
    if sale.rng.random() < 0.5:
        teller.note(sale.decided_at + timedelta(minutes=5), "Why we lost {short}", text)


def _still_open(teller: Teller) -> None:
    sale = teller.sale
    if sale.plan.opened <= 60 and sale.rng.random() < 0.6:
        at = teller.when(1.0)
        teller.volume.add("Task", {
            "WhatId": sale.ref, "WhoId": sale.customer.people["champion"].ref, "AccountId": sale.customer.ref,
            "Subject": "Call {champion_first} back".format_map(sale.words), "Status": "Not Started",
            "ActivityDate": sale.calendar.today + timedelta(days=sale.rng.randint(1, 9)), "Priority": "Normal",
            "TaskSubtype": "Task", "OwnerId": sale.customer.seller.id, **audit(at, sale.customer.seller.id),
        })  # fmt: skip
