"""Amounts in several currencies: their rates, and the SQL that converts them.

Only an org with the object CurrencyType has any; elsewhere amounts are plain numbers. SOQL guide, "convertCurrency()"
and "Querying Currency Fields in Multi-Currency Orgs".
"""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from demo_org.catalog import Catalog
from demo_org.catalog.features import DATED_RATES
from demo_org.semantics.currency import dated_rate

CODE_FIELD = "CurrencyIsoCode"
_OBJECT, _DEFAULT = "CurrencyType", "DefaultCurrencyIsoCode"
_CODE = re.compile(r"[A-Z]{3}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Currencies:
    """What one unit of the company's own currency is worth in each."""

    rates: Mapping[str, float]
    corporate: str
    #: what the user sees converted amounts in
    users: str
    #: whether deals are converted at the rates of their close date
    dated: bool = False

    def corporate_sql(self, amount: str, code: str) -> str:
        """An amount of a record in the company's own currency."""
        return f"({amount} / {self._rate_sql(code)})"

    def users_sql(self, amount: str, code: str, day: str | None = None) -> str:
        """An amount of a record in the user's currency, to the cent; at the rates of a day if there is one."""
        if day is None:
            ratio = f"{self._rate_sql(code)} * {self.rates.get(self.users, 1.0)!r}"
        else:
            users = f"'{self.users}'"
            ratio = f"{dated_rate(code, day)} * {dated_rate(users, day)}"
        converted = f"round({amount} / {ratio}, 2)"
        return f"CASE WHEN {code} = '{self.users}' THEN {amount} ELSE {converted} END"

    def day_sql(self, object_name: str, alias: str) -> str | None:
        """The day whose rates a record is converted at; None for those of today."""
        if not self.dated:
            return None
        if object_name in {"Opportunity", "OpportunityHistory"}:
            return f'{alias}."CloseDate"'
        if object_name == "OpportunityLineItem":
            deal = f'"Id" = {alias}."OpportunityId"'
            return f'(SELECT "CloseDate" FROM "Opportunity" WHERE {deal})'  # noqa: S608 - an alias of our own
        return None

    def _rate_sql(self, code: str) -> str:
        cases = " ".join(f"WHEN '{each}' THEN {rate!r}" for each, rate in self.rates.items())
        return f"CASE {code} {cases} ELSE 1.0 END"


def read_currencies(catalog: Catalog, connection: sqlite3.Connection, user_id: str) -> Currencies | None:
    """The currencies of an org; None if it has but one."""
    if _OBJECT not in catalog:
        return None
    rows = connection.execute(
        f'SELECT "IsoCode", "ConversionRate", "IsCorporate" FROM "{_OBJECT}"'  # noqa: S608 - a constant
    ).fetchall()
    rates = {code: float(rate) for code, rate, _ in rows if code and rate and _CODE.match(code)}
    if not rates:
        return None
    corporate = next((code for code, _, own in rows if own and code in rates), next(iter(rates)))
    users = corporate
    if _DEFAULT in catalog.stored_object("User").fields:
        found = connection.execute(f'SELECT "{_DEFAULT}" FROM "User" WHERE "Id" = ?', (user_id,)).fetchone()  # noqa: S608 - a constant
        users = found[0] if found and found[0] in rates else corporate
    return Currencies(rates=rates, corporate=corporate, users=users, dated=DATED_RATES in catalog.features)
