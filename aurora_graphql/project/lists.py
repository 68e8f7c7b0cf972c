"""What lists take: filters, orders and ranges, each where an index of the table serves it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from aurora_graphql.catalog import IndexColumn
from aurora_graphql.check.access_paths import AccessPath
from aurora_graphql.check.filters import has_whole_ranges
from aurora_graphql.check.serving import serving_indexes
from aurora_graphql.project.description import Argument, Enum
from aurora_graphql.project.names import constant, pascal, words_of
from aurora_graphql.project.tables import LABELS, Kept
from handler.language.schema import BUILT_IN
from handler.model.lists import PAGE_ARGUMENTS
from handler.scalars import COLUMNS
from handler.sql.stored_type import TEXTS

PAGE = (
    Argument(name="first", type="Int"),
    Argument(name="after", type="String"),
    Argument(name="last", type="Int"),
    Argument(name="before", type="String"),
)
_OTHER_ARGUMENTS = frozenset(
    (*PAGE_ARGUMENTS, "orderBy", "from", "to", "prefix", "where", "search")
)
_SORT_BYTES = 1_024  # of a text that the server compares where it sorts; see ``check.orders``
_NOT_EQUAL = frozenset(("Boolean", "Float", "JSON", "GeoJSON"))
RANGED = frozenset(("Int", "BigInt", "Decimal", "Float", "Date", "DateTime", "Time"))


@dataclass(frozen=True, slots=True)
class Order:
    """The columns of an order, without those of the key that complete it."""

    columns: Sequence[IndexColumn]

    def terms(self, table: Kept, *, turned: bool = False) -> list[str]:
        """As ``@orderBy`` has them."""
        return [
            table.fields[each.name] + (" DESC" if each.descending != turned else "")
            for each in self.columns
        ]

    def value(self, table: Kept, *, turned: bool) -> str:
        """Its name in an enum."""
        words = [word for each in self.columns for word in words_of(table.fields[each.name])]
        return constant((*words, "desc") if turned else words)


def is_served(table: Kept, equal: Sequence[str], order: Sequence[IndexColumn]) -> bool:
    """Whether an index gives the rows of equal columns in an order, which the key completes."""
    known = {*equal, *(column.name for column in order)}
    descending = bool(order) and order[-1].descending
    rest = [IndexColumn(name, descending) for name in table.key if name not in known]
    path = AccessPath(table.name, tuple(equal), None, (*order, *rest), "", BUILT_IN)
    return bool(serving_indexes(path, table.indexes, anew=not table.is_mariadb))


def is_found(table: Kept, equal: Sequence[str]) -> bool:
    """Whether an index finds the rows of equal columns, in whatever order."""
    return any(
        {column.name for column in index.columns[: len(equal)]} == set(equal)
        for index in table.live.indexes
    )


def orders_of(table: Kept, equal: Sequence[str] = (), linked: Collection[str] = ()) -> list[Order]:
    """The orders that indexes give for the rows of equal columns, that of the key first.

    ``linked``: columns that lead to other rows, by which nobody sorts.
    """
    found: dict[tuple[IndexColumn, ...], Order] = {}
    for index in table.indexes:
        columns = index.columns
        if {each.name for each in columns[: len(equal)]} != set(equal):
            continue
        rest = columns[len(equal) :]
        for end in range(1, len(rest) + 1):
            part = tuple(rest[:end])
            if not all(_can_order(table, each.name) for each in part) or part[0].name in linked:
                break
            if is_served(table, equal, part):
                found.setdefault(part, Order(part))
                break
    places = {name: at for at, name in enumerate((*table.key, *table.columns))}
    return sorted(found.values(), key=lambda order: [places[each.name] for each in order.columns])


def _can_order(table: Kept, name: str) -> bool:
    column = table.columns.get(name)
    if column is None or column.data_type in ("float", "bit", *LABELS):
        return False
    is_whole = column.octets <= _SORT_BYTES or "_0900_" in (column.collation or "")
    return is_whole and COLUMNS[table.scalar(name)].has_order


def order_enum(name: str, table: Kept, orders: Sequence[Order], description: str) -> Enum | None:
    """The enum of the orders in both directions; None without an order."""
    values: dict[str, str] = {}
    for order in orders:
        for turned in (False, True):
            terms = ", ".join(f'"{term}"' for term in order.terms(table, turned=turned))
            values.setdefault(order.value(table, turned=turned), f"@orderBy(fields: [{terms}])")
    if not values:
        return None
    return Enum(name=name, values=list(values.items()), description=description)


def with_relevance(enum: Enum, table: Kept) -> Enum:
    """The same with the orders by how well a row fits the words of a search."""
    known = {name for name, _ in enum.values}
    more = []
    for argument, _ in searches_of(table):
        name = constant(("relevance", *words_of(argument.removeprefix("search"))))
        if name not in known:
            more.append((name, f'@orderBy(fields: ["relevance({argument}) DESC"])'))
    return replace(enum, values=[*enum.values, *more])


def equal_argument(table: Kept, name: str, kind: str) -> Argument:
    """The argument that a column is equal to, called as its field if that is no other argument."""
    field = table.fields[name]
    if field not in _OTHER_ARGUMENTS:
        return Argument(name=field, type=kind)
    return Argument(name=f"{field}Is", type=kind, filter=f'@filter(field: "{field}")')


def equal_filters(table: Kept, type_of: Callable[[str], str]) -> Iterator[Argument]:
    """Arguments by the columns whose rows an index gives in the order of the key."""
    for name in table.columns:
        if (name,) in table.keys or not can_equal(table, (name,)):
            continue
        if is_served(table, (name,), ()):
            yield equal_argument(table, name, type_of(name))


def searches_of(table: Kept) -> Iterator[tuple[str, Sequence[str]]]:
    """A name and the fields of each search that an index of words serves."""
    for columns in table.live.full_texts:
        shown = [table.fields[name] for name in columns if name in table.fields]
        if len(shown) == len(columns) and all(table.scalar(n) == "String" for n in columns):
            is_only = len(table.live.full_texts) == 1
            by = "And".join(pascal((field,)) for field in shown)
            yield ("search" if is_only else f"search{by}"), shown


def search_filters(table: Kept, what: str) -> Iterator[Argument]:
    """Arguments by words, where an index finds them."""
    for name, fields in searches_of(table):
        listed = ", ".join(f'"{field}"' for field in fields)
        yield Argument(
            name=name,
            type="String",
            filter=f"@filter(operator: MATCH, fields: [{listed}])",
            description=f"Only {what} with some of these words.",
        )


def can_equal(table: Kept, names: Sequence[str]) -> bool:
    """Whether rows can be chosen by equal values of the columns, and by an index."""
    columns = [table.columns.get(name) for name in names]
    return all(
        column is not None
        and column.data_type != "set"
        and table.scalar(column.name) not in _NOT_EQUAL
        and (column.data_type not in TEXTS or column.octets <= _SORT_BYTES)
        for column in columns
    )


def groups_of(
    table: Kept, linked: Collection[str] = ()
) -> Iterator[tuple[Sequence[str], IndexColumn]]:
    """By each index of several columns: those of which one value is asked for, and the last one,
    by which the rows are ordered then. Columns that lead to other rows are relations' business."""
    for index in table.indexes:
        names = [each.name for each in index.columns]
        while names and names[-1] in table.key:
            names.pop()
        *equal, last = names or [""]
        order = index.columns[len(equal)]
        if index.is_unique or not equal or set(equal) <= set(linked):
            continue
        if (
            can_equal(table, equal)
            and _can_order(table, last)
            and is_served(table, equal, (order,))
        ):
            yield equal, order


def has_beginnings(table: Kept, name: str) -> bool:
    """Whether an index over a column finds all texts that begin so."""
    collation = table.columns[name].collation or ""  # of a String over INET6 there is none
    return table.scalar(name) == "String" and bool(collation) and has_whole_ranges(collation)


def range_filters(table: Kept, name: str, what: str) -> list[Argument]:
    """Arguments of a list in the order of a column: a range of it, or how it begins."""
    column, field, scalar = table.columns[name], table.fields[name], table.scalar(name)
    if has_beginnings(table, name):
        return [
            Argument(
                name="prefix",
                type="String",
                filter=f'@filter(field: "{field}", operator: PREFIX)',
                description=f"Only {what} whose `{field}` starts with this text.",
            )
        ]
    if scalar not in RANGED or column.data_type in LABELS:
        return []
    return [
        Argument(
            name=given,
            type=scalar,
            filter=f'@filter(field: "{field}", operator: {operator})',
            description=f"Only {what} whose `{field}` is {told}.",
        )
        for given, operator, told in (
            ("from", "GREATER_OR_EQUAL", "this or more"),
            ("to", "LESS", "less than this"),
        )
    ]
