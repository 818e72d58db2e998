"""The words that several answers share, for their OpenAPI description; rows are written without them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Money = Annotated[float, WithJsonSchema({"type": "number", "description": "exact decimal, in the row's currency"})]
AmountByCurrency = dict[str, Money]


def example(value: Any) -> ConfigDict:
    """The one example of a schema; output schemas have no defaults."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class Fresh(BaseModel):
    """How fresh an answer is."""

    as_of: datetime | None = Field(description="everything that happened in Salesforce before this instant is in here")
    lag_seconds: int | None = Field(description="how long ago that is")


class Covered(BaseModel):
    """What of an answer is null because the caller lacks the scope to see it."""

    no_permission: list[str] = Field(description="names of fields; needs `commercial:read` or `contacts:read`")


class Total(BaseModel):
    """A list as a whole."""

    model_config = example({"count": 4238, "amount_by_currency": {"USD": 10005534.00}})

    count: int
    amount_by_currency: AmountByCurrency | None = Field(
        description="`unknown` where the org does not tell the currency"
    )


def nothing_counted() -> Total:
    """Make a total optional in a description without giving it a default there."""
    return Total(count=0, amount_by_currency={})
