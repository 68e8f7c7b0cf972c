"""Which input column feeds which field, and how the input writes dates and numbers.

A mapping is a small TOML file, or options of the command, or both; without any, the columns have
the names of the fields.
"""

from __future__ import annotations

import codecs
import dataclasses
import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handler.jobs.ingest.report import IngestError

FIELDS = (
    "orderId",
    "orderRef",
    "orderedAt",
    "orderItemId",
    "customerId",
    "customerName",
    "country",
    "productId",
    "productName",
    "price",
    "productPrice",
    "quantity",
    "discount",
)
REQUIRED = ("orderId", "customerId", "productId", "price")
FORMATS = ("jsonl", "csv")


@dataclass(frozen=True, kw_only=True)
class InputMapping:
    """How to read one shop's export. Raises ``IngestError`` for a value that cannot work."""

    columns: Mapping[str, str] = field(default_factory=dict)  # field -> column
    defaults: Mapping[str, str] = field(default_factory=dict)  # field -> value where absent
    format: str | None = None  # of FORMATS; absent: by the first character of the input
    encoding: str = "utf-8"  # any that keeps ASCII as it is, such as latin-1 or cp1252
    delimiter: str | None = None  # absent: the one that splits the header best
    decimal_comma: bool = False  # 19,99 instead of 19.99
    date_format: str = "iso"  # or "unix" (seconds), or as of strptime: "%d.%m.%Y %H:%M"
    time_zone: str = "UTC"  # of dates that name none

    def __post_init__(self) -> None:
        for name in (*self.columns, *self.defaults):
            if name not in FIELDS:
                raise IngestError(
                    f"there is no field {name!r} to map to; known: {', '.join(FIELDS)}"
                )
        if self.format not in (None, *FORMATS):
            raise IngestError(f"format must be jsonl or csv, got {self.format!r}")
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise IngestError(f"delimiter must be one character, got {self.delimiter!r}")
        try:
            keeps_ascii = "a,\n".encode(codecs.lookup(self.encoding).name) == b"a,\n"
        except LookupError as error:
            raise IngestError(f"there is no encoding {self.encoding!r}; try latin-1") from error
        if not keeps_ascii:
            raise IngestError(f"encoding {self.encoding} cannot be read; convert with iconv")
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise IngestError(f"there is no time zone {self.time_zone!r}") from error

    def column(self, name: str) -> str:
        """The input column of a field."""
        return self.columns.get(name, name)

    def check_header(self, header: Iterable[str]) -> None:
        """Refuse a CSV file whose header lacks a column that is needed, or has one twice."""
        present = list(header)
        missing = {name: self.column(name) for name in (*self.columns, *REQUIRED)}
        missing = {
            name: column
            for name, column in missing.items()
            if column not in present and (name in self.columns or name not in self.defaults)
        }
        if missing:
            lacks = ", ".join(f"{column!r} for {name}" for name, column in missing.items())
            raise IngestError(
                f"the header has no column {lacks}; it has {', '.join(map(repr, present))}; "
                f"say which column is meant: --map {next(iter(missing))}=Column"
            )
        for column in map(self.column, FIELDS):
            if present.count(column) > 1:
                raise IngestError(f"the header has the column {column!r} twice")


def load_mapping(file: Path) -> InputMapping:
    """Read a TOML file of the fields of ``InputMapping``; the two mappings are tables in it."""
    try:
        with file.open("rb") as opened:
            content: dict[str, Any] = tomllib.load(opened)
    except OSError as error:
        raise IngestError(f"{file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IngestError(f"{file} is not TOML: {error}") from error
    kinds: dict[str, type] = {each.name: str for each in dataclasses.fields(InputMapping)}
    kinds |= {"columns": dict, "defaults": dict, "decimal_comma": bool}
    for key, value in content.items():
        if key not in kinds:
            raise IngestError(f"{file}: there is no setting {key!r}; known: {', '.join(kinds)}")
        texts = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        if type(value) is not kinds[key] or (kinds[key] is dict and not texts):
            wanted = "a table of texts" if kinds[key] is dict else kinds[key].__name__
            raise IngestError(f"{file}: {key} must be {wanted}, got {value!r}")
    try:
        return InputMapping(**content)
    except IngestError as error:
        raise IngestError(f"{file}: {error}") from error
