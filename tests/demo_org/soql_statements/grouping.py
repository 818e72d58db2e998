"""Aggregates, GROUP BY with ROLLUP and CUBE, HAVING."""

from soql_statements.expected import MALFORMED, Refused, Total, no_token

_NOT_GROUPED = "Field must be grouped or aggregated: {}"
_NO_AGGREGATE = "field {} does not support aggregate operator {}"

STATEMENTS = [
    ("SELECT LeadSource, COUNT(Name) FROM Lead GROUP BY LeadSource ORDER BY LeadSource",
     [("Web", 2), ("Phone Inquiry", 1)]),
    ("SELECT LeadSource, COUNT(Id) cnt FROM Contact GROUP BY LeadSource ORDER BY COUNT(Id) DESC, LeadSource LIMIT 2",
     [("Web", 2), (None, 1)]),
    ("SELECT COUNT(Id), SUM(Amount), AVG(Amount), MIN(Amount), MAX(Amount) FROM Opportunity",
     [(5, 22500.5, 5625.125, 0.0, 15000.0)]),
    ("SELECT COUNT(Amount) FROM Opportunity", [4]),
    ("SELECT COUNT_DISTINCT(AccountId) FROM Opportunity", [3]),
    ("SELECT COUNT_DISTINCT(Title) distinct FROM Contact", [2]),
    ("SELECT MIN(CloseDate), MAX(CreatedDate) FROM Opportunity", [("2025-03-31", "2026-11-25T00:30:00.000+0000")]),
    ("SELECT MIN(Name) FROM Account WHERE Name = 'Nobody'", [None]),
    ("SELECT COUNT(Id), SUM(Amount) FROM Opportunity WHERE Name = 'Nobody'", [(0, None)]),
    ("SELECT MIN(Rating), MAX(Rating) FROM Account", [("Hot", "Cold")]),
    ("SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 1", []),
    ("SELECT AccountId, COUNT(Id) FROM Opportunity GROUP BY AccountId HAVING COUNT(Id) > 1",
     [("001Dm1000000001IAA", 2)]),
    (("SELECT Account.Name, SUM(Amount) total FROM Opportunity GROUP BY Account.Name HAVING SUM(Amount) > 100 ORDER BY "
     "SUM(Amount)"), [("Globex", 7000.0), ("Acme", 15500.5)]),
    ("SELECT LeadSource, COUNT(Name) FROM Lead GROUP BY LeadSource HAVING COUNT(Name) > 1 AND LeadSource > 'Phone'",
     [("Web", 2)]),
    (("SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 0 AND (Name LIKE '%me%' OR Name "
      "LIKE '%glo%') "
     "ORDER BY Name"), [("Acme", 1), ("Globex", 1)]),
    (("SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 0 AND (NOT Name IN ('Acme', "
      "'Globex', null)) "
     "ORDER BY Name"), [("initech", 1), ("Umbrella", 1)]),
    ("SELECT IsClosed, COUNT(Id) FROM Opportunity GROUP BY IsClosed ORDER BY IsClosed", [(False, 2), (True, 3)]),
    ("SELECT CloseDate FROM Opportunity GROUP BY CloseDate ORDER BY CloseDate LIMIT 1", ["2025-03-31"]),
    (("SELECT CALENDAR_YEAR(CloseDate), COUNT(Id) FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate) ORDER BY "
     "CALENDAR_YEAR(CloseDate)"), [(2025, 1), (2026, 3), (2027, 1)]),
    (("SELECT CALENDAR_YEAR(CloseDate) y, SUM(Amount) s FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate) ORDER BY "
     "SUM(Amount) DESC NULLS LAST"), [(2026, 22500.5), (2027, 0.0), (2025, None)]),
    (("SELECT CALENDAR_MONTH(CloseDate) m FROM Opportunity WHERE CloseDate = THIS_YEAR GROUP BY CloseDate ORDER "
     "BY CloseDate"),
     [8, 11, 12]),
    ("SELECT Account.Owner.Name, COUNT(Id) FROM Opportunity GROUP BY Account.Owner.Name ORDER BY Account.Owner.Name",
     [(None, 1), ("Bea Boss", 1), ("Rob Rep", 3)]),
    ("SELECT COUNT(Id) c, COUNT_DISTINCT(StageName) d FROM Opportunity WHERE IsClosed = true", [(3, 2)]),
    ("SELECT LeadSource, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource)",
     [("Phone Inquiry", 1), ("Web", 2), (None, 3)]),
    (("SELECT LeadSource, Rating, GROUPING(LeadSource) gs, GROUPING(Rating) gr, COUNT(Name) cnt FROM Lead GROUP BY "
     "ROLLUP(LeadSource, Rating)"),
     [("Phone Inquiry", "Hot", 0, 0, 1), ("Phone Inquiry", None, 0, 1, 1), ("Web", None, 0, 0, 1),
      ("Web", "Hot", 0, 0, 1),
      ("Web", None, 0, 1, 2), (None, None, 1, 1, 3)]),
    (("SELECT LeadSource, Rating, COUNT(Name) cnt FROM Lead GROUP BY CUBE(LeadSource, Rating) HAVING COUNT(Name) > 1 "
     "ORDER BY GROUPING(LeadSource), GROUPING(Rating), LeadSource, Rating"),
     [("Web", None, 2), (None, "Hot", 2), (None, None, 3)]),
    (("SELECT Status, LeadSource, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(Status, LeadSource) ORDER BY "
      "COUNT(Name) DESC, "
     "Status LIMIT 2"), [(None, None, 3), ("Working - Contacted", None, 2)]),
    ("SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) c FROM Opportunity GROUP BY ROLLUP(CALENDAR_YEAR(CloseDate))",
     [(2025, 1), (2026, 3), (2027, 1), (None, 5)]),
    ("SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName ORDER BY StageName LIMIT 1 OFFSET 1",
     [("Qualification", 1)]),
    ("SELECT Amount FROM Opportunity GROUP BY Amount",
     Refused(MALFORMED, "field 'Amount' can not be grouped in a query call", 41)),
    ("SELECT CreatedDate, COUNT(Id) FROM Opportunity GROUP BY CreatedDate",
     Refused(MALFORMED, "field 'CreatedDate' can not be grouped in a query call", 57)),
    ("SELECT Description FROM Account GROUP BY Description",
     Refused(MALFORMED, "field 'Description' can not be grouped in a query call", 42)),
    ("SELECT Name, COUNT(Id) FROM Lead", Refused(MALFORMED, _NOT_GROUPED.format("Name"))),
    ("SELECT Name, LeadSource FROM Lead GROUP BY LeadSource", Refused(MALFORMED, _NOT_GROUPED.format("Name"))),
    ("SELECT MAX(LastName), Account.Name FROM Contact", Refused(MALFORMED, _NOT_GROUPED.format("Name"))),
    ("SELECT CALENDAR_YEAR(CreatedDate) FROM Opportunity", Refused(MALFORMED, _NOT_GROUPED.format("CreatedDate"))),
    ("SELECT COUNT(Id) FROM Opportunity GROUP BY StageName HAVING Name = 'x'",
     Refused(MALFORMED, _NOT_GROUPED.format("Name"))),
    ("SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName ORDER BY CloseDate",
     Refused(MALFORMED, "Ordered field must be grouped or aggregated: CloseDate")),
    ("SELECT COUNT(Id) FROM Contact LIMIT 200",
     Refused(MALFORMED, "Non-grouped query that uses overall aggregate functions cannot also use LIMIT")),
    ("SELECT COUNT() FROM Contact ORDER BY Name",
     Refused(MALFORMED, "Non-grouped query that uses overall aggregate functions cannot also use ORDER BY")),
    ("SELECT COUNT(Id) FROM Contact ORDER BY COUNT(Id)",
     Refused(MALFORMED, "Non-grouped query that uses overall aggregate functions cannot also use ORDER BY")),
    ("SELECT COUNT(Id) FROM Opportunity GROUP BY AccountId, Account.Name, Id",
     Refused(MALFORMED, "Grouped field should not be aggregated: Id", 8)),
    ("SELECT SUM(Name) FROM Account", Refused(MALFORMED, _NO_AGGREGATE.format("Name", "SUM"), 8)),
    ("SELECT AVG(StageName) FROM Opportunity", Refused(MALFORMED, _NO_AGGREGATE.format("StageName", "AVG"), 8)),
    ("SELECT COUNT(IsWon) FROM Opportunity", Refused(MALFORMED, _NO_AGGREGATE.format("IsWon", "COUNT"), 8)),
    ("SELECT COUNT(Description) FROM Account", Refused(MALFORMED, _NO_AGGREGATE.format("Description", "COUNT"), 8)),
    ("SELECT MAX(Topics__c) FROM Contact", Refused(MALFORMED, _NO_AGGREGATE.format("Topics__c", "MAX"), 8)),
    ("SELECT Account.Name, Owner.Name, COUNT(Id) FROM Opportunity GROUP BY Account.Name, Owner.Name",
     Refused(MALFORMED, "duplicate alias: Name", 22)),
    ("SELECT COUNT(Id) a, MAX(Amount) A FROM Opportunity", Refused(MALFORMED, "duplicate alias: A", 21)),
    ("SELECT COUNT(), Name FROM Account", Refused(MALFORMED, "COUNT() must be the only element in the SELECT list")),
    ("SELECT COUNT(Id) FROM Account WHERE COUNT(Id) > 1",
     Refused(MALFORMED, "Aggregate expressions are allowed in SELECT, HAVING and ORDER BY of a grouped query "
     "only", 37)),
    ("SELECT Name FROM Account HAVING COUNT(Id) > 1", no_token("HAVING", 26)),
    ("SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING", no_token("<EOF>", 57)),
    ("SELECT Name FROM Account GROUP BY", no_token("<EOF>", 34)),
    ("SELECT Name, COUNT(Id) FROM Account GROUPBY Name", no_token("Name", 45)),
    ("SELECT Status FROM Lead GROUP BY ROLLUP(Status), Rating", no_token(",", 48)),
    ("SELECT Status FROM Lead GROUP BY ROLLUP(Status, Rating, LeadSource, Company)",
     Refused(MALFORMED, "GROUP BY ROLLUP takes at most 3 fields", 69)),
    ("SELECT Status, GROUPING(Status) FROM Lead GROUP BY Status",
     Refused(MALFORMED, "GROUPING needs a field of GROUP BY ROLLUP or CUBE: Status", 16)),
    ("SELECT COUNT() FROM Case WHERE Owner.Name = 'Queue'", Total(1)),
]  # fmt: skip
