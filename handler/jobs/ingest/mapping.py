"""Which column of the input feeds which columns of which tables; a small TOML file says it.

It holds what the database does not know. The kind of each value, its limits and whether it may be
absent come from the table's own definition (``catalog``). See docs/ingest.md.
"""

from __future__ import annotations

import codecs
import tomllib
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from handler.jobs.ingest.formats import NUMBER_FORMATS
from handler.jobs.ingest.report import IngestError

FORMATS = ("jsonl", "csv")
CONFLICTS: Final = ("update", "fill", "keep")
DEFAULT_NAME: Final = "default"  # of the mapping of an input that names none


class Dialect(Struct, frozen=True, kw_only=True):
    """How the input writes dates and numbers."""

    date_format: str = "iso"  # or "unix" (seconds), or as of strptime: "%d.%m.%Y %H:%M"
    time_zone: str = "UTC"  # of dates that name none
    number_format: str = "1234.5"  # one of NUMBER_FORMATS, each an example

    def __post_init__(self) -> None:
        if self.number_format not in NUMBER_FORMATS:
            known = ", ".join(map(repr, NUMBER_FORMATS))
            raise IngestError(f"number_format must be one of {known}, got {self.number_format!r}")
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise IngestError(f"there is no time zone {self.time_zone!r}") from error


class ColumnRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What feeds one column of a table. ``from`` in the file: the first that has a value wins."""

    sources: str | tuple[str, ...] = msgspec.field(default="", name="from")
    default: str | None = None  # where the line has none; written as the input writes it
    identifier: bool = False  # text or a whole number that names a row
    numbered: bool = False  # counted within the rest of the key, where the line has no number
    fallback: str | None = None  # a column of the same row, whose value stands in
    row_of: str | None = None  # a table above: the value is a column of this line's row there
    column: str | None = None  # which one; by default that of the same name
    min: float | None = None
    max: float | None = None
    date_format: str | None = None
    time_zone: str | None = None
    number_format: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the input, the first with a value wins."""
        if isinstance(self.sources, str):
            return (self.sources,) if self.sources else ()
        return self.sources


class TableRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table that every line says a row of."""

    key: list[str]
    columns: dict[str, str | tuple[str, ...] | ColumnRule]
    on_conflict: str = "update"
    optional: bool = False  # a line without the key says nothing of this table
    tell_replaced: list[str] = msgspec.field(default_factory=list)

    def rule(self, column: str) -> ColumnRule:
        """What feeds the column; a text or a list of them alone is ``from``."""
        found = self.columns[column]
        return found if isinstance(found, ColumnRule) else ColumnRule(sources=found)

    @property
    def ordered_columns(self) -> tuple[str, ...]:
        """All columns, those of the key first."""
        return (*self.key, *(name for name in self.columns if name not in self.key))


@dataclass(frozen=True, kw_only=True)
class InputMapping:
    """How to load one kind of input. Raises ``IngestError`` for what cannot work."""

    tables: Mapping[str, TableRule]  # what is referred to comes first
    columns: Mapping[str, str] = field(default_factory=dict)  # name -> column of the input
    defaults: Mapping[str, str] = field(default_factory=dict)  # name -> value where absent
    optional: tuple[str, ...] = ()  # names that an input need not have
    format: str | None = None  # of FORMATS; absent: by the first character of the input
    encoding: str = "utf-8"  # any that keeps ASCII as it is, such as latin-1 or cp1252
    delimiter: str | None = None  # absent: the one that splits the header best
    dialect: Dialect = field(default_factory=Dialect)
    file: Path | None = None  # where it stands, for messages

    def __post_init__(self) -> None:
        self._check_tables()
        names = set(self.names())
        for name in (*self.columns, *self.defaults, *self.optional):
            if name not in names:
                raise IngestError(
                    f"no column of a table is fed from {name!r}; known: {', '.join(sorted(names))}"
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

    def names(self) -> Iterator[str]:
        """All names that feed a column, each as often as it does."""
        for table in self.tables.values():
            for column in table.columns:
                yield from table.rule(column).names

    def column(self, name: str) -> str:
        """The input column of a name."""
        return self.columns.get(name, name)

    def written_columns(self) -> dict[str, frozenset[str]]:
        """What a run writes or reads back, by table."""
        found = {name: set(table.columns) for name, table in self.tables.items()}
        for table in self.tables.values():
            for column in table.columns:
                rule = table.rule(column)
                if rule.row_of is not None:
                    found[rule.row_of].add(rule.column or column)
        return {name: frozenset(columns) for name, columns in found.items()}

    def check_header(self, header: Iterable[str]) -> None:
        """Refuse a CSV file whose header lacks a column that is needed, or has one twice."""
        present = list(header)
        missing = {
            name: column
            for name in dict.fromkeys(self.names())
            if (column := self.column(name)) not in present and self.is_expected(name)
        }
        if missing:
            lacks = ", ".join(f"{column!r} for {name}" for name, column in missing.items())
            raise IngestError(
                f"the header has no column {lacks}; it has {', '.join(map(repr, present))}; "
                f"say which column is meant: --map {next(iter(missing))}=Column"
            )
        for column in map(self.column, self.names()):
            if present.count(column) > 1:
                raise IngestError(f"the header has the column {column!r} twice")

    def is_expected(self, name: str) -> bool:
        """Whether an input must have the column of this name."""
        return name in self.columns or not (name in self.optional or name in self.defaults)

    def with_options(
        self, *, columns: Mapping[str, str], defaults: Mapping[str, str], **options: Any
    ) -> InputMapping:
        """The mapping with what a command's options say instead."""
        dialect = {name: options.pop(name) for name in _DIALECT if name in options}
        return replace(
            self,
            columns={**self.columns, **columns},
            defaults={**self.defaults, **defaults},
            dialect=msgspec.structs.replace(self.dialect, **dialect),
            **options,
        )

    def _check_tables(self) -> None:
        if not self.tables:
            raise IngestError("no table is fed: write [tables.NAME] with key and columns")
        above: set[str] = set()
        for name, table in self.tables.items():
            if table.on_conflict not in CONFLICTS:
                known = ", ".join(CONFLICTS)
                raise IngestError(
                    f"{name}: on_conflict must be one of {known}, got {table.on_conflict!r}"
                )
            for column in (*table.key, *table.tell_replaced):
                if column not in table.columns:
                    raise IngestError(f"{name}: nothing feeds the column {column!r}: add it")
            if not table.key:
                raise IngestError(f"{name}: key is empty: name the columns that identify a row")
            for column in table.columns:
                _check_rule(f"{name}.{column}", table, table.rule(column), above, column)
            above.add(name)


