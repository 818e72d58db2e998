"""Our own side: who sold, who looks after the customer, who helped."""

from typing import Any

from sync.shape.aggregate import Aggregate
from sync.shape.aliases import plain
from sync.shape.lookup import Lookup
from sync.shape.value import Item, Section, Source, State, best, oldest_first, source_of, verbatim

#: words of a team role or of a user's title that say what somebody does, for the line of the brief
_DUTIES: dict[str, tuple[str, ...]] = {
    "csm": ("customersuccess", "csm", "technicalaccountmanager"),
    "solutions_engineer": ("solutionsengineer", "solutionengineer", "salesengineer", "presales"),
}


def internal_people(lookup: Lookup) -> Section:
    """Who sold, who owns the customer, who helped; a customer without a success manager is said to have none."""
    aggregate, users = lookup.aggregate, lookup.aggregate.users

    def user(value: Any) -> Any:
        return named_user(users, value)

    seller = users.get(str(aggregate.deal.get("ownerid"))) or {}
    items = [
        lookup.standard("account_executive", "Account executive", "Opportunity", "OwnerId", aggregate.deal, form=user),
        lookup.standard("sales_manager", "Their manager", "User", "ManagerId", seller or None, form=user),
        lookup.standard("customer_owner", "Customer owner", "Account", "OwnerId", aggregate.customer, form=user),
        _on_duty(lookup, "csm", "Customer success manager"),
        _on_duty(lookup, "solutions_engineer", "Solutions engineer"),
        lookup.custom("partner_manager", "Partner manager", form=user),
        _team(lookup),
        *_also_touched(aggregate),
    ]
    return Section("internal_people", "Our people", tuple(items))


def named_user(users: Any, value: Any) -> Any:
    """A user by name where the id is known, or the text that stands where an id was expected."""
    if not value:
        return None
    row = users.get(value)
    if row is None:
        is_id = isinstance(value, str) and value.startswith("005") and len(value) in {15, 18}
        return {"name": None if is_id else value, "user_id": value if is_id else None}
    return {"name": row.get("name"), "title": verbatim(row.get("title")), "user_id": row["id"]}


def _on_duty(lookup: Lookup, line: str, label: str) -> Item:
    """Somebody of ours by duty: from the field made for it, else from the teams of the customer and of the deal."""
    aggregate, users = lookup.aggregate, lookup.aggregate.users
    custom = lookup.custom(line, label, form=lambda value: named_user(users, value))
    if custom.filled:
        return custom
    for object_name, rows in (
        ("AccountTeamMember", aggregate.customer_team),
        ("OpportunityTeamMember", aggregate.team),
    ):
        for row in oldest_first(rows):
            title = (users.get(row.get("userid") or "") or {}).get("title") or row.get("title")
            said = (plain(row.get("teammemberrole") or ""), plain(title or ""))
            if row.get("userid") and any(duty in words for words in said for duty in _DUTIES[line]):
                source = source_of(object_name, "TeamMemberRole", row)
                return Item(line, label, named_user(users, row["userid"]), State.INFERRED, source)
    return best([custom, lookup.related(line, label, "AccountTeamMember", "TeamMemberRole", [], None)])


def _team(lookup: Lookup) -> Item:
    users, rows = lookup.aggregate.users, oldest_first(lookup.aggregate.team)
    value = [
        {**named_user(users, row["userid"]), "note": verbatim(row.get("teammemberrole"))}
        for row in rows
        if row.get("userid")
    ]
    return lookup.related("team", "Deal team", "OpportunityTeamMember", "TeamMemberRole", rows, value or None)


def _also_touched(aggregate: Aggregate) -> list[Item]:
    """Everybody who left a trace in the deal's history and is named nowhere else."""
    users = aggregate.users
    touched = {str(row.get("createdbyid")) for row in aggregate.history}
    touched |= {str(row.get("ownerid")) for row in (*aggregate.tasks, *aggregate.events, *aggregate.notes)}
    named = {str(aggregate.deal.get("ownerid")), *(str(row.get("userid")) for row in aggregate.team)}
    others = sorted((touched & users.keys()) - named)
    if not others:
        return []
    value = [named_user(users, each) for each in others]
    source = Source("OpportunityHistory", "CreatedById", None, None)
    return [Item("also_touched", "Also worked on it", value, State.OK, source)]
