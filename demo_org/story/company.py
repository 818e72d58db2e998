"""The start-up itself: Quillow, its people, its products and its price book."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from demo_org.store import Org

DOMAIN = "quillow.example"

#: name, title, department, whose report
_STAFF = (
    ("Miriam Castle", "VP Sales", "Sales", None),
    ("Dario Lund", "Sales Manager East", "Sales", "Miriam Castle"),
    ("Keiko Barlow", "Sales Manager West", "Sales", "Miriam Castle"),
    ("Rosalind Achebe", "Account Executive", "Sales", "Dario Lund"),
    ("Tobias Wren", "Account Executive", "Sales", "Dario Lund"),
    ("Nadia Ferro", "Account Executive", "Sales", "Dario Lund"),
    ("Callum Ostrow", "Account Executive", "Sales", "Dario Lund"),
    ("Lena Abara", "Account Executive", "Sales", "Keiko Barlow"),
    ("Milo Santerre", "Account Executive", "Sales", "Keiko Barlow"),
    ("Imogen Pratt", "Account Executive", "Sales", "Keiko Barlow"),
    ("Rafael Dunne", "Senior Account Executive", "Sales", "Keiko Barlow"),
    ("Saskia Mohr", "Solutions Engineer", "Solutions", "Miriam Castle"),
    ("Bashir Keane", "Solutions Engineer", "Solutions", "Miriam Castle"),
    ("Judith Amari", "Head of Customer Success", "Customer Success", None),
    ("Theo Lindgren", "Customer Success Manager", "Customer Success", "Judith Amari"),
    ("Paloma Reyes", "Customer Success Manager", "Customer Success", "Judith Amari"),
    ("Ewan Farrow", "Customer Success Manager", "Customer Success", "Judith Amari"),
    ("Zsofia Hale", "Senior Customer Success Manager", "Customer Success", "Judith Amari"),
)

#: name, code, family, list price, whether it is sold per unit, what it is
_PRODUCTS = (
    ("Quillow Intake", "QL-INT", "Subscription", 4800, True, "Forms, consents and orders on the phone."),
    ("Quillow Outreach", "QL-OUT", "Subscription", 3600, True, "Reminders, recall and conversations."),
    ("Quillow Referrals", "QL-REF", "Subscription", 5400, True, "Referrals and transfers in one list."),
    ("Quillow Rounds", "QL-RND", "Subscription", 6600, True, "Discharge, beds and specimens on the move."),
    ("Quillow Results", "QL-RES", "Subscription", 4500, True, "Results with proof of receipt."),
    ("Quillow Authorise", "QL-AUT", "Subscription", 7800, True, "Prior authorisation by the plan's own rules."),
    ("Quillow Insights", "QL-INS", "Subscription", 1200, True, "Reports and exports."),
    ("Premium Support", "QL-SUP", "Support", 6000, False, "Named contact, four hours reaction time."),
    ("System Interface", "QL-IFC", "Services", 8500, False, "Connection to the customer's core system"),
    ("Onboarding Standard", "QL-ONS", "Services", 6500, False, "Project lead, configuration and remote training"),
    ("Onboarding Enterprise", "QL-ONE", "Services", 18000, False, "Project team, on-site weeks and validation"),
    ("Training Day", "QL-TRN", "Services", 1900, False, "One day of training on site."),
)  # fmt: skip

_RECORD_TYPES = {
    "New_Business": "A first purchase, or one product more.",
    "Renewal": "A term that is prolonged.",
}

RECURRING = frozenset({"Subscription", "Support"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something the start-up sells."""

    id: str
    entry_id: str
    name: str
    code: str
    family: str
    price: float
    per_unit: bool

    @property
    def recurring(self) -> bool:
        """Whether it is paid every year."""
        return self.family in RECURRING


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who works for the start-up."""

    id: str
    name: str
    title: str

    @property
    def first(self) -> str:
        """The first name, as colleagues and customers use it."""
        return self.name.split()[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What the story needs to know about the start-up."""

    sellers: tuple[Colleague, ...]
    engineers: tuple[Colleague, ...]
    success: tuple[Colleague, ...]
    products: dict[str, Product]
    pricebook_id: str
    #: developer name -> id of the record types of deals
    record_types: dict[str, str]


