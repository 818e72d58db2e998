"""django-salesforce: models of Django that lie in Salesforce, queried, related and saved by the ORM."""

from collections import Counter
from decimal import Decimal

from client import Client


def test_models_read_what_the_org_holds(client: Client):
    """Joins, filters, ordering, aggregates and reverse relations become SOQL, and the answers become objects."""
    read = client.script("shop.py", "reading")
    accounts = client.org.truth("Account")
    deals = client.org.truth("Opportunity")
    won = {key: deal for key, deal in deals.items() if deal["IsWon"]}
    people = [row["LastName"] for row in client.org.truth("Contact").values() if row["AccountId"] == read["account"]]

    assert {key: [name, Decimal(amount), *rest] for key, (name, amount, *rest) in read["deals"].items()} == {
        key: [row["Name"], Decimal(str(row["Amount"] or 0)), accounts[row["AccountId"]]["Name"], row["CloseDate"]]
        for key, row in deals.items()
    }
    assert read["won"] == sorted(key for key, deal in won.items() if (deal["Amount"] or 0) > 50_000)
    assert read["stages"] == Counter(deal["StageName"] for deal in deals.values())
    assert Decimal(read["sum"]) == sum(Decimal(str(deal["Amount"] or 0)) for deal in won.values())
    assert deals[max(won, key=lambda key: won[key]["Amount"] or 0)]["AccountId"] == read["account"]
    assert read["people"] == sorted(people)
    assert read["of_account"] == sum(deal["AccountId"] == read["account"] for deal in deals.values())
    assert read["created"][:19] == deals[min(deals)]["CreatedDate"][:19]
    assert read["like"] == sorted(key for key, row in accounts.items() if row["Name"].casefold().startswith("a"))


def test_models_are_saved_changed_together_and_deleted(client: Client):
    """What the ORM writes is in the org as meant; what the org refuses is an error with its code."""
    done = client.script("shop.py", "writing")
    stored = client.org.truth("Account")[done["account"]]
    (deal,) = (row for row in client.org.truth("Opportunity").values() if row["AccountId"] == done["account"])

    assert (stored["Name"], stored["Industry"], stored["NumberOfEmployees"]) == ("From Django", "Biotechnology", 12)
    assert done["stored"] == ["From Django", "Biotechnology", 12]
    assert (deal["Name"], deal["Amount"], deal["CloseDate"]) == ("Made", 12.5, "2031-05-06")
    assert done["deal"] == [True, "12.5", "2031-05-06", "Prospecting"]
    assert (done["people"], done["changed"], done["kept"], done["left"]) == (5, 5, 5, 0)
    assert done["refused"] == "STRING_TOO_LONG"
