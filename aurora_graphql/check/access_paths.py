"""Access paths: every way in which the SDL lets a request reach rows, and the index that serves it.

Pure: the indexes of a live database come in as values. A path is served if an index starts with
the columns that are compared for equality, goes on with the column of a range, and has the columns
of the order next, all in one direction or all in the other. InnoDB's secondary indexes end in the
primary key, which counts.
Source: https://dev.mysql.com/doc/refman/8.0/en/order-by-optimization.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice

from aurora_graphql.catalog import Index, IndexColumn
from handler.language.schema import Origin
from handler.model.conditions import Filter
from handler.model.lists import Order, RowsField, Shape
from handler.model.model import Model
from handler.model.relations import Hop
from handler.model.tables import ClaimRule, RowRule, Table
from handler.sql.names import quote
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue, Statement

MAX_COMBINATIONS = 256  # of the optional filters of one field; all of eight

# The table of columns, which MySQL 9 gives only where it is named: by itself it draws a tree.
EXPLAIN = "EXPLAIN FORMAT=TRADITIONAL"

_MAX_NAME = 64  # characters of an identifier in MySQL


@dataclass(frozen=True, slots=True)
class AccessPath:
    """One way to the rows of a table."""

    table: str
    equal: tuple[str, ...]
    range: str | None
    order: tuple[IndexColumn, ...]
    purpose: str  # for messages: "Query.orders by customerId"
    origin: Origin
    expression: str | None = None  # the field of a filter that no column stands behind


@dataclass(frozen=True, slots=True)
class Unproved:
    """Ways to rows that ``access_paths`` leaves out."""

    purpose: str  # "Query.orders"
    combinations: int  # of its optional filters, that may be given
    left_out: int  # of them
    origin: Origin


def access_paths(model: Model) -> list[AccessPath]:
    """All paths that documents over this model can take, each once."""
    found: dict[tuple[object, ...], AccessPath] = {}
    for path in _all_paths(model):
        key = (path.table, frozenset(path.equal), path.range, path.order, path.expression)
        found.setdefault(key, path)
    return list(found.values())


def unproved(model: Model) -> list[Unproved]:
    """The fields that have more combinations of filters than are looked at."""
    found = []
    for purpose, rows, _ in _lists(model):
        optional = sum(not used.is_always_given for used in _stored_filters(rows))
        left_out = 2**optional - MAX_COMBINATIONS
        if rows.shape is not Shape.OBJECT and left_out > 0:
            found.append(Unproved(purpose, 2**optional, left_out, rows.origin))
    return found


def orders_of(rows: RowsField) -> list[Order]:
    """The orders that a list may have, each once."""
    orders = [] if rows.is_order_chosen else [rows.order]
    # Not by the columns themselves: those of enums cannot be hashed.
    found: dict[tuple[object, ...], Order] = {}
    for order in (*orders, *rows.orders.values()):
        found.setdefault(tuple((t.column.stored_name, t.descending) for t in order), order)
    return list(found.values())


def _lists(model: Model) -> Iterator[tuple[str, RowsField, tuple[str, ...]]]:
    """Every field over rows: its name, and the columns by which its rows are found."""
    for (owner, name), field in model.all_fields("Query"):
        if field.rows is not None:
            link = field.path.last.references if field.path else ()
            yield f"{owner}.{name}", field.rows, link


def _hop_paths(
    model: Model, hops: Sequence[Hop], what: str, origin: Origin
) -> Iterator[AccessPath]:
    """To the rows to which each hop leads, from those of the one before."""
    for hop in hops:
        yield AccessPath(model.table(hop.target).name, hop.references, None, (), what, origin)


def _all_paths(model: Model) -> Iterator[AccessPath]:
    for name, rows, link in _lists(model):
        yield from _rows_paths(model.tables[rows.target], rows, link, name)
    for table in model.tables.values():
        for columns in table.unique_keys:
            what = f"the key of {table.type_name}"
            yield AccessPath(table.name, columns, None, (), what, table.origin)
        for rule in table.row_rules:
            yield _rule_path(table, rule)
    for (owner, name), field in model.all_fields("Query"):
        if field.path is not None:
            # The list at its end is one of those above; a value reads all rows of the parent.
            hops = field.path.hops if field.rows is None else field.path.hops[:-1]
            yield from _hop_paths(model, hops, f"{owner}.{name}", field.origin)


def _rule_path(table: Table, rule: RowRule) -> AccessPath:
    """From a claim, or from the row that decides, to the rows that it shows."""
    if isinstance(rule, ClaimRule):
        columns: tuple[str, ...] = (rule.column.stored_name or "",)
        by = f"by claim {rule.claim}"
    else:
        columns, by = rule.one.path.first.columns, f"through {rule.one.field}"
    return AccessPath(table.name, columns, None, (), f"rows of {table.type_name} {by}", rule.origin)


def _rows_paths(
    table: Table, rows: RowsField, link: tuple[str, ...], purpose: str
) -> Iterator[AccessPath]:
    if rows.shape is Shape.OBJECT:  # its required arguments hold a key, which finds the row
        key = dict.fromkeys(
            used.column.stored_name or ""
            for used in _stored_filters(rows)
            if used.is_always_given and used.operator is Operator.EQUAL
        )
        yield AccessPath(table.name, tuple(key), None, (), purpose, rows.origin)
        return
    for used in rows.filters:
        if used.column.stored_name is None:
            told = f"{purpose} by {used.argument}"
            yield AccessPath(table.name, (), None, (), told, rows.origin, used.column.field)
    for chosen in _combinations(rows):
        equal = list(link)
        ranges: list[str] = []
        for used in chosen:
            name = used.column.stored_name or ""
            kind = equal if used.operator.is_equality else ranges
            if name not in kind:
                kind.append(name)
        by = " by " + ", ".join(used.argument for used in chosen) if chosen else ""
        for fixed, whose in _callers(table, equal):
            for order in orders_of(rows):
                columns = [
                    IndexColumn(term.column.stored_name or "", term.descending)
                    for term in order
                    if term.column.stored_name not in fixed
                ]
                told = f"{purpose}{by}{whose} ordered by {', '.join(map(str, order))}"
                leads: list[str | None] = [name for name in ranges if name not in fixed] or [None]
                for lead in leads:
                    yield AccessPath(table.name, fixed, lead, tuple(columns), told, rows.origin)


def _callers(table: Table, equal: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The columns that are fixed for a caller who sees all rows, and for one who does not."""
    yield tuple(equal), ""
    rules = [rule for rule in table.row_rules if isinstance(rule, ClaimRule)]
    claimed = {rule.column.stored_name or "": rule.claim for rule in rules}
    more = {name: claim for name, claim in claimed.items() if name not in equal}
    if more:
        yield (*equal, *more), f" for claim {', '.join(more.values())}"


