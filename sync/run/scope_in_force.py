"""The scope by which a pass tells who belongs to us, and whether everybody must be judged anew."""

from dataclasses import dataclass
from datetime import datetime

from models import org
from models.kept_scope import KeptScope, applied_scope, kept_scope
from models.membership import Membership
from models.session import ReadSession
from sync.scope.document import read_scope
from sync.scope.scope import OrgDay, Scope, ScopeToday, org_day


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeInForce:
    """The scope of an org as of the day it is there."""

    version: int
    now: ScopeToday
    #: the scope before, where membership does not follow the new one yet
    before: ScopeToday | None
    #: whether the org's day is another than that of the last judgement, and the day matters
    is_new_day: bool

    @property
    def scope(self) -> Scope:
        """The scope without its day."""
        return self.now.scope

    @property
    def judges_everywhere(self) -> bool:
        """Whether somebody may come or leave who has not changed."""
        return self.before is not None or self.is_new_day

    @property
    def membership(self) -> Membership:
        """The scope as the store wants it."""
        return Membership(
            deal=self.now.deals_sql(),
            draft=self.now.drafts_sql(),
            won=self.now.won_sql(),
            before=None if self.before is None else self.before.sql(),
        )


def scope_in_force(session: ReadSession, org_id: str, *, now: datetime) -> ScopeInForce:
    """Return the scope of an org; `now` is Salesforce's clock."""
    row = org.org_row(session, org_id)
    today = org_day(now, row.time_zone if row is not None else None)
    kept, applied = kept_scope(session, org_id), applied_scope(session, org_id)
    current = _of(kept, today)
    return ScopeInForce(
        version=kept.version,
        now=current,
        before=None if kept.version == applied.version else _of(applied, today),
        is_new_day=current.scope.moves_with_the_day and kept.applied_on != today.day,
    )


def _of(kept: KeptScope, today: OrgDay) -> ScopeToday:
    return ScopeToday(scope=read_scope(kept.conditions), today=today)
