"""The records that the statements are put to.

It is noon of Wednesday, 25 November 2026 in UTC. Plain ids are written as words in braces: {acme} is an account.
"""

from datetime import UTC, datetime

from demo_org.clock import Clock
from demo_org.ids import make_id
from demo_org.store import Org

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

# word -> prefix and number of the id
_IDS = {
    "boss": ("005", 1), "rep": ("005", 2), "temp": ("005", 3),
    "head": ("00E", 1), "sales": ("00E", 2), "queue": ("00G", 1),
    "acme": ("001", 1), "globex": ("001", 2), "initech": ("001", 3), "umbrella": ("001", 4), "gone": ("001", 5),
    "ann": ("003", 1), "bob": ("003", 2), "cid": ("003", 3), "dora": ("003", 4),
    "big": ("006", 1), "small": ("006", 2), "lost": ("006", 3), "early": ("006", 4), "free": ("006", 5),
    "lena": ("00Q", 1), "luke": ("00Q", 2), "lily": ("00Q", 3),
    "printer": ("500", 1), "screen": ("500", 2),
    "file": ("069", 1), "link": ("06A", 1), "nowhere": ("001", 99),
}  # fmt: skip
IDS = {word: make_id(prefix, "Dm1", number) for word, (prefix, number) in _IDS.items()}

# fmt: off
USERS = [
    # Id, FirstName, LastName, Name, Alias, IsActive, UserRoleId
    ("{boss}", "Bea", "Boss", "Bea Boss", "bboss", 1, "{head}"),
    ("{rep}", "Rob", "Rep", "Rob Rep", "rrep", 1, "{sales}"),
    ("{temp}", "Tia", "Temp", "Tia Temp", "ttemp", 0, None),
]
ROLES = [
    # Id, Name, ParentRoleId
    ("{head}", "Head", None),
    ("{sales}", "Sales", "{head}"),
]
ACCOUNTS = [
    # Id, Name, Industry, Rating, AnnualRevenue, NumberOfEmployees, BillingCity, BillingCountry, Latitude, Longitude,
    # ParentId, OwnerId, Description, IsDeleted
    ("{acme}", "Acme", "Technology", "Hot", 1000000.0, 100, "Oslo", "Norway", 59.91, 10.75, None, "{rep}", "Rockets",
     0),
    ("{globex}", "Globex", "Media", "Warm", 250000.5, 20, "Paris", "France", 48.86, 2.35, "{acme}", "{boss}", None, 0),
    ("{initech}", "initech", "Banking", None, None, None, None, None, None, None, None, "{rep}", None, 0),
    ("{umbrella}", "Umbrella", None, "Cold", 50000000.0, 5000, "London", "UK", 51.51, -0.13, "{acme}", "{temp}", "x",
     0),
    ("{gone}", "Gone", "Media", "Hot", 5.0, 1, "Rome", "Italy", 41.9, 12.5, None, "{rep}", None, 1),
]
CONTACTS = [
    # Id, FirstName, LastName, Name, AccountId, Email, Title, Birthdate, LeadSource, Topics__c, ReportsToId
    ("{ann}", "Ann", "Able", "Ann Able", "{acme}", "ann@acme.example", "CEO", "1980-02-29", "Web", "Art;Golf", None),
    ("{bob}", "Bob", "Baker", "Bob Baker", "{acme}", "bob@acme.example", None, "1990-11-25", None, "Golf", "{ann}"),
    ("{cid}", "Cid", "Cole", "Cid Cole", "{globex}", None, "CFO", None, "Other", None, None),
    ("{dora}", None, "O'Drew_50%", "O'Drew_50%", None, "dora@drew.example", "CEO", None, "Web", "Art;Chess;Golf",
     "{bob}"),
]
DEALS = [
    # Id, Name, AccountId, OwnerId, StageName, IsWon, IsClosed, Amount, Probability, CloseDate, CreatedDate, Type
    ("{big}", "Big deal", "{acme}", "{rep}", "Closed Won", 1, 1, 15000.0, 100.0, "2026-11-16",
     "2026-10-01T08:30:00.000Z", "New Customer"),
    ("{small}", "Small deal", "{acme}", "{boss}", "Prospecting", 0, 0, 500.5, 10.0, "2026-12-24",
     "2026-11-25T00:30:00.000Z", None),
    ("{lost}", "Lost deal", "{globex}", "{rep}", "Closed Lost", 0, 1, 7000.0, 0.0, "2026-08-31",
     "2025-12-31T23:30:00.000Z", "New Customer"),
    ("{early}", "early bird", "{initech}", "{temp}", "Closed Won", 1, 1, None, 100.0, "2025-03-31",
     "2025-01-15T12:00:00.000Z", "Existing Customer - Upgrade"),
    ("{free}", "Free trial", None, "{rep}", "Qualification", 0, 0, 0.0, 10.0, "2027-02-28",
     "2026-11-24T23:59:59.000Z", None),
]
ROLES_OF_CONTACTS = [
    # OpportunityId, ContactId, Role, IsPrimary
    ("{big}", "{ann}", "Decision Maker", 1),
    ("{big}", "{bob}", "Business User", 0),
    ("{lost}", "{cid}", "Evaluator", 1),
]
LEADS = [
    # Id, LastName, Name, Company, LeadSource, Rating, Status, OwnerId
    ("{lena}", "Lang", "Lena Lang", "Lang AG", "Web", "Hot", "Open - Not Contacted", "{rep}"),
    ("{luke}", "Lund", "Luke Lund", "Lund AB", "Web", None, "Working - Contacted", "{queue}"),
    ("{lily}", "Lopez", "Lily Lopez", "Lopez SA", "Phone Inquiry", "Hot", "Working - Contacted", "{rep}"),
]
CASES = [
    # Id, CaseNumber, Subject, Status, AccountId, ContactId, OwnerId, CreatedDate
    ("{printer}", "00001001", "Printer on fire", "New", "{acme}", "{ann}", "{queue}", "2026-11-20T10:00:00.000Z"),
    ("{screen}", "00001002", None, "Closed", "{globex}", None, "{boss}", "2026-11-21T10:00:00.000Z"),
]
TASKS = [
    # Subject, WhatId, WhoId, OwnerId, Status, ActivityDate, IsArchived, IsDeleted
    ("Call", "{big}", "{ann}", "{rep}", "Completed", "2026-11-10", 0, 0),
    ("Visit", "{acme}", None, "{boss}", "Not Started", "2026-11-26", 0, 0),
    ("Mail", None, "{lena}", "{rep}", "Not Started", None, 0, 0),
    ("Ask", "{printer}", "{bob}", "{rep}", "Not Started", "2026-11-25", 0, 0),
    ("Old", "{lost}", None, "{rep}", "Completed", "2024-01-01", 1, 0),
    ("Binned", "{big}", None, "{rep}", "Completed", "2026-11-10", 0, 1),
]
CHANGES = [
    # OpportunityId, Field, OldValue, NewValue, CreatedDate
    ("{big}", "StageName", "Prospecting", "Closed Won", "2026-11-16T09:00:00.000Z"),
    ("{big}", "Amount", None, "15000.0", "2026-11-15T09:00:00.000Z"),
]

