"""Which tables and columns are written: with a key, without secrets, of types with a scalar."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aurora_graphql.catalog import Index, IndexColumn, LiveColumn, LiveTable
from aurora_graphql.project.columns import looks_secret, scalar_of
from aurora_graphql.project.description import LeftOut
from aurora_graphql.project.names import words_of

LABELS = ("enum", "set")
# Where the name is a word of everybody's, with or without a prefix, the columns say it.
_MIGRATIONS = frozenset(("migration", "migrations"))
_OF_A_MIGRATION = frozenset(
    (
        frozenset(("id", "migration", "batch")),  # Laravel
        frozenset(("id", "timestamp", "name")),  # TypeORM
        frozenset(("version", "apply_time")),  # Yii
        frozenset(("id", "version", "class", "group", "namespace", "time", "batch")),  # CodeIgniter
        frozenset(("id", "name", "run_on")),  # db-migrate
    )
)
# Of tools that change tables: the name, in small letters, says enough; the first two are this
# project's.
_OF_MIGRATIONS = frozenset(
    (
        *(
            "schema_migrations",
            "schema_api_columns",
            "flyway_schema_history",
            "databasechangelog",
            "_prisma_migrations",
        ),
        *("databasechangeloglock", "alembic_version", "django_migrations", "knex_migrations"),
        *("knex_migrations_lock", "doctrine_migration_versions", "__efmigrationshistory"),
        *(
            "ar_internal_metadata",
            "typeorm_metadata",
            "sequelizemeta",
            "phinxlog",
            "goose_db_version",
        ),
    )
)


@dataclass(slots=True, kw_only=True)
class Kept:
    """A table that is written. Its names are given later: ``type_name``, ``fields`` by column."""

    live: LiveTable
    columns: Mapping[str, LiveColumn]
    keys: Sequence[tuple[str, ...]]  # columns; the first is the one by which rows are known
    indexes: Sequence[Index]  # by which rows are found in an order
    key_columns: Collection[str]  # of keys and foreign keys
    is_mariadb: bool  # whose server
    type_name: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The table's."""
        return self.live.name

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the first key."""
        return self.keys[0]

    @property
    def is_foreign(self) -> bool:
        """Whether its rows are kept by another engine than InnoDB."""
        return not self.live.is_view and self.live.engine.lower() != "innodb"

    def scalar(self, column: str) -> str:
        """The scalar of a column without labels."""
        is_key = column in self.key_columns
        return scalar_of(self.columns[column], is_key=is_key) or ""


def keep(
    live: Mapping[str, LiveTable],
    view_keys: Mapping[str, tuple[str, ...]],
    left_out: Collection[str],
    added: Collection[str] = (),
    *,
    is_mariadb: bool = False,
) -> tuple[list[Kept], list[LeftOut]]:
    """The tables that are written, and what is not with its reason.

    ``left_out``: names that an author leaves out; ``added``: those that are wanted whatever speaks
    against them.
    """
    kept, others = [], []
    for table in live.values():
        if table.name in left_out and table.name not in added:
            continue
        if _is_of_migrations(table) and table.name not in added:
            others.append(LeftOut(table.name, "is what a tool for migrations remembers"))
            continue
        columns, omitted = _columns(table, left_out, added)
        keys = list(_keys(table, columns, view_keys))
        if keys:
            known = {name for key in keys for name in key}
            known.update(name for each in table.foreign_keys for name in each.columns)
            kept.append(
                Kept(
                    live=table,
                    columns=columns,
                    keys=keys,
                    indexes=_ordered(table, is_mariadb=is_mariadb),
                    key_columns=known,
                    is_mariadb=is_mariadb,
                )
            )
            others += [LeftOut(f"{table.name}.{name}", why) for name, why in omitted.items()]
        else:
            others.append(LeftOut(table.name, _why_no_key(table, omitted)))
    return kept, others


def _is_of_migrations(table: LiveTable) -> bool:
    """Whether a tool remembers in it which changes of tables it has made."""
    if table.name.lower() in _OF_MIGRATIONS:
        return True
    names = frozenset(name.lower() for name in table.columns)
    return names in _OF_A_MIGRATION and not _MIGRATIONS.isdisjoint(words_of(table.name)[-1:])


def _ordered(table: LiveTable, *, is_mariadb: bool) -> list[Index]:
    """The indexes that end in the primary key, as lists need it: those of InnoDB.

    On MariaDB a unique one has the key, too, but does not give rows in its order; no index but the
    primary one does of a table in partitions.
    """
    if table.engine.lower() != "innodb":
        return [index for index in table.indexes if index.name == "PRIMARY"]
    return [
        replace(index, columns=(*index.columns, IndexColumn("")))
        if is_mariadb and (index.is_unique or table.is_partitioned) and index.name != "PRIMARY"
        else index
        for index in table.indexes
    ]


def _columns(
    table: LiveTable, left_out: Collection[str], added: Collection[str]
) -> tuple[dict[str, LiveColumn], dict[str, str]]:
    columns, omitted = {}, {}
    needed = set(_primary(table))
    needed.update(name for each in table.foreign_keys for name in each.columns)
    for column in table.columns.values():
        name = f"{table.name}.{column.name}"
        wanted = name in added
        if name in left_out and not wanted:
            continue
        if (
            column.data_type not in LABELS
            and scalar_of(column, is_key=column.name in needed) is None
        ):
            omitted[column.name] = f"no scalar reads {column.column_type}"
        elif looks_secret(column) and not wanted:
            omitted[column.name] = "looks like a secret"
        elif column.is_invisible and column.name not in needed and not wanted:
            omitted[column.name] = "is invisible"
        else:
            columns[column.name] = column
    return columns, omitted


def _primary(table: LiveTable) -> tuple[str, ...]:
    found = next((index for index in table.indexes if index.name == "PRIMARY"), None)
    return _names(found) if found else ()


def _finds(index: Index, table: LiveTable) -> bool:
    """Whether the server looks for rows by it: MariaDB does not where it hashes long texts."""
    return not index.is_hash or table.engine.lower() != "innodb"


def _names(index: Index) -> tuple[str, ...]:
    return tuple(column.name for column in index.columns)


def _keys(
    table: LiveTable,
    columns: Mapping[str, LiveColumn],
    view_keys: Mapping[str, tuple[str, ...]],
) -> Iterator[tuple[str, ...]]:
    """The primary key, or else a unique one that holds no NULL, and then the other unique ones."""
    found = {_names(i): i for i in table.indexes if i.is_unique and _finds(i, table)}
    unique = [names for names in found if all(_identifies(columns.get(name)) for name in names)]
    whole = [names for names in unique if not any(columns[name].is_nullable for name in names)]
    primary = _primary(table)
    first = primary if primary in unique else next(iter(() if primary else whole), None)
    if first is None and table.name in view_keys:
        guessed = view_keys[table.name]
        first = guessed if all(_identifies(columns.get(name)) for name in guessed) else None
    if first is None:
        return
    yield first
    for names in sorted(unique, key=lambda key: (len(key), key)):
        if not any(set(known) <= set(names) for known in (first, *_shorter(unique, names))):
            yield names


def _shorter(keys: Collection[tuple[str, ...]], than: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [key for key in keys if set(key) < set(than)]


def _identifies(column: LiveColumn | None) -> bool:
    """Whether rows can be known by a column of the type."""
    if column is None or column.data_type in ("float", "double", "set", "bit"):
        return False
    return column.data_type == "enum" or scalar_of(column, is_key=True) not in (None, "JSON")


def _why_no_key(table: LiveTable, omitted: Mapping[str, str]) -> str:
    for name in _primary(table):
        if name in omitted:
            return f"its key {name} {omitted[name]}"
        if not name:
            return "its key holds the beginning of a value only"
        if not _identifies(table.columns.get(name)):
            return f"its key {name} is {table.columns[name].column_type}, by which no row is known"
    if table.is_view:
        return "is a view, and no column of it looks like a key"
    if any(index.is_unique and not _finds(index, table) for index in table.indexes):
        return "has no key but one of long texts, by which the server finds no row"
    return "has no key: neither a primary key nor a unique one without NULL"


def guess_view_keys(live: Mapping[str, LiveTable]) -> dict[str, list[str]]:
    """For each view the columns by which its rows may be known, the likeliest first."""
    of_tables = {_primary(table)[0].lower() for table in live.values() if len(_primary(table)) == 1}
    found = {}
    for table in live.values():
        if not table.is_view:
            continue
        columns = list(table.columns.values())
        likely = [each for each in columns if words_of(each.name) == ["id"]]
        likely += [each for each in columns[:1] if each.name.lower() in of_tables]
        likely += [
            each
            for each in columns[:1]
            if each.name.lower().endswith("id") and each.data_type in ("int", "bigint", "smallint")
        ]
        found[table.name] = list(dict.fromkeys(each.name for each in likely))
    return found
