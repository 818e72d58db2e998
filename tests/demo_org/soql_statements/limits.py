"""What a statement may have: so many lookups, children, keys and letters."""

from soql_statements.expected import MALFORMED, Refused, Total

_CHILDREN = ", ".join("(SELECT Id FROM Contacts)" for _ in range(21))
_KEYS = ", ".join(["Name"] * 33)
_USERS = ["CreatedBy", "LastModifiedBy"]
_ROADS = [
    f"{first}.{second}.{third}.{fourth}.Name"
    for first in ["Owner", *_USERS]
    for second in _USERS
    for third in _USERS
    for fourth in [*_USERS, "Manager"]
]  # 34 of them use 55 lookups, the next one two more
_LONG = "x" * 4001
_AMOUNTS = ", ".join(str(number) for number in range(3000))

STATEMENTS = [
    (f"SELECT Name FROM Account WHERE Name = '{_LONG[1:]}'", []),
    (f"SELECT Name FROM Account WHERE Name != '{_LONG[1:]}' AND Rating = 'Hot'", ["Acme"]),
    (f"SELECT Name FROM Opportunity WHERE Amount IN ({_AMOUNTS})", ["Free trial"]),
    (f"SELECT Name FROM Account ORDER BY {_KEYS[:-6]} LIMIT 1", ["Acme"]),
    ("SELECT COUNT() FROM Account WHERE " + " AND ".join(["Name != 'x'"] * 500), Total(4)),
    (f"SELECT {', '.join(_ROADS[:34])} FROM Account WHERE Name = 'Nobody'", []),
    (f"SELECT {', '.join(_ROADS[:35])} FROM Account WHERE Name = 'Nobody'",
     Refused(MALFORMED, "A query can use at most 55 child-to-parent relationships",
             8 + sum(len(each) + 2 for each in _ROADS[:34]))),
    ("SELECT COUNT() FROM Account WHERE " + "(" * 50 + "Name = 'Acme'" + ")" * 50, Total(1)),
    (f"SELECT Name FROM Account WHERE Name = '{_LONG}'",
     Refused(MALFORMED, "maximum length of a string in a query filter is 4000 characters", 39)),
    (f"SELECT Name FROM Account WHERE Name IN ('a', '{_LONG}')",
     Refused(MALFORMED, "maximum length of a string in a query filter is 4000 characters", 40)),
    (f"SELECT Name FROM Account ORDER BY {_KEYS}",
     Refused(MALFORMED, "A query can be ordered by at most 32 fields", 227)),
    (f"SELECT Id, {_CHILDREN} FROM Account",
     Refused(MALFORMED, "A query can have at most 20 parent-to-child relationships", 552)),
    ("SELECT Id FROM Account" + " " * 100_000,
     Refused(MALFORMED, "SOQL statements cannot be longer than 100000 characters.")),
    ("SELECT Name FROM Account LIMIT 2147483648",
     Refused("NUMBER_OUTSIDE_VALID_RANGE", "Number outside valid range", 32)),
    ("SELECT Id FROM Opportunity WHERE CloseDate = LAST_N_DAYS:99999999999",
     Refused("NUMBER_OUTSIDE_VALID_RANGE", "Number outside valid range", 58)),
]  # fmt: skip