def found_company(org: Org, *, today: date) -> Company:
    """Write users, products and prices; all of them are older than the first deal."""
    since = datetime.combine(today - timedelta(days=2000), time(9), UTC)
    with org.reading() as connection:
        profile = connection.execute("SELECT Id FROM Profile ORDER BY Id LIMIT 1").fetchone()[0]
        pricebook = connection.execute("SELECT Id FROM Pricebook2 WHERE IsStandard = 1").fetchone()[0]
    staff = _hire(org, since, profile)
    return Company(
        sellers=tuple(each for each in staff if each.title.endswith("Account Executive")),
        engineers=tuple(each for each in staff if each.title == "Solutions Engineer"),
        success=tuple(each for each in staff if each.title.endswith("Success Manager")),
        products=_stock(org, since, pricebook),
        pricebook_id=pricebook,
        record_types=_sort(org, since),
    )


def _sort(org: Org, since: datetime) -> dict[str, str]:
    """Two kinds of deals: what is won anew and what is prolonged."""
    types = {name: org.new_id("RecordType") for name in _RECORD_TYPES}
    org.load(
        "RecordType",
        ["Id", "Name", "DeveloperName", "SobjectType", "IsActive", "Description", "CreatedDate", "LastModifiedDate"],
        [(types[name], name.replace("_", " "), name, "Opportunity", 1, about, since, since)
         for name, about in _RECORD_TYPES.items()],
    )  # fmt: skip
    org.catalog.touch("Opportunity")
    return types


def _hire(org: Org, since: datetime, profile: str) -> list[Colleague]:
    staff = [Colleague(id=org.new_id("User"), name=name, title=title) for name, title, *_ in _STAFF]
    ids = {each.name: each.id for each in staff}
    columns = [
        "Id", "Username", "FirstName", "LastName", "Name", "Email", "Alias", "CommunityNickname", "IsActive",
        "UserType", "Title", "Department", "CompanyName", "ManagerId", "ProfileId", "TimeZoneSidKey", "LocaleSidKey",
        "LanguageLocaleKey", "EmailEncodingKey", "CreatedDate", "LastModifiedDate", "CreatedById",
    ]  # fmt: skip
    rows = []
    for each, (name, title, department, manager) in zip(staff, _STAFF, strict=True):
        first, last = name.split()
        mail = f"{first}.{last}@{DOMAIN}".lower()
        rows.append((
            each.id, mail, first, last, name, mail, (first[0] + last)[:8].lower(), f"{first}.{last}".lower(), 1,
            "Standard", title, department, "Quillow", ids.get(manager or ""), profile, "America/New_York", "en_US",
            "en_US", "UTF-8", since, since, org.users.admin,
        ))  # fmt: skip
    org.load("User", columns, rows)
    return staff


def _stock(org: Org, since: datetime, pricebook: str) -> dict[str, Product]:
    products = {
        name: Product(id=org.new_id("Product2"), entry_id=org.new_id("PricebookEntry"), name=name, code=code,
                      family=family, price=float(price), per_unit=per_unit)
        for name, code, family, price, per_unit, _ in _PRODUCTS
    }  # fmt: skip
    about = {name: text for name, *_, text in _PRODUCTS}
    org.load(
        "Product2",
        ["Id", "Name", "ProductCode", "Family", "Description", "IsActive", "CreatedDate", "LastModifiedDate"],
        [(each.id, each.name, each.code, each.family, about[each.name], 1, since, since) for each in products.values()],
    )
    org.load(
        "PricebookEntry",
        ["Id", "Name", "ProductCode", "Pricebook2Id", "Product2Id", "UnitPrice", "IsActive", "CreatedDate",
         "LastModifiedDate"],
        [(each.entry_id, each.name, each.code, pricebook, each.id, each.price, 1, since, since)
         for each in products.values()],
    )  # fmt: skip
    return products
