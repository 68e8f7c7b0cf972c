"""What a caller must meet to use each field and argument: what the SDL says, and what follows.

The rules of a field, of its type and of the type that it leads to add up. Whatever tells about a
field's values needs the rules of that field as well: a filter over it, an order by it, a sum of
it; a count those of what it counts, and a cursor those of the key that it holds. A connection, its
edges and their page info are open to whom the field that led to them is open.

All needs are bits, as in ``AccessRules``. They do not depend on the caller, but what an operation
asks for does decide whom its answers may be shared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from handler.access.rules import AUTHENTICATED_BIT, CLOSED_BIT, AccessRules
from handler.language import ast
from handler.language.schema import (
    EnumType,
    FieldDef,
    InputValue,
    InterfaceType,
    ObjectType,
    Origin,
    Schema,
    named,
    schema_error,
)
from handler.language.selections import walk
from handler.model.column import Column
from handler.model.conditions import Filter
from handler.model.fields import Count, CursorField, ResolverField, Sum, TableField
from handler.model.lists import Order, RowsField
from handler.model.model import Model
from handler.model.relations import ToMany, ToOne
from handler.model.tables import ThroughRule


class Permissions:
    """The needs of every place in one schema."""

    def __init__(self, schema: Schema, model: Model, rules: AccessRules) -> None:
        self.schema = schema
        self._model = model
        self._rules = rules
        edges = {found.edge: found for found in model.connections.values()}
        self._nodes = {
            name: found.node for name, found in [*model.connections.items(), *edges.items()]
        }
        self._patterns = {*self._nodes, *(f.page_info for f in model.connections.values())}
        self.types = {
            found.name: self._type(found)
            for found in schema.types.values()
            if isinstance(found, ObjectType) and not found.name.startswith("__")
        }
        self._said = {
            (owner, name): self._said_of(owner, field)
            for owner in self.types
            for name, field in schema.object(owner).fields.items()
        }
        self.arguments: dict[tuple[str, str, str], int] = {}
        self.orders: dict[tuple[str, str, str], int] = {}  # type, field, value of the enum
        self._ordering: dict[tuple[str, str], InputValue] = {}  # the argument that chooses
        self.fields: dict[tuple[str, str], int] = {}
        self.rows: dict[tuple[str, str], int] = {}  # what lifts the rules of the rows read
        for owner, name in self._said:
            self._complete(owner, schema.object(owner).fields[name])
        for owner in {found.page_info for found in model.connections.values()}:
            self._check_page_info(owner)

    def of_use(self, type_name: str, node: ast.Field, order: str | None = None) -> int:
        """The needs of a field as it is used, with its arguments and the order that it has."""
        if node.name.startswith("__"):
            return 0
        needs = self.fields[type_name, node.name]
        for argument in node.arguments:
            needs |= self.arguments[type_name, node.name, argument.name]
        if order is not None:
            needs |= self.orders[type_name, node.name, order]
        return needs

    def of_any_use(self, type_name: str, node: ast.Field) -> int:
        """As ``of_use`` where a variable chooses the order: the needs of all of them."""
        found = self.of_use(type_name, node)
        ordering = self._ordering.get((type_name, node.name))
        if ordering and any(argument.name == ordering.name for argument in node.arguments):
            values = self.schema.types[named(ordering.type)]
            assert isinstance(values, EnumType)
            found |= _union(self.orders[type_name, node.name, name] for name in values.values)
        return found

    def of_operation(
        self,
        operation: ast.OperationDefinition,
        fragments: Mapping[str, ast.FragmentDefinition],
    ) -> int:
        """Bits that decide what a caller gets of it; zero if all callers get the same.

        Nothing is left out, whatever the variables are.
        """
        return _Walk(self, fragments).needs(operation)

    def forbidden_orders(self, satisfied: int) -> dict[str, set[str]]:
        """Values of enums, by enum, that order a list otherwise open by what is forbidden."""
        found: dict[str, set[str]] = {}
        for (owner, name, value), needs in self.orders.items():
            if needs & ~satisfied and not self.fields[owner, name] & ~satisfied:
                enum = named(self._ordering[owner, name].type)
                found.setdefault(enum, set()).add(value)
        return found

    def closed(self) -> Iterator[tuple[str, Origin]]:
        """What is closed to every caller because nothing is said of it, each thing once."""
        for name, needs in self.types.items():
            found = self.schema.object(name)
            is_root = name == self.schema.query
            if needs & CLOSED_BIT and not is_root:
                yield f"type {name}", found.origin
                continue
            for field in found.fields.values():
                led_to = _union(self.types[target] for target in self._leads_to(field))
                if self._said[name, field.name] & ~led_to & CLOSED_BIT:
                    yield f"{name}.{field.name}", field.origin

    @property
    def decisive(self) -> int:
        """The bits that some place in the schema asks for."""
        places = (self.fields, self.arguments, self.orders)
        return _union(needs for place in places for needs in place.values())

    # -------------------------------------------------------------------------------- types

    def _type(self, found: ObjectType) -> int:
        """What leads to such a type needs. Closed is one of which nothing is said at all."""
        said = self._rules.types[found.name]
        if said is not None:
            return said
        if found.name in self._patterns or any(
            self._rules.fields[found.name, name] is not None for name in found.fields
        ):
            return 0
        return CLOSED_BIT

    def _leads_to(self, field: FieldDef) -> list[str]:
        """The object type that a field gives, and the rows behind a connection or an edge."""
        name = named(field.type)
        if name not in self.types:
            return []
        return [name, self._nodes[name]] if name in self._nodes else [name]

    # ------------------------------------------------------------------------------- fields

    def _said_of(self, owner: str, field: FieldDef) -> int:
        """What the rules say of a field; closed if they say nothing."""
        own = self._rules.fields[owner, field.name]
        targets = self._leads_to(field)
        said = [own, self._rules.types[owner]]
        if owner == self.schema.query:
            said += [self._rules.types[name] for name in targets]
        is_open = owner in self._patterns or any(each is not None for each in said)
        return _union(
            [
                0 if is_open else CLOSED_BIT,
                *(each for each in said if each is not None),
                *(self.types[name] for name in targets),
            ]
        )

    def _complete(self, owner: str, field: FieldDef) -> None:
        found = self._table_field(owner, field.name)
        rows = found.rows if isinstance(found, ToMany) else found
        needs = self._said[owner, field.name] | self._implied(owner, field, found)
        for argument in field.arguments.values():
            place = (owner, field.name, argument.name)
            wanted = self._rules.arguments[place] or 0
            if isinstance(rows, RowsField):
                wanted |= self._argument(rows, argument.name)
            elif isinstance(rows, Count | Sum):
                wanted |= self._filters(self._counted(owner, rows), rows.filters, argument.name)
            self.arguments[place] = wanted
            if argument.is_required:  # there is no use of the field without it
                needs |= wanted
        if isinstance(rows, RowsField):
            needs |= self._orders(owner, field, rows)
        self.fields[owner, field.name] = needs
        self.rows[owner, field.name] = _union(map(self._lifted_by, self._read(owner, found)))

    def _table_field(self, owner: str, name: str) -> TableField | RowsField | None:
        if owner == self.schema.query:
            return self._model.roots.get(name)
        table = self._model.tables.get(owner)
        return table.fields[name] if table else None

    def _implied(self, owner: str, field: FieldDef, found: TableField | RowsField | None) -> int:
        """Rules of other places that a field tells about."""
        match found:
            case Count(of=of):
                return self._of_rows(owner, of)
            case Sum(of=of, column=column):
                return (
                    self._of_rows(owner, of) | self._said[self._counted(owner, found), column.field]
                )
            case ToMany() | ToOne():
                return self._of_links(found)
            case CursorField():
                return self._key(owner)
            case None if owner in self._nodes and field.name in ("cursor", "pageInfo"):
                return self._key(self._nodes[owner])
            case _:
                return 0

    def _of_rows(self, owner: str, of: str) -> int:
        """The needs of the field whose rows are counted or summed."""
        many = self._table_field(owner, of)
        assert isinstance(many, ToMany)
        return self._said[owner, of] | self._of_links(many)

    def _of_links(self, relation: ToOne | ToMany) -> int:
        """The rules of the types between both ends of a relation's path."""
        return _union(self.types[hop.target] for hop in relation.path.hops[:-1])

    def _read(self, owner: str, found: TableField | RowsField | None) -> Iterable[str]:
        """The types whose rows a field reads."""
        match found:
            case RowsField(target=target):
                return (target,)
            case ToMany(path=path) | ToOne(path=path):
                return [hop.target for hop in path.hops]
            case Count(of=of) | Sum(of=of):
                return self._read(owner, self._table_field(owner, of))
            case ResolverField():
                return self._model.tables  # a function may read rows of every type
            case _:
                return ()

    def _lifted_by(self, type_name: str) -> int:
        """The requirements of those who need not keep to the row rules of a type."""
        found = 0
        for rule in self._model.tables[type_name].row_rules:
            found |= 1 << self._rules.number(rule.unless)
            if isinstance(rule, ThroughRule):
                found |= _union(self._lifted_by(hop.target) for hop in rule.one.path.hops)
        return found

    def _argument(self, rows: RowsField, name: str) -> int:
        if name in ("after", "before"):
            return self._key(rows.target)
        return self._filters(rows.target, rows.filters, name)

    def _filters(self, target: str, filters: Iterable[Filter], name: str) -> int:
        """The needs of the columns that an argument compares."""
        columns = [used.column.field for used in filters if used.argument == name]
        return _union(self._said[target, column] for column in columns)

    def _counted(self, owner: str, found: Count | Sum) -> str:
        """The type of the rows that are counted or summed."""
        many = self._table_field(owner, found.of)
        assert isinstance(many, ToMany)
        return many.rows.target

    def _key(self, type_name: str) -> int:
        """A cursor holds the key, and whoever may send one can search for keys."""
        table = self._model.tables[type_name]
        columns = {
            column.stored_name: column.field
            for column in reversed(list(table.fields.values()))
            if isinstance(column, Column)
        }
        return _union(self._said[type_name, columns[name]] for name in table.key)

    def _check_page_info(self, owner: str) -> None:
        """Its fields are answered together, so no rule can set them apart."""
        if owner not in self.types:
            return
        for field in self.schema.object(owner).fields.values():
            if self._rules.fields[owner, field.name]:
                raise schema_error(
                    field,
                    f"{owner}.{field.name} can have no rule of its own; write it on the type"
                    f" {owner}, or on the field 'pageInfo' of a connection",
                )

    # ------------------------------------------------------------------------------- orders

    def _orders(self, owner: str, field: FieldDef, rows: RowsField) -> int:
        """The needs of each order that may be chosen; returns those of the one by default."""
        if rows.order_argument is not None:
            argument = field.arguments[rows.order_argument]
            self._ordering[owner, field.name] = argument
            for name, order in rows.orders.items():
                self.orders[owner, field.name, name] = self._ordered_by(rows.target, order)
            if argument.is_required:
                return 0  # one of them is chosen always
        return self._ordered_by(rows.target, rows.order)

    def _ordered_by(self, target: str, order: Order) -> int:
        """The needs of the fields of an order; the key, which is added, tells nothing."""
        return _union(self._said[target, t.column.field] for t in order if not t.is_added)


