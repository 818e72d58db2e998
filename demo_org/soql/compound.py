"""What compound fields are made of: addresses and places have no column of their own."""

from demo_org.catalog import FieldType, ObjectType

_ADDRESS_PARTS = (
    ("city", "City"), ("country", "Country"), ("countryCode", "CountryCode"), ("geocodeAccuracy", "GeocodeAccuracy"),
    ("latitude", "Latitude"), ("longitude", "Longitude"), ("postalCode", "PostalCode"), ("state", "State"),
    ("stateCode", "StateCode"), ("street", "Street"),
)  # fmt: skip


def parts_of(described: ObjectType, compound: FieldType) -> list[tuple[str, str]]:
    """The key in the compound value and the field it comes from, as far as the object has them."""
    if compound.type == "location":
        stem = compound.name.removesuffix("__c")
        names = [("latitude", f"{stem}__Latitude__s"), ("longitude", f"{stem}__Longitude__s")]
    else:
        stem = compound.name.removesuffix("Address")
        names = [(key, f"{stem}{part}") for key, part in _ADDRESS_PARTS]
    return [(key, name) for key, name in names if described.has(name)]
