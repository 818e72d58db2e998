"""Lookups that may point at several objects: the fields every name has, Type, and TYPEOF."""

from soql_statements.expected import (
    FIELD,
    MALFORMED,
    QueryAll,
    Refused,
    no_column,
    no_object,
    no_relationship,
    no_token,
)

STATEMENTS = [
    ("SELECT Subject, What.Name FROM Task ORDER BY Subject",
     [("Ask", "00001001"), ("Call", "Big deal"), ("Mail", None), ("Visit", "Acme")]),
    ("SELECT Subject, What.Type FROM Task WHERE What.Type IN ('Account', 'Opportunity') ORDER BY Subject",
     [("Call", "Opportunity"), ("Visit", "Account")]),
    ("SELECT Subject FROM Task WHERE What.Type = 'case'", ["Ask"]),
    ("SELECT Subject FROM Task WHERE What.Name LIKE 'B%'", ["Call"]),
    ("SELECT Subject FROM Task WHERE What.Name = null", ["Mail"]),
    ("SELECT Subject, Who.FirstName, Who.LastName FROM Task WHERE Who.Type = 'Contact' ORDER BY Subject",
     [("Ask", ("Bob", "Baker")), ("Call", ("Ann", "Able"))]),
    ("SELECT Subject, Who.Name FROM Task WHERE Who.Type = 'Lead'", [("Mail", "Lena Lang")]),
    ("SELECT Subject FROM Task WHERE Who.Email = 'ann@acme.example'", ["Call"]),
    ("SELECT Subject, Owner.Name FROM Task WHERE Owner.FirstName LIKE 'B%'", [("Visit", "Bea Boss")]),
    ("SELECT Subject, Owner.UserRole.Name FROM Task WHERE Owner.UserRole.Name = 'head'", [("Visit", "Head")]),
    ("SELECT CaseNumber, Owner.Profile.Name FROM Case WHERE CaseNumber = '00001001'", [("00001001", None)]),
    ("SELECT Subject, Owner.Alias, Owner.IsActive FROM Task WHERE Subject = 'Visit'", [("Visit", ("bboss", True))]),
    ("SELECT CaseNumber, Owner.Name, Owner.Type FROM Case ORDER BY CaseNumber",
     [("00001001", ("Queue", "Group")), ("00001002", ("Bea Boss", "User"))]),
    ("SELECT Name FROM Lead WHERE Owner.Type = 'Queue'", []),
    ("SELECT Name FROM Lead WHERE Owner.Type = 'Group'", ["Luke Lund"]),
    (("SELECT Subject, TYPEOF What WHEN Opportunity THEN Name, StageName WHEN Account THEN Industry ELSE Id END "
      "FROM Task "
     "ORDER BY Subject"),
     [("Ask", "500Dm1000000001IAA"), ("Call", ("Big deal", "Closed Won")), ("Mail", None), ("Visit", "Technology")]),
    (("SELECT TYPEOF What WHEN Account THEN Phone, NumberOfEmployees WHEN Opportunity THEN Amount, CloseDate "
      "END FROM Task "
     "WHERE Subject IN ('Call', 'Ask') ORDER BY Subject DESC"), [(15000.0, "2026-11-16"), None]),
    ("SELECT TYPEOF What WHEN Account THEN NumberOfEmployees ELSE Name, Email END FROM Task WHERE Subject = 'Call'",
     [("Big deal", None)]),
    (("SELECT Subject, TYPEOF Who WHEN Lead THEN Company WHEN Contact THEN Account.Name END FROM Task WHERE "
      "WhoId != null "
     "ORDER BY Subject"), [("Ask", "Acme"), ("Call", "Acme"), ("Mail", "Lang AG")]),
    ("SELECT Subject, TYPEOF Who WHEN Lead THEN Id ELSE Type END FROM Task WHERE Subject = 'Ask'",
     [("Ask", "Contact")]),
    ("SELECT TYPEOF Owner WHEN User THEN Alias WHEN Group THEN Name END FROM Case ORDER BY CaseNumber",
     ["Queue", "bboss"]),
    ("SELECT Subject, What.Id FROM Task WHERE What.Id = '{big}'", [("Call", "006Dm1000000001IAA")]),
    (QueryAll("SELECT Subject FROM Task WHERE What.Name = 'Big deal' ORDER BY Subject"), ["Binned", "Call"]),
    ("SELECT What.Owner.Name FROM Task", no_relationship("Owner", 8)),
    ("SELECT What.Amount FROM Task", no_column("Amount", "Name", 8)),
    ("SELECT Id FROM Task WHERE What.Industry = 'x'", no_column("Industry", "Name", 27)),
    ("SELECT TYPEOF What WHEN Account THEN Naem END FROM Task", no_column("Naem", "Account", 38)),
    ("SELECT TYPEOF What WHEN Account THEN Name ELSE Industry END FROM Task", no_column("Industry", "Name", 48)),
    ("SELECT TYPEOF Account WHEN Account THEN Name END FROM Contact", no_relationship("Account", 15)),
    ("SELECT TYPEOF What WHEN Invoice THEN Name END FROM Task", no_object("Invoice", 25)),
    ("SELECT TYPEOF What WHEN User THEN Name END FROM Task",
     Refused(MALFORMED, "What cannot refer to a record of type User", 25)),
    ("SELECT What.Name, TYPEOF What WHEN Account THEN Name END FROM Task",
     Refused(FIELD, "duplicate field selected: What", 26)),
    ("SELECT TYPEOF What ELSE Name END FROM Task", no_token("ELSE", 20)),
    ("SELECT TYPEOF What WHEN Account THEN Name FROM Task", no_token("FROM", 43)),
    ("SELECT TYPEOF What WHEN Account Name END FROM Task", no_token("Name", 33)),
]  # fmt: skip