class _Walk:
    """Collects the needs of everything that is selected somewhere in an operation."""

    def __init__(
        self, permissions: Permissions, fragments: Mapping[str, ast.FragmentDefinition]
    ) -> None:
        self._permissions = permissions
        self._schema = permissions.schema
        self._fragments = fragments
        self._spread: set[str] = set()
        self._found = 0

    def needs(self, operation: ast.OperationDefinition) -> int:
        """All of them, and who is known at all if there are any: it decides on the error."""
        self._visit(self._schema.query, operation.selection_set)
        return self._found | AUTHENTICATED_BIT if self._found else 0

    def _visit(self, type_name: str, selection_set: ast.SelectionSet | None) -> None:
        for node, around in walk(
            [selection_set], self._fragments, around=type_name, spread=self._spread
        ):
            if isinstance(node, ast.Field):
                self._field(around, node)

    def _field(self, type_name: str, node: ast.Field) -> None:
        parent = self._schema.types[type_name]
        if not isinstance(parent, ObjectType | InterfaceType) or node.name not in parent.fields:
            return  # of introspection
        for owner in self._schema.possible_types[type_name]:
            self._found |= self._permissions.of_any_use(owner, node)
            self._found |= self._permissions.rows[owner, node.name]
        self._visit(named(parent.fields[node.name].type), node.selection_set)


def _union(needs: Iterable[int]) -> int:
    found = 0
    for each in needs:
        found |= each
    return found
