"""The distance between two points along the great circle of a sphere (SOQL guide, "How SOQL Calculates Distance")."""

import math

_EARTH_KM = 6371.0088
_KM_IN_UNIT = {"km": 1.0, "mi": 1.609344}


def distance(
    latitude: float | None, longitude: float | None, to_latitude: float, to_longitude: float, unit: str
) -> float | None:
    """The distance between two points; None if one is not known."""
    if latitude is None or longitude is None:
        return None
    north, to_north = math.radians(latitude), math.radians(to_latitude)
    east = math.radians(to_longitude - longitude)
    half = math.sin((to_north - north) / 2) ** 2 + math.cos(north) * math.cos(to_north) * math.sin(east / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half))) / _KM_IN_UNIT[unit]
