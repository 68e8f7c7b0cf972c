"""What the database says of the tables that a mapping names, and whether the two fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from msgspec import Struct

from handler.jobs.ingest.mapping import InputMapping, TableRule
from handler.jobs.ingest.report import IngestError
from handler.stores.mysql.session import Session

_COLUMNS: Final = (
    "SELECT table_name, column_name, data_type, column_type, character_maximum_length,"
    " numeric_precision, numeric_scale, collation_name, is_nullable, column_default, extra"
    " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ({})"
)
_UNIQUE: Final = (
    "SELECT table_name, index_name, column_name FROM information_schema.statistics"
    " WHERE table_schema = DATABASE() AND non_unique = 0 AND sub_part IS NULL"
    " AND table_name IN ({}) ORDER BY table_name, index_name, seq_in_index"
)


class ColumnType(Struct, frozen=True, kw_only=True):
    """One column as the database has it."""

    kind: str  # such as varchar
    text: str  # such as varchar(64)
    characters: int | None = None  # bytes of the kinds of TEXT
    precision: int | None = None
    scale: int | None = None
    collation: str | None = None
    is_nullable: bool = True
    has_default: bool = False  # or a number of its own: auto_increment
    is_computed: bool = False

    @property
    def is_unsigned(self) -> bool:
        """Whether a number below zero has no room."""
        return "unsigned" in self.text

    @property
    def weighs(self) -> bool:
        """Whether texts that differ may be the same value: ``A`` and ``a``."""
        return self.collation is not None and not self.collation.endswith("_bin")

    @property
    def must_be_given(self) -> bool:
        """Whether a row without a value is refused."""
        return not self.is_nullable and not self.has_default


class TableType(Struct, frozen=True):
    """One table: its columns, and the columns of each unique index."""

    columns: Mapping[str, ColumnType]
    unique: Collection[tuple[str, ...]]


async def fetch_types(session: Session, mapping: InputMapping) -> dict[str, TableType]:
    """The tables of a mapping. Raises ``IngestError`` where one cannot be written as it says."""
    names = list(mapping.tables)
    places = ", ".join(["%s"] * len(names))
    columns: dict[str, dict[str, ColumnType]] = {}
    for row in (await session.execute(_COLUMNS.format(places), names)).rows:
        columns.setdefault(row[0], {})[row[1]] = _column(row)
    indexes: dict[str, dict[str, list[str]]] = {}
    for table, index, column in (await session.execute(_UNIQUE.format(places), names)).rows:
        indexes.setdefault(table, {}).setdefault(index, []).append(column)
    found = {
        name: TableType(columns.get(name, {}), [tuple(each) for each in unique.values()])
        for name in names
        if (unique := indexes.get(name, {})) is not None
    }
    check_types(mapping, found)
    return found


def check_types(mapping: InputMapping, types: Mapping[str, TableType]) -> None:
    """Raise ``IngestError`` for tables, columns and keys that the database has otherwise."""
    told = f"{mapping.file}: " if mapping.file else ""
    for name, table in mapping.tables.items():
        _check_table(told, name, table, types[name])
    for name, columns in mapping.written_columns().items():
        for column in sorted(columns - types[name].columns.keys()):
            known = ", ".join(types[name].columns)
            raise IngestError(f"{told}{name} has no column {column!r}; it has {known}")


def _check_table(told: str, name: str, table: TableRule, found: TableType) -> None:
    if not found.columns:
        raise IngestError(
            f"{told}the database has no table {name!r}, or the account may not write it: apply "
            f"the migrations first"
        )
    if set(table.columns) <= found.columns.keys():
        if not any(set(each) == set(table.key) for each in found.unique):
            known = "; ".join(", ".join(each) for each in found.unique) or "none"
            raise IngestError(
                f"{told}{name}: key is {', '.join(table.key)}, which is no primary key or unique "
                f"index of the table ({known}): the same input again would load its rows twice"
            )
        for column, kind in found.columns.items():
            if column in table.columns and kind.is_computed:
                raise IngestError(
                    f"{told}{name}.{column} is computed by the database: leave it out"
                )
            if column not in table.columns and kind.must_be_given:
                raise IngestError(
                    f"{told}nothing feeds {name}.{column}, which may not be null and has no "
                    f"default: add it to the columns of {name}"
                )


def _column(row: tuple[object, ...]) -> ColumnType:
    _, _, kind, text, characters, precision, scale, collation, nullable, default, extra = row
    extra = str(extra or "").lower()
    return ColumnType(
        kind=str(kind).lower(),
        text=str(text),
        characters=_whole(characters),
        precision=_whole(precision),
        scale=_whole(scale),
        collation=None if collation is None else str(collation),
        is_nullable=nullable == "YES",
        has_default=default is not None or "auto_increment" in extra,
        is_computed="generated" in extra.replace("default_generated", ""),
    )


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int) else None