# fmt: on
_TABLES = {
    "UserRole": ("Id Name ParentRoleId", ROLES),
    "User": ("Id FirstName LastName Name Alias IsActive UserRoleId", USERS),
    "Group": ("Id Name Type", [("{queue}", "Queue", "Queue")]),
    "Account": (
        (
            "Id Name Industry Rating AnnualRevenue NumberOfEmployees BillingCity BillingCountry BillingLatitude "
            "BillingLongitude ParentId OwnerId Description IsDeleted"
        ),
        ACCOUNTS,
    ),
    "Contact": (
        "Id FirstName LastName Name AccountId Email Title Birthdate LeadSource Topics__c ReportsToId",
        CONTACTS,
    ),
    "Opportunity": (
        "Id Name AccountId OwnerId StageName IsWon IsClosed Amount Probability CloseDate CreatedDate Type",
        DEALS,
    ),
    "OpportunityContactRole": ("OpportunityId ContactId Role IsPrimary", ROLES_OF_CONTACTS),
    "Lead": ("Id LastName Name Company LeadSource Rating Status OwnerId", LEADS),
    "Case": ("Id CaseNumber Subject Status AccountId ContactId OwnerId CreatedDate", CASES),
    "Task": ("Subject WhatId WhoId OwnerId Status ActivityDate IsArchived IsDeleted", TASKS),
    "OpportunityFieldHistory": ("OpportunityId Field OldValue NewValue CreatedDate", CHANGES),
    "ContentDocument": ("Id Title", [("{file}", "Offer")]),
    "ContentDocumentLink": ("Id ContentDocumentId LinkedEntityId", [("{link}", "{file}", "{big}")]),
}  # fmt: skip


def named(text: str) -> str:
    """The text with the ids in place of their words."""
    for word, record_id in IDS.items():
        text = text.replace(f"{{{word}}}", record_id)
    return text


def statement_org() -> Org:
    """The org with these records and no others but its own users."""
    org = Org.open(clock=Clock(frozen_at=NOW))
    org.catalog.add_field("Contact", "Topics__c", "multipicklist", picklist_values=("Art", "Chess", "Golf"))
    for name, (columns, rows) in _TABLES.items():
        org.load(
            name, columns.split(), [[named(each) if isinstance(each, str) else each for each in row] for row in rows]
        )
    return org


def abroad_org() -> Org:
    """The same records in an org of several currencies, with a fiscal year from April, for a user in Los Angeles."""
    org = statement_org()
    org.catalog.switch("multi_currency", on=True)
    org.catalog.add_field("Account", "Spot__c", "location")
    with org.writing() as connection:
        connection.execute("UPDATE Organization SET FiscalYearStartMonth = 4")
        connection.execute("UPDATE User SET TimeZoneSidKey = 'America/Los_Angeles', LocaleSidKey = 'de_DE'")
        connection.execute("UPDATE User SET DefaultCurrencyIsoCode = 'EUR'")
        connection.execute(
            "UPDATE Opportunity SET CurrencyIsoCode = CASE Name WHEN 'Big deal' THEN 'JPY' ELSE 'USD' END"
        )
        connection.execute(
            "UPDATE Account SET Spot__Latitude__s = BillingLatitude, Spot__Longitude__s = BillingLongitude, "
            "CurrencyIsoCode = 'USD'"
        )
    rates = [("USD", 1.0, 1, 1), ("EUR", 0.8, 0, 1), ("JPY", 150.0, 0, 1)]
    org.load("CurrencyType", ["IsoCode", "ConversionRate", "IsCorporate", "IsActive"], rates)
    return org
