"""What a statement needs to know beside its text: the catalogue, the day, and which records count."""

from dataclasses import dataclass
from datetime import date

from demo_org.catalog import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The circumstances of one execution."""

    catalog: Catalog
    today: date
    #: the user of USING SCOPE mine
    user_id: str
    include_deleted: bool = False
