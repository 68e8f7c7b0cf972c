"""Every type of column of MySQL and MariaDB, with values at its edges and how its best field shows
them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MARIADB, MYSQL = "mariadb", "mysql"


@dataclass(frozen=True)
class ColumnType:
    """``stored``: SQL of values, in the order in which they sort; ``shown``: what is for each."""

    sql: str
    field: str  # the best one; ``Kind`` is an enum of the labels
    stored: Sequence[str]
    shown: Sequence[Any]
    server: str = ""  # the only one that has the type
    settings: str = ""  # behind the type in CREATE TABLE


def _whole(name: str, field: str, *numbers: int) -> ColumnType:
    is_text = field == "BigInt"
    return ColumnType(name, field, [str(n) for n in numbers],
                      [str(n) if is_text else n for n in numbers])  # fmt: skip


def _bytes(name: str, *values: bytes, size: int = 0) -> ColumnType:
    stored = [f"_binary X'{value.hex()}'" if value else "''" for value in values]
    return ColumnType(
        name, "Bytes", stored, [b64encode(value.ljust(size, b"\0")).decode() for value in values]
    )


def _texts(name: str, *texts: str, field: str = "String", settings: str = "") -> ColumnType:
    stored = ["'" + text.replace("\\", "\\\\").replace("'", "''") + "'" for text in texts]
    return ColumnType(name, field, stored, texts, settings=settings)


def _geometry(name: str, *shapes: tuple[str, Any], server: str = "") -> ColumnType:
    return ColumnType(
        name,
        "GeoJSON",
        [f"ST_GeomFromText('{text}')" for text, _ in shapes],
        [
            {"type": text.partition("(")[0], "coordinates": shown}
            if isinstance(shown, list)
            else shown
            for text, shown in ((_cased(text), shown) for text, shown in shapes)
        ],
        server,
    )


_CASES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
          "GeometryCollection")  # fmt: skip


def _cased(text: str) -> str:
    name, bracket, rest = text.partition("(")
    return next(each for each in _CASES if each.upper() == name) + bracket + rest


_BIN = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
_EDGES = ("", " a", "A", "a", "a'b\\c\"", "é", "\ufffd", "🎉")
_RING = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
_RING_TEXT = "0 0,4 0,4 4,0 4,0 0"
_JSON_STORED = ["'null'", "'7'", "'\"é\"'", '\'{"b": [1, null], "a": 18446744073709551615}\'']
_JSON_SHOWN = [None, 7, "é", {"b": [1, None], "a": 18446744073709551615}]
_NAN = (
    "-838:59:59", "-00:30:00.5", "00:00:00", "08:05:00.000001", "838:59:59",
)  # fmt: skip

COLUMN_TYPES = (
    _whole("TINYINT", "Int", -128, 0, 127),
    _whole("TINYINT UNSIGNED", "Int", 0, 255),
    ColumnType("TINYINT(1)", "Boolean", ["0", "1"], [False, True]),
    ColumnType("BOOL", "Boolean", ["FALSE", "TRUE"], [False, True]),
    _whole("SMALLINT", "Int", -32768, 0, 32767),
    _whole("SMALLINT UNSIGNED", "Int", 0, 65535),
    _whole("MEDIUMINT", "Int", -8388608, 0, 8388607),
    _whole("MEDIUMINT UNSIGNED", "Int", 0, 16777215),
    _whole("INT", "Int", -(2**31), 0, 2**31 - 1),
    _whole("INT(11)", "Int", -(2**31), 0, 2**31 - 1),
    _whole("INT UNSIGNED", "BigInt", 0, 2**31, 2**32 - 1),
    _whole("INT(6) ZEROFILL", "BigInt", 0, 42, 2**32 - 1),
    _whole("BIGINT", "BigInt", -(2**63), 0, 2**53 + 1, 2**63 - 1),
    _whole("BIGINT UNSIGNED", "BigInt", 0, 2**53 + 1, 2**64 - 1),
    ColumnType("BIT(1)", "Boolean", ["b'0'", "b'1'"], [False, True]),
    ColumnType("BIT(9)", "BigInt", ["0", "b'101'", "511"], ["0", "5", "511"]),
    ColumnType("BIT(64)", "BigInt", ["0", "18446744073709551615"], ["0", str(2**64 - 1)]),
    ColumnType("YEAR", "Int", ["0", "1901", "2026", "2155"], [0, 1901, 2026, 2155]),
    ColumnType("DECIMAL(10,2)", "Decimal", ["-99999999.99", "0", "19.9"],
               ["-99999999.99", "0.00", "19.90"]),
    ColumnType("DECIMAL(10,2) UNSIGNED", "Decimal", ["0", "99999999.99"], ["0.00", "99999999.99"]),
    ColumnType("NUMERIC(65,30)", "Decimal", [f"-{'9' * 35}.{'9' * 30}", f"0.{'0' * 29}1"],
               [f"-{'9' * 35}.{'9' * 30}", f"0.{'0' * 29}1"]),
    ColumnType("DECIMAL(20)", "Decimal", ["-1", "99999999999999999999"],
               ["-1", "99999999999999999999"]),
    ColumnType("FLOAT", "Float", ["-3.40282e38", "0", "1e-30", "11111.11", "16777216"],
               [-3.40282e38, 0.0, 1e-30, 11111.11, 16777216.0]),
    ColumnType("FLOAT UNSIGNED", "Float", ["0", "0.1", "3.40282e38"], [0.0, 0.1, 3.40282e38]),
    ColumnType("FLOAT(7,2)", "Float", ["-1.25", "0.1", "99999.5"], [-1.25, 0.1, 99999.5]),
    ColumnType("DOUBLE", "Float", ["-1.7976931348623157e308", "0", "5e-300", "0.1"],
               [-1.7976931348623157e308, 0.0, 5e-300, 0.1]),
    ColumnType("DOUBLE UNSIGNED", "Float", ["0", "0.1", "1.7976931348623157e308"],
               [0.0, 0.1, 1.7976931348623157e308]),
    ColumnType("REAL", "Float", ["-0.5", "0.1"], [-0.5, 0.1]),
    ColumnType("DATE", "Date", ["'1000-01-01'", "'2024-02-29'", "'9999-12-31'"],
               ["1000-01-01", "2024-02-29", "9999-12-31"]),
    ColumnType("DATETIME", "DateTime", ["'1000-01-01'", "'2024-02-29 23:59:59'"],
               ["1000-01-01T00:00:00Z", "2024-02-29T23:59:59Z"]),
    ColumnType("DATETIME(6)", "DateTime",
               ["'2024-02-29 00:00:00.000001'", "'9999-12-31 23:59:59.999999'"],
               ["2024-02-29T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z"]),
    ColumnType("TIMESTAMP", "DateTime", ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'"],
               ["1970-01-01T00:00:01Z", "2038-01-19T03:14:07Z"], settings="NULL"),
    ColumnType("TIMESTAMP(3)", "DateTime", ["'2026-11-23 08:30:00.5'"],
               ["2026-11-23T08:30:00.5Z"], settings="NULL"),
    ColumnType("TIME", "Time", ["'-838:59:59'", "'00:00:00'", "'838:59:59'"],
               ["-838:59:59", "00:00:00", "838:59:59"]),
    ColumnType("TIME(6)", "Time", [f"'{each}'" for each in _NAN], _NAN),
    _texts("CHAR(9)", "", "A", "a", "é", "🎉", settings=_BIN),
    _texts("NCHAR(9)", "", "a", "é"),
    _texts("VARCHAR(50)", *_EDGES, settings=_BIN),
    _texts("NVARCHAR(50)", "", "a", "é"),
    _texts("LONG VARCHAR", *_EDGES, settings=_BIN),
    _texts("TINYTEXT", *_EDGES, settings=_BIN),
    _texts("TEXT", *_EDGES, settings=_BIN),
    _texts("MEDIUMTEXT", *_EDGES, settings=_BIN),
    _texts("LONGTEXT", *_EDGES, settings=_BIN),
    _bytes("BINARY(4)", b"", b"ab", b"\xff\0 \n", size=4),
    _bytes("CHAR(4) BYTE", b"", b"ab", size=4),
    ColumnType("BINARY(16)", "UUID", ["X'00'", "_binary X'0190b2c47a5e7c3d9f102b6e4d8a1c57'"],
               ["00000000-0000-0000-0000-000000000000", "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57"]),
    _bytes("VARBINARY(300)", b"", b"\0", b"ab", b"ab ", b"ab\0"[:2] + b"~", b"\xff" * 300),
    _bytes("TINYBLOB", b"", b"\0", b"ab", b"\xff"),
    _bytes("BLOB", b"", b"\0", b"ab", b"\xff" * 900),
    _bytes("MEDIUMBLOB", b"", b"\0", b"ab", b"\xff"),
    _bytes("LONGBLOB", b"", b"\0", b"ab", b"\xff"),
    ColumnType("ENUM('b','it''s','','a b')", "Kind", ["'b'", "'it''s'", "''", "'a b'"],
               ["B", "ITS", "NONE", "A_B"]),
    ColumnType("SET('b','it''s','a b')", "[Kind!]", ["''", "'b'", "'it''s,b'", "'a b,b'", "7"],
               [[], ["B"], ["B", "ITS"], ["B", "A_B"], ["B", "ITS", "A_B"]]),
    ColumnType("JSON", "JSON", _JSON_STORED, _JSON_SHOWN),
    _geometry("GEOMETRY", ("POINT(13.4050123456789 52.52)", [13.4050123456789, 52.52]),
              ("LINESTRING(0 0,1 1)", [[0, 0], [1, 1]])),
    _geometry("POINT", ("POINT(-180 90)", [-180, 90]), ("POINT(1e-7 0)", [1e-7, 0])),
    _geometry("LINESTRING", ("LINESTRING(0 0,1 1)", [[0, 0], [1, 1]])),
    _geometry("POLYGON", (f"POLYGON(({_RING_TEXT}))", [_RING])),
    _geometry("MULTIPOINT", ("MULTIPOINT(1 2,3 4)", [[1, 2], [3, 4]])),
    _geometry("MULTILINESTRING", ("MULTILINESTRING((0 0,1 1),(2 2,3 3))",
                                  [[[0, 0], [1, 1]], [[2, 2], [3, 3]]])),
    _geometry("MULTIPOLYGON", (f"MULTIPOLYGON((({_RING_TEXT})))", [[_RING]])),
    _geometry("GEOMETRYCOLLECTION",
              ("GEOMETRYCOLLECTION(POINT(1 2))", {"type": "GeometryCollection", "geometries": [
                  {"type": "Point", "coordinates": [1, 2]}]})),
    ColumnType("INET4", "String", ["'0.0.0.0'", "'10.0.0.2'", "'10.0.0.10'", "'255.255.255.255'"],
               ["0.0.0.0", "10.0.0.2", "10.0.0.10", "255.255.255.255"], MARIADB),  # noqa: S104 # stored
    ColumnType("INET6", "String", ["'::'", "'::ffff:10.0.0.1'", "'2001:db8::1'"],
               ["::", "::ffff:10.0.0.1", "2001:db8::1"], MARIADB),
    ColumnType("UUID", "UUID", ["'00000000-0000-0000-0000-000000000000'",
                                "'0190B2C4-7a5e-7c3d-9f10-2b6e4d8a1c57'"],
               ["00000000-0000-0000-0000-000000000000", "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57"],
               MARIADB),
)  # fmt: skip

# By type: another field that fits only where all contents are of its kind.
OTHER_CONTENTS = {
    **{name: ColumnType(name, "JSON", _JSON_STORED, _JSON_SHOWN)
       for name in ("TEXT", "MEDIUMTEXT", "LONGTEXT")},
}  # fmt: skip
