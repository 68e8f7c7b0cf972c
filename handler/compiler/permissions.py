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

from handler.access.rules import CLOSED_BIT, AccessRules
from handler.compiler.operation_needs import OperationNeeds
from handler.language import ast
from handler.language.schema import (
    EnumType,
    FieldDef,
    InputValue,
    ObjectType,
    Origin,
    Schema,
    named,
    schema_error,
)
from handler.model.aggregates import Aggregate
from handler.model.column import Column
from handler.model.cursor_field import CursorField
from handler.model.field import ModelField
from handler.model.filter_inputs import UsedMember, all_members, used_members
from handler.model.global_ids import ByIdField
from handler.model.groups import GroupColumn
from handler.model.lists import Order, RowsField
from handler.model.model import Model
from handler.model.relations import Hop, Path, ToFirst
from handler.model.sort_inputs import SortMember, sort_members, used_sorts
from handler.model.sort_keys import FarKey
from handler.model.tables import Table, ThroughRule
from handler.model.united import UnitedColumn, UnitedField


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
        # What leads to rows of an interface or a union needs what all of its members need: rows of
        # a member that the caller may not read are not among them.
        shared = [
            table for table in (*model.tables.values(), *model.united.values()) if table.kinds
        ]
        self._led_to = self.types | {
            table.type_name: _common(self.types[kind] for kind in table.kinds) for table in shared
        }
        for name, groups in model.groups.items():
            # Whoever sees a group knows that rows have its keys.
            read = [self._led_to[each] for each in groups.made_of if each in self._led_to]
            told = [self._told(*place) for place in groups.told]
            self.types[name] |= _union([*read, *told])
            self._led_to[name] = self.types[name]
        self._said = {
            (owner, name): self._said_of(owner, field)
            for owner in self.types
            for name, field in schema.object(owner).fields.items()
        }
        self.arguments: dict[tuple[str, str, str], int] = {}
        self.orders: dict[tuple[str, str, str], int] = {}  # type, field, value of the enum
        self._ordering: dict[tuple[str, str], InputValue] = {}  # the argument that chooses
        self.fields: dict[tuple[str, str], int] = {}
        self.members: dict[tuple[str, str], int] = {}  # of filter inputs
        self.rows: dict[tuple[str, str], int] = {}  # what lifts the rules of the rows read
        self._link_keys = self._find_link_keys()
        fields = list(self._said)
        for table in shared:
            self._said |= {(table.type_name, n): self._shared(table, n) for n in table.fields}
        for owner, name in fields:
            self._complete(owner, schema.object(owner).fields[name])
        for name in model.filter_inputs:
            for member in all_members(model.filter_inputs, name):
                self.members[member.input.name, member.name] = self._member(member)
        for name in model.sort_inputs:
            for sort in sort_members(model.sort_inputs, name):
                self.members[sort.input.name, sort.name] = self._sort_member(sort)
        for owner in {found.page_info for found in model.connections.values()}:
            self._check_page_info(owner)

    def of_use(self, type_name: str, node: ast.Field) -> int:
        """The needs of a field as it is used, with its arguments but for the order that it has.

        Members of filter inputs that stand in variables are judged when their values are known.
        """
        if node.name.startswith("__"):
            return 0
        needs = self.fields[type_name, node.name]
        for member in self._members_used(type_name, node, in_variables=False):
            needs |= self.members[member.input.name, member.name]
        for argument in node.arguments:
            needs |= self.arguments[type_name, node.name, argument.name]
        return needs

    def of_order(self, target: str, order: Order) -> int:
        """The needs of the fields of an order; the key, which is added, tells nothing."""
        keys = [term.column for term in order if not term.is_added]
        return _union(self._of_key(target, key) for key in keys)

    def of_any_use(self, type_name: str, node: ast.Field) -> int:
        """As ``of_use`` where a variable chooses the order: the needs of all of them.

        With those of all that a filter input compares, and what lifts the rules of the rows that it
        leads to.
        """
        found = self.of_use(type_name, node) | self._of_filters(type_name, node)
        found |= self._of_sorts(type_name, node)
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
        return OperationNeeds(self, fragments).found(operation)

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
        for name in self.types:
            found = self.schema.object(name)
            is_root = name == self.schema.query
            # Of groups their own: what they are made of is told elsewhere.
            needs = self._type(found) if name in self._model.groups else self.types[name]
            if needs & CLOSED_BIT and not is_root:
                yield f"type {name}", found.origin
                continue
            for field in () if name in self._model.groups else found.fields.values():
                led_to = _union(self._led_to[target] for target in self._leads_to(field))
                if self._said[name, field.name] & ~led_to & CLOSED_BIT:
                    yield f"{name}.{field.name}", field.origin

    @property
    def decisive(self) -> int:
        """The bits that some place in the schema asks for."""
        places = (self.fields, self.arguments, self.orders, self.members)
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
        """The type of rows that a field gives, or those behind a connection or an edge, too."""
        name = named(field.type)
        found = [name, self._nodes[name]] if name in self._nodes else [name]
        return [each for each in found if each in self._led_to]

    # ------------------------------------------------------------------------------- fields

    def _said_of(self, owner: str, field: FieldDef) -> int:
        """What the rules say of a field; closed if they say nothing."""
        own = self._rules.fields[owner, field.name]
        targets = self._leads_to(field)
        said = [own, self._rules.types[owner]]
        if owner == self.schema.query:
            led_to = [self._rules.types[k] for name in targets for k in self._model.kinds(name)]
            is_open = any(each is not None for each in (*said, *led_to))
            # A value over the rows of a list is as open as the list, see ``_implied``.
            is_open = is_open or isinstance(self._behind(owner, field.name), Aggregate)
        else:
            is_open = owner in self._patterns or any(each is not None for each in said)
        return _union(
            [
                0 if is_open else CLOSED_BIT,
                *(each for each in said if each is not None),
                *(self._led_to[name] for name in targets),
                self._grouped(owner, field.name),
            ]
        )

    def _grouped(self, owner: str, name: str) -> int:
        """The needs of what a field of a group is made of."""
        groups = self._model.groups.get(owner)
        if groups is None:
            return 0
        column = groups.of_kind(GroupColumn)[name]
        told = (self._told(*place) for place in column.told)
        return self.types[owner] | _union(told) | self._of_way(column.hops)

    def _told(self, owner: str, name: str) -> int:
        """What tells of a field needs; of one of an interface or a union, as ``_shared`` says, of
        an aggregate also what it is made of."""
        found = self._behind(owner, name)
        if isinstance(found, Aggregate):
            made_of = found.tells_of(owner, self._model.tables)
            told = _union(self._told(*place) for place in made_of)
            return self._own(owner, name) | told | self._of_links(found.path)
        return self._own(owner, name)

    def _own(self, owner: str, name: str) -> int:
        """The same of the field alone."""
        kinds = self._model.kinds(owner)
        if kinds == (owner,):
            return self._said_of(owner, self.schema.object(owner).fields[name])
        return _union(
            self._said_of(kind, self.schema.object(kind).fields[name]) & ~self.types[kind]
            for kind in kinds
        )

    def _shared(self, table: Table, name: str) -> int:
        """What tells of a field in the rows of an interface or a union needs what each member's
        field needs beside its type, whose rows are not there for who may not read it."""
        return _union(
            self._said[kind, name] & ~self.types[kind]
            for kind in table.kinds
            if (kind, name) in self._said
        )

    def _complete(self, owner: str, field: FieldDef) -> None:
        found = self._behind(owner, field.name)
        needs = self._said[owner, field.name] | self._implied(owner, field, found)
        for argument in field.arguments.values():
            place = (owner, field.name, argument.name)
            wanted = self._rules.arguments[place] or 0
            if found is not None:
                wanted |= self._argument(found, argument.name)
            self.arguments[place] = wanted
            if argument.is_required:  # there is no use of the field without it
                needs |= wanted
        if found is not None and found.rows is not None:
            needs |= self._orders(owner, field, found.rows)
        self.fields[owner, field.name] = needs
        read = found.types_read(self._model.tables) if found is not None else ()
        self.rows[owner, field.name] = _union(map(self._lifted_by, read))
        if isinstance(found, ByIdField):
            self.rows[owner, field.name] |= _union(map(self.of_id, found.members))

    def _behind(self, owner: str, name: str) -> ModelField | None:
        """What the model has of a field."""
        if owner == self.schema.query:
            return self._model.roots.get(name)
        table = self._model.tables.get(owner) or self._model.groups.get(owner)
        return table.fields[name] if table else self._model.facets.get((owner, name))

    def _implied(self, owner: str, field: FieldDef, found: ModelField | None) -> int:
        """Rules of other places that a field tells about, and of the types on its way."""
        if found is None:
            if owner in self._nodes and field.name in ("cursor", "pageInfo"):
                return self._key(self._nodes[owner]) | self._of_places(self._link_keys[owner])
            return 0
        told = [*found.tells_of(owner, self._model.tables)]
        if isinstance(found, CursorField):
            told += self._link_keys.get(owner, ())
        return self._of_links(found.path) | self._of_places(told)

    def _of_links(self, path: Path | None) -> int:
        """The needs of the types over the link tables on a way."""
        return self._of_way(path.links if path else ())

    def _of_way(self, hops: Iterable[Hop]) -> int:
        links = [hop.target for hop in hops if hop.target in self._model.links]
        return _union(self.types[name] for link in links for name in self._model.types_over(link))

    def _find_link_keys(self) -> dict[str, set[tuple[str, str]]]:
        """By type, of connections and edges, too: the fields of link tables' keys in cursors."""
        found: dict[str, set[tuple[str, str]]] = {name: set() for name in self._nodes}
        for (owner, name), rows in self._model.rows_fields(self.schema.query):
            connection = self._model.connections.get(
                named(self.schema.rows_type(owner).fields[name].type)
            )
            pattern = (connection.name, connection.edge) if connection else ()
            for part in (rows.target, *pattern):
                found.setdefault(part, set()).update(_link_key(rows))
        return found

    def _of_places(self, places: Iterable[tuple[str, str]]) -> int:
        return _union(self._said[place] for place in places)

    def _lifted_by(self, type_name: str) -> int:
        """The requirements of those who need not keep to the row rules of a type; of an interface
        or a union those of its members, and what these need to be read."""
        kinds = self._model.kinds(type_name)
        if kinds != (type_name,):
            return _union(self._lifted_by(kind) | self.types[kind] for kind in kinds)
        table = self._model.table(type_name)
        found = _union(map(self._lifted_by, table.made_of))
        for rule in table.row_rules:
            found |= 1 << self._rules.number(rule.unless)
            if isinstance(rule, ThroughRule):
                found |= _union(self._lifted_by(hop.target) for hop in rule.one.path.hops)
        return found

    def of_id(self, type_name: str) -> int:
        """What finding rows of a type by their global ids needs, which hold the key."""
        return self.types[type_name] | self._key(type_name)

    def _argument(self, found: ModelField, name: str) -> int:
        """The needs of what an argument tells: columns that it compares, or a cursor's key."""
        if found.rows is not None and name in ("after", "before"):
            return self._key(found.target) | self._of_places(_link_key(found.rows))
        if isinstance(found, UnitedField):
            return _union(
                self._argument(part, name) & ~self.types[kind] for kind, part in found.parts
            )
        used = (each for each in found.filters if each.argument == name)
        return _union(
            self._of_key(found.chosen, column) for each in used for column in each.columns
        )

    def _key(self, type_name: str) -> int:
        """A cursor holds the key, and whoever may send one can search for keys."""
        united = self._model.united.get(type_name)
        if united is not None:
            return _union(self._key(kind) & ~self.types[kind] for kind in united.kinds)
        return self._of_places(self._model.table(type_name).key_places)

    def _member(self, member: UsedMember) -> int:
        """The needs of the field that a member of a filter input tells about, and of its way."""
        way = member.related.path if member.related else None
        made = [each.column for each in member.filters if each.column.is_made]
        of_made = _union(self._of_key(member.input.target, each) for each in made)
        found = self._of_links(way) | self._of_places(member.places) | of_made
        first = member.related.first if member.related else None
        return found | (self._of_first(first) if first else 0)

    def _of_first(self, first: ToFirst) -> int:
        """What tells of the first of several rows tells of their order, too."""
        return self.of_order(first.target, first.rows.order)

    def _of_filters(self, type_name: str, node: ast.Field) -> int:
        """What decides on the filter inputs of a field as it is used."""
        needs = 0
        for member in self._members_used(type_name, node):
            needs |= self.members[member.input.name, member.name]
            read = [hop.target for hop in member.related.path.hops] if member.related else []
            for used in member.filters:
                read += used.column.types_read(self._model.tables)
            needs |= _union(map(self._lifted_by, read))
        return needs

    def _sort_member(self, member: SortMember) -> int:
        target = member.input.target
        if member.key is not None:
            return self._of_key(target, member.key)
        if member.step is None:  # the row of an edge
            return 0
        relation = member.step.relation
        found = self._of_links(relation.path) | self._of_places([(target, relation.field)])
        return found | (self._of_first(relation) if isinstance(relation, ToFirst) else 0)

    def _of_sorts(self, type_name: str, node: ast.Field) -> int:
        """What decides on the sort keys of a field as it is used."""
        found = self._behind(type_name, node.name) if node.arguments else None
        rows = found.rows if found else None
        needs = 0
        for argument in node.arguments if rows and rows.sort_input else ():
            assert rows is not None
            if argument.name != rows.order_argument:
                continue
            for used in used_sorts(self._model.sort_inputs, rows.sort_input, argument.value):
                needs |= self.members[used.input.name, used.name]
                read = [*used.key.types_read(self._model.tables)] if used.key else []
                if used.step is not None:
                    read += used.step.relation.types_read(self._model.tables)
                needs |= _union(map(self._lifted_by, read))
        return needs

    def _members_used(
        self, type_name: str, node: ast.Field, *, in_variables: bool = True
    ) -> Iterator[UsedMember]:
        """Of the filter inputs of a field as it is used."""
        found = self._behind(type_name, node.name) if node.arguments else None
        inputs = {each.argument: each.input for each in found.all_inputs} if found else {}
        for argument in node.arguments:
            if argument.name in inputs:
                yield from used_members(
                    self._model.filter_inputs,
                    inputs[argument.name],
                    argument.value,
                    in_variables=in_variables,
                )

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
        if rows.order_argument is not None and not rows.sort_input:
            argument = field.arguments[rows.order_argument]
            self._ordering[owner, field.name] = argument
            for name, order in rows.orders.items():
                self.orders[owner, field.name, name] = self.of_order(rows.target, order)
            if argument.is_required:
                return 0  # one of them is chosen always
        return self.of_order(rows.target, rows.order)

    def _of_key(self, target: str, key: Column) -> int:
        """The needs of what is sorted by, and of the way to it."""
        if isinstance(key, UnitedColumn):
            found = key.by_type.items()
            return _union(self._of_key(kind, own) & ~self.types[kind] for kind, own in found)
        places = [key.place(target), *key.tells_of(target, self._model.tables)]
        if not isinstance(key, FarKey):
            return self._of_places(places)
        firsts = [s.relation for s in key.way if isinstance(s.relation, ToFirst)]
        of_way = _union([*map(self._of_links, key.paths), *map(self._of_first, firsts)])
        return self._of_places(places) | of_way


def _link_key(rows: RowsField) -> list[tuple[str, str]]:
    """The fields that show what is added of a link table to make an order total."""
    return [
        term.column.place(rows.target)
        for order in (rows.order, *rows.orders.values())
        for term in order
        if term.is_added and term.column.link
    ]


def _common(needs: Iterable[int]) -> int:
    found = ~0
    for each in needs:
        found &= each
    return found


def _union(needs: Iterable[int]) -> int:
    found = 0
    for each in needs:
        found |= each
    return found
