"""From parent to children: queries within SELECT, up to five levels."""

from soql_statements.expected import FIELD, MALFORMED, Refused, no_column, no_relationship, no_token

STATEMENTS = [
    ("SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account WHERE Name = 'Acme'",
     [("Acme", ["Able", "Baker"])]),
    ("SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'initech'", [("initech", None)]),
    (("SELECT Account.Name, (SELECT Contact.LastName FROM Account.Contacts ORDER BY Name DESC) FROM Account "
     "WHERE Name = 'Acme'"), [("Acme", ["Baker", "Able"])]),
    (("SELECT a.Name, (SELECT c.LastName FROM a.Contacts c ORDER BY c.LastName LIMIT 1) FROM Account a "
     "WHERE a.Name = 'Acme'"), [("Acme", ["Able"])]),
    ("SELECT Name, (SELECT LastName FROM Contacts WHERE Email = null) FROM Account WHERE Industry = 'Media'",
     [("Globex", ["Cole"])]),
    ("SELECT Name, (SELECT LastName FROM Contacts WHERE CreatedBy.Alias = 'x') FROM Account WHERE Industry = 'Media'",
     [("Globex", None)]),
    ("SELECT Name, (SELECT Name FROM Opportunities ORDER BY Amount DESC LIMIT 1) FROM Account WHERE Name = 'Acme'",
     [("Acme", ["Big deal"])]),
    ("SELECT Name, (SELECT Name FROM Opportunities ORDER BY Amount LIMIT 1 OFFSET 1) FROM Account WHERE Name = 'Acme'",
     [("Acme", ["Big deal"])]),
    ("SELECT Name, (SELECT Name FROM Opportunities LIMIT 0) FROM Account WHERE Name = 'Acme'", [("Acme", None)]),
    (("SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName), (SELECT Name FROM Opportunities ORDER BY Name) "
     "FROM Account WHERE Name = 'Acme'"), [("Acme", ["Able", "Baker"], ["Big deal", "Small deal"])]),
    ("SELECT (SELECT Role FROM OpportunityContactRoles ORDER BY Role), Name FROM Opportunity WHERE Name = 'Big deal'",
     [(["Business User", "Decision Maker"], "Big deal")]),
    (("SELECT Name, (SELECT Role, Contact.Name FROM OpportunityContactRoles WHERE IsPrimary = true) FROM Opportunity "
     "WHERE Name = 'Big deal'"), [("Big deal", [("Decision Maker", "Ann Able")])]),
    ("SELECT Name, (SELECT Name FROM ChildAccounts ORDER BY Name) FROM Account WHERE Name = 'Acme'",
     [("Acme", ["Globex", "Umbrella"])]),
    (("SELECT Name, (SELECT Name, (SELECT Role FROM OpportunityContactRoles ORDER BY Role) FROM Opportunities ORDER BY "
     "Name) FROM Account WHERE Name = 'Acme'"),
     [("Acme", [("Big deal", ["Business User", "Decision Maker"]), ("Small deal", None)])]),
    (("SELECT Name, (SELECT Name, (SELECT Name, (SELECT Role FROM OpportunityContactRoles) FROM Opportunities) FROM "
     "ChildAccounts WHERE Name = 'Globex') FROM Account WHERE Name = 'Acme'"),
     [("Acme", [("Globex", [("Lost deal", ["Evaluator"])])])]),
    ("SELECT Name, (SELECT Subject FROM Tasks) FROM Opportunity WHERE Name = 'Big deal'", [("Big deal", ["Call"])]),
    ("SELECT Name, (SELECT Id FROM Contacts), (SELECT Name FROM Cases) FROM Account WHERE Name = 'Acme'",
     no_column("Name", "Case", 49)),
    ("SELECT Id, (SELECT Id FROM Foos) FROM Account", no_relationship("Foos", 28, children=True)),
    ("SELECT Id, (SELECT Id FROM Contact) FROM Account", no_relationship("Contact", 28, children=True)),
    ("SELECT Id, (SELECT Naem FROM Contacts) FROM Account", no_column("Naem", "Contact", 20)),
    ("SELECT Id, (SELECT Id FROM Contacts WHERE Foo.Name = 'x') FROM Account", no_relationship("Foo", 43)),
    ("SELECT Id, (SELECT Id FROM Contacts), (SELECT Name FROM Contacts) FROM Account",
     Refused(FIELD, "duplicate field selected: Contacts", 57)),
    ("SELECT Account.Name, (SELECT LastName FROM Account.Contact.Foo.Bars) FROM Account",
     Refused(MALFORMED, "First SObject of a nested query must be a child of its outer query.", 44)),
    ("SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account",
     Refused(MALFORMED, "Only root queries support aggregate expressions", 35)),
    ("SELECT Id, (SELECT LastName, COUNT(Id) FROM Contacts GROUP BY LastName) FROM Account",
     Refused(MALFORMED, "Only root queries support aggregate expressions", 45)),
    ("SELECT Id, (SELECT FIELDS(ALL) FROM Contacts) FROM Account",
     Refused(MALFORMED, "The SOQL FIELDS function must have a LIMIT of at most 200", 20)),
    ("SELECT Name (SELECT LastName FROM Contacts) FROM Account", no_token("(", 13)),
    ("SELECT Id, (SELECT LastName FROM Contacts FROM Account", no_token("FROM", 43)),
    ("SELECT Id, () FROM Account", no_token(")", 13)),
    (("SELECT Id, (SELECT Id, (SELECT Id, (SELECT Id, (SELECT Id, (SELECT Id FROM ChildAccounts) FROM "
      "ChildAccounts) FROM "
     "ChildAccounts) FROM ChildAccounts) FROM ChildAccounts) FROM Account"), no_token("(", 60)),
    ("SELECT StageName, COUNT(Id), (SELECT Id FROM Tasks) FROM Opportunity GROUP BY StageName",
     Refused(MALFORMED, "Grouped query cannot use child relationships in the SELECT list")),
]  # fmt: skip
