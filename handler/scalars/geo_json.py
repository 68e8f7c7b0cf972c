"""``GeoJSON``: a place or a shape on the map, as the object of RFC 7946."""

from __future__ import annotations

from handler.scalars.json import Document

_GEOMETRIES = frozenset(
    (
        "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring",
        "multipolygon", "geometrycollection", "geomcollection",
    )
)  # fmt: skip


class GeoJson(Document):
    """What ``ST_AsGeoJSON`` says of a column: longitude first, whatever the order of the axes.

    MySQL writes the longitude of a geographic SRID first; MariaDB, which knows no axes, what was
    stored first.
    """

    name = "GeoJSON"
    description = (
        'A geometry as an object of GeoJSON, `{"type": "Point", "coordinates": [13.4, 52.5]}`:'
        " longitude first. Stored as GEOMETRY, POINT and the like."
    )
    specified_by = "https://www.rfc-editor.org/rfc/rfc7946"
    fits = _GEOMETRIES
    preferred_by = _GEOMETRIES
    has_equality = False
    read_through = "ST_AsGeoJSON"
