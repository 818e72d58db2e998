"""Which opportunities belong to us: the scope of an org, as a value.

Unless somebody says otherwise a deal is an opportunity that is won, however old it is: there is no start date by
default, since a deal that CS has forgotten is still a customer. A scope says itself as a condition, which is written
for Salesforce and for the mirror from one source (`sync.scope.condition`).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from sync.scope.condition import Compare, Condition, Either, Every, Operator, fields_of, soql, sql

#: a closing date further away than this is no "soon"
MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgDay:
    """The day it is in the org, by Salesforce's clock, and the zone in which the org counts its days."""

    day: date
    zone: ZoneInfo

    def starts_at(self, day: date) -> datetime:
        """The instant at which a day begins in the org."""
        return datetime.combine(day, time_of_day(), tzinfo=self.zone).astimezone(UTC)


def org_day(now: datetime, time_zone: str | None) -> OrgDay:
    """The day that an instant belongs to in the org; an org whose zone is unknown is taken to count in UTC."""
    try:
        zone = ZoneInfo(time_zone or "UTC")
    except (KeyError, OSError, ValueError):
        zone = ZoneInfo("UTC")
    return OrgDay(day=now.astimezone(zone).date(), zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingSoon:
    """Open opportunities that are shown as drafts: expected to close within some days, and likely enough to."""

    days: int
    probability: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """A record type of opportunities: the name by which people chose it, and the id by which records name it."""

    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedObject:
    """An object of the org's own that belongs to a deal or its customer, by the field that names one."""

    name: str
    parent_field: str
    #: what that field names: Opportunity or Account
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureChoice:
    """What people changed about the closure: objects of the org's own to leave out, or to add."""

    leave_out: tuple[str, ...] = ()
    add: tuple[AddedObject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which opportunities are deals, and which are drafts of deals; what is empty or None restricts nothing."""

    #: only opportunities of these record types
    record_types: tuple[RecordType, ...] = ()
    #: the stages that count as won, instead of those that Salesforce calls won
    stages: tuple[str, ...] = ()
    #: only opportunities with this close date or a later one
    closed_from: date | None = None
    #: only deals won on this day or later: Salesforce keeps the day as that of the last change of the stage
    won_from: date | None = None
    closing_soon: ClosingSoon | None = None
    closure: ClosureChoice = ClosureChoice()

    @property
    def moves_with_the_day(self) -> bool:
        """Whether opportunities come in and leave by the mere passing of days."""
        return self.closing_soon is not None

    def deal(self, today: OrgDay) -> Condition:
        """Who is a deal."""
        return Every((*self._always(), *self._won(today)))

    def draft(self, today: OrgDay) -> Condition | None:
        """Who is a draft; None where the scope has no drafts. Nobody is both."""
        return None if self.closing_soon is None else Every((*self._always(), *self._soon(self.closing_soon, today)))

    def member(self, today: OrgDay) -> Condition:
        """Who is either."""
        won = self._won(today)
        if self.closing_soon is None:
            return Every((*self._always(), *won))
        return Every((*self._always(), Either((Every(won), Every(self._soon(self.closing_soon, today))))))

    @property
    def won(self) -> Condition:
        """Whose stage counts as won."""
        if self.stages:
            return Compare(field="StageName", operator=Operator.ONE_OF, values=self.stages)
        return Compare(field="IsWon", operator=Operator.IS, values=(True,))

    def fields(self) -> frozenset[str]:
        """The fields of Opportunity without which nobody can tell who belongs to us."""
        any_day = OrgDay(day=date(2000, 1, 1), zone=ZoneInfo("UTC"))
        return fields_of(self.member(any_day))

    def _always(self) -> tuple[Condition, ...]:
        found: list[Condition] = []
        if self.record_types:
            ids = tuple(each.id for each in self.record_types)
            found.append(Compare(field="RecordTypeId", operator=Operator.ONE_OF, values=ids))
        if self.closed_from is not None:
            found.append(Compare(field="CloseDate", operator=Operator.FROM, values=(self.closed_from,)))
        return tuple(found)

    def _won(self, today: OrgDay) -> tuple[Condition, ...]:
        since = self.won_from
        return (self.won,) if since is None else (self.won, _stage_changed(today.starts_at(since)))

    def _soon(self, soon: ClosingSoon, today: OrgDay) -> tuple[Condition, ...]:
        until = today.day + timedelta(days=soon.days)
        found: list[Condition] = [
            Compare(field="IsClosed", operator=Operator.IS, values=(False,)),
            Compare(field="CloseDate", operator=Operator.FROM, values=(today.day,)),
            Compare(field="CloseDate", operator=Operator.UNTIL, values=(until,)),
            Compare(field="Probability", operator=Operator.FROM, values=(soon.probability,)),
        ]
        if self.stages:  # one of these stages may be open: such an opportunity is a deal already
            found.append(Compare(field="StageName", operator=Operator.NONE_OF, values=self.stages))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeToday:
    """A scope on a certain day of its org, which is what queries are made of."""

    scope: Scope
    today: OrgDay

    def soql(self, *, prefix: str = "") -> str:
        """The condition in Salesforce's language, to be joined to others by AND.

        `prefix` is the path from the queried object to the opportunity, such as `Opportunity.`.
        """
        return soql(self.scope.member(self.today), prefix=prefix)

    def opportunities(self, field: str = "Id") -> str:
        """The inner half of a semi-join: a field of all opportunities of the scope."""
        return f"SELECT {field} FROM Opportunity WHERE {self.soql()}"

    def deals_soql(self) -> str:
        """The condition of the deals alone."""
        return soql(self.scope.deal(self.today))

    def drafts_soql(self) -> str | None:
        """The condition of the drafts alone; None where there are none."""
        draft = self.scope.draft(self.today)
        return None if draft is None else soql(draft)

    def won_sql(self, alias: str = "opportunity") -> str:
        """The condition that the stage counts as won, be the rest of the scope as it may."""
        return sql(self.scope.won, alias=alias)

    def sql(self, alias: str = "opportunity") -> str:
        """The condition over a row of `salesforce.opportunity`, true or false; it takes no parameters."""
        return sql(self.scope.member(self.today), alias=alias)

    def deals_sql(self, alias: str = "opportunity") -> str:
        """The condition of the deals alone, over such a row."""
        return sql(self.scope.deal(self.today), alias=alias)

    def drafts_sql(self, alias: str = "opportunity") -> str:
        """The condition of the drafts alone, over such a row."""
        draft = self.scope.draft(self.today)
        return "false" if draft is None else sql(draft, alias=alias)


#: the scope of an org for which nobody has chosen another; it is the same on every day
EVERYTHING_WON = ScopeToday(scope=Scope(), today=OrgDay(day=date.min, zone=ZoneInfo("UTC")))


def _stage_changed(since: datetime) -> Condition:
    """The stage was changed at or after an instant; one that was never changed is as old as its record."""
    return Either(
        (
            Compare(field="LastStageChangeDate", operator=Operator.FROM, values=(since,)),
            Every(
                (
                    Compare(field="LastStageChangeDate", operator=Operator.NOTHING),
                    Compare(field="CreatedDate", operator=Operator.FROM, values=(since,)),
                )
            ),
        )
    )
