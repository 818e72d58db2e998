"""Several currencies: one dollar is 0.80 euro or 150 yen; the user sees euro, the company counts dollars.

The big deal is in yen (15,000 are 100 dollars), the others are in dollars.
"""

from soql_statements.expected import MALFORMED, Refused, no_token

STATEMENTS = [
    ("SELECT Name, Amount, CurrencyIsoCode FROM Opportunity WHERE Name IN ('Big deal', 'Lost deal')",
     [("Big deal", 15000.0, "JPY"), ("Lost deal", 7000.0, "USD")]),
    ("SELECT Name FROM Opportunity WHERE CurrencyIsoCode = 'jpy'", ["Big deal"]),
    ("SELECT Name FROM Opportunity WHERE Amount > USD500", ["Lost deal", "Small deal"]),
    ("SELECT Name FROM Opportunity WHERE Amount > usd500.5", ["Lost deal"]),
    ("SELECT Name FROM Opportunity WHERE Amount < JPY15001", ["Big deal", "Free trial"]),
    ("SELECT Name FROM Opportunity WHERE Amount = EUR80", ["Big deal"]),
    ("SELECT Name FROM Opportunity WHERE Amount IN (USD100, EUR5600)", ["Big deal", "Lost deal"]),
    ("SELECT Name FROM Opportunity WHERE Amount > USD-1", ["Big deal", "Free trial", "Lost deal", "Small deal"]),
    ("SELECT Name FROM Opportunity WHERE Amount > 600", ["Big deal", "Lost deal"]),
    ("SELECT Name, convertCurrency(Amount) FROM Opportunity WHERE Name IN ('Big deal', 'Lost deal')",
     [("Big deal", 80.0), ("Lost deal", 5600.0)]),
    ("SELECT convertCurrency(AnnualRevenue) FROM Account WHERE Name = 'Acme'", [800000.0]),
    ("SELECT Amount, convertCurrency(Amount) mine FROM Opportunity WHERE Name = 'Big deal'", [(15000.0, 80.0)]),
    ("SELECT FORMAT(Amount) a, FORMAT(convertCurrency(Amount)) c FROM Opportunity WHERE Name = 'Big deal'",
     [("JPY 15,000.00 (EUR 80.00)", "EUR 80.00")]),
    ("SELECT SUM(Amount) FROM Opportunity", [7600.5]),
    ("SELECT IsWon, SUM(Amount), MAX(Amount) FROM Opportunity GROUP BY IsWon ORDER BY IsWon",
     [(False, 7500.5, 7000.0), (True, 100.0, 100.0)]),
    ("SELECT AVG(Amount) FROM Opportunity WHERE IsClosed = true", [3550.0]),
    ("SELECT CurrencyIsoCode, COUNT(Id) FROM Opportunity GROUP BY CurrencyIsoCode ORDER BY COUNT(Id)",
     [("JPY", 1), ("USD", 4)]),
    ("SELECT AccountId, SUM(Amount) FROM Opportunity GROUP BY AccountId HAVING SUM(Amount) > 600 ORDER BY SUM(Amount)",
     [("001Dm1000000001IAA", 600.5), ("001Dm1000000002IAA", 7000.0)]),
    ("SELECT Name FROM Opportunity ORDER BY Amount DESC NULLS LAST",
     ["Lost deal", "Small deal", "Big deal", "Free trial", "early bird"]),
    ("SELECT Account.AnnualRevenue, Name FROM Opportunity WHERE Account.AnnualRevenue > EUR700000 ORDER BY Name",
     [(1000000.0, "Big deal"), (1000000.0, "Small deal")]),
    ("SELECT IsoCode, ConversionRate FROM CurrencyType WHERE IsCorporate = true", [("USD", 1.0)]),
    ("SELECT Id FROM Opportunity WHERE Amount > XYZ5", Refused(MALFORMED, "Invalid currency iso code: XYZ", 43)),
    ("SELECT Id FROM Opportunity WHERE Probability > USD5", no_token("USD5", 48)),
    ("SELECT Name FROM Account WHERE DISTANCE(Spot__c, GEOLOCATION(48.86, 2.35), 'km') < 400", ["Globex", "Umbrella"]),
    ("SELECT Spot__c, Spot__Latitude__s FROM Account WHERE Name = 'Acme'", [((59.91, 10.75), 59.91)]),
    ("SELECT Spot__c FROM Account WHERE Name = 'initech'", [None]),
    ("SELECT Id FROM Account WHERE Spot__c = null",
     Refused("INVALID_FIELD", "Geolocation fields can only be filtered using Distance expressions", 30)),
]  # fmt: skip