def _stored_filters(rows: RowsField) -> list[Filter]:
    """Those that an index may serve."""
    return [
        used
        for used in rows.filters
        if used.column.stored_name is not None and used.operator.is_served
    ]


def _combinations(rows: RowsField) -> Iterator[tuple[Filter, ...]]:
    """The filters that are always given, with each choice of the others, the small ones first."""
    filters = _stored_filters(rows)
    optional = [used for used in filters if not used.is_always_given]
    choices = chain.from_iterable(combinations(optional, n) for n in range(len(optional) + 1))
    for chosen in islice(choices, MAX_COMBINATIONS):
        yield tuple(used for used in filters if used.is_always_given or used in chosen)


def serving_index(
    path: AccessPath, indexes: Sequence[Index], *, hidden: bool = False
) -> Index | None:
    """The index that serves the path, the shortest if there are several.

    ``hidden``: the one that would, if the optimizer were allowed to use it.
    """
    primary = next((index for index in indexes if index.name == "PRIMARY"), None)
    usable = [index for index in indexes if bool(index.shown_by) == hidden]
    fitting = [index for index in usable if _serves(index, path, primary)]
    return min(fitting, key=lambda index: len(index.columns), default=None)


def _serves(index: Index, path: AccessPath, primary: Index | None) -> bool:
    equal = set(path.equal)
    own = [column.name for column in index.columns]
    if index.is_unique and set(own) <= equal:
        return True  # one row: nothing is left to sort
    names = {column.name for column in index.columns}
    tail = [c for c in primary.columns if c.name not in names] if primary else []
    columns = [*index.columns, *tail]
    if {column.name for column in columns[: len(equal)]} != equal:
        return False
    rest = columns[len(equal) :]
    if path.range is not None and (not rest or rest[0].name != path.range):
        return False
    order = path.order[: len(rest)]
    if [c.name for c in order] != [c.name for c in rest[: len(order)]]:
        return False
    if len(order) < len(path.order) and not _is_total(index, primary, equal, order):
        return False
    turned = {have.descending != want.descending for have, want in zip(rest, order, strict=False)}
    return len(turned) <= 1


def _is_total(
    index: Index, primary: Index | None, equal: set[str], order: Sequence[IndexColumn]
) -> bool:
    """Whether the columns so far tell rows apart, so that further ones sort nothing."""
    known = equal | {column.name for column in order}
    return any(
        unique is not None and unique.is_unique and {c.name for c in unique.columns} <= known
        for unique in (index, primary)
    )


def explain_statement(path: AccessPath, index: Index, samples: Mapping[str, SqlValue]) -> Statement:
    """Ask the optimizer whether it can take that index; ``samples`` are values by column."""
    parameters = [samples[name] for name in path.equal]
    conditions = [f"{quote(name)} = %s" for name in path.equal]
    if path.range is not None:
        conditions.append(f"{quote(path.range)} >= %s")
        parameters.append(samples[path.range])
    listed = [quote(c.name) + (" DESC" if c.descending else "") for c in path.order]
    text = f"{EXPLAIN} SELECT 1 FROM {quote(path.table)}"
    text += f" FORCE INDEX ({quote(index.name)})"
    text += f" WHERE {' AND '.join(conditions)}" if conditions else ""
    text += f" ORDER BY {', '.join(listed)}" if listed else ""
    return Statement(f"{text} LIMIT 10", tuple(parameters))


def create_index(path: AccessPath) -> str:
    """The statement that adds an index for the path."""
    columns = [IndexColumn(name) for name in path.equal]
    known = set(path.equal)
    if path.range is not None and path.range not in known:
        columns.append(IndexColumn(path.range))
        known.add(path.range)
    is_mixed = len({column.descending for column in path.order}) > 1
    for column in path.order:
        if column.name not in known:
            # An index is read in both directions: DESC matters only where they differ.
            columns.append(column if is_mixed else IndexColumn(column.name))
    name = f"{path.table}_by_{'_'.join(column.name for column in columns)}"[:_MAX_NAME]
    listed = ", ".join(quote(c.name) + (" DESC" if c.descending else "") for c in columns)
    text = f"CREATE INDEX {quote(name)} ON {quote(path.table)} ({listed});"
    return text.replace("%%", "%")
