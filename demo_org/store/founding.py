"""Founds a new org: what Salesforce puts into one before its first user logs in."""

from typing import TYPE_CHECKING

from demo_org.store.picklists import found_meanings, found_periods

if TYPE_CHECKING:
    from demo_org.store.org import Org

#: stage, probability, closed, won, forecast category, its name: the defaults of a new org
STAGES = (
    ("Prospecting", 10, 0, 0, "Pipeline", "Pipeline"),
    ("Qualification", 10, 0, 0, "Pipeline", "Pipeline"),
    ("Needs Analysis", 20, 0, 0, "Pipeline", "Pipeline"),
    ("Value Proposition", 50, 0, 0, "Pipeline", "Pipeline"),
    ("Id. Decision Makers", 60, 0, 0, "Pipeline", "Pipeline"),
    ("Perception Analysis", 70, 0, 0, "Pipeline", "Pipeline"),
    ("Proposal/Price Quote", 75, 0, 0, "BestCase", "Best Case"),
    ("Negotiation/Review", 90, 0, 0, "Forecast", "Commit"),
    ("Closed Won", 100, 1, 1, "Closed", "Closed"),
    ("Closed Lost", 0, 1, 0, "Omitted", "Omitted"),
)
_USER = ("Username", "FirstName", "LastName", "Name", "Email", "Alias", "CommunityNickname", "IsActive", "UserType")
_LOCALE = ("TimeZoneSidKey", "LocaleSidKey", "LanguageLocaleKey", "EmailEncodingKey")
#: the organization as a new Developer Edition has it, with its usual sharing settings
_ORGANIZATION = {
    "Name": "Demo Org", "OrganizationType": "Developer Edition", "InstanceName": "DEMO1", "IsSandbox": 0,
    "FiscalYearStartMonth": 1, "TimeZoneSidKey": "UTC", "LanguageLocaleKey": "en_US", "DefaultLocaleSidKey": "en_US",
    "Country": "US", "SignupCountryIsoCode": "US", "PrimaryContact": "Ada Admin", "UiSkin": "Theme3",
    "ReceivesInfoEmails": 1, "ReceivesAdminInfoEmails": 1, "WebToCaseDefaultOrigin": "Web",
    "PreferencesConsentManagementEnabled": 1, "PreferencesLightningLoginEnabled": 1,
    "DefaultAccountAccess": "Edit", "DefaultContactAccess": "ControlledByParent", "DefaultOpportunityAccess": "Edit",
    "DefaultLeadAccess": "ReadEditTransfer", "DefaultCaseAccess": "ReadEditTransfer",
    "DefaultCalendarAccess": "HideDetailsInsert", "DefaultPricebookAccess": "ReadSelect",
    "DefaultCampaignAccess": "All", "NumKnowledgeService": 2, "MonthlyPageViewsUsed": 0,
    "MonthlyPageViewsEntitlement": 0,
}  # fmt: skip


def found(org: "Org") -> None:
    """Write the organization, two users, the standard stages and the standard price book."""
    profile = org.new_id("Profile")
    org_id = org.new_id("Organization")
    admin, integration = org.new_id("User"), org.new_id("User")
    org.keep("org_id", org_id)
    org.keep("users", f"{admin},{integration}")
    org.load("Profile", ["Id", "Name", "UserType", "CreatedById"],
             [(profile, "System Administrator", "Standard", admin)])  # fmt: skip
    org.load(
        "User",
        ["Id", *_USER, *_LOCALE, "ProfileId", "CreatedById"],
        [
            (admin, "admin@demo.example", "Ada", "Admin", "Ada Admin", "admin@demo.example", "aadmin", "ada", 1,
             "Standard", "UTC", "en_US", "en_US", "UTF-8", profile, admin),
            (integration, "integration@demo.example", None, "Integration", "Integration", "integration@demo.example",
             "integr", "integration", 1, "Standard", "UTC", "en_US", "en_US", "UTF-8", profile, admin),
        ],
    )  # fmt: skip
    org.load("Organization", ["Id", "CreatedById", *_ORGANIZATION], [(org_id, admin, *_ORGANIZATION.values())])
    org.load(
        "OpportunityStage",
        ["MasterLabel", "ApiName", "IsActive", "SortOrder", "DefaultProbability", "IsClosed", "IsWon",
         "ForecastCategory", "ForecastCategoryName", "CreatedById"],
        [(label, label, 1, order, float(chance), closed, won, category, category_name, admin)
         for order, (label, chance, closed, won, category, category_name) in enumerate(STAGES, start=1)],
    )  # fmt: skip
    org.load("Pricebook2", ["Name", "IsActive", "IsStandard", "CreatedById"], [("Standard Price Book", 1, 1, admin)])
    found_meanings(org, admin)
    found_periods(org)


def read_users(org: "Org") -> tuple[str, str, str]:
    """Ids of the admin, of the integration user and of the organization."""
    users, org_id = org.remember("users"), org.remember("org_id")
    if users is None or org_id is None:
        raise RuntimeError(f"{org.path} is no demo org or was cut short while founded; delete the file and start again")
    admin, integration = users.split(",")
    return admin, integration, org_id
