"""Fields over rows, as the SDL declares them: how their arguments choose, order and page.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from msgspec import Struct, field

from handler.language.made_names import FILTER, SORT
from handler.language.schema import (
    Element,
    EnumType,
    FieldDef,
    InputObjectType,
    InputValue,
    ListOf,
    NonNull,
    RowsType,
    Schema,
    has_nullable_items,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column, edge_name
from handler.model.conditions import Filter, FilterArgument
from handler.model.connections import ConnectionType
from handler.model.directives import (
    FilterBy,
    filter_of,
    is_order,
    is_sort_input,
    order_of,
)
from handler.model.global_ids import IdFilter, id_filter
from handler.model.groups import HAVING, GroupsField, as_groups
from handler.model.list_pages import (
    PageDefaults,
    check_page_argument,
    check_page_defaults,
    most_offset,
    page_sizes,
)
from handler.model.lists import (
    PAGE_ARGUMENTS,
    Order,
    OrderTerm,
    RowsField,
    Shape,
    total_order,
)
from handler.model.search import read_search, relevance_of
from handler.model.tables import Members, columns_of_key
from handler.model.united_reader import read_united_search, united_relevance
from handler.scalars import COLUMNS, item_of
from handler.sql.operators import Operator

_OF_LISTS = {Operator.EQUAL: Operator.IN, Operator.NOT_EQUAL: Operator.NOT_IN}


_NO_LINKS: Final[Mapping[str, Column]] = {}
# Finds what a name stands for in rows of a type; see ``sort_keys.find_key``.
FindKey: TypeAlias = Callable[[RowsType, Element, str, str, Mapping[str, Column]], Column]


class ListReader(Struct, eq=False):
    """Reads the lists of one schema.

    ``columns``: of each type by field; ``keys``: its unique keys, as columns. Both are filled while
    the model is built.
    """

    schema: Schema
    connections: Mapping[str, ConnectionType]
    columns: Mapping[str, Mapping[str, Column]]
    keys: Mapping[str, list[tuple[str, ...]]]
    key_fields: Mapping[str, tuple[str, ...]]
    pages: PageDefaults
    find_key: FindKey
    find_aggregate: Callable[[RowsType, str], Column | None]
    members: Mapping[str, Members]
    united: Mapping[str, tuple[str, ...]]  # types over several tables, with those of their rows
    filter_inputs: dict[str, list[tuple[str, InputValue]]] = field(default_factory=dict)
    """By name: the types that they choose, rows or edges, each with an argument that does."""
    sort_inputs: dict[str, list[tuple[str, InputValue]]] = field(default_factory=dict)
    """By name: the types whose rows they sort, each with an argument that does."""
    waiting: list[Callable[[], None]] = field(default_factory=list)
    """What reads orders: they may name any field, so all have to be known."""

    def shape(self, field_def: FieldDef) -> Shape:
        """One row, the first of several, a list, or a connection."""
        ref = nullable(field_def.type)
        if isinstance(ref, ListOf):
            if named(ref) in self.connections:
                raise schema_error(
                    field_def,
                    f"field {field_def.name!r} gives a list of pages; give one {named(ref)}, which "
                    f"holds the rows",
                )
            if isinstance(nullable(ref.of), ListOf):
                raise schema_error(
                    field_def, f"field {field_def.name!r}: a list of lists has no rows"
                )
            return Shape.LIST
        if named(ref) in self.connections:
            return Shape.CONNECTION
        return Shape.FIRST if field_def.directive("orderBy") else Shape.OBJECT

    def groups(
        self,
        field_def: FieldDef,
        target: RowsType,
        source: RowsType,
        *,
        links: Mapping[str, Column] = _NO_LINKS,
    ) -> GroupsField:
        """The field as one that gives groups of rows of ``source``, which its arguments choose."""
        if self.shape(field_def).is_one:
            raise schema_error(
                field_def,
                f"field {field_def.name!r} gives one {target.name}, and there are as many as there "
                f"are groups; make it a list or a connection",
            )
        rows = self.rows(field_def, target, links, source=source)
        return as_groups(rows, source.name)

    def rows(
        self,
        field_def: FieldDef,
        target: RowsType,
        links: Mapping[str, Column] = _NO_LINKS,
        link_key: Sequence[Column] = (),
        *,
        source: RowsType | None = None,
    ) -> RowsField:
        """The field as one that reads rows of ``target``.

        ``source``: of groups the type of the rows that arguments choose. ``links``: columns of the
        link table, by what orders and filters call them; ``link_key``: those that tell its rows
        apart, if the rows themselves do not.
        """
        shape = self.shape(field_def)
        if shape is Shape.CONNECTION:
            self._check_edge(field_def, links)
        if shape is Shape.FIRST and isinstance(field_def.type, NonNull):
            raise schema_error(
                field_def,
                f"field {field_def.name!r} gives the first of several rows by its @orderBy, and "
                f"null where there is none; take the ! away",
            )
        paging = frozenset(PAGE_ARGUMENTS & set(field_def.arguments))
        filters = []
        inputs = []
        order_argument = None
        sort_input = ""
        for argument in field_def.arguments.values():
            if argument.name in PAGE_ARGUMENTS:
                check_page_argument(self.schema, field_def, argument, shape)
                continue
            if self.orders_rows(argument):
                self._check_order_argument(field_def, argument, shape, order_argument)
                order_argument = argument.name
                if is_sort_input(self.schema, argument):
                    sort_input = named(argument.type)
                    chosen_type = self.chosen(field_def, sort_input, SORT)
                    self.sort_inputs.setdefault(sort_input, []).append((chosen_type, argument))
                continue
            chosen = target if source is None or argument.name == HAVING else source
            of_type = None if source is None else chosen.name
            by_input = self.filter_argument(field_def, argument, of_type)
            if by_input is not None and shape is Shape.OBJECT:
                raise schema_error(
                    argument, f"field {field_def.name!r} gives one row: it takes no filter input"
                )
            if by_input is not None:
                inputs.append(by_input)
            else:
                by_id = self.id_filter(argument, chosen)
                filters.append(by_id or self.filter(field_def, argument, chosen, links=links))
        orders: dict[str | None, Order] = {}
        row_key = (*self.key_columns(target.name), *link_key)
        chosen_by = field_def.arguments[order_argument] if order_argument else None
        by_enum = None if sort_input else chosen_by
        self.waiting.append(
            partial(
                self._read_orders,
                orders,
                field_def,
                target,
                by_enum,
                links,
                row_key,
                None if source else {used.argument: used for used in filters},
            )
        )
        default_size, maximum_size = page_sizes(self.pages, field_def, shape, paging)
        check_page_defaults(field_def, paging)
        return RowsField(
            field=field_def.name,
            target=target.name,
            shape=shape,
            is_nullable=not isinstance(field_def.type, NonNull),
            has_nullable_items=has_nullable_items(field_def.type),
            filters=tuple(filters),
            inputs=tuple(inputs),
            known_orders=orders,
            row_key=row_key,
            order_argument=order_argument,
            paging=paging,
            default_size=default_size,
            maximum_size=maximum_size,
            maximum_offset=most_offset(field_def, paging),
            origin=field_def.origin,
            is_order_chosen=by_enum is not None and isinstance(by_enum.type, NonNull),
            link_columns=links,
            sort_input=sort_input,
            sorts={},
        )

    def id_filter(self, argument: InputValue, target: RowsType) -> IdFilter | None:
        """An argument that finds rows by their global ids, which are made of their keys."""
        if target.name in self.united:
            return None
        said = filter_of(argument)
        key = self.key_columns(target.name)
        name = (said and said.field) or argument.name
        return id_filter(argument, name, target, key, self.members.get(target.name))

    def _check_edge(self, field_def: FieldDef, links: Mapping[str, Column]) -> None:
        """Refuse fields of an edge that no column of a link table stands behind."""
        connection = self.connections[named(field_def.type)]
        for name in connection.edge_fields:
            if edge_name(name) not in links:
                raise schema_error(
                    field_def,
                    f"field {field_def.name!r} gives a {connection.name}, whose edges have the "
                    f"field {name!r}: beside node and cursor, fields of {connection.edge} are "
                    f"columns of a link table, and this list has none; put it on "
                    f"{connection.node}, or write @relation(through: {{table: ...}})",
                )

    def _check_order_argument(
        self, field_def: FieldDef, argument: InputValue, shape: Shape, earlier: str | None
    ) -> None:
        where = f"argument {argument.name!r} of {field_def.name!r}"
        enum = named(argument.type)
        if shape is Shape.OBJECT:
            raise schema_error(
                argument, f"{where} chooses an order, but the field gives one row; take it away"
            )
        if is_sort_input(self.schema, argument):
            self._check_sort_argument(where, argument)
        elif isinstance(nullable(argument.type), ListOf):
            raise schema_error(
                argument,
                f"{where} is a list of {enum}, and a list of rows has one order; make the argument "
                f"a {enum}, and declare the order by several fields as a value of it: "
                f'@orderBy(fields: ["...", "..."]); or let callers put fields together, by '
                f"[...Sort!] over what is marked @sortable",
            )
        if earlier is not None:
            raise schema_error(
                argument,
                f"{where} is a second order beside {earlier!r}, and a list has one; put the values "
                f"of both into one enum, or take one away",
            )
        if filter_of(argument):
            raise schema_error(
                argument, f"{where} chooses an order, and so no rows: take @filter away"
            )

    def _check_sort_argument(self, where: str, argument: InputValue) -> None:
        name = named(argument.type)
        if str(argument.type) != f"[{name}!]":
            raise schema_error(
                argument,
                f"{where} is a list of sort keys, which a caller may leave out; write "
                f"{argument.name}: [{name}!]",
            )
        if argument.has_default:
            raise schema_error(
                argument,
                f"{where} has no default here, because what a caller may not see is left out of "
                f"it; write the order by default on the list, with @orderBy(fields: [...])",
            )

    def filter_argument(
        self, field_def: FieldDef, argument: InputValue, of_type: str | None = None
    ) -> FilterArgument | None:
        """An argument whose type is an input object; the builder reads that when all is known.

        ``field_def``: the list that it chooses from; ``of_type``: what it chooses, if that is
        something else.
        """
        name = named(argument.type)
        if not isinstance(self.schema.types[name], InputObjectType):
            return None
        if filter_of(argument) is not None or isinstance(nullable(argument.type), ListOf):
            raise schema_error(
                argument,
                f"argument {argument.name!r} chooses rows by the input object {name}: write "
                f"{argument.name}: {name}, without @filter",
            )
        if argument.has_default:
            raise schema_error(
                argument,
                f"argument {argument.name!r}: a filter input has no default here, because what a "
                f"caller may not see is left out of it",
            )
        self.filter_inputs.setdefault(name, []).append(
            (of_type or self.chosen(field_def, name), argument)
        )
        return FilterArgument(argument.name, name)

    def chosen(self, field_def: FieldDef, input_name: str, suffix: str = FILTER) -> str:
        """What an input chooses of a list, or sorts: its edges, if it is named after them, or else
        rows."""
        found = self.connections.get(named(field_def.type))
        if found is None:
            return named(field_def.type)
        is_of_edges = bool(found.edge_fields) and input_name == f"{found.edge}{suffix}"
        return found.edge if is_of_edges else found.node

    def filter(
        self,
        owner: FieldDef | InputObjectType,
        argument: InputValue,
        target: RowsType,
        like: InputValue | None = None,
        links: Mapping[str, Column] = _NO_LINKS,
    ) -> Filter:
        """How an argument chooses rows; ``like`` says it for one that says nothing itself.

        ``links``: as for ``rows``.
        """
        said = filter_of(argument) or (like and filter_of(like)) or FilterBy(None, Operator.EQUAL)
        if said.operator is Operator.MATCH and target.name in self.united:
            kinds = self.united[target.name]
            return read_united_search(self.schema, argument, self.columns, self.keys, kinds, said)
        if said.operator is Operator.MATCH:
            key = self.keys[target.name][0]
            return read_search(self.schema, argument, target, self.columns[target.name], key, said)
        name, operator = said.field or argument.name, said.operator
        columns = {**self.columns.get(target.name, {}), **links}
        column = columns.get(name) or self.find_aggregate(target, name)
        if column is None:
            raise schema_error(
                argument,
                f"argument {argument.name!r} of {owner.name!r} chooses by {name!r}, which is "
                f"no column of {target.name}; name one with @filter(field: ...): "
                f"{', '.join(columns) or 'there is none'}",
            )
        if column.is_made and argument.has_default:
            raise schema_error(
                argument,
                f"argument {argument.name!r} chooses by the aggregate {target.name}.{name}, and so "
                f"has no default; take it away",
            )
        return self.compare(argument, target, column, operator)

    def compare(
        self, argument: InputValue, target: RowsType, column: Column, operator: Operator
    ) -> Filter:
        """How an argument, or a member of an input object, compares a column."""
        name = column.field
        ref = nullable(argument.type)
        is_list = isinstance(ref, ListOf)
        if is_list:
            operator = _OF_LISTS.get(operator, operator)
        is_nested = isinstance(ref, ListOf) and isinstance(nullable(ref.of), ListOf)
        if is_nested or is_list != operator.takes_list:
            raise schema_error(
                argument,
                f"argument {argument.name!r}: IN and NOT_IN take a list of values, all other "
                f"operators one value",
            )
        given, wanted = self.schema.basis(named(argument.type)), column.scalar
        objection = column.objection(operator)
        if objection:
            raise schema_error(
                argument,
                f"argument {argument.name!r}: {target.name}.{name} is {wanted}, {objection}",
            )
        if operator is Operator.IS_NULL:
            if given != "Boolean":
                raise schema_error(
                    argument,
                    f"argument {argument.name!r} is a {given}, but the operator IS_NULL takes a "
                    f"Boolean: true for rows without a value, false for the others",
                )
            given = item_of(wanted)
        if given != item_of(wanted) and {given, item_of(wanted)} != {"ID", "String"}:
            raise schema_error(
                argument,
                f"argument {argument.name!r} is a {given}, but {target.name}.{name} is a {wanted}",
            )
        return Filter(argument.name, column, operator, isinstance(argument.type, NonNull))

    def complete(self) -> None:
        """Read the orders, when all fields have been read: these may be read first by it."""
        for read in self.waiting:
            read()
        self.waiting.clear()

    def _read_orders(
        self,
        orders: dict[str | None, Order],
        field_def: FieldDef,
        target: RowsType,
        argument: InputValue | None,
        links: Mapping[str, Column],
        row_key: Sequence[Column],
        searches: Mapping[str, Filter] | None,
    ) -> None:
        """Those of a list; ``argument``: the one that chooses, by an enum."""
        by = order_of(field_def) or []
        own = self._order(field_def, field_def, target, by, links, row_key, searches)
        orders[None] = own
        if argument is None:
            return
        enum = self.schema.types[named(argument.type)]
        assert isinstance(enum, EnumType)
        for value in enum.values.values():
            terms = order_of(value)
            if terms is None:
                raise schema_error(
                    value, f"{enum.name}.{value.name}: every value of an order needs @orderBy"
                )
            orders[value.name] = self._order(
                value, field_def, target, terms, links, row_key, searches
            )
        if argument.default is not None:
            orders[None] = orders[argument.default]

    def _order(
        self,
        element: Element,
        field_def: FieldDef,
        target: RowsType,
        terms: Sequence[tuple[str, bool]],
        links: Mapping[str, Column],
        row_key: Sequence[Column],
        searches: Mapping[str, Filter] | None,
    ) -> Order:
        """The terms of an order of a list, and then the key, which makes it total.

        ``element``: what declares them, the list itself or a value of an enum.
        """
        found: list[OrderTerm] = []
        for name, descending in terms:
            relevance = relevance_of(name, searches, element, field_def)
            column = relevance and united_relevance(relevance)
            column = column or self.find_key(target, element, name, "@orderBy", links)
            if any(earlier.column.field == column.field for earlier in found):
                raise schema_error(element, f"@orderBy names {name!r} twice")
            found.append(OrderTerm(column, descending))
        return total_order(found, row_key)

    def orders_rows(self, argument: InputValue) -> bool:
        """Whether an argument chooses the order of a list."""
        is_enum = is_order(self.schema.types[named(argument.type)])
        return is_enum or is_sort_input(self.schema, argument)

    def key_columns(self, name: str) -> list[Column]:
        """The columns of the key of a type."""
        return columns_of_key(self.keys[name][0], self.columns[name], self.key_fields.get(name, ()))

    def stored(self, type_def: RowsType, element: Element, field_name: str, what: str) -> str:
        """The name of the stored column behind a field."""
        columns = self.columns[type_def.name]
        column = columns.get(field_name)
        if column is None or column.stored_name is None:
            fields = ", ".join(n for n, c in columns.items() if c.stored_name)
            raise schema_error(
                element,
                f"{what} names {field_name!r}, which is no stored column of {type_def.name}; "
                f"it may be one of {fields}",
            )
        if not COLUMNS[column.scalar].has_order:
            raise schema_error(
                element,
                f"{what} names {type_def.name}.{field_name}, which is {column.scalar}, and a "
                f"{column.scalar} has no order; take it away",
            )
        return column.stored_name
