"""The addresses a describe gives of an object: its own, its layouts, and what some objects have besides."""

from demo_org.catalog.types import ObjectType

_LAYOUTLESS = frozenset({"Organization", "OpportunityStage", "OpportunityHistory", "UserRole", "RecordType", "Profile"})
#: without list views and approval layouts, though users make and find them
_UNLISTED = frozenset({"Event", "User"})
#: what some objects have besides, with the address it stands behind
_FURTHER = {
    "Case": (
        ("caseArticleSuggestions", "approvalLayouts", "suggestedArticles"),
        ("caseRowArticleSuggestions", "caseArticleSuggestions", "{ID}/suggestedArticles"),
    ),
    "Event": (("eventSeriesUpdates", "rowTemplate", "{ID}/fromThisEventOnwards"),),
    "User": (
        ("namedLayouts", "rowTemplate", "describe/namedLayouts/{LayoutName}"),
        ("passwordUtilities", "namedLayouts", "{ID}/password"),
    ),
}


def layoutable(described: ObjectType) -> bool:
    """Whether an admin can lay out the object's page."""
    return described.createable and described.name not in _LAYOUTLESS


def urls(described: ObjectType, version: str) -> dict[str, str]:
    """Name -> path, in Salesforce's order."""
    base = f"/services/data/v{version}/sobjects/{described.name}"
    found = {}
    if layoutable(described) or described.name == "UserRole":
        found["compactLayouts"] = "describe/compactLayouts"
    found["rowTemplate"] = "{ID}"
    if described.searchable and layoutable(described) and described.name not in _UNLISTED:
        found["approvalLayouts"] = "describe/approvalLayouts"
        found["listviews"] = "listviews"
    if described.associate_type == "ChangeEvent":
        found["eventSchema"] = "eventSchema"
    found["describe"] = "describe"
    if layoutable(described):
        if described.name != "CampaignMember":
            found["quickActions"] = "quickActions"
        found["layouts"] = "describe/layouts"
    for name, behind, path in _FURTHER.get(described.name, ()):
        found = _inserted(found, name, path, behind=behind)
    return {name: f"{base}/{path}" for name, path in found.items()} | {"sobject": base}


def pages(described: ObjectType, host: str) -> dict[str, str]:
    """Name -> address of the pages where people see, change and make a record."""
    return {
        "uiDetailTemplate": f"{host}/{{ID}}",
        "uiEditTemplate": f"{host}/{{ID}}/e",
        "uiNewRecord": f"{host}/{described.key_prefix}/e",
    }


def _inserted(found: dict[str, str], name: str, path: str, *, behind: str) -> dict[str, str]:
    items: list[tuple[str, str]] = []
    for item in found.items():
        items.append(item)
        if item[0] == behind:
            items.append((name, path))
    return dict(items)
