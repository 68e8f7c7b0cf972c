"""Access paths: the ways in which the SDL lets a request reach rows, and the indexes for them.

Pure: the indexes of a live database come in as values. A path is served if an index starts with
the columns that are compared for equality, goes on with the column of a range, and has the columns
of the order next, all in one direction or all in the other. InnoDB's secondary indexes end in the
primary key, which counts.
Source: https://dev.mysql.com/doc/refman/8.0/en/order-by-optimization.html

Of a list every order and every filter is looked at by itself, beside what is always given. Not
their product, which no table has indexes for: what clients ask together stands in the operations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from typing import Final

from msgspec import structs

from aurora_graphql.catalog import IndexColumn
from handler.compiler.keyset import is_stored
from handler.language.schema import Origin
from handler.model.aggregates import Aggregate
from handler.model.column import Column
from handler.model.conditions import Filter, Where
from handler.model.filter_inputs import FilterInput
from handler.model.groups import GroupColumn, GroupsField
from handler.model.lists import Order, RowsField, Shape
from handler.model.model import Model
from handler.model.relations import Hop, Path
from handler.model.search import Relevance
from handler.model.sort_keys import AggregateKey
from handler.model.tables import ClaimRule, RowRule, Table
from handler.sql.operators import Operator

_MOST_COMBINATIONS: Final = 256  # of the arguments of one field that are looked at together


@dataclass(frozen=True, slots=True)
class AccessPath:
    """One way to the rows of a table."""

    table: str
    equal: tuple[str, ...]
    range: str | None
    order: tuple[IndexColumn, ...]
    place: str  # what asks, in the SDL: "Query.orders"
    origin: Origin
    detail: str = ""  # by what, as fields of the rows: "customerId"
    arguments: tuple[str, ...] = ()  # for messages
    ordered: str = ""  # for messages: "orderedAt DESC"
    unserved: str = ""  # why no index serves it, whatever there is
    fixed: tuple[str, ...] = ()  # of one value in all rows: an index may have them in front, too
    is_turned: bool = False  # the order is of mixed directions, and read from its end, too

    @property
    def about(self) -> str:
        """What a finding about it is about."""
        return f"{self.place}({self.detail})" if self.detail else self.place

    @property
    def purpose(self) -> str:
        """Place, arguments and order."""
        return f"{self.place} {self.asked}" if self.asked else self.place

    @property
    def asked(self) -> str:
        """Arguments and order."""
        by = f"by {', '.join(self.arguments)}" if self.arguments else ""
        return " ".join(filter(None, (by, f"ordered by {self.ordered}" if self.ordered else "")))

    @property
    def columns(self) -> tuple[str, ...]:
        """All that it names, each once."""
        lead = (self.range,) if self.range else ()
        return tuple(dict.fromkeys((*self.equal, *lead, *(each.name for each in self.order))))


def access_paths(model: Model) -> list[AccessPath]:
    """The ways that documents over this model can take, each place's once."""
    found: dict[tuple[object, ...], AccessPath] = {}
    for path in _all_paths(model):
        way = (frozenset(path.equal), path.range, path.order, path.unserved, path.is_turned)
        found.setdefault((path.table, path.about, *way), path)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Combined:
    """The ways by several arguments of a list together, and those by each of them alone."""

    together: list[AccessPath]
    alone: list[AccessPath]


def combined_paths(model: Model) -> Iterator[tuple[str, RowsField, Iterator[Combined]]]:
    """Of each list, the fewest arguments first, up to a bound."""
    for name, rows, link in _lists(model):
        if rows.shape is not Shape.OBJECT:
            yield name, rows, _combined(model.tables[rows.target], rows, link, name)


def _combined(
    table: Table, rows: RowsField, link: tuple[str, ...], name: str
) -> Iterator[Combined]:
    def ways(chosen: Sequence[Filter], order: Order) -> list[AccessPath]:
        return list(_list_paths(table, rows, link, name, chosen, order))

    optional = [used for used in filters_in_sql(rows) if not used.is_always_given]
    orders = [each for each in orders_of(rows) if is_stored(each)]
    by_order = [(order, ways((), order)) for order in orders]
    if not orders:
        return
    by_filter = {used.argument: ways((used,), orders[0]) for used in optional}
    sets = chain.from_iterable(combinations(optional, n) for n in range(1, len(optional) + 1))
    found = ((chosen, *each) for chosen in sets for each in by_order)
    for chosen, order, ordered in islice(found, _MOST_COMBINATIONS):
        if len(chosen) > 1 or order is not orders[0]:
            alone = [path for used in chosen for path in by_filter[used.argument]]
            yield Combined(ways(chosen, order), [*alone, *ordered])


