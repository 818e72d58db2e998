"""Texts: capitals make no difference, LIKE with its escapes, escapes in literals."""

from soql_statements.expected import FIELD, MALFORMED, OPERATOR, Refused, no_token

_ESCAPE = "Illegal escape character: '\\{}'"

STATEMENTS = [
    ("SELECT Name FROM Account WHERE Name = 'ACME'", ["Acme"]),
    ("SELECT Name FROM Account WHERE Name = 'INITECH'", ["initech"]),
    ("SELECT Name FROM Account WHERE Name != 'acme' AND Name != 'Umbrella'", ["Globex", "initech"]),
    ("SELECT Name FROM Account WHERE Name > 'globex'", ["Umbrella", "initech"]),
    ("SELECT Name FROM Account WHERE Name < 'B'", ["Acme"]),
    ("SELECT Name FROM Account WHERE Name IN ('acme', 'GLOBEX')", ["Acme", "Globex"]),
    ("SELECT Name FROM Account WHERE Name LIKE 'a%'", ["Acme"]),
    ("SELECT Name FROM Account WHERE Name LIKE '%E_'", ["Globex"]),
    ("SELECT Name FROM Account WHERE Name LIKE '%e%'", ["Acme", "Globex", "Umbrella", "initech"]),
    ("SELECT Name FROM Account WHERE Name LIKE '_cme'", ["Acme"]),
    ("SELECT Name FROM Account WHERE Name LIKE 'acme'", ["Acme"]),
    ("SELECT Name FROM Account WHERE NOT Name LIKE '%e%'", []),
    ("SELECT Name FROM Account WHERE (NOT(Name LIKE 'A%')) AND Name LIKE '%c%'", ["initech"]),
    ("SELECT Name FROM Account WHERE Name LIKE '%'", ["Acme", "Globex", "Umbrella", "initech"]),
    ("SELECT Name FROM Account WHERE Industry LIKE '%'", ["Acme", "Globex", "initech"]),
    ("SELECT Name FROM Contact WHERE LastName LIKE '%50\\%'", ["O'Drew_50%"]),
    ("SELECT Name FROM Contact WHERE LastName LIKE '%\\_50%'", ["O'Drew_50%"]),
    ("SELECT Name FROM Contact WHERE LastName LIKE '%\\%%'", ["O'Drew_50%"]),
    ("SELECT Name FROM Contact WHERE LastName = 'O\\'Drew_50%'", ["O'Drew_50%"]),
    ("SELECT Name FROM Contact WHERE LastName LIKE 'o\\'%'", ["O'Drew_50%"]),
    ("SELECT Name FROM Contact WHERE LastName = '\\u004f\\u0027Drew\\u005f50%'", ["O'Drew_50%"]),
    ("SELECT Name FROM Contact WHERE Email LIKE '%@acme.example'", ["Ann Able", "Bob Baker"]),
    ("SELECT Name FROM Contact WHERE Email = 'ANN@ACME.EXAMPLE'", ["Ann Able"]),
    ("SELECT Name FROM Contact WHERE Email = null", ["Cid Cole"]),
    ("SELECT Name FROM Contact WHERE FirstName = ''", ["O'Drew_50%"]),
    ("SELECT Name FROM Contact WHERE Title = 'x\\n\\r\\t\\b\\f\\\"\\\\'", []),
    ("SELECT Name FROM Contact WHERE Title = 'x\\N\\R\\T\\B\\F'", []),
    ("SELECT Name FROM Contact WHERE Name = 'SELECT Id FROM Account WHERE Name = \\'x\\''", []),
    ("SELECT Name FROM Contact WHERE Name = '-- no comment'", []),
    ("SELECT Name FROM Contact WHERE Name = 'Zoë 日本 😀'", []),
    ("SELECT Name FROM Opportunity WHERE StageName LIKE 'Closed%'", ["Big deal", "Lost deal", "early bird"]),
    ("SELECT CaseNumber FROM Case WHERE CaseNumber > '00001001'", ["00001002"]),
    ("SELECT Name FROM Account WHERE Name = '\\q'", Refused(MALFORMED, _ESCAPE.format("q"), 40)),
    ("SELECT Name FROM Account WHERE Name = '50\\%'", Refused(MALFORMED, _ESCAPE.format("%"), 42)),
    ("SELECT Name FROM Account WHERE Name = 'a\\_b'", Refused(MALFORMED, _ESCAPE.format("_"), 41)),
    ("SELECT Name FROM Account WHERE Name = '\\u12'", Refused(MALFORMED, _ESCAPE.format("u"), 40)),
    ("SELECT Name FROM Account WHERE Name LIKE NULL", no_token("NULL", 42)),
    ("SELECT Id FROM Account WHERE Phone LIKE NULL AND Name LIKE '%a%' OR Name = 'x'", no_token("NULL", 41)),
    ("SELECT Name FROM Opportunity WHERE Amount LIKE '5%'",
     Refused(FIELD, "value of filter criterion for field 'Amount' must be of type double and should not be enclosed in "
                    "quotes", 36)),
    ("SELECT Name FROM Opportunity WHERE IsWon LIKE 't%'",
     Refused(FIELD, "value of filter criterion for field 'IsWon' must be of type boolean and should not be enclosed in "
                    "quotes", 36)),
    ("SELECT Name FROM Opportunity WHERE AccountId LIKE '001%'",
     Refused(OPERATOR, "invalid operator on reference field", 36)),
]  # fmt: skip
