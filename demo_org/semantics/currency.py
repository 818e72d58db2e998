"""Several currencies: which one a record is in, and what an amount is worth in another.

A rate says how much of a currency one unit of the corporate currency buys, so the corporate currency's own is 1
(Object Reference, "CurrencyType").
"""

from typing import TYPE_CHECKING, Any

from demo_org.catalog.features import DATED_RATES, MULTI_CURRENCY
from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_CLOSED = 'child."CloseDate"'
#: whose currency a record has, whatever a client says
_INHERITED = {
    "OpportunityLineItem": ("Opportunity", "OpportunityId"),
    "OpportunityHistory": ("Opportunity", "OpportunityId"),
    "OpportunitySplit": ("Opportunity", "OpportunityId"),
    "QuoteLineItem": ("Quote", "QuoteId"),
    "OrderItem": ("Order", "OrderId"),
    "OpportunityLineItemSchedule": ("OpportunityLineItem", "OpportunityLineItemId"),
}


def before_insert(unit: "Unit", object_name: str, row: Row) -> None:
    """Put a new record into its parent's currency, the one it asks for, or the user's."""
    if MULTI_CURRENCY not in unit.org.catalog.features:
        return
    described = unit.org.catalog.stored_object(object_name)
    if "CurrencyIsoCode" not in described.fields:
        return
    parent = _INHERITED.get(object_name)
    holder = unit.row(parent[0], row.get(parent[1])) if parent is not None else None
    if holder is not None:
        row["CurrencyIsoCode"] = holder["CurrencyIsoCode"]
    elif not row.get("CurrencyIsoCode"):
        user = unit.row("User", unit.user_id) or {}
        row["CurrencyIsoCode"] = user.get("DefaultCurrencyIsoCode") or corporate(unit)


def after_update(unit: "Unit", object_name: str, old: Row, new: Row) -> None:
    """Let what hangs on a record follow it into another currency; no amount changes."""
    if old.get("CurrencyIsoCode") == new.get("CurrencyIsoCode"):
        return
    for child, (parent, lookup) in _INHERITED.items():
        if parent == object_name and child != "OpportunityHistory":
            for row in unit.rows(child, f'"{lookup}" = ? AND IsDeleted = 0', (new["Id"],)):
                unit.patch(child, row["Id"], {"CurrencyIsoCode": new["CurrencyIsoCode"]})


def type_after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """A currency that is active may be chosen everywhere; there is one corporate currency."""
    del old
    if new.get("IsCorporate"):
        others = unit.rows("CurrencyType", "IsCorporate = 1 AND Id <> ?", (new["Id"],))
        for other in others:
            unit.patch("CurrencyType", other["Id"], {"IsCorporate": 0})
    unit.org.catalog.set_currencies(active(unit))


def type_before_insert(unit: "Unit", row: Row) -> None:
    """There is one row for a currency."""
    if unit.rows("CurrencyType", "IsoCode = ?", (row.get("IsoCode"),)):
        raise SalesforceFault(400, "DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates value on record")


def dated_after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """A dated rate holds until the next one of its currency begins."""
    del old
    rates = unit.rows("DatedConversionRate", "IsoCode = ? ORDER BY StartDate, Id", (new["IsoCode"],))
    for rate_now, following in zip(rates, [*rates[1:], None], strict=True):
        end = None if following is None else following["StartDate"]
        if rate_now["NextStartDate"] != end:
            unit.patch("DatedConversionRate", rate_now["Id"], {"NextStartDate": end})


def found(unit: "Unit", iso_code: str) -> None:
    """Begin with one currency, that of every record there is."""
    if not unit.rows("CurrencyType", "1", ()):
        row = {"IsoCode": iso_code, "ConversionRate": 1.0, "DecimalPlaces": 2, "IsActive": 1, "IsCorporate": 1}
        unit.add("CurrencyType", row)
    for name, described in unit.org.catalog.stored.items():
        for field in ("CurrencyIsoCode", "DefaultCurrencyIsoCode"):
            if field in described.fields:
                unit.org.connection.execute(
                    f'UPDATE "{name}" SET "{field}" = ? WHERE "{field}" IS NULL',  # noqa: S608 - names come from the catalogue
                    (corporate(unit),),
                )
    unit.org.catalog.set_currencies(active(unit))


def corporate(unit: "Unit") -> str:
    """The currency the company counts in."""
    return unit.scalar("SELECT IsoCode FROM CurrencyType WHERE IsCorporate = 1", ()) or "USD"


def active(unit: "Unit") -> tuple[str, ...]:
    """The currencies records may be in."""
    return tuple(row["IsoCode"] for row in unit.rows("CurrencyType", "IsActive = 1 ORDER BY IsCorporate DESC, Id", ()))


def of_row(row: str) -> str:
    """SQL of the currency of the record that goes by this alias."""
    return f'{row}."CurrencyIsoCode"'


def rate(currency_sql: str) -> str:
    """SQL of the rate of a currency today."""
    return f"coalesce((SELECT ConversionRate FROM CurrencyType WHERE IsoCode = {currency_sql}), 1.0)"  # noqa: S608 - SQL of our own


def dated_rate(currency_sql: str, day_sql: str) -> str:
    """SQL of the rate of a currency on a day; today's where no dated one covers it."""
    dated = (
        f"SELECT ConversionRate FROM DatedConversionRate WHERE IsoCode = {currency_sql} AND StartDate <= {day_sql} "  # noqa: S608 - SQL of our own
        f"AND (NextStartDate IS NULL OR NextStartDate > {day_sql})"
    )
    return f"coalesce(({dated}), {rate(currency_sql)})"


def converted(unit: "Unit", child: str, amount: str, into: str) -> str:
    """SQL of a child's amount in another currency: a deal's at the rate of its close date where rates are dated."""
    if child == "Opportunity" and DATED_RATES in unit.org.catalog.features:
        return f"({amount} * {dated_rate(into, _CLOSED)} / {dated_rate(of_row('child'), _CLOSED)})"
    return f"({amount} * {rate(into)} / {rate(of_row('child'))})"
