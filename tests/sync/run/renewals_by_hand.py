"""Renewal figures worked out a second time, out of the org's own records and day by day, after docs/renewals.md.

It shares no code with the product: no rule can be wrong in both by one mistake. It is slow and plain on purpose.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from demo_org.store import Org

DAY = timedelta(days=1)
GRACE, AWAY = 30, 90


@dataclass
class Commitment:
    """What a customer is committed to, as the records of the org tell."""

    id: str
    customer: str
    kind: str
    start: date | None
    due: date | None
    signed: date | None
    worth: list[tuple[date, Decimal]]
    auto: bool = False
    ended: date | None = None
    continues: list["Commitment"] = field(default_factory=list)
    followed_by: list["Commitment"] = field(default_factory=list)

    def worth_on(self, day: date) -> Decimal:
        """A year's worth on a day."""
        return next((value for on, value in reversed(self.worth) if on <= day), Decimal(0))

    @property
    def counts(self) -> bool:
        """Whether enough is known of it."""
        known = self.start is not None and bool(self.worth) and (self.kind == "evergreen" or self.due is not None)
        return known and (self.due is None or self.due >= self.start) and all(value >= 0 for _, value in self.worth)


class Calculator:
    """Reads an org once and answers as of any day."""

    def __init__(self, org: Org) -> None:
        """Read everything that has been won."""
        self._rows = {name: _all(org, name) for name in ("Opportunity", "Contract", "OpportunityHistory")}
        with org.reading() as connection:
            self._zone = ZoneInfo(connection.execute("SELECT TimeZoneSidKey FROM Organization").fetchone()[0])
            services = connection.execute("SELECT OpportunityId FROM OpportunityLineItem").fetchall()
        self._services = {row[0] for row in services}
        self._contracts = {row["Id"]: row for row in self._rows["Contract"]}
        self.all: list[Commitment] = []
        won = [row for row in self._rows["Opportunity"] if row["StageName"] == "Closed Won"]
        for customer in sorted({row["AccountId"] for row in won}):
            self._customer(customer, [row for row in won if row["AccountId"] == customer])
        self.counted = [each for each in self.all if each.counts and each.kind in {"fixed", "evergreen"}]

    def _customer(self, customer: str, deals: list[dict[str, Any]]) -> None:
        made: dict[str, Commitment] = {}  # by deal, and by contract
        renewals: list[tuple[dict[str, Any], Commitment]] = []
        for contract_id in sorted({deal["ContractId"] or "" for deal in deals}):
            under = [deal for deal in deals if (deal["ContractId"] or "") == contract_id]
            groups = [_chain(self._ordered(under))] if contract_id else [([deal], []) for deal in under]
            for chain, changes in groups:
                previous = None
                for place, deal in enumerate(chain):
                    follows = chain[place + 1] if place + 1 < len(chain) else None
                    each = self._commitment(customer, deal, previous, follows, changes if place == 0 else [])
                    if previous is not None:
                        each.continues.append(previous)
                    elif deal["Type"] == "Renewal":
                        renewals.append((deal, each))
                    made[deal["Id"]] = previous = each
                    made |= {change["Id"]: each for change in (changes if place == 0 else [])}
                    self.all.append(each)
        self._link(made, renewals)

    def _ordered(self, deals: list[dict[str, Any]]) -> list[dict[str, Any]]:
        changing = {"Upsell", "Expansion", "Downgrade"}
        return sorted(deals, key=lambda deal: (deal["Type"] in changing, self._won(deal), deal["Id"]))

    def _commitment(
        self, customer: str, deal: dict[str, Any], previous: Any, follows: dict[str, Any] | None, changes: list[Any]
    ) -> Commitment:
        contract = self._contracts.get(deal["ContractId"] or "")
        end = _day(contract["EndDate"]) if contract else None
        begins = _day(deal["Start_Date__c"])
        start = begins if previous else (_day(contract["StartDate"]) if contract else begins) or self._won(deal)
        due, holds = None, contract
        if contract is not None:
            next_start = _day(follows["Start_Date__c"]) if follows else None
            moved = next_start is not None and next_start <= end
            if moved:
                due, holds = next_start - DAY, (contract if previous is None else None)
            elif previous is None or begins <= end:
                due = end
            else:
                holds = None
        due = due or _day(deal["Renewal_Date__c"])
        months = int(contract["ContractTerm"]) if holds else int(float(deal["Term_Months__c"] or 0)) or None
        if due is None and months and start:
            due = _last_day(start, months)
        kind = "pilot" if deal["Type"] == "Pilot" else "one_off" if deal["Id"] in self._services else "fixed"
        if kind == "fixed" and holds and holds["Evergreen__c"]:
            kind = "evergreen"
        signed = _day(holds["CustomerSignedDate"]) if holds else None
        each = Commitment(
            id=contract["Id"] if contract and previous is None else deal["Id"], customer=customer, kind=kind,
            start=start, due=due, signed=signed or self._won(deal), worth=[],
            auto=bool(holds and holds["Auto_Renew__c"] and holds["Status"] == "Activated"),
            ended=_day(holds["Ended_On__c"]) if holds else None,
        )  # fmt: skip
        each.worth = list(self._worth(each, deal, holds, changes, months))
        if kind == "evergreen":
            each.due = None
        return each

    def _worth(
        self, each: Commitment, deal: dict[str, Any], contract: Any, changes: list[Any], months: int | None
    ) -> Iterator[tuple[date, Decimal]]:
        """What a year is worth from when on: the first deal, changes, contracted rises, and what is up for renewal."""
        if months is None and each.start and each.due and each.due >= each.start:
            behind = each.due + DAY
            whole = (behind.year - each.start.year) * 12 + behind.month - each.start.month
            months = max(whole - (behind.day < each.start.day), 1)
        value = _year(deal, months)
        if value is None or each.start is None:
            return
        moves = [(max(_day(one["Start_Date__c"]), each.start), Decimal(str(one["ARR__c"]))) for one in changes]
        rise = Decimal(str((contract or {}).get("Annual_Uplift__c") or 0))
        listed = [(each.start, value)]
        for day in _days(each.start + DAY, max([on for on, _ in moves] + [each.due or each.start])):
            years = day.year - each.start.year
            if rise and years and each.due and day <= each.due and day == _anniversary(each.start, years):
                value = (value * (100 + rise) / 100).quantize(Decimal("0.01"))
                listed.append((day, value))
            for on, more in moves:
                if on == day:
                    value += more
                    listed.append((day, value))
        if deal["ARR_Up_For_Renewal__c"] and each.due and each.due >= each.start:
            listed.append((each.due, Decimal(str(deal["ARR_Up_For_Renewal__c"]))))
        yield from sorted(listed, key=lambda step: step[0])

    def _won(self, deal: dict[str, Any]) -> date:
        moves = [row["CreatedDate"] for row in self._rows["OpportunityHistory"] if row["OpportunityId"] == deal["Id"]]
        return datetime.fromisoformat(min(moves)).astimezone(self._zone).date()

    def _link(self, made: dict[str, Commitment], renewals: list[tuple[dict[str, Any], Commitment]]) -> None:
        taken = {one.id for each in made.values() for one in each.continues}
        unnamed = []
        for deal, each in renewals:
            named = (deal["Renewed_Opportunities__c"] or "").split(";")
            each.continues += [made[one] for one in named if one in made]
            taken |= {one.id for one in each.continues}
            if not each.continues:
                unnamed.append(each)
        for each in sorted(unnamed, key=lambda one: one.id):
            near = [
                (abs((each.start - other.due).days), other.id, other)
                for other in {one.id: one for one in made.values()}.values()
                if other is not each and other.id not in taken and other.start and other.due
                and other.start < each.start and abs((each.start - other.due).days) <= 90
            ]  # fmt: skip
            if near:
                each.continues.append(min(near, key=lambda one: one[:2])[2])
                taken.add(each.continues[0].id)
        for each in {one.id: one for one in made.values()}.values():
            is_counted = each.counts and each.kind in {"fixed", "evergreen"}
            for other in {one.id: one for one in each.continues}.values():
                is_known = other.counts or other.kind in {"pilot", "one_off"}
                if is_counted and is_known and other is not each and (not other.start or each.start > other.start):
                    other.followed_by.append(each)

    # What follows from it, as seen on a day.

    def followers(self, each: Commitment, seen: date) -> list[Commitment]:
        """What goes on with it: signed by that day, and not so late that it is a new beginning."""
        return [one for one in each.followed_by if one.signed <= seen and not self.is_return(each, one)]

    def is_return(self, before: Commitment, after: Commitment) -> bool:
        """Whether the customer had been away for too long."""
        return before.due is not None and (after.signed - before.due).days > AWAY

    def share(self, before: Commitment, after: Commitment) -> Decimal:
        """What of a new commitment goes on with this one of the old ones."""
        olds = sorted((one for one in self.all if after in one.followed_by), key=lambda one: one.id)
        olds = [one for one in olds if not self.is_return(one, after)]
        first = after.worth_on(after.start)
        worth = [one.worth_on(one.due) if one.due else one.worth[-1][1] if one.worth else Decimal(0) for one in olds]
        parts = [
            (first * part / sum(worth) if sum(worth) else first / len(olds)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            for part in worth
        ]
        parts[-1] = first - sum(parts[:-1])
        return parts[olds.index(before)]

    def outcome(self, each: Commitment, seen: date) -> tuple[str, Decimal]:
        """How it ended, and what a year of what goes on with it is worth."""
        after = self.followers(each, seen)
        renewed = sum((self.share(each, one) for one in after), Decimal(0))
        if seen < each.due:
            return "secured" if after else "open", renewed
        if after:
            return ("on_time" if min(one.signed for one in after) <= each.due else "late"), renewed
        if each.auto and seen > each.due:
            return "on_time", each.worth_on(each.due)
        return ("lost" if (seen - each.due).days > GRACE else "pending"), renewed

    def last_day(self, each: Commitment, seen: date) -> date:
        """Until when it is in force."""
        ends = [one.start - DAY for one in self.followers(each, seen)]
        if each.kind == "evergreen":
            return min([*ends, each.ended or date.max])
        if not ends and each.auto and seen > each.due:
            return date.max
        return min([*ends, each.due])

    def running(self, customer: str, day: date, seen: date) -> list[Commitment]:
        """What of a customer is in force on a day."""
        return [
            each for each in self.counted
            if each.customer == customer and each.signed <= seen and each.start <= day <= self.last_day(each, seen)
        ]  # fmt: skip

    def arr(self, customer: str, day: date, seen: date) -> Decimal:
        """What a year of a customer is worth on a day."""
        return sum((each.worth_on(day) for each in self.running(customer, day, seen)), Decimal(0))

    def rates(self, first: date, last: date, seen: date) -> dict[str, Any]:
        """Everything about the terms that are due between two days."""
        rows = [
            (each, *self.outcome(each, seen)) for each in self.counted
            if each.kind == "fixed" and first <= each.due <= min(last, seen) and each.signed <= seen
        ]  # fmt: skip
        settled = [row for row in rows if row[1] != "pending"]
        kept = [row for row in settled if row[1] != "lost"]
        atr = sum((each.worth_on(each.due) for each, _, _ in settled), Decimal(0))
        capped = sum((min(renewed, each.worth_on(each.due)) for each, _, renewed in settled), Decimal(0))
        renewed = sum((renewed for _, _, renewed in settled), Decimal(0))
        of: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            of[row[0].customer].append(row)
        ended = {name: [row for row in own if row[1] != "pending"] for name, own in of.items()}
        ended = {name: own for name, own in ended.items() if own}
        stay = [name for name, own in ended.items() if len(own) < len(of[name]) or self._stays(name, own, last, seen)]
        punctual = [name for name, own in ended.items() if all(row[1] == "on_time" for row in own)]
        return {
            "terms_due": len(rows), "terms_settled": len(settled), "terms_renewed": len(kept),
            "pending": len(rows) - len(settled), "logos_due": len(of), "logos_renewed": len(stay),
            "atr": atr, "renewed_arr": renewed, "capped_arr": capped,
            "logo_renewal_rate": _rate(len(stay), len(ended)), "term_renewal_rate": _rate(len(kept), len(settled)),
            "gross_renewal_rate": _rate(capped, atr), "net_renewal_rate": _rate(renewed, atr),
            "on_time_rate": _rate(sum(row[1] == "on_time" for row in settled), len(settled)),
            "on_time_customer_rate": _rate(len(punctual), len(ended)),
            "floor": _rate(len(kept), len(rows)),
            "ceiling": _rate(len(kept) + len(rows) - len(settled), len(rows)),
        }  # fmt: skip

    def _stays(self, customer: str, own: list[Any], last: date, seen: date) -> bool:
        latest = max(row[0].due for row in own)
        return any(
            each.customer == customer and each.signed <= seen and (each.signed - latest).days <= AWAY
            and self.last_day(each, seen) > min(seen, last)
            for each in self.counted
        )  # fmt: skip

    def bridge(self, since: date, until: date, seen: date) -> dict[str, Any]:
        """What became of the base between two days, customer by customer and day by day."""
        found: dict[str, Any] = defaultdict(Decimal)
        for customer in sorted({each.customer for each in self.counted}):
            then, now = self.arr(customer, since, seen), self.arr(customer, until, seen)
            stays = then > 0 and now > 0 and not self._was_away(customer, since, until, seen)
            found["start_arr"] += then
            found["end_arr"] += now
            found["customers_at_start"] += then > 0
            found["customers_lost"] += then > 0 and not stays
            found["customers_new"] += now > 0 and not stays
            found["churned_arr"] += 0 if stays else then
            found["new_arr"] += 0 if stays else now
            found["contraction_arr"] += max(then - now, 0) if stays else 0
            found["expansion_arr"] += max(now - then, 0) if stays else 0
        kept = found["start_arr"] - found["churned_arr"] - found["contraction_arr"]
        found["grr"] = _rate(kept, found["start_arr"])
        found["nrr"] = _rate(kept + found["expansion_arr"], found["start_arr"])
        return dict(found)

    def _was_away(self, customer: str, since: date, until: date, seen: date) -> bool:
        """Whether there were more than 90 days in a row without anything in force, and then something again."""
        spans = [
            (each.start, self.last_day(each, seen)) for each in self.counted
            if each.customer == customer and each.signed <= seen
        ]  # fmt: skip
        without = 0
        for day in _days(since, until):
            if any(first <= day <= last for first, last in spans):
                if without > AWAY:
                    return True
                without = 0
            else:
                without += 1
        return False


def _chain(deals: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The deals of one contract: the one that began it with those that prolong it, and those that changed it."""
    first, later = deals[0], deals[1:]
    prolonging = [deal for deal in later if deal["Type"] == "Renewal"]
    prolonging.sort(key=lambda deal: deal["Start_Date__c"])
    return [first, *prolonging], [deal for deal in later if deal not in prolonging]


def _year(deal: dict[str, Any], months: int | None) -> Decimal | None:
    if deal["ARR__c"] is not None:
        return Decimal(str(deal["ARR__c"]))
    if deal["MRR__c"] is not None:
        return Decimal(str(deal["MRR__c"])) * 12
    if deal["TCV__c"] is None or not months:
        return None
    return (Decimal(str(deal["TCV__c"])) * 12 / months).quantize(Decimal("0.01"))


def _rate(part: Any, whole: Any) -> Decimal | None:
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001"), ROUND_HALF_UP) if whole else None


def _all(org: Org, object_name: str) -> list[dict[str, Any]]:
    with org.reading() as connection:
        found = connection.execute(f'SELECT * FROM "{object_name}" WHERE IsDeleted = 0')
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def _anniversary(start: date, years: int) -> date:
    year = start.year + years
    return date(year, start.month, min(start.day, calendar.monthrange(year, start.month)[1]))


def _last_day(start: date, months: int) -> date:
    year, month = start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1
    length = calendar.monthrange(year, month)[1]
    return date(year, month, length) if start.day > length else date(year, month, start.day) - DAY
