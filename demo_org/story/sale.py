"""One deal with all that is known about it, before its rows are written."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from demo_org.story.arcs import Outcome, Plan, Sort
from demo_org.story.cast import Customer
from demo_org.story.company import Company
from demo_org.story.course import Course, passed_stages, tell_course
from demo_org.story.daybook import Calendar, long_date
from demo_org.story.gaps import gaps_of
from demo_org.story.rows import Ref
from demo_org.story.selling import Offer, contract_dates, make_offer, start_after
from demo_org.story.words import Words, sentence, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A deal: its plan, its course, its offer, and the words its texts are filled with."""

    ref: Ref
    name: str
    plan: Plan
    customer: Customer
    company: Company
    course: Course
    offer: Offer
    words: Words
    gaps: frozenset[str]
    calendar: Calendar
    rng: Random
    #: first and last day of the term
    term: tuple[date, date]
    go_live: date
    #: the deal whose term this one prolongs, or on which it builds
    former: "Sale | None"

    @property
    def won(self) -> bool:
        """Whether it was won."""
        return self.plan.outcome is Outcome.WON

    @property
    def decided_at(self) -> datetime:
        """The instant of its last save by the seller."""
        return self.course.changes[-1].at

    @property
    def opened_at(self) -> datetime:
        """The instant it was created."""
        return self.course.changes[0].at

    def say(self, text: str) -> str:
        """Fill a text with the words of this deal."""
        return sentence(text, self.words)

    def pick(self, name: str) -> str:
        """One of the plot's texts of that name, filled."""
        texts = self.plan.plot.texts[name]
        return self.say(self.rng.choice(texts) if isinstance(texts, list) else texts)

    def some(self, name: str, most: int) -> list[str]:
        """Some of the plot's texts of that name, filled, at most so many."""
        texts = self.plan.plot.texts[name]
        count = self.rng.randint(min(2, most), min(most, len(texts)))
        chosen = sorted(self.rng.sample(range(len(texts)), count))
        return [self.say(texts[place]) for place in chosen]

    def between(self, part: float) -> float:
        """The day (ago) on which that part of the talks lay behind: 0 = opened, 1 = decided or gone quiet."""
        return self.plan.opened - (self.plan.opened - self.course.quiet_since) * part


def make_sale(
    ref: Ref, plan: Plan, customer: Customer, company: Company, calendar: Calendar, rng: Random, former: Sale | None
) -> Sale:
    """Decide everything about a deal."""
    offer = make_offer(plan, customer, company, rng)
    stages = passed_stages(plan, rng)
    course = tell_course(plan, stages, offer.amount, calendar, rng)
    decided = calendar.workday(plan.closed)
    if plan.sort is Sort.RENEWAL and former is not None:
        words: Words = dict(former.words)
        start = former.term[1] + timedelta(days=1)
        words |= {"due": long_date(former.term[1])}
        words |= {name: sentence(str(plan.plot.texts[name]), words) for name in ("renewal", "renewal_risk")}
        words["renewal_text"] = words.pop("renewal")
    else:
        words = words_of(customer, plan.plot, rng)
        start = start_after(decided, rng)
    go_live = _go_live(plan, decided, start, rng)
    words |= {"term": plan.term, "discount": offer.discount, "go_live_month": f"{go_live:%B}"}
    return Sale(
        ref=ref, name=_name(plan, customer, start), plan=plan, customer=customer, company=company, course=course,
        offer=offer, words=words, gaps=gaps_of(plan, stages[-1], rng), calendar=calendar, rng=rng,
        term=contract_dates(start, plan.term), go_live=go_live, former=former,
    )  # fmt: skip


def _go_live(plan: Plan, decided: date, start: date, rng: Random) -> date:
    """The Tuesday before the day that was named; most of the plots ask for a Tuesday."""
    weeks = plan.plot.live_in_weeks
    day = decided + timedelta(weeks=rng.randint(*weeks)) if weeks else start + timedelta(days=rng.randint(38, 110))
    return day - timedelta(days=(day.weekday() - 1) % 7)


def _name(plan: Plan, customer: Customer, start: date) -> str:
    match plan.sort:
        case Sort.RENEWAL:
            return f"{customer.name} - {plan.plot.topic} renewal {start.year}"
        case Sort.EXPANSION:
            return f"{customer.name} - add {plan.plot.topic.lower()}"
        case _:
            return f"{customer.name} - {plan.plot.topic}"