def orders_of(rows: RowsField) -> list[Order]:
    """The orders that a list may have, each once."""
    orders = [] if rows.is_order_chosen else [rows.order]
    # Not by the columns themselves: those of enums cannot be hashed.
    found: dict[tuple[object, ...], Order] = {}
    for order in (*orders, *rows.orders.values(), *rows.sorts.values()):
        names = ((t.column.is_own and t.column.stored_name) or t.column.field for t in order)
        directions = (t.descending for t in order)
        found.setdefault(tuple(zip(names, directions, strict=True)), order)
    return list(found.values())


def found_rows(model: Model) -> Iterator[tuple[str, RowsField, tuple[str, ...]]]:
    """Every field over rows but those through link tables, whose rows are found by their key: its
    name, and the columns by which its rows are found, with the conditions that choose among them.
    """
    for (owner, name), field in model.all_fields("Query"):
        if field.rows is not None and not (field.path and field.path.links):
            link = field.path.last.references if field.path else ()
            conditions = choosing(field.rows, model.tables[field.rows.chosen], field.path)
            yield f"{owner}.{name}", structs.replace(field.rows, conditions=conditions), link


def choosing(rows: RowsField, table: Table, path: Path | None) -> tuple[Where, ...]:
    """The conditions that choose among the rows of a list: of a relation its own, by which it finds
    few rows."""
    return path.last.conditions if path else (*rows.conditions, *table.conditions)


def _lists(model: Model) -> Iterator[tuple[str, RowsField, tuple[str, ...]]]:
    """Those of the fields over rows that give no groups."""
    return (each for each in found_rows(model) if not isinstance(each[1], GroupsField))


def _hop_paths(
    model: Model, hops: Sequence[Hop], place: str, origin: Origin
) -> Iterator[AccessPath]:
    """To the rows to which each hop leads, from those of the one before."""
    for hop in hops:
        if not hop.columns:
            continue  # from the root to all rows
        table = model.table(hop.target).name
        where = f"{place} through {table}" if hop.target in model.links else place
        yield AccessPath(table, hop.references, None, (), where, origin)


def _all_paths(model: Model) -> Iterator[AccessPath]:
    for name, rows, link in _lists(model):
        yield from _rows_paths(model.tables[rows.target], rows, link, name)
    for table in model.tables.values():
        for columns in table.unique_keys:
            detail = ", ".join(_fields_of(table, columns))
            yield AccessPath(table.name, columns, None, (), table.type_name, table.origin, detail)
        for rule in table.row_rules:
            yield _rule_path(table, rule)
    for used in model.each_input():
        yield from _input_paths(model, used)
    for (owner, name), field in model.all_fields("Query"):
        if field.path is None:
            continue
        what = f"{owner}.{name}"
        if field.rows is not None and field.path.links:
            yield from _link_paths(model, field.path, field.rows, what)
        # The list at its end is one of those above; a value reads all rows of the parent.
        elif field.rows is None:
            yield from _hop_paths(model, field.path.hops, what, field.origin)
            if isinstance(field, Aggregate) and not field.path.first.columns:
                yield from _value_paths(model.table(field.target), field, what)


def _input_paths(model: Model, used: FilterInput) -> Iterator[AccessPath]:
    """To the rows by each column of a filter input alone: which others come with it, nobody knows.

    Whatever no index finds, such as what is not equal, is looked for among the rest.
    """
    target = model.tables.get(used.target)  # none of edges and groups
    same = same_in_all(target) if target else ()
    for filters in used.by_column():
        column = filters[0].column
        if isinstance(column, GroupColumn):
            continue  # of a table that a statement makes
        served = [each for each in filters if _is_served(each)]
        if served:
            is_equal = any(each.operator.is_equality for each in served)
            name = column.stored_name or ""
            equal, lead = ((name,), None) if is_equal else ((), name)
            detail, table = column.field, column.table
            fixed = same if target and table == target.name else ()
            yield AccessPath(table, equal, lead, (), used.name, column.origin, detail, fixed=fixed)