_DIALECT: Final = ("date_format", "time_zone", "number_format")


def _check_rule(
    place: str, table: TableRule, rule: ColumnRule, above: set[str], column: str
) -> None:
    if rule.row_of is not None:
        if rule.row_of not in above:
            known = ", ".join(sorted(above)) or "none"
            raise IngestError(
                f"{place}: row_of names {rule.row_of!r}, which is no table above it ({known})"
            )
        if rule.names or rule.default is not None:
            raise IngestError(f"{place}: row_of stands alone, without from and default")
    elif not rule.names and rule.default is None and not rule.numbered and not rule.fallback:
        raise IngestError(f"{place}: nothing feeds it: write from, default or row_of")
    if rule.numbered and column not in table.key:
        raise IngestError(f"{place}: numbered is for a column of the key")
    if rule.fallback is not None and rule.fallback not in table.columns:
        raise IngestError(f"{place}: fallback names {rule.fallback!r}, which nothing feeds")


def load_mapping(file: Path) -> InputMapping:
    """Read a mapping file. ``extends`` in it names another one, which it changes."""
    try:
        merged = _merged(file, ())
        content = msgspec.convert(merged, _File)
        dialect = {name: value for name in _DIALECT if (value := getattr(content, name))}
        return InputMapping(
            tables=content.tables,
            columns=content.columns,
            defaults=content.defaults,
            optional=tuple(content.optional),
            format=content.format,
            encoding=content.encoding,
            delimiter=content.delimiter,
            dialect=Dialect(**dialect),
            file=file,
        )
    except msgspec.ValidationError as error:
        raise IngestError(f"{file}: {error}") from error
    except IngestError as error:
        raise IngestError(f"{file}: {error}") from error


def load_mappings(folder: Path) -> dict[str, InputMapping]:
    """All mappings of a folder, by the names of their files."""
    return {file.stem: load_mapping(file) for file in sorted(folder.glob("*.toml"))}


def find_mapping(folder: Path, name: str = DEFAULT_NAME) -> InputMapping:
    """The mapping of that name. Raises ``IngestError`` where there is none."""
    file = folder / f"{name}.toml"
    if not file.is_file():
        known = ", ".join(each.name for each in sorted(folder.glob("*.toml"))) or "none"
        raise IngestError(
            f"there is no mapping {file} ({folder} has {known}): it says which columns of the "
            f"input feed which tables; INGEST_MAPPINGS_DIR names another folder"
        )
    return load_mapping(file)


class _File(Struct, kw_only=True, forbid_unknown_fields=True):
    """The content of a mapping file."""

    tables: dict[str, TableRule] = msgspec.field(default_factory=dict)
    columns: dict[str, str] = msgspec.field(default_factory=dict)
    defaults: dict[str, str] = msgspec.field(default_factory=dict)
    optional: list[str] = msgspec.field(default_factory=list)
    format: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    date_format: str = ""
    time_zone: str = ""
    number_format: str = ""


def _merged(file: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            content: dict[str, Any] = tomllib.load(opened)
    except OSError as error:
        raise IngestError(f"{error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IngestError(f"is not TOML: {error}") from error
    for key in content:
        if key not in _KEYS:
            raise IngestError(f"there is no setting {key!r}; known: {', '.join(_KEYS)}")
    base = content.pop("extends", None)
    if base is None:
        return content
    if not isinstance(base, str) or file in seen:
        raise IngestError(f"extends names the file that is changed, once; got {base!r}")
    try:
        found = _merged((file.parent / base).resolve(), (*seen, file.resolve()))
    except IngestError as error:
        raise IngestError(f"extends {base}: {error}") from error
    for key, value in content.items():
        known = found.get(key)
        is_table = isinstance(known, dict) and isinstance(value, dict)
        found[key] = {**found[key], **value} if is_table else value
    return found


_KEYS: Final = (*_File.__struct_fields__, "extends")
