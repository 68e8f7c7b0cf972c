"""Fields over rows, as the SDL declares them: how their arguments choose, order and page.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from handler.language.filter_inputs import FILTER
from handler.language.schema import (
    Element,
    EnumType,
    FieldDef,
    InputObjectType,
    InputValue,
    ListOf,
    NonNull,
    ObjectType,
    Schema,
    has_nullable_items,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column, edge_name
from handler.model.conditions import Filter, FilterArgument
from handler.model.connections import ConnectionType
from handler.model.directives import FilterBy, filter_of, is_order, order_of, page_of
from handler.model.groups import HAVING, GroupsField, as_groups
from handler.model.lists import PAGE_ARGUMENTS, Order, OrderTerm, RowsField, Shape
from handler.model.search import read_search
from handler.scalars import COLUMNS, item_of
from handler.sql.operators import Operator

_OF_LISTS = {Operator.EQUAL: Operator.IN, Operator.NOT_EQUAL: Operator.NOT_IN}
_PAGE_ARGUMENT_TYPES = {"first": "Int", "last": "Int", "after": "String", "before": "String"}


_NO_LINKS: Final[Mapping[str, Column]] = {}


class PageDefaults(Struct, frozen=True, kw_only=True):
    """Sizes that hold where no ``@page`` stands; in rows."""

    size: int = 50  # without first or last
    maximum: int = 200  # the most that first or last may ask for
    list_maximum: int = 1000  # of a plain list that takes neither


class ListReader(Struct, eq=False):
    """Reads the lists of one schema.

    ``columns``: of each type by field; ``keys``: its unique keys, as columns. Both are filled while
    the model is built.
    """

    schema: Schema
    connections: Mapping[str, ConnectionType]
    columns: Mapping[str, Mapping[str, Column]]
    keys: Mapping[str, list[tuple[str, ...]]]
    pages: PageDefaults
    filter_inputs: dict[str, list[tuple[str, InputValue]]] = field(default_factory=dict)
    """By name: the types that they choose, rows or edges, each with an argument that does."""

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
            return Shape.LIST
        if named(ref) in self.connections:
            return Shape.CONNECTION
        return Shape.FIRST if field_def.directive("orderBy") else Shape.OBJECT

    def groups(
        self,
        field_def: FieldDef,
        target: ObjectType,
        source: ObjectType,
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
        target: ObjectType,
        links: Mapping[str, Column] = _NO_LINKS,
        link_key: Sequence[Column] = (),
        *,
        source: ObjectType | None = None,
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
        ref = nullable(field_def.type)
        if isinstance(ref, ListOf) and isinstance(nullable(ref.of), ListOf):
            raise schema_error(field_def, f"field {field_def.name!r}: a list of lists has no rows")
        paging = frozenset(PAGE_ARGUMENTS & set(field_def.arguments))
        filters = []
        inputs = []
        order_argument = None
        orders: dict[str, Order] = {}
        for argument in field_def.arguments.values():
            if argument.name in PAGE_ARGUMENTS:
                self._check_page_argument(field_def, argument, shape)
                continue
            if self.orders_rows(argument):
                self._check_order_argument(field_def, argument, shape, order_argument)
                order_argument = argument.name
                orders = self._declared_orders(argument, target, links, link_key)
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
                filters.append(self.filter(field_def, argument, chosen, links=links))
        order = self._order(field_def, target, order_of(field_def) or [], links, link_key)
        if order_argument and field_def.arguments[order_argument].default is not None:
            order = orders[field_def.arguments[order_argument].default]
        default_size, maximum_size = self._page(field_def, shape, paging)
        return RowsField(
            field=field_def.name,
            target=target.name,
            shape=shape,
            is_nullable=not isinstance(field_def.type, NonNull),
            has_nullable_items=has_nullable_items(field_def.type),
            filters=tuple(filters),
            inputs=tuple(inputs),
            order=order,
            orders=orders,
            order_argument=order_argument,
            paging=paging,
            default_size=default_size,
            maximum_size=maximum_size,
            origin=field_def.origin,
            is_order_chosen=order_argument is not None
            and isinstance(field_def.arguments[order_argument].type, NonNull),
            link_columns=links,
        )

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

    def _check_page_argument(self, field_def: FieldDef, argument: InputValue, shape: Shape) -> None:
        expected = _PAGE_ARGUMENT_TYPES[argument.name]
        given = nullable(argument.type)
        like = "" if isinstance(given, ListOf) else self.schema.basis(given.name)
        is_cursor = expected == "String" and like == "ID"  # opaque either way
        if like != expected and not is_cursor:
            raise schema_error(argument, f"argument {argument.name!r} of a page must be {expected}")
        if shape.is_one:
            raise schema_error(
                argument, f"field {field_def.name!r} gives one row: it takes no {argument.name!r}"
            )
        pairs = {"after": "first", "before": "last"}
        partner = pairs.get(argument.name)
        if partner and partner not in field_def.arguments:
            raise schema_error(
                argument, f"argument {argument.name!r} needs an argument {partner!r}: Int"
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
        if isinstance(nullable(argument.type), ListOf):
            raise schema_error(
                argument,
                f"{where} is a list of {enum}, and a list of rows has one order; make the argument "
                f"a {enum}, and declare the order by several fields as a value of it: "
                f'@orderBy(fields: ["...", "..."])',
            )
        if earlier is not None:
            raise schema_error(
                argument,
                f"{where} is a second order beside {earlier!r}, and a list has one; put the values "
                f"of both into one enum",
            )
        if filter_of(argument):
            raise schema_error(
                argument, f"{where} chooses an order, and so no rows: take @filter away"
            )

    def _page(self, field_def: FieldDef, shape: Shape, paging: frozenset[str]) -> tuple[int, int]:
        """Default and maximum number of rows of one list."""
        said = page_of(field_def)
        if shape is Shape.FIRST:
            if said:
                raise schema_error(
                    field_def,
                    f"field {field_def.name!r}: @page is for a list or a connection of rows; take "
                    f"it away",
                )
            return 1, 1
        is_plain = shape is Shape.LIST and not paging
        maximum = self.pages.list_maximum if is_plain else self.pages.maximum
        size = maximum if is_plain else self.pages.size
        if said:
            maximum = max(maximum, said.default or 0) if said.maximum is None else said.maximum
            size = min(maximum, maximum if is_plain else size)
            size = size if said.default is None else said.default
        if not 1 <= size <= maximum:
            raise schema_error(
                field_def,
                f"field {field_def.name!r}: @page needs 1 <= default <= maximum, "
                f"got default {size} and maximum {maximum}",
            )
        return size, maximum

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

    def chosen(self, field_def: FieldDef, input_name: str) -> str:
        """What an input chooses of a list: its edges, if it is named after them, or else rows."""
        found = self.connections.get(named(field_def.type))
        if found is None:
            return named(field_def.type)
        is_of_edges = bool(found.edge_fields) and input_name == f"{found.edge}{FILTER}"
        return found.edge if is_of_edges else found.node

    def filter(
        self,
        owner: FieldDef | InputObjectType,
        argument: InputValue,
        target: ObjectType,
        like: InputValue | None = None,
        links: Mapping[str, Column] = _NO_LINKS,
    ) -> Filter:
        """How an argument chooses rows; ``like`` says it for one that says nothing itself.

        ``links``: as for ``rows``.
        """
        said = filter_of(argument) or (like and filter_of(like)) or FilterBy(None, Operator.EQUAL)
        if said.operator is Operator.MATCH:
            return read_search(self.schema, argument, target, self.columns[target.name], said)
        name, operator = said.field or argument.name, said.operator
        columns = {**self.columns.get(target.name, {}), **links}
        column = columns.get(name)
        if column is None:
            raise schema_error(
                argument,
                f"argument {argument.name!r} of {owner.name!r} chooses by {name!r}, which is "
                f"no column of {target.name}; name one with @filter(field: ...): "
                f"{', '.join(columns)}",
            )
        return self.compare(argument, target, column, operator)

    def compare(
        self, argument: InputValue, target: ObjectType, column: Column, operator: Operator
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
        objection = COLUMNS[wanted].objection(operator)
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

    def _declared_orders(
        self,
        argument: InputValue,
        target: ObjectType,
        links: Mapping[str, Column],
        link_key: Sequence[Column],
    ) -> dict[str, Order]:
        enum = self.schema.types[named(argument.type)]
        assert isinstance(enum, EnumType)
        orders = {}
        for value in enum.values.values():
            terms = order_of(value)
            if terms is None:
                raise schema_error(
                    value, f"{enum.name}.{value.name}: every value of an order needs @orderBy"
                )
            orders[value.name] = self._order(value, target, terms, links, link_key)
        return orders

    def _order(
        self,
        element: Element,
        target: ObjectType,
        terms: Sequence[tuple[str, bool]],
        links: Mapping[str, Column],
        link_key: Sequence[Column],
    ) -> Order:
        """The declared terms, and then the key, which makes the order total."""
        columns = {**self.columns[target.name], **links}
        found: list[OrderTerm] = []
        for name, descending in terms:
            self._sorted(target, columns, element, name, "@orderBy")
            if any(earlier.column is columns[name] for earlier in found):
                raise schema_error(element, f"@orderBy names {name!r} twice")
            found.append(OrderTerm(columns[name], descending))
        # The key follows in the direction of the last term, so that one index serves all.
        descending = bool(found) and found[-1].descending
        ordered = {(term.column.link, term.column.stored_name) for term in found}
        own = self.columns[target.name].values()
        key = [next(c for c in own if c.stored_name == name) for name in self.keys[target.name][0]]
        for column in (*key, *link_key):
            if (column.link, column.stored_name) not in ordered:
                found.append(OrderTerm(column, descending, is_added=True))
        return tuple(found)

    def orders_rows(self, argument: InputValue) -> bool:
        """Whether an argument chooses the order of a list."""
        return is_order(self.schema.types[named(argument.type)])

    def stored(self, type_def: ObjectType, element: Element, field_name: str, what: str) -> str:
        """The name of the stored column behind a field."""
        return self._sorted(type_def, self.columns[type_def.name], element, field_name, what)

    def _sorted(
        self,
        type_def: ObjectType,
        columns: Mapping[str, Column],
        element: Element,
        field_name: str,
        what: str,
    ) -> str:
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
