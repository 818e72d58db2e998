"""Semi-joins and anti-joins, and the many things they may not be."""

from soql_statements.expected import MALFORMED, Refused, no_token

_WON = "(SELECT AccountId FROM Opportunity WHERE IsWon = true)"
_NOT_AWAY = "cannot have more than one level of relationships"
_TYPES = (
    "The selected field '{}' in the subquery and the left operand field in the where expression in the outer "
    "query '{}' "
    "should point to the same object type"
)

STATEMENTS = [
    (f"SELECT Name FROM Account WHERE Id IN {_WON}", ["Acme", "initech"]),
    (f"SELECT Name FROM Account WHERE Id NOT IN {_WON}", ["Globex", "Umbrella"]),
    ("SELECT Id, Name FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE StageName = 'Closed Lost')",
     [("001Dm1000000002IAA", "Globex")]),
    ("SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity WHERE IsClosed = false)",
     ["Globex", "Umbrella", "initech"]),
    (("SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'ab%') AND Id IN "
     "(SELECT AccountId FROM Opportunity WHERE IsClosed = false)"), ["Acme"]),
    (f"SELECT Name FROM Contact WHERE AccountId IN {_WON} ORDER BY Name", ["Ann Able", "Bob Baker"]),
    (("SELECT Name FROM Contact WHERE Id IN (SELECT ContactId FROM OpportunityContactRole WHERE "
     "Opportunity.IsWon = true)"),
     ["Ann Able", "Bob Baker"]),
    ("SELECT Subject FROM Task WHERE WhatId IN (SELECT Id FROM Opportunity WHERE IsWon = true)", ["Call"]),
    ("SELECT Subject FROM Task WHERE WhoId IN (SELECT Id FROM Contact WHERE Account.Name = 'Acme')", ["Ask", "Call"]),
    (("SELECT Name FROM Opportunity WHERE AccountId IN (SELECT Id FROM Account WHERE Rating IN ('Hot', 'Warm')) "
     "AND Amount > 600"), ["Big deal", "Lost deal"]),
    ("SELECT Name FROM Opportunity o WHERE o.AccountId NOT IN (SELECT a.Id FROM Account a WHERE a.Rating = 'Hot')",
     ["Free trial", "Lost deal", "early bird"]),
    ("SELECT Name FROM Opportunity WHERE OwnerId IN (SELECT Id FROM User WHERE IsActive = false)", ["early bird"]),
    (("SELECT Title FROM ContentDocument WHERE Id IN (SELECT ContentDocumentId FROM ContentDocumentLink WHERE "
     "LinkedEntityId = '{big}')"), ["Offer"]),
    ("SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{big}'", ["{file}"]),
    ("SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId IN ('{file}')", ["{big}"]),
    ("SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId IN (SELECT Id FROM Opportunity WHERE IsWon = true)",
     ["{link}"]),
    ("SELECT Id FROM ContentDocumentLink",
     Refused(MALFORMED, "Implementation restriction: ContentDocumentLink requires a filter by a single Id on "
                        "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN "
                        "operator.")),
    ("SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId != '{big}'",
     Refused(MALFORMED, "Implementation restriction: ContentDocumentLink requires a filter by a single Id on "
                        "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN "
                        "operator.")),
    (f"SELECT Id FROM Account WHERE Name = 'x' OR Id IN {_WON}",
     Refused(MALFORMED, "Semi join sub-selects are not allowed with the 'OR' operator", 73)),
    (f"SELECT Id FROM Account WHERE (Rating = 'Hot' AND Id IN {_WON}) AND Name LIKE '%a%'",
     Refused(MALFORMED, "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
                        "WHERE expressions", 79)),
    (f"SELECT Id FROM Account WHERE Name = 'x' AND (Rating = 'Hot' OR Id IN {_WON})",
     Refused(MALFORMED, "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
                        "WHERE expressions", 93)),
    ((f"SELECT Id FROM Account WHERE Id IN {_WON} AND Id IN (SELECT AccountId FROM Contact) AND Id NOT IN "
     "(SELECT AccountId FROM Case)"),
     Refused("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", "Maximum 2 semi join sub-selects are allowed", 170)),
    ("SELECT Id FROM Contact WHERE Account.Id IN (SELECT AccountId FROM Opportunity)",
     Refused(MALFORMED, f"The left operand 'Account.Id' {_NOT_AWAY}", 30)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT Account.Id FROM Contact)",
     Refused(MALFORMED, f"The inner select field 'Account.Id' {_NOT_AWAY}", 44)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)",
     Refused(MALFORMED, "Semi join sub-selects can only query id fields, cannot use: 'Name'", 44)),
    ("SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)",
     Refused(MALFORMED, "The left operand field in the where expression for outer query should be an id field, cannot "
                        "use: 'Name'", 30)),
    ("SELECT Id FROM Opportunity WHERE AccountId IN (SELECT Id FROM Contact)",
     Refused(MALFORMED, _TYPES.format("Id", "AccountId"), 34)),
    ("SELECT Id FROM Contact WHERE Id NOT IN (SELECT AccountId FROM Opportunity)",
     Refused(MALFORMED, _TYPES.format("AccountId", "Id"), 30)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account WHERE Name = 'Globex')",
     Refused(MALFORMED, "The inner and outer selects should not be on the same object type", 58)),
    ("SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM Task)",
     Refused(MALFORMED, "Entity 'Task' is not supported for semi join inner selects", 55)),
    ("SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM event)",
     Refused(MALFORMED, "Entity 'Event' is not supported for semi join inner selects", 55)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Note)",
     Refused(MALFORMED, "Entity 'Note' is not supported for semi join inner selects", 58)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT ContactId FROM Case))",
     Refused(MALFORMED, "Nesting of semi join sub-selects is not supported", 59)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact GROUP BY AccountId)",
     Refused(MALFORMED, "missing value at 'GROUP'")),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)",
     Refused(MALFORMED, "Semi join sub-selects cannot have ORDER BY, LIMIT, OFFSET or FOR", 59)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact ORDER BY Name)",
     Refused(MALFORMED, "Semi join sub-selects cannot have ORDER BY, LIMIT, OFFSET or FOR", 59)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT COUNT(AccountId) FROM Contact)",
     Refused(MALFORMED, "Semi join sub-selects can only query one id field", 66)),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId, Id FROM Contact)",
     Refused(MALFORMED, "Semi join sub-selects can only query one id field", 63)),
    ("SELECT Id FROM Account WHERE Id = (SELECT AccountId FROM Contact)", no_token("(", 35)),
    ("SELECT Id FROM Account WHERE Id IN SELECT AccountId FROM Contact", no_token("SELECT", 36)),
]  # fmt: skip