def _link_paths(model: Model, path: Path, rows: RowsField, what: str) -> Iterator[AccessPath]:
    """To the link table, for pages in an order that its columns give, and from it to the rows."""
    link, here = model.table(path.first.target).name, path.first.references
    same = dict(zip(path.last.references, path.last.columns, strict=True))
    for order in orders_of(rows) if rows.is_page else ():
        columns = [
            IndexColumn(name if term.column.link else same.get(name, ""), term.descending)
            for term in order
            for name in [(term.column.is_own and term.column.stored_name) or ""]
        ]
        if all(column.name for column in columns):
            told = ", ".join(map(str, order))
            yield AccessPath(link, here, None, tuple(columns), what, rows.origin, ordered=told)
    yield from _hop_paths(model, path.hops, what, rows.origin)


def _fields_of(table: Table, columns: Sequence[str]) -> list[str]:
    """The fields that show these columns; a column that none shows by its own name."""
    fields = {c.stored_name: c.field for c in reversed(table.of_kind(Column).values())}
    return [fields.get(name, name) for name in columns]


def _rule_path(table: Table, rule: RowRule) -> AccessPath:
    """From a claim, or from the row that decides, to the rows that it shows."""
    if isinstance(rule, ClaimRule):
        columns: tuple[str, ...] = (rule.column.stored_name or "",)
        by = f"by claim {rule.claim}"
    else:
        columns, by = rule.one.path.first.columns, f"through {rule.one.field}"
    return AccessPath(table.name, columns, None, (), f"{table.type_name} {by}", rule.origin)


def _rows_paths(
    table: Table, rows: RowsField, link: tuple[str, ...], place: str
) -> Iterator[AccessPath]:
    if rows.shape is Shape.OBJECT:  # its required arguments hold a key, which finds the row
        key = dict.fromkeys(
            used.column.stored_name or ""
            for used in filters_in_sql(rows)
            if used.is_always_given and used.operator is Operator.EQUAL
        )
        yield AccessPath(table.name, tuple(key), None, (), place, rows.origin)
        return
    yield from ways_without_index(table, rows, link, place)
    orders = orders_of(rows)
    for order in orders:
        if is_stored(order):
            yield from _list_paths(table, rows, link, place, (), order)
        else:
            yield _computed_path(table, rows, link, place, order)
    for used in filters_in_sql(rows):
        if not used.is_always_given:
            yield from _list_paths(table, rows, link, place, (used,), orders[0])


def _value_paths(table: Table, value: Aggregate, place: str) -> Iterator[AccessPath]:
    """To the rows that a value of the root is made of, by each of its arguments."""
    yield from ways_without_index(table, value, (), place)
    for used in value.filters:
        if _is_served(used) and not value.way[1:]:
            name, is_equal = used.column.stored_name or "", used.operator.is_equality
            equal, lead = ((name,), None) if is_equal else ((), name)
            detail, by = used.column.field, (used.argument,)
            yield AccessPath(table.name, equal, lead, (), place, value.origin, detail, by)


def ways_without_index(
    table: Table, rows: RowsField | Aggregate, link: tuple[str, ...], place: str
) -> Iterator[AccessPath]:
    """By the arguments that no index serves."""
    for used in rows.filters:
        if not used.is_search and not _is_served(used):  # see ``full_text`` for those
            detail = field = used.column.field
            if used.column.stored_name is not None:
                detail = f"{field} {used.operator.name}"
            reason = (
                f"{field} is computed by an expression, which no index serves; store it in a "
                f"generated column with an index and read that, or take the argument away"
                if used.column.stored_name is None
                else f"no index finds what {used.operator.name} finds"
            )
            if used.column.is_made:
                reason = f"{_why_computed(used.column)}; keep it in a column of its own, or take "
                reason += "the argument away"
            by = (used.argument,)
            yield AccessPath(
                table.name, link, None, (), place, rows.origin, detail, by, unserved=reason
            )


def _computed_path(
    table: Table, rows: RowsField, link: tuple[str, ...], place: str, order: Order
) -> AccessPath:
    """By an order that no index has: a request reads all rows of the list, and sorts them."""
    reasons = [reason for term in order if (reason := _why_computed(term.column))]
    by = [term for term in order if not term.is_added]
    return AccessPath(
        table.name,
        link,
        None,
        (),
        place,
        rows.origin,
        ", ".join(term.column.field for term in by),
        ordered=", ".join(map(str, by)),
        unserved="; ".join(reasons),
    )


