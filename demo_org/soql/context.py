"""What a statement needs to know beside its text: the catalogue, the day, which records count, and the user's ways."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from demo_org.catalog import Catalog
from demo_org.soql.currencies import Currencies, read_currencies
from demo_org.soql.relative_dates import USUAL, Calendar

if TYPE_CHECKING:
    from demo_org.store import Org

VERSION = "64.0"
# Where the week begins on Monday (CLDR, "week data"); elsewhere it begins on Sunday.
_MONDAY_LANGUAGES = frozenset(
    {"de", "fr", "es", "it", "nl", "sv", "da", "no", "nb", "fi", "pl", "cs", "ru", "tr", "hu"}
)
_MONDAY_LOCALES = frozenset({"en_GB", "en_IE", "en_NZ", "pt_PT"})
_SUNDAY_LOCALES = frozenset({"es_MX", "es_US", "es_CO", "es_PE", "es_VE", "fr_CA"})
_MONDAY, _SUNDAY = 1, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The circumstances of one execution."""

    catalog: Catalog
    today: date
    #: the user of USING SCOPE mine
    user_id: str
    include_deleted: bool = False
    #: the API version of the request, which decides how deep child queries may be nested
    version: str = VERSION
    #: where the user lives; date literals and convertTimezone() mean days there
    zone: str = "UTC"
    calendar: Calendar = USUAL
    #: None in an org with one currency
    currencies: Currencies | None = None

    @classmethod
    def of(cls, org: "Org", *, include_deleted: bool = False, version: str = VERSION) -> Self:
        """The circumstances of a statement of the integration user now."""
        user_id = org.users.integration
        with org.reading() as connection:
            zone, locale = _one(
                connection, 'SELECT "TimeZoneSidKey", "LocaleSidKey" FROM "User" WHERE "Id" = ?', user_id
            )
            month, by_start = _one(
                connection,
                'SELECT "FiscalYearStartMonth", "UsesStartDateAsFiscalYearName" FROM "Organization" WHERE "Id" = ?',
                org.org_id,
            )
            currencies = read_currencies(org.catalog, connection, user_id)
        zone = _known_zone(zone)
        return cls(
            catalog=org.catalog,
            today=org.clock.now().astimezone(ZoneInfo(zone)).date(),
            user_id=user_id,
            include_deleted=include_deleted,
            version=version,
            zone=zone,
            calendar=Calendar(first_weekday(locale or ""), int(month or 1), named_by_start=bool(by_start)),
            currencies=currencies,
        )

    def midnight(self, day: date) -> datetime:
        """The instant a day begins where the user lives."""
        try:
            return datetime.combine(day, time.min, ZoneInfo(self.zone)).astimezone(UTC)
        except OverflowError:  # the first and the last day there is
            return datetime.combine(day, time.min, UTC)


def first_weekday(locale: str) -> int:
    """The day the week begins on in a locale such as en_US: 7 is Sunday, 1 is Monday."""
    language = locale.split("_", maxsplit=1)[0]
    monday = locale in _MONDAY_LOCALES or (language in _MONDAY_LANGUAGES and locale not in _SUNDAY_LOCALES)
    return _MONDAY if monday else _SUNDAY


def _one(connection: sqlite3.Connection, text: str, key: str) -> tuple[Any, ...]:
    return connection.execute(text, (key,)).fetchone() or (None, None)


def _known_zone(name: object) -> str:
    try:
        return ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
