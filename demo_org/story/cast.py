"""The customers of the story: who they are, where they sit, and the people one meets there."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from demo_org.story.company import Colleague, Company
from demo_org.story.plots import PARTS, Kind, kinds, names
from demo_org.story.rows import Ref, Volume

#: how often each kind of customer appears
_SHARES = {"clinic": 84, "hospital": 50, "lab": 36, "insurer": 30}
_PARENTS = 9  # one customer in so many belongs to a group that is an account of its own
#: the texts speak of some people as she and of others as he
_HE = frozenset({"tech", "sponsor"})
_REPORTS_TO = {"champion": "buyer", "buyer": "sponsor", "tech": "buyer", "sceptic": "champion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody at the customer."""

    ref: Ref
    name: str
    first: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """An account with everything its deals have in common."""

    ref: Ref
    name: str
    short: str
    kind: Kind
    city: str
    system: str
    sites: int
    units: int
    people: dict[str, Person]
    seller: Colleague
    engineer: Colleague
    success: Colleague
    #: the lawyer's name in the paper process
    law: str
    known_since: datetime = field(repr=False)


def cast(volume: Volume, company: Company, rng: Random, *, today: date, count: int = 200) -> list[Customer]:
    """Invent the customers of a volume with their groups and people."""
    order = [kind for kind in kinds() for _ in range(_SHARES[kind.key] * count // sum(_SHARES.values()))]
    order += [kinds()[0]] * (count - len(order))
    rng.shuffle(order)
    taken: set[str] = set()
    made, parents = [], _groups(volume, company, rng, today, count, taken)
    for kind in order:
        parent = rng.choice(parents[kind.key]) if parents[kind.key] and rng.random() < 0.3 else None
        made.append(_customer(volume, company, rng, today, kind, parent, taken))
    return made


def _groups(
    volume: Volume, company: Company, rng: Random, today: date, count: int, taken: set[str]
) -> dict[str, list[Ref]]:
    """The groups customers belong to; one holding stands above two of them, so that parents have parents."""
    groups: dict[str, list[Ref]] = {}
    for kind in kinds():
        share = max(1, _SHARES[kind.key] * count // (sum(_SHARES.values()) * _PARENTS))
        groups[kind.key] = [_group(volume, company, rng, today, kind, taken) for _ in range(share)]
        if len(groups[kind.key]) > 2:
            top, *rest = groups[kind.key]
            for each in rest[:2]:
                volume.row("Account", each)["ParentId"] = top
    return groups


def _group(volume: Volume, company: Company, rng: Random, today: date, kind: Kind, taken: set[str]) -> Ref:
    name = _name(rng, kind.facts["parents"], taken)
    city = rng.choice(names()["city"])
    _, high = kind.facts["employees"]
    since = _since(rng, today)
    return volume.add("Account", {
        "Name": name, "Type": "Other", "Industry": kind.facts["industry"],
        "NumberOfEmployees": rng.randrange(high, high * 4, 50),
        "BillingCity": city["name"], "BillingState": city["state"], "BillingCountry": "United States",
        "Website": f"https://{_slug(name)}.example", "OwnerId": rng.choice(company.sellers).id,
        "Segment__c": "Enterprise", "CreatedDate": since, "LastModifiedDate": since, "SystemModstamp": since,
        "Description": f"Group of {rng.randrange(3, 9)} {kind.key}s around {city['name']}; buys centrally.",
    })  # fmt: skip


def _customer(
    volume: Volume, company: Company, rng: Random, today: date, kind: Kind, parent: Ref | None, taken: set[str]
) -> Customer:
    facts, name, city = kind.facts, _name(rng, kind.facts["names"], taken), rng.choice(names()["city"])
    sites = rng.randint(*facts["sites"])
    # Bigger organisations have more of everything, so one number decides where in its range each of them lies.
    size = (sites - facts["sites"][0]) / (facts["sites"][1] - facts["sites"][0])
    units = _within(facts["units"], size, rng) if "units" in facts else sites
    employees, since = _within(facts["employees"], size, rng), _since(rng, today)
    seller, success = rng.choice(company.sellers), rng.choice(company.success)
    system = rng.choice(facts["systems"])
    street = f"{rng.randrange(10, 990)} {rng.choice(names()['places']).split()[0]} Street"
    account = volume.add("Account", {
        "Name": name, "Type": "Prospect", "Industry": facts["industry"], "ParentId": parent,
        "NumberOfEmployees": employees, "AnnualRevenue": round(employees * rng.uniform(0.9, 2.2)) * 100_000.0,
        "Website": f"https://{_slug(name)}.example", "Phone": _phone(rng), "BillingStreet": street,
        "BillingCity": city["name"], "BillingState": city["state"],
        "BillingPostalCode": f"{rng.randrange(10_000, 99_000)}",
        "BillingCountry": "United States", "OwnerId": seller.id,
        "Segment__c": "SMB" if employees < 250 else "Mid-Market" if employees < 1500 else "Enterprise",
        "Tech_Stack__c": "; ".join((system, rng.choice(("Microsoft 365", "Google Workspace")),
                                    f"single sign-on: {rng.choice(('yes', 'planned', 'no'))}")),
        "CreatedDate": since, "LastModifiedDate": since, "SystemModstamp": since,
    })  # fmt: skip
    people = _people(volume, rng, kind, account, seller, name, city["name"], since)
    return Customer(
        ref=account, name=name, short=_short(name), kind=kind, city=city["name"], system=system, sites=sites,
        units=units, people=people, seller=seller, engineer=rng.choice(company.engineers), success=success,
        law=rng.choice(names()["law"]), known_since=since,
    )  # fmt: skip


def _people(
    volume: Volume,
    rng: Random,
    kind: Kind,
    account: Ref,
    seller: Colleague,
    company_name: str,
    city: str,
    since: datetime,
) -> dict[str, Person]:
    people: dict[str, Person] = {}
    used: set[str] = set()
    for part in reversed(PARTS):  # whoever somebody reports to is invented by the end, the rows are completed below
        first, last = _free_name(rng, used, he=part in _HE)
        title = rng.choice(kind.titles(part))
        ref = volume.add("Contact", {
            "AccountId": account, "FirstName": first, "LastName": last, "Name": f"{first} {last}", "Title": title,
            "Email": f"{first}.{last}@{_slug(company_name)}.example".lower(), "Phone": _phone(rng),
            "MobilePhone": _phone(rng) if rng.random() < 0.4 else None, "MailingCity": city,
            "MailingCountry": "United States", "OwnerId": seller.id, "CreatedDate": since, "LastModifiedDate": since,
            "SystemModstamp": since, "CreatedById": seller.id, "LastModifiedById": seller.id,
        })  # fmt: skip
        people[part] = Person(ref=ref, name=f"{first} {last}", first=first, title=title)
    for part, boss in _REPORTS_TO.items():
        volume.row("Contact", people[part].ref)["ReportsToId"] = people[boss].ref
    return people


def _free_name(rng: Random, used: set[str], *, he: bool) -> tuple[str, str]:
    while True:
        first, last = rng.choice(names()["first_he" if he else "first"]), rng.choice(names()["last"])
        # Two people of one customer never share a name part: a text that says "Ruth" must mean one of them.
        if not used & {first, last}:
            used |= {first, last}
            return first, last


def _name(rng: Random, patterns: list[str], taken: set[str]) -> str:
    while True:
        name = rng.choice(patterns).format(place=rng.choice(names()["places"]), saint=rng.choice(names()["saints"]))
        if name not in taken:
            taken.add(name)
            return name


def _short(name: str) -> str:
    """What people call it in passing: without the generic end, as long as something distinctive remains."""
    return re.sub(r" (Medical Group|Clinics|Primary Care|Regional Medical Center|General Hospital|Diagnostics|"
                  r"Laboratories|Health Plan|Benefit Trust|Care Insurance)$", "", name)  # fmt: skip


def _within(limits: list[int], size: float, rng: Random) -> int:
    low, high = limits
    return max(low, min(high, round(low + (high - low) * (size * 0.8 + rng.random() * 0.2))))


def _since(rng: Random, today: date) -> datetime:
    return datetime.combine(today - timedelta(days=rng.randrange(1560, 1900)), time(rng.randrange(13, 21)), UTC)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def _phone(rng: Random) -> str:
    return f"(555) 01{rng.randrange(0, 100):02d}-{rng.randrange(1000, 9999)}"
