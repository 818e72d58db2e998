"""What admins and the system do: to many records at once, to what there is, and to who may see it."""

from datetime import timedelta

from demo_org import jobs
from demo_org.semantics import field_history
from machine.world import WATCHED, Impossible, World

_TOUCHED = ("Opportunity", "Account", "Contact", "Task", "OpportunityLineItem", "Renewal__c", "Quote")
_FEATURES = ("quotes", "orders", "team_selling", "contacts_to_multiple_accounts", "partners")
_OBJECTS = (
    "Note",
    "Case",
    "Asset",
    "Contract",
    "Campaign",
    "ContentDocumentLink",
    "OpportunityCompetitor",
    "Renewal__c",
)
#: thousands of records with the same stamp; more than a page
_TIES = 2_100


def touch(world: World, number: int) -> None:
    """Move the stamps of all records of an object, and nothing else: all are equal."""
    with world.org.transaction() as unit:
        jobs.touch(unit, _TOUCHED[number % len(_TOUCHED)])


def ties(world: World, number: int) -> None:
    """Thousands of tasks and contacts arrive with one stamp."""
    if world.did["ties"]:
        raise Impossible
    world.memory.look(world.org)
    now = world.org.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    deal, user = world.must_pick("Opportunity", number), world.org.users.admin
    audit = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "OwnerId")
    stamps = (now, user, now, user, now, user)
    columns = ("WhatId", "Subject", "Status", "IsClosed", *audit)
    rows = ((deal, f"Import {each}", "Completed", 1, *stamps) for each in range(_TIES))
    world.org.load("Task", columns, rows)


def flip_stage(world: World, number: int) -> None:
    """Change what a stage means: deals are won or not at once, without any stamp."""
    stage = ("Closed Won", "Negotiation/Review", "Closed Lost")[number % 3]
    with world.org.transaction() as unit:
        row = unit.rows("OpportunityStage", "ApiName = ?", (stage,))[0]
        jobs.flip_stage(unit, stage, is_won=not row["IsWon"])


def restore_stages(world: World, number: int) -> None:
    """Let the stages mean what they meant at first."""
    with world.org.transaction() as unit:
        for stage, won in (("Closed Won", True), ("Negotiation/Review", False), ("Closed Lost", False)):
            row = unit.rows("OpportunityStage", "ApiName = ?", (stage,))[0]
            if bool(row["IsWon"]) is not won:
                jobs.flip_stage(unit, stage, is_won=won, is_closed=stage.startswith("Closed"))


def archive(world: World, number: int) -> None:
    """Archive old activities."""
    with world.org.transaction() as unit:
        jobs.archive_activities(unit, older_than=timedelta(days=number % 3))


def rename_value(world: World, number: int) -> None:
    """Replace a value of a picklist in all records."""
    old, new = (("New", "Opened"), ("Opened", "New"))[number % 2]
    with world.org.transaction() as unit:
        jobs.rename_value(unit, "Case", "Status", old, new)


def old_history(world: World, number: int) -> None:
    """A deal has a history of long ago; it is saved, so that somebody looks at it."""
    deal = world.must_pick("Opportunity", number)
    columns = ("OpportunityId", "Field", "DataType", "NewValue", "CreatedById", "CreatedDate")
    row = (
        deal,
        "NextStep",
        "Text",
        f"step {number}",
        world.org.users.admin,
        f"2024-0{number % 8 + 1}-01T10:00:00.000Z",
    )
    world.org.update("Opportunity", deal, {"NextStep": f"step {number}"})  # refused where the field is gone
    world.org.load("OpportunityFieldHistory", columns, [row])


def purge_history(world: World, number: int) -> None:
    """Salesforce removes old history without a trace."""
    world.memory.look_at_history(world.org)
    with world.org.transaction() as unit:
        jobs.purge_history(unit)


def track(world: World, number: int) -> None:
    """Choose other fields whose history is kept."""
    fields = (["StageName", "Amount"], ["StageName", "Name", "NextStep", "OwnerId", "AccountId"])[number % 2]
    with world.org.transaction() as unit:
        field_history.track(unit, "Opportunity", fields)


def hide_or_show(world: World, number: int) -> None:
    """Take a field out of the reader's sight, or give it back."""
    name, field = WATCHED[number % len(WATCHED)]
    if not world.org.catalog.stored_object(name).has(field):
        raise Impossible
    world.reshaped = True
    described = world.org.catalog.find(name)
    if described is not None and described.has(field):
        world.org.catalog.hide_field(name, field)
    else:
        world.org.catalog.show_field(name, field)


def add_or_remove_field(world: World, number: int) -> None:
    """Make a field, or delete it with all its values."""
    world.reshaped = True
    if world.org.catalog.stored_object("Opportunity").has("Why__c"):
        world.org.catalog.remove_field("Opportunity", "Why__c")
    else:
        world.org.catalog.add_field("Opportunity", "Why__c", "string", label="Why us")


def switch_feature(world: World, number: int) -> None:
    """Switch a feature with its objects off, or on again."""
    name = _FEATURES[number % len(_FEATURES)]
    world.reshaped = True
    world.org.switch_feature(name, on=name not in world.org.catalog.features)


def switch_object(world: World, number: int) -> None:
    """Take an object out of sight, or give it back."""
    name = _OBJECTS[number % len(_OBJECTS)]
    world.reshaped = True
    if world.org.catalog.find(name) is None:
        world.org.catalog.enable(name)
    else:
        world.org.catalog.disable(name)


def restore_sight(world: World, number: int) -> None:
    """Give everything back that is out of sight."""
    world.reshaped = True
    for name in _FEATURES:
        if name not in world.org.catalog.features:
            world.org.switch_feature(name, on=True)
    for name in _OBJECTS:
        if world.org.catalog.find(name) is None:
            world.org.catalog.enable(name)
    for name, field in sorted(world.org.catalog.settings.hidden):
        world.org.catalog.show_field(name, field)
