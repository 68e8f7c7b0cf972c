"""Statements for groups of rows: a table of the groups is made within the statement, and then
chosen from, ordered and paged as any other.

    SELECT t0.`RevenueByMonth.month`, t0.`RevenueByMonth.revenue` FROM (
      SELECT EXTRACT(...) AS `RevenueByMonth.month`, SUM(...) AS `RevenueByMonth.revenue`
      FROM `orders` k WHERE ... GROUP BY 1
    ) t0 WHERE t0.`RevenueByMonth.revenue` > %s ORDER BY t0.`RevenueByMonth.month` LIMIT %s
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from handler.compiler.keyset import beyond
from handler.compiler.orders import of_parents
from handler.compiler.tables import Tables
from handler.compiler.visible import VisibleGroups
from handler.model.aggregates import ROWS as OF_EACH
from handler.model.conditions import And, Condition, RealDate
from handler.model.groups import GroupColumn, GroupKey, GroupValue
from handler.model.relations import Hop
from handler.model.sort_keys import AggregateKey
from handler.model.time_spans import offsets_of
from handler.scalars.single import all_digits
from handler.sql.names import quote
from handler.sql.statement import Sql, SqlValue, join, sql, value, values
from handler.sql.stored_type import CHARACTERS

if TYPE_CHECKING:
    from handler.compiler.plan import Batch
    from handler.compiler.sql import ParentKey, StatementWriter
    from handler.compiler.values import BatchValues

ROWS = "k"  # the alias of the rows that are grouped
# As no column of ours is called.
_NUMBER, _PARENT, _ROWS = "number of group", "number of parent", "number of rows"
_COUNT, _SUM = Sql("COUNT(*)"), Sql(f"CAST(SUM({ROWS}.{quote(_ROWS)}) AS SIGNED)")

_VALUES = "\0"  # in place of SQL with values

# A column of the table of groups: its name, and its SQL over the rows.
Named: TypeAlias = tuple[str, Sql]


def compile_groups(
    writer: StatementWriter,
    batch: Batch,
    keys: Sequence[ParentKey] | None,
    *,
    bounds_each: bool = False,
) -> Sql:
    """The groups of these parents, or of the root, in one statement."""
    wanted = writer.given[batch.index]
    parents = len(keys or (1,))
    found = sql("(", _table(writer, batch, keys), ") t0")
    links = _names("t0", batch.link_columns) if parents > 1 else []
    order = writer.order(batch, "t0", backward=wanted.is_backward, links=links)
    conditions = _chosen(writer, batch, wanted, "t0")
    limit, skipped = wanted.size * parents + 1, wanted.offset
    if parents > 1 and (batch.rows.paging or bounds_each):
        within = writer.order(batch, "t0", backward=wanted.is_backward)
        number = f"ROW_NUMBER() OVER (PARTITION BY {', '.join(links)} ORDER BY {within})"
        numbered = sql(f"SELECT t0.*, {number} AS {quote(_NUMBER)} FROM ", found)
        found = sql("(", numbered, *_where(conditions), ") t0")
        number = f"t0.{quote(_NUMBER)}"
        conditions = [sql(f"{number} <= ", value(skipped + wanted.size + 1))]
        if skipped:
            conditions.append(sql(f"{number} > ", value(skipped)))
        limit, skipped = (wanted.size + 1) * parents, 0
    return sql(
        "SELECT ",
        join(", ", [sql(slot.sql(writer, batch)) for slot in batch.slots]),
        " FROM ",
        found,
        *_where(conditions),
        f" ORDER BY {order} LIMIT ",
        _limit(writer, limit),
        *_skipped(skipped),
    )


def compile_groups_by_parent(
    writer: StatementWriter, batch: Batch, numbered: Sequence[tuple[int, ParentKey]]
) -> Sql:
    """The groups of each parent by itself, with its number as the last column."""
    wanted = writer.given[batch.index]
    names = [quote(f"c{number}") for number in range(len(batch.slots))]
    parts = []
    for at, key in numbered:
        order = writer.order(batch, "t0", backward=wanted.is_backward)
        selected = [
            sql(slot.sql(writer, batch), f" AS {name}")
            for slot, name in zip(batch.slots, names, strict=True)
        ]
        part = sql(
            "SELECT ",
            join(", ", selected),
            f", ROW_NUMBER() OVER (ORDER BY {order}) AS {quote(_NUMBER)}, ",
            value(at),
            f" AS {quote(_PARENT)} FROM (",
            _table(writer, batch, [key]),
            ") t0",
            *_where(_chosen(writer, batch, wanted, "t0")),
            f" ORDER BY {order} LIMIT ",
            value(wanted.size + 1),
            *_skipped(wanted.offset),
        )
        parts.append(sql("(", part, ")"))
    last = quote(_PARENT)
    return sql(
        f"SELECT {', '.join([*names, last])} FROM (",
        join(" UNION ALL ", parts),
        f") t0 ORDER BY {last}, {quote(_NUMBER)} LIMIT ",
        _limit(writer, (wanted.size + 1) * len(numbered)),
    )


def count_groups(writer: StatementWriter, batch: Batch) -> Sql:
    """How many groups there are, as a subquery."""
    conditions = writer.conditions(writer.given[batch.index].having, "r")
    table = _table(writer, batch, None, _used(conditions_of=[writer.given[batch.index].having]))
    return sql("(SELECT COUNT(*) FROM (", table, ") r", *_where(conditions), ")")


def has_groups_beyond(writer: StatementWriter, batch: Batch) -> Sql:
    """Whether groups are behind the one at which a page begins, as a subquery."""
    wanted = writer.given[batch.index]
    rest: Condition = And()  # before a page by number are groups if there are any
    if not wanted.offset:
        assert wanted.start is not None  # or nothing would be asked
        backward = not wanted.is_backward
        rest = beyond(batch.order, wanted.start, writer.storage, backward=backward, at=True)
    conditions = [*writer.conditions(wanted.having, "r"), rest.sql(writer, "r")]
    table = _table(writer, batch, None, _used(conditions_of=[wanted.having, rest]))
    return sql("EXISTS (SELECT 1 FROM (", table, ") r", *_where(conditions), ")")


def _where(conditions: Sequence[Sql]) -> Iterator[Sql | str]:
    if conditions:
        yield " WHERE "
        yield join(" AND ", conditions)


def _limit(writer: StatementWriter, groups: int) -> Sql:
    """So many groups, or as many as the request may read at all."""
    return value(int(min(groups, writer.most_rows)))


def _skipped(groups: int) -> Iterator[Sql]:
    if groups:
        yield sql(" OFFSET ", value(groups))


def _names(alias: str, names: Iterable[str]) -> list[str]:
    return [f"{alias}.{quote(name)}" for name in names]


def _chosen(writer: StatementWriter, batch: Batch, wanted: BatchValues, alias: str) -> list[Sql]:
    """What the request asks of groups: ``having``, and the place where its page begins or ends."""
    found = writer.conditions(wanted.having, alias)
    for place, backward in ((wanted.after, False), (wanted.before, True)):
        if place is not None:
            rest = beyond(batch.order, place, writer.storage, backward=backward)
            found.append(rest.sql(writer, alias))
    return found


def _used(*, conditions_of: Iterable[Condition]) -> set[str]:
    """The columns of groups that conditions compare."""
    return {
        column.stored_name or "" for condition in conditions_of for column in condition.columns()
    }


# --------------------------------------------------------------------- the table of the groups


def _table(
    writer: StatementWriter,
    batch: Batch,
    keys: Sequence[ParentKey] | None,
    names: set[str] | None = None,
) -> Sql:
    """The groups of rows with all their keys, and those of their values that are used.

    ``names``: of the used columns; by default those that are selected and sorted by. ``keys``: of
    the parents, whose columns are keys, too.
    """
    wanted, rows = writer.given[batch.index], batch.rows_read
    assert isinstance(rows, VisibleGroups)
    if names is None:
        names = {getattr(slot, "name", "") for slot in batch.slots}
        names |= {term.column.stored_name or "" for term in batch.order}
        names |= _used(conditions_of=[wanted.having])
    table = rows.table
    link = writer.link(batch, ROWS)
    links = [(name, Sql(f"{link}.{quote(name)}")) for name in batch.link_columns] if keys else []
    columns = table.of_kind(GroupColumn).values()
    used = [
        column for column in columns if isinstance(column, GroupKey) or column.stored_name in names
    ]
    links_between = writer.links(batch.path, ROWS) if batch.path else []
    joined = _Joins(writer, rows)
    grouped = [
        (key.stored_name or "", Sql(_key(writer, key, joined.alias(key.hops))))
        for key in used
        if isinstance(key, GroupKey)
    ]
    made = [*_made(writer, rows, used, names, joined.alias)]
    chosen = [
        *([of_parents(link, batch.link_columns, keys)] if keys else ()),
        *writer.conditions(wanted.chosen, ROWS),
    ]
    if _counts_far_rows(used) and not batch.is_linked:
        # Once for each row of the other table, and not for each of these: an index counts them.
        hops = [column.hops[0] for column in used if column.way]
        needed = dict.fromkeys(
            (*(name for name, _ in links), *(n for h in hops for n in h.columns))
        )
        own = [(name, Sql(f"{ROWS}.{quote(name)}")) for name in needed]
        counted = _grouped(own, [(_ROWS, Sql("COUNT(*)"))], writer.from_(rows.source, ROWS, chosen))
        made = [(name, _SUM if text == _COUNT else text) for name, text in made]
        read = sql(" FROM (", counted, f") {ROWS}", *joined.joins)
    else:
        read = writer.from_(rows.source, ROWS, chosen, *links_between, *joined.joins)
    found = _grouped([*links, *grouped], made, read)
    spans = {key.stored_name: key.span for key in used if isinstance(key, GroupKey) and key.span}
    if not spans:
        return found
    shown = [
        f"{span.first_day.format(f's.{quote(name)}')} AS {quote(name)}"
        if (span := spans.get(name))
        else f"s.{quote(name)}"
        for name, _ in (*links, *grouped, *made)
    ]
    return sql(f"SELECT {', '.join(shown)} FROM (", found, ") s")


def _grouped(keys: Sequence[Named], made: Sequence[Named], read: Sql) -> Sql:
    selected = [sql(text, f" AS {quote(name)}") for name, text in (*keys, *made)]
    by = ", ".join(str(number) for number in range(1, len(keys) + 1))
    return sql("SELECT ", join(", ", selected), read, f" GROUP BY {by}")


def _counts_far_rows(used: Iterable[GroupColumn]) -> bool:
    """Whether all keys are of rows that are reached from the grouped ones, which are counted."""
    return all(
        bool(column.way) if isinstance(column, GroupKey) else column.made_of is None
        for column in used
    )


class _Joins:
    """The rows that keys and values are of, beside those that are grouped."""

    def __init__(self, writer: Tables, rows: VisibleGroups) -> None:
        self.writer = writer
        self.rows = rows
        self.joins: list[Sql] = []
        self.aliases: dict[tuple[Hop, ...], str] = {(): ROWS}

    def alias(self, hops: tuple[Hop, ...]) -> str:
        """Of the row to which a way leads. A LEFT JOIN: whose row is missing, or not to be seen by
        the caller, belongs to the group without a value."""
        for end in range(1, len(hops) + 1):
            part = hops[:end]
            if part not in self.aliases:
                alias = self.aliases[part] = f"w{len(self.aliases)}"
                on = part[-1].on(alias, self.aliases[part[:-1]])
                visible = self.rows.ways[hops].rows[end - 1]
                self.joins.append(self.writer.join("LEFT JOIN", visible, alias, on))
        return self.aliases[hops]


class _OfRow(Struct, frozen=True):
    """The column of a row that a key or a value is made of."""

    column: GroupColumn
    text: str
    data_type: str  # in the database, empty if it is not known
    characters: str | None
    labels: tuple[str, ...]


def _of_row(writer: Tables, column: GroupColumn, alias: str) -> _OfRow:
    made_of = column.made_of
    assert made_of is not None
    text = writer.column(made_of, alias)
    stored = writer.storage.of(made_of)
    if made_of.zero_is_null:
        text = f"(CASE WHEN {RealDate(made_of).sql(writer, alias).text} THEN {text} END)"
    if stored is None:
        return _OfRow(column, text, "", None, ())
    return _OfRow(column, text, stored.data_type, stored.character_set, stored.labels)


def _key(writer: Tables, key: GroupKey, alias: str) -> str:
    found = _of_row(writer, key, alias).text
    if key.span is None:
        return found
    return key.span.grouped.format(offsets_of(key.zone).local(found))


def _made(
    writer: StatementWriter,
    rows: VisibleGroups,
    used: Iterable[GroupColumn],
    names: set[str],
    alias: Callable[[tuple[Hop, ...]], str],
) -> Iterator[Named]:
    """The columns that are no keys: values, and one of the spellings of keys."""
    for column in used:
        if isinstance(column, GroupValue) and column.field in rows.made:
            yield column.stored_name or "", _of_aggregate(writer, column, alias(column.hops), rows)
        elif isinstance(column, GroupValue):
            yield column.stored_name or "", _value(writer, column, alias(column.hops))
        elif isinstance(column, GroupKey) and column.has_spellings and column.shown_name in names:
            yield column.shown_name, Sql(_spelling(writer, column, alias(column.hops)))


def _spelling(writer: Tables, key: GroupKey, alias: str) -> str:
    """The first of the texts of a group by their bytes, blanks at the end among them."""
    found = _of_row(writer, key, alias)
    if found.data_type and found.data_type not in CHARACTERS:
        return f"MIN({found.text})"
    text = found.text
    if found.characters != "utf8mb4":
        text = f"CONVERT({text} USING utf8mb4)"
    collation = "utf8mb4_nopad_bin" if writer.storage.is_mariadb else "utf8mb4_0900_bin"
    return f"MIN({text} COLLATE {collation})"


def _of_aggregate(
    writer: StatementWriter, column: GroupValue, alias: str, rows: VisibleGroups
) -> Sql:
    """What is made of an aggregate of each row."""
    assert isinstance(column.made_of, AggregateKey)
    made = column.made_of.made

    def read(more: Sequence[Sql]) -> Sql:
        return writer.from_path(rows.made[column.field], OF_EACH, alias, more)

    before, _, after = column.function.of(_VALUES, column.scalar).partition(_VALUES)
    return sql(before, "(", made.function.sql(made, writer, read), ")", after)


def _value(writer: Tables, made: GroupValue, alias: str) -> Sql:
    if made.made_of is None:
        return Sql(made.function.of("", made.scalar))
    found = _of_row(writer, made, alias)
    if not made.function.picks:
        return Sql(made.function.of(found.text, made.scalar))
    # MIN and MAX take labels as texts, and of the others they are not sent as the columns are.
    match found.data_type:
        case "enum" | "set":
            place = made.function.of(f"{found.text} + 0", made.scalar)
            labels: Sequence[SqlValue] = found.labels
            function = "ELT" if found.data_type == "enum" else "MAKE_SET"
            return sql(f"{function}({place}, ", values(labels), ")")
        case "bit":
            return Sql(made.function.of(f"{found.text} + 0", made.scalar))
        case "float":
            return Sql(all_digits(made.function.of(found.text, made.scalar)))
    return Sql(made.function.of(found.text, made.scalar))
