"""Days in Los Angeles (four in the morning there), weeks from Monday, and a fiscal year that began in April.

The fiscal year 2027 runs from April 2026 to March 2027.
"""

_MADE = "SELECT Name FROM Opportunity WHERE CreatedDate "
_CLOSED = "SELECT Name FROM Opportunity WHERE CloseDate "

STATEMENTS = [
    (f"{_MADE}= TODAY", []),
    (f"{_MADE}= YESTERDAY", ["Free trial", "Small deal"]),
    (f"{_MADE}= LAST_YEAR", ["Lost deal", "early bird"]),
    (f"{_MADE}>= TODAY", []),
    (f"{_MADE}< YESTERDAY AND CreatedDate = THIS_YEAR", ["Big deal"]),
    (f"{_MADE}= LAST_N_DAYS:1", ["Free trial", "Small deal"]),
    (f"{_MADE}= THIS_WEEK", ["Free trial", "Small deal"]),
    (f"{_MADE}= 2026-11-25T00:30:00Z", ["Small deal"]),
    (f"{_CLOSED}= LAST_N_WEEKS:1", ["Big deal"]),
    (f"{_CLOSED}= THIS_FISCAL_YEAR", ["Big deal", "Free trial", "Lost deal", "Small deal"]),
    (f"{_CLOSED}= LAST_FISCAL_YEAR", []),
    (f"{_CLOSED}= N_FISCAL_YEARS_AGO:2", ["early bird"]),
    (f"{_CLOSED}= LAST_N_FISCAL_YEARS:2", ["early bird"]),
    (f"{_CLOSED}= THIS_FISCAL_QUARTER", ["Big deal", "Small deal"]),
    (f"{_CLOSED}= LAST_FISCAL_QUARTER", ["Lost deal"]),
    (f"{_CLOSED}= NEXT_FISCAL_QUARTER", ["Free trial"]),
    (f"{_CLOSED}= NEXT_N_FISCAL_QUARTERS:2", ["Free trial"]),
    (f"{_CLOSED}= LAST_N_FISCAL_QUARTERS:7", ["Lost deal", "early bird"]),
    (f"{_CLOSED}= N_FISCAL_QUARTERS_AGO:7", ["early bird"]),
    (f"{_CLOSED}= THIS_YEAR", ["Big deal", "Lost deal", "Small deal"]),
    (("SELECT FISCAL_YEAR(CloseDate), COUNT(Id) FROM Opportunity GROUP BY FISCAL_YEAR(CloseDate) ORDER BY "
     "FISCAL_YEAR(CloseDate)"), [(2025, 1), (2027, 4)]),
    (("SELECT FISCAL_QUARTER(CloseDate), COUNT(Id) FROM Opportunity GROUP BY FISCAL_QUARTER(CloseDate) ORDER BY "
     "FISCAL_QUARTER(CloseDate)"), [(2, 1), (3, 2), (4, 2)]),
    (("SELECT FISCAL_MONTH(CloseDate) m FROM Opportunity GROUP BY FISCAL_MONTH(CloseDate) ORDER BY "
     "FISCAL_MONTH(CloseDate)"),
     [5, 8, 9, 11, 12]),
    ("SELECT Name FROM Opportunity WHERE FISCAL_YEAR(CloseDate) = 2025", ["early bird"]),
    ("SELECT Name FROM Opportunity WHERE HOUR_IN_DAY(CreatedDate) = 0", ["Small deal"]),
    ("SELECT Name FROM Opportunity WHERE HOUR_IN_DAY(convertTimezone(CreatedDate)) = 16", ["Small deal"]),
    ("SELECT Name FROM Opportunity WHERE HOUR_IN_DAY(convertTimezone(CreatedDate)) = 1", ["Big deal"]),
    ("SELECT Name FROM Opportunity WHERE DAY_ONLY(convertTimezone(CreatedDate)) = 2026-11-24",
     ["Free trial", "Small deal"]),
    ("SELECT Name FROM Opportunity WHERE DAY_ONLY(CreatedDate) = 2026-11-24", ["Free trial"]),
    (("SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) y, COUNT(Id) FROM Opportunity GROUP BY "
     "CALENDAR_YEAR(convertTimezone(CreatedDate)) ORDER BY CALENDAR_YEAR(convertTimezone(CreatedDate))"),
     [(2025, 2), (2026, 3)]),
    ("SELECT FORMAT(CreatedDate) FROM Opportunity WHERE Name = 'Small deal'", ["11/24/2026, 4:30 PM"]),
    ("SELECT CreatedDate FROM Opportunity WHERE Name = 'Small deal'", ["2026-11-25T00:30:00.000+0000"]),
]  # fmt: skip
