"""How far places are from each other: DISTANCE(field, GEOLOCATION(latitude, longitude), 'km' or 'mi').

SOQL guide, "Location-Based SOQL Queries".
"""

from demo_org.catalog import FieldType
from demo_org.soql.compound import parts_of
from demo_org.soql.errors import error_at
from demo_org.soql.scope import Column, Scope
from demo_org.soql.sql import quoted
from demo_org.soql.syntax import Distance

_FIELD = FieldType(name="DISTANCE", type="double", label="Distance", scale=15)


def distance_column(scope: Scope, operand: Distance) -> Column:
    """The distance between the place of each record and the point."""
    column = scope.column(operand.place)
    described, alias = scope.source, scope.alias
    if column.parent is not None and column.parent.object is not None:
        described, alias = column.parent.object, column.parent.alias
    parts = dict(parts_of(described, column.field)) if column.field.compound else {}
    if not {"latitude", "longitude"} <= parts.keys():
        reason = f"DISTANCE needs a geolocation or address field: {column.name}"
        raise error_at(scope.query.text, operand.place.position, "INVALID_FIELD", reason)
    latitude, longitude = (f"{alias}.{quoted(parts[key])}" for key in ("latitude", "longitude"))
    point = f"{float(operand.latitude)!r}, {float(operand.longitude)!r}"
    return Column(sql=f"soql_distance({latitude}, {longitude}, {point}, '{operand.unit}')", field=_FIELD)
