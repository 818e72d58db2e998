"""Statements that are no SOQL: what is wrong, and where."""

from soql_statements.expected import MALFORMED, Refused, no_token

_APEX_ONLY = (
    "rule soqlWithIdentifierClause failed predicate: {this.helper.allowApexSyntax() && this.helper.hasApexContext()}?"
)
_BIND = "Bind variables only allowed in Apex code"
_ROWS = "ALL ROWS not allowed in this context"
_ARTICLES = "Data category filters are supported for articles and questions only"


def strange(character: str, column: int, row: int = 1) -> Refused:
    """A character that no word of SOQL has."""
    return Refused(MALFORMED, f"line {row}:{column} unexpected token: '{character}'")


STATEMENTS = [
    ("select Id fro Account", no_token("fro", 11)),
    ("SELECT Id, Name, BillingCity FROMAccount", no_token("FROMAccount", 30)),
    ("SELECTName FROM Account ORDER BY Name DESC NULLS LAST", no_token("SELECTName", 1)),
    ("SELECT FROM Account", no_token("SELECT FROM", 1)),
    ("SELECT FROM Account WHERE Id = foo", no_token("SELECT FROM", 1)),
    ("SELECT Id", no_token("<EOF>", 10)),
    ("SELECT Id FROM", no_token("<EOF>", 15)),
    ("SELECT Id FROM Account WHERE", no_token("<EOF>", 29)),
    ("SELECT Id FROM Account WHERE Name", no_token("<EOF>", 34)),
    ("SELECT Id FROM Account WHERE Name =", no_token("<EOF>", 36)),
    ("SELECT Id FROM Account WHERE Name 'x'", no_token("x", 35)),
    ("SELECT Id FROM Account WHERE Name == 'x'", no_token("=", 36)),
    ("SELECT Id FROM Account WHERE 'x' = Name", no_token("x", 30)),
    ("SELECT Id FROM Account WHERE Name = foo", no_token("foo", 37)),
    ("SELECT Id FROM Account WHERE Name IN 'x'", no_token("x", 38)),
    ("SELECT Id FROM Account WHERE Name IN ('x'", no_token("<EOF>", 42)),
    ("SELECT Id FROM Account WHERE Name IN ('x',)", no_token(")", 43)),
    ("SELECT Id FROM Account WHERE (Name = 'x'", no_token("<EOF>", 41)),
    ("SELECT Id FROM Account WHERE Name = 'x')", no_token(")", 40)),
    ("SELECT Id FROM Account WHERE ((Name = '1' OR Name = '2') AND Name = '3')) AND Name = '7'", no_token(")", 73)),
    ("SELECT Id FROM Account WHERE Name NOT LIKE 'x%'", no_token("LIKE", 39)),
    ("SELECT Id FROM Account WHERE Name IS NULL", no_token("IS", 35)),
    ("SELECT Id FROM Account WHERE Name BETWEEN 'a' AND 'b'", no_token("BETWEEN", 35)),
    ("SELECT Id FROM Account WHERE Name = 'A' AND WHERE Rating = 'Hot'", no_token("Rating", 51)),
    ("SELECT Id FROM Account WHERE AnnualRevenue > USD5000", no_token("USD5000", 46)),
    ("SELECT * FROM Account", strange("*", 7)),
    ("SELECT Account.* FROM Account", strange("*", 15)),
    ("SELECT Id from $casecomment WHERE isdeleted = false", strange("$", 15)),
    ('SELECT Id FROM Account WHERE Name = "x"', strange('"', 36)),
    ("SELECT Id FROM Account WHERE Name = 'x", strange("'", 36)),
    ("SELECT Id FROM Account;", strange(";", 22)),
    ("SELECT Id FROM Account WHERE Name = 'x' -- all", strange("-", 40)),
    ("SELECT Id FROM Account /* all */", strange("/", 23)),
    ("SELECT Id\nFROM Account\nWHERE Name = \u2018x\u2019", strange("\u2018", 13, 3)),
    ("SELECT Id,\n  Nmae,\nFROM Account", no_token("Account", 6, row=3)),
    ("SELECT Id, , Name FROM Account", no_token(",", 12)),
    ("SELECT Id Name Rating FROM Account", no_token("Name", 11)),
    ("select some fake text", no_token("fake", 13)),
    ("SELECT Name FROM Account FROM Account", no_token("FROM", 26)),
    ("SELECT Id, Name FROM Account JOIN Contact", no_token("Contact", 35)),
    ("SELECT DISTINCT Name FROM Account", Refused(MALFORMED, "only aggregate expressions use field aliasing", 8)),
    ("SELECT TOP 5 Name FROM Account", no_token("5", 12)),
    ("SELECT Id FROM Account UNION SELECT Id FROM Contact", no_token("SELECT", 30)),
    ("SELECT Id FROM (SELECT Id FROM Account)", no_token("(", 16)),
    ("UPDATE Account SET Name = 'x'", no_token("UPDATE", 1)),
    ("DELETE FROM Account", no_token("DELETE", 1)),
    ("FIND {x} IN ALL FIELDS", no_token("FIND", 1)),
    ("", no_token("<EOF>", 1)),
    ("   ", no_token("<EOF>", 4)),
    ("SELECT Name FROM Account WHERE Id = :foo", Refused(MALFORMED, _BIND, 37)),
    ("SELECT Id FROM Account WHERE Id IN :accountMap.keySet()", Refused(MALFORMED, _BIND, 36)),
    ("SELECT Name FROM Account ALL ROWS", Refused(MALFORMED, _ROWS, 26)),
    ("SELECT Name FROM Account WHERE IsDeleted = true LIMIT 5 ALL ROWS", Refused(MALFORMED, _ROWS, 57)),
    ("SELECT Id FROM Account WITH SECURITY_ENFORCED", Refused(MALFORMED, _APEX_ONLY, 29)),
    ("SELECT Id FROM Account WHERE Name = 'x' WITH USER_MODE LIMIT 1", Refused(MALFORMED, _APEX_ONLY, 46)),
    ("SELECT Id FROM Account WITH SYSTEM_MODE", Refused(MALFORMED, _APEX_ONLY, 29)),
    ("SELECT Title FROM Account WITH DATA CATEGORY Geography__c ABOVE usa__c", Refused(MALFORMED, _ARTICLES, 27)),
    ("SELECT Id FROM Account WITH DATA CATEGORY Geography__c AT (usa__c,uk__c) AND Product__c BELOW All__c",
     Refused(MALFORMED, _ARTICLES, 24)),
    ("SELECT Name FROM Account WITH", no_token("<EOF>", 30)),
    ("SELECT Id FROM Account WITH DATA CATEGORY Geography__c NEAR usa__c", no_token("NEAR", 56)),
    ("SELECT Id FROM Account For", no_token("<EOF>", 27)),
    ("SELECT Id FROM Account FOR VIEW FOR REFERENCE", no_token("REFERENCE", 37)),
    ("SELECT Id FROM Account FOR UPDATE FOR VIEW", no_token("FOR", 35)),
    ("SELECT Id FROM Account UPDATE TRACKING",
     Refused(MALFORMED, "UPDATE TRACKING and UPDATE VIEWSTAT are supported for articles only", 24)),
    ("SELECT Id FROM Account FOR VIEW UPDATE VIEWSTAT",
     Refused(MALFORMED, "UPDATE TRACKING and UPDATE VIEWSTAT are supported for articles only", 33)),
    ("SELECT Id FROM Account UPDATE Name", no_token("Name", 31)),
]  # fmt: skip