def _why_computed(key: Column) -> str:
    if isinstance(key, Relevance):
        return ""  # the rows that the words find are sorted
    if isinstance(key, AggregateKey):
        made = key.made
        return (
            f"{key.field} is made for every row of the list, of all {made.target} that it leads to"
        )
    if not key.is_own:
        return f"{key.field} is of another table, and no index has it beside the list's rows"
    if key.stored_name is None:
        return (
            f"{key.field} is computed by an expression, which no index serves; store it in a "
            f"generated column with an index and sort by that"
        )
    return ""


def _list_paths(
    table: Table,
    rows: RowsField,
    link: tuple[str, ...],
    place: str,
    chosen: Sequence[Filter],
    order: Order,
) -> Iterator[AccessPath]:
    """By the filters that are always given and those ``chosen``, in that order."""
    same = same_in_all(table)
    constant, always = always_given(table, rows)
    given = [*always, *(used for used in chosen if used not in always)]
    # Without a parent and a filter all rows of the type are listed, perhaps few of the table's.
    is_whole = not link and not given
    equal = list(same if is_whole else link)
    ranges: list[str] = []
    for used in given:
        name = used.column.stored_name or ""
        kind = equal if used.operator.is_equality else ranges
        if name not in kind:
            kind.append(name)
    is_own = order is orders_of(rows)[0]
    shown = [str(term) for term in order if not term.is_added] or list(map(str, order))
    fields = [used.column.field for used in chosen]
    if not chosen and not is_own:
        fields = [term.column.field for term in order if not term.is_added]
    sorts = any(used.operator.takes_list for used in given)  # whatever index there is
    for fixed, whose in _callers(table, equal):
        columns = tuple(
            IndexColumn(term.column.stored_name or "", term.descending)
            for term in order
            if term.column.stored_name not in fixed
        )
        leads = [name for name in ranges if name not in fixed]
        first = columns[0].name if columns else ""
        lead = first if first in leads else leads[0] if leads else None
        if sorts or not is_stored(order) or (lead is not None and lead != first):
            columns = ()
        yield AccessPath(
            table.name,
            fixed,
            lead,
            columns,
            place + whose,
            rows.origin,
            ", ".join(dict.fromkeys(fields)),
            tuple(used.argument for used in (constant if is_whole else given)),
            ", ".join(shown),
            fixed=tuple(name for name in same if name not in fixed),
            is_turned=len({each.descending for each in columns}) > 1
            and not rows.paging.isdisjoint(("last", "before")),
        )


def _callers(table: Table, equal: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The columns that are fixed for a caller who sees all rows, and for one who does not."""
    yield tuple(equal), ""
    rules = [rule for rule in table.row_rules if isinstance(rule, ClaimRule)]
    claimed = {rule.column.stored_name or "": rule.claim for rule in rules}
    more = {name: claim for name, claim in claimed.items() if name not in equal}
    if more:
        yield (*equal, *more), f" for claim {', '.join(more.values())}"


def filters_in_sql(rows: RowsField) -> list[Filter]:
    """The arguments that an index may serve."""
    return [*map(_fixed, filter(is_fixed, rows.conditions)), *filter(_is_served, rows.filters)]


def always_given(table: Table, rows: RowsField) -> tuple[list[Filter], list[Filter]]:
    """The conditions of all rows of the type, which an index may leave out, and what chooses among
    them in every request."""
    constant = [_fixed(each) for each in table.conditions if is_fixed(each)]
    always = [f for f in filters_in_sql(rows) if f.is_always_given and f not in constant]
    return constant, always


def same_in_all(table: Table) -> tuple[str, ...]:
    """The columns that have one value in all rows of a type."""
    return tuple(sorted({each.fixed or "" for each in table.conditions if is_fixed(each)}))


def is_fixed(condition: Where) -> bool:
    """Whether an index that begins with the column of a condition finds the rows by it: of what is
    true for most, such as what is not deleted, none is asked for."""
    return condition.fixed is not None and condition.filter.column.scalar != "Boolean"


def _fixed(condition: Where) -> Filter:
    """A condition as an argument that is always given."""
    used = condition.filter
    return structs.replace(used, argument=f"@where {used.column.field}", is_always_given=True)


def _is_served(used: Filter) -> bool:
    """Whether an index may serve it."""
    return used.column.stored_name is not None and used.operator.is_served
