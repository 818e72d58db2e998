"""Fields that exist and cannot be used where they stand."""

from soql_statements.expected import FIELD, Refused, no_column

_UNFILTERED = "field '{}' can not be filtered in a query call"
_ADDRESS = "Address fields can only be filtered using Distance expressions"

STATEMENTS = [
    ("SELECT Id FROM Account WHERE Description = 'x'", Refused(FIELD, _UNFILTERED.format("Description"), 30)),
    ("SELECT Id FROM Account WHERE Description LIKE '%x%'", Refused(FIELD, _UNFILTERED.format("Description"), 30)),
    ("SELECT Id FROM Account WHERE Description != null", Refused(FIELD, _UNFILTERED.format("Description"), 30)),
    ("SELECT Id FROM Account WHERE Description IN ('x')", Refused(FIELD, _UNFILTERED.format("Description"), 30)),
    ("SELECT Id FROM Contact WHERE Account.Description = 'x'", Refused(FIELD, _UNFILTERED.format("Description"), 30)),
    ("SELECT Id FROM ContentVersion WHERE VersionData = 'x'", Refused(FIELD, _UNFILTERED.format("VersionData"), 37)),
    ("SELECT Id FROM Account WHERE BillingAddress = 'Oslo'", Refused(FIELD, _ADDRESS, 30)),
    ("SELECT Id FROM Account WHERE BillingAddress != null", Refused(FIELD, _ADDRESS, 30)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE MailingAddress = null)",
     Refused(FIELD, _ADDRESS, 73)),
    ("SELECT Id FROM Account WHERE Naem = 'x'", no_column("Naem", "Account", 30)),
    ("SELECT Id FROM Account ORDER BY Naem", no_column("Naem", "Account", 33)),
    ("SELECT COUNT(Id) FROM Account GROUP BY Naem", no_column("Naem", "Account", 40)),
    ("SELECT Phone, Name, FirstName, RecordTypeId, ShippingCity, Nothing__c FROM Account",
     no_column("FirstName", "Account", 21)),
    ("SELECT Account.Phone, Account.Rating, Account.RecordType, Account.ShippingCity FROM Contact",
     no_column("RecordType", "Account", 39)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT Naem FROM Contact)", no_column("Naem", "Contact", 44)),
]  # fmt: skip
