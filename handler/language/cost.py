"""The worst case of an operation, known before it runs.

``CostModel.compile`` turns an operation into a formula, see ``cost_formula``, by the weights and
sizes that the SDL states. Fields are merged as in the response; of the possible types of an object
the most expensive counts; ``@skip`` and ``@include`` are ignored.

A list is as long as its slicing arguments say; without them, as ``@listSize`` assumes; else as long
as it can be. Rows that ``offset`` leaves out are read, too, and cost a little; so do those of which
groups are made, as many as a plain list may have, unless ``@cost`` weighs the field that gives the
groups. The rows of a connection count even if only its ``pageInfo`` is selected: they are read.
Input objects weigh as the specification says, and each relation that a filter follows counts once
for each row of the list from which it chooses: the server looks there for each of them.

Source: https://ibm.github.io/graphql-specs/cost-spec.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handler.language import ast
from handler.language.cost_formula import (
    Alternative,
    Asked,
    Formula,
    InputWeights,
    ListSize,
    Size,
    Sizes,
    Term,
)
from handler.language.limits import INTROSPECTION_ROOTS
from handler.language.schema import (
    EnumType,
    FieldDef,
    InputObjectType,
    InterfaceType,
    ListOf,
    ObjectType,
    ScalarType,
    Schema,
    TypeDef,
    TypeRef,
    named,
    nullable,
)

SLICING_ARGUMENTS = ("first", "last")  # of a field without @listSize
SIZED_FIELDS = ("edges", "nodes")  # of a connection without @listSize
READ_WEIGHT = 0.01  # of a row that is read and not given: a hundredth of an object


class CostModel:
    """The weights and list sizes of a schema.

    ``suggestions``: whether messages may name arguments that the document does not.
    """

    def __init__(self, schema: Schema, sizes: Sizes, *, suggestions: bool = True) -> None:
        self.schema = schema
        self.suggestions = suggestions
        self.sizes = sizes
        self.weights = sizes.stated.weights
        self.inputs = InputWeights(schema, self.weights, sizes.followed)
        self.type_weights = {
            name: self.weights.get(
                (name,), 0.0 if isinstance(found, ScalarType | EnumType) else 1.0
            )
            for name, found in schema.types.items()
        }
        self.list_sizes: dict[tuple[str, str], ListSize] = {}
        for found in schema.types.values():
            if isinstance(found, ObjectType | InterfaceType):
                for definition in found.fields.values():
                    size = self._list_size(found.name, definition)
                    if size is not None:
                        self.list_sizes[found.name, definition.name] = size

    def compile(
        self,
        operation: ast.OperationDefinition,
        fragments: Mapping[str, ast.FragmentDefinition],
    ) -> Formula:
        """The formula of a validated operation."""
        return _Compiler(self, fragments).compile(operation)

    def field_weight(
        self, owner: str, definition: FieldDef, node: ast.Field
    ) -> tuple[float, Asked | None]:
        """The weight of a field where it is selected, with those of its arguments, and the input
        objects among these, which weigh as well."""
        place = (owner, definition.name)
        weight = self.weights.get(place, 0.0 if self._is_leaf(definition.type) else 1.0)
        asked: Asked | None = None
        for argument in node.arguments:
            kind = named(definition.arguments[argument.name].type)
            is_input = isinstance(self.schema.types[kind], InputObjectType)
            weight += self.weights.get((*place, argument.name), 1.0 if is_input else 0.0)
            if is_input:
                asked = asked or Asked(self.inputs, 0.0, 0, [])
                self._read_input(asked, kind, argument.value)
        return (max(weight, 0.0) if asked is None else weight), asked

    def _is_leaf(self, ref: TypeRef) -> bool:
        return isinstance(self.schema.types[named(ref)], ScalarType | EnumType)

    def _read_input(self, asked: Asked, owner: str, node: ast.Value) -> None:
        """Add what an input object in the document weighs, without what variables bring."""
        pending = [(owner, node)]
        while pending:
            kind, value = pending.pop()
            if isinstance(value, ast.Variable):
                asked.variables.append((value.name, kind))
            elif isinstance(value, ast.ListValue):
                pending += [(kind, each) for each in value.values]
            elif isinstance(value, ast.ObjectValue):
                for member in value.fields:
                    weight, below = self.inputs.member(kind, member.name)
                    asked.weight += weight
                    is_given = not isinstance(member.value, ast.NullValue)
                    asked.followed += is_given and (kind, member.name) in self.inputs.followed
                    if below:
                        pending.append((below, member.value))

    def _list_size(self, owner: str, definition: FieldDef) -> ListSize | None:
        is_list = isinstance(nullable(definition.type), ListOf)
        result = self.schema.types[named(definition.type)]
        stated = self.sizes.stated.sizes.get((owner, definition.name))
        slicing = tuple(name for name in SLICING_ARGUMENTS if name in definition.arguments)
        sized = () if is_list else sized_fields(result)
        of_rows = self.sizes.rows.get((owner, definition.name))
        is_page = of_rows.is_page if of_rows else bool(slicing)
        if stated is None and not is_list and not (sized and is_page):
            return None
        assumed: float = self.sizes.page if is_page else self.sizes.list
        if of_rows is not None:
            assumed = of_rows.rows
        require_one = False
        if stated is not None:
            # A caller's view of the schema may lack what the SDL names.
            if stated.slicing is not None:
                slicing = tuple(each for each in stated.slicing if each in definition.arguments)
                require_one = bool(slicing) and stated.require_one
            if stated.sized is not None:
                sized = tuple(name for name in stated.sized if name in fields_of(result))
            if stated.assumed is not None:
                assumed = stated.assumed
        is_read = bool(sized) and of_rows is not None
        return ListSize(slicing, float(assumed), sized, require_one, is_page, is_read)


def sized_fields(result: TypeDef) -> tuple[str, ...]:
    """The lists in what a connection gives, where ``@listSize`` names none."""
    fields = fields_of(result)
    return tuple(
        name
        for name in SIZED_FIELDS
        if name in fields and isinstance(nullable(fields[name].type), ListOf)
    )


def fields_of(found: TypeDef) -> Mapping[str, FieldDef]:
    """The fields of an object type or an interface; other types have none."""
    return found.fields if isinstance(found, ObjectType | InterfaceType) else {}


_Group = list[tuple[ast.Field, FieldDef]]


class _Compiler:
    """Builds the steps of one formula; equal combinations of selection sets share one."""

    def __init__(self, model: CostModel, fragments: Mapping[str, ast.FragmentDefinition]) -> None:
        self.model = model
        self.schema = model.schema
        self.fragments = fragments
        self.steps: list[list[Alternative]] = []
        self.known: dict[tuple[str, tuple[str, ...], frozenset[int]], int] = {}

    def compile(self, operation: ast.OperationDefinition) -> Formula:
        root = self.schema.roots[operation.kind]
        self.add(self.schema.types[root or ""], [operation.selection_set], None, ())
        return Formula(self.schema, self.steps)

    def add(
        self,
        parent: TypeDef,
        sets: list[ast.SelectionSet],
        size: Size | None,
        sized: tuple[str, ...],
    ) -> int:
        """Add the step for what is selected below one response key; returns its number.

        ``sized``: the fields that are lists of ``size`` objects.
        """
        key = (parent.name, sized, frozenset(each.at for each in sets))
        number = self.known.get(key)
        # A size belongs to one field; what is below a connection is not shared.
        if number is None or size is not None:
            alternatives = [
                self.alternative(found, sets, size, sized) for found in self.concrete(parent)
            ]
            self.steps.append(alternatives)
            number = self.known[key] = len(self.steps) - 1
        return number

    def alternative(
        self,
        parent: TypeDef,
        sets: list[ast.SelectionSet],
        size: Size | None,
        sized: tuple[str, ...],
    ) -> Alternative:
        model = self.model
        found = Alternative(model.type_weights[parent.name], [])
        for key, (name, group) in self.collect(parent, sets).items():
            if name in INTROSPECTION_ROOTS:
                continue  # it reads no rows, and has limits of its own
            # Those that stand together have the same arguments.
            weight, asked = model.field_weight(parent.name, group[0][1], group[0][0])
            result = self.schema.types[named(group[0][1].type)]
            if isinstance(result, ScalarType | EnumType):
                types = model.type_weights[result.name]
                if weight or types or asked:
                    found.terms.append(Term(key, weight, types, None, asked=asked))
            else:
                inner = size if name in sized else None
                found.terms.append(self.term(parent, key, weight, asked, group, result, inner))
                found.terms += self.read_beside(parent, key, group)
        is_read = size is not None and size.is_read and any(t.below >= 0 for t in found.terms)
        if is_read and not any(term.size for term in found.terms):
            found.terms.append(Term("", 0.0, 1.0, size))
        return found

    def term(
        self,
        parent: TypeDef,
        key: str,
        weight: float,
        asked: Asked | None,
        group: _Group,
        result: TypeDef,
        given: Size | None,
    ) -> Term:
        node, definition = group[0]
        size = given
        sized: tuple[str, ...] = ()
        inner: Size | None = None
        listed = self.model.list_sizes.get((parent.name, node.name))
        if listed is not None and given is None:
            found = self.size_of(listed, node, definition)
            if listed.sized:
                found.is_inner = True
                inner, sized = found, listed.sized
            else:
                size = found
        sets = [each.selection_set for each, _ in group if each.selection_set is not None]
        below = self.add(result, sets, inner, sized)
        return Term(key, weight, 0.0, size, below, asked, inner or size)

    def read_beside(self, parent: TypeDef, key: str, group: _Group) -> Iterator[Term]:
        """What the rows cost that are read and not given: those that a page leaves out before it,
        and those of which groups are made."""
        node, definition = group[0]
        place = (parent.name, node.name)
        of_rows = self.model.sizes.rows.get(place)
        if of_rows is not None and of_rows.is_made and place not in self.model.weights:
            yield Term(key, 0.0, READ_WEIGHT * self.model.sizes.list, None)
        if of_rows is not None and of_rows.skips and "offset" in definition.arguments:
            declared = definition.arguments["offset"]
            given = next((each.value for each in node.arguments if each.name == "offset"), None)
            if given is not None or declared.has_default:
                size = Size(0.0, [(declared, given)], definition.name)
                yield Term(key, 0.0, READ_WEIGHT, size)

    def size_of(self, listed: ListSize, node: ast.Field, definition: FieldDef) -> Size:
        given = {argument.name: argument.value for argument in node.arguments}
        return Size(
            listed.assumed,
            [(definition.arguments[name], given.get(name)) for name in listed.slicing],
            definition.name,
            listed.require_one,
            self.model.suggestions,
            listed.is_page,
            is_read=listed.is_read,
        )

    def concrete(self, parent: TypeDef) -> list[TypeDef]:
        """The possible types of the object."""
        return [self.schema.types[name] for name in sorted(self.schema.possible_types[parent.name])]

    def collect(
        self, parent: TypeDef, sets: list[ast.SelectionSet]
    ) -> dict[str, tuple[str, _Group]]:
        """By response key: the name of the field, and each selection of it with its definition."""
        # Late: the costs of listed operations were compiled with the archive.
        from handler.language.introspection import find_field
        from handler.language.selections import collect_fields

        groups: dict[str, tuple[str, _Group]] = {}
        collected = collect_fields(self.schema, self.fragments, None, parent.name, sets)
        for key, nodes in collected.items():
            definition = find_field(self.schema, parent, nodes[0].name)
            if definition is not None:
                groups[key] = nodes[0].name, [(node, definition) for node in nodes]
        return groups
