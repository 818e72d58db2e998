"""The start-up's own fields: what its sellers are asked to write down about a deal and a customer."""

from demo_org.store import Org

Facts = dict[str, object]
_LONG: Facts = {"length": 32_768}
_CONTACT: Facts = {"reference_to": ("Contact",)}
_USER: Facts = {"reference_to": ("User",)}

#: object -> (API name, type, further facts)
FIELDS: dict[str, tuple[tuple[str, str, Facts], ...]] = {
    "Opportunity": (
        ("Identified_Pain__c", "textarea", _LONG),
        ("Why_Now__c", "textarea", _LONG),
        ("Why_Us__c", "textarea", _LONG),
        ("Use_Case__c", "textarea", _LONG),
        ("Metrics__c", "textarea", _LONG),
        ("Success_Criteria__c", "textarea", _LONG),
        ("Decision_Criteria__c", "textarea", _LONG),
        ("Decision_Process__c", "textarea", _LONG),
        ("Paper_Process__c", "textarea", _LONG),
        ("Champion__c", "reference", {**_CONTACT, "children": "Championed_Opportunities"}),
        ("Economic_Buyer__c", "reference", {**_CONTACT, "children": "Bought_Opportunities"}),
        ("Competitors__c", "string", {}),
        ("Incumbent__c", "string", {}),
        ("Objections__c", "textarea", _LONG),
        ("Commitments__c", "textarea", _LONG),
        ("Special_Conditions__c", "textarea", _LONG),
        ("Risks__c", "textarea", _LONG),
        ("Kickoff_Date__c", "date", {}),
        ("Go_Live_Date__c", "date", {"label": "Go-Live Date"}),
        ("Integrations__c", "textarea", _LONG),
        ("Data_Migration__c", "textarea", _LONG),
        ("Security_Review__c", "textarea", _LONG),
        ("Implementation_Notes__c", "textarea", _LONG),
        ("Solutions_Engineer__c", "reference", {**_USER, "children": "Engineered_Opportunities"}),
        ("ARR__c", "currency", {"label": "ARR", "precision": 18, "scale": 2}),
        ("TCV__c", "currency", {"label": "TCV", "precision": 18, "scale": 2}),
        ("Auto_Renew__c", "boolean", {"label": "Auto-Renew"}),
        ("Notice_Period__c", "string", {}),
        ("Payment_Terms__c", "string", {}),
        ("Win_Reason__c", "picklist", {}),
        ("Loss_Reason__c", "picklist", {}),
        ("Loss_Notes__c", "textarea", _LONG),
    ),
    "Account": (
        ("Segment__c", "picklist", {"picklist_values": ("SMB", "Mid-Market", "Enterprise")}),
        ("Customer_Success_Manager__c", "reference", {**_USER, "children": "Success_Accounts"}),
        ("Tech_Stack__c", "string", {}),
    ),
}


#: the start-up's own objects: what is set up after a win, and what a customer pays for
OBJECTS: dict[str, tuple[tuple[str, str, Facts], ...]] = {
    "Implementation__c": (
        ("Opportunity__c", "reference", {"reference_to": ("Opportunity",), "children": "Implementations"}),
        ("Project_Lead__c", "reference", {**_USER, "children": "Implementations_Led"}),
        ("Status__c", "picklist", {"picklist_values": ("Planned", "Running", "Live")}),
        ("Health__c", "picklist", {"picklist_values": ("Green", "Yellow", "Red")}),
        ("Kickoff_Date__c", "date", {}),
        ("Go_Live_Date__c", "date", {"label": "Go-Live Date"}),
        ("Percent_Complete__c", "percent", {"precision": 3, "scale": 0}),
        ("Hours_Planned__c", "double", {"precision": 6, "scale": 1}),
        ("Plan__c", "textarea", _LONG),
        ("Open_Points__c", "textarea", _LONG),
    ),
    "Subscription__c": (
        ("Account__c", "reference", {"reference_to": ("Account",), "children": "Subscriptions"}),
        ("Contract__c", "reference", {"reference_to": ("Contract",), "children": "Subscriptions"}),
        ("Product__c", "reference", {"reference_to": ("Product2",), "children": "Subscriptions"}),
        ("Status__c", "picklist", {"picklist_values": ("Starting", "Active", "Ended")}),
        ("Start_Date__c", "date", {}),
        ("End_Date__c", "date", {}),
        ("Units__c", "double", {"precision": 10, "scale": 0}),
        ("ARR__c", "currency", {"label": "ARR", "precision": 18, "scale": 2}),
        ("Auto_Renew__c", "boolean", {"label": "Auto-Renew"}),
    ),
}

#: what a company that sells in teams to groups of customers has switched on
_FEATURES = ("team_selling", "contacts_to_multiple_accounts")


def add_fields(org: Org) -> None:
    """Give the org the start-up's objects, fields and features, as far as it does not have them yet."""
    catalog = org.catalog
    with catalog.together():
        for name in _FEATURES:
            org.switch_feature(name, on=True)
        for name in OBJECTS:
            if name not in catalog.stored:
                catalog.add_object(name)
        for name, fields in {**FIELDS, **OBJECTS}.items():
            for field, type_name, facts in fields:
                if name not in catalog.stored or not catalog.stored_object(name).has(field):
                    catalog.add_field(name, field, type_name, **facts)
