"""Coercion of variables and arguments: JSON and literals to Python values, checked by their types.

Sources: https://spec.graphql.org/September2025/#sec-Coercing-Variable-Values
and #sec-Coercing-Field-Arguments
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from handler.errors import ClientError, InputError, Location, RequestError
from handler.language import ast
from handler.language.literals import describe_literal, plain_value, read_literal
from handler.language.schema import (
    EnumType,
    InputObjectType,
    InputValue,
    ListOf,
    Named,
    NonNull,
    ScalarType,
    Schema,
    TypeRef,
)
from handler.language.strings import string_value
from handler.language.suggestions import did_you_mean
from handler.scalars import SCALARS
from handler.scalars.scalar import SHOWN_CHARACTERS, describe

MAX_ERRORS = 20  # in one answer
MAX_DEPTH = 64  # of lists and input objects inside one another


class Unset:
    """The type of ``UNSET``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset()
"""The value of an argument whose variable is absent, which is not null."""


class NullVariableError(InputError):
    """A nullable variable is null in a position that is not nullable.

    Validation allows the variable there if it, or the position, has a default. ``at``: the number
    of its token.
    """

    def __init__(self, node: ast.Variable, expected: object) -> None:
        super().__init__(
            f'Variable "${node.name}" stands where the non-null type "{expected}" is expected and'
            " must not be null; leave it out to use the default."
        )
        self.at = node.at

    def located(self, locate: Callable[[int], Location]) -> NullVariableError:
        """This error, with the location in the text of the request."""
        self.locations = self.locations or (locate(self.at),)
        return self


def coerce_variables(
    schema: Schema,
    operation: ast.OperationDefinition,
    raw: Mapping[str, Any],
    *,
    literals: Sequence[str] | None = None,
    locate: Callable[[int], Location] | None = None,
    suggestions: bool = True,
) -> dict[str, Any]:
    """The coerced variables of a request; those without a value and a default stay absent.

    ``raw``: from JSON. ``literals``: those of the request's text, for the defaults. Raises
    ``RequestError`` with at most ``MAX_ERRORS`` errors, each with the path to its value.
    """
    coerced: dict[str, Any] = {}
    errors: list[ClientError] = []

    def refuse(message: str, at: int) -> None:
        errors.append(InputError(message, locations=[locate(at)] if locate else ()))
        if len(errors) >= MAX_ERRORS:
            errors.append(InputError("Too many errors in the variables; the rest is not checked."))
            raise RequestError(errors)

    for definition in operation.variables:
        name = definition.variable.name
        ref = definition.type.ref
        if name not in raw:
            if definition.default is not None:
                coerced[name] = coerce_value(definition.default, ref, schema, {}, literals)
            elif isinstance(ref, NonNull):
                refuse(
                    f'Variable "${name}" of required type "{ref}" was not provided.', definition.at
                )
            continue
        value = raw[name]
        inner = ref.of if type(ref) is NonNull else ref
        if value is None:
            if inner is not ref:
                message = f'Variable "${name}" of non-null type "{ref}" must not be null.'
                refuse(message, definition.at)
            else:
                coerced[name] = None
            continue
        if type(inner) is Named and type(found := schema.types[inner.name]) is ScalarType:
            try:  # most variables are single values, and right
                coerced[name] = SCALARS[found.like or found.name].parse(value)
                continue
            except InputError:
                pass  # the reader finds the place of what is wrong
        reader = _Reader(schema, suggestions=suggestions)
        coerced[name] = reader.read(value, ref)
        for path, message in reader.problems:
            place = f' at "{name}{_path_text(path)}"' if path else ""
            shown = describe(_value_at(value, path))
            refuse(f'Variable "${name}" got invalid value {shown}{place}; {message}', definition.at)
    if errors:
        raise RequestError(errors)
    return coerced


def _path_text(path: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _value_at(value: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        # A single value is coerced to a list of one: the path has an index where JSON has none.
        if isinstance(part, int) and not isinstance(value, list):
            continue
        value = value[part]
    return value


class _Reader:
    """Coerces a JSON value; collects at most ``MAX_ERRORS`` problems as (path, message)."""

    def __init__(self, schema: Schema, *, suggestions: bool) -> None:
        self.schema = schema
        self.suggestions = suggestions
        self.path: list[str | int] = []
        self.problems: list[tuple[list[str | int], str]] = []

    def refuse(self, message: str, *, at: str | None = None) -> None:
        self.problems.append(([*self.path, at] if at is not None else [*self.path], message))

    @property
    def is_full(self) -> bool:
        return len(self.problems) >= MAX_ERRORS

    def read(self, value: Any, ref: TypeRef) -> Any:
        if isinstance(ref, NonNull):
            if value is None:
                named = f'non-nullable type "{ref}"' if self.suggestions else "a value"
                self.refuse(f"Expected {named} not to be null.")
                return None
            ref = ref.of
        if value is None or self.is_full:
            return None
        if len(self.path) > MAX_DEPTH:
            self.refuse(f"Values are nested deeper than the limit of {MAX_DEPTH}.")
            return None
        if isinstance(ref, ListOf):
            return self.read_list(value, ref)
        found = self.schema.types[ref.name]
        if isinstance(found, InputObjectType):
            return self.read_object(value, found)
        try:
            if isinstance(found, ScalarType):
                return SCALARS[found.like or found.name].parse(value)
            assert isinstance(found, EnumType)
            return self.read_enum(value, found)
        except InputError as error:
            self.refuse(error.message)
            return None

    def read_list(self, value: Any, ref: ListOf) -> list[Any]:
        if not isinstance(value, list):
            return [self.read(value, ref.of)]
        items = []
        for index, item in enumerate(value):
            self.path.append(index)
            items.append(self.read(item, ref.of))
            self.path.pop()
            if self.is_full:
                break
        return items

    def read_enum(self, value: Any, enum: EnumType) -> str:
        if not isinstance(value, str):
            named = f'Enum "{enum.name}"' if self.suggestions else "An enum"
            raise InputError(f"{named} cannot represent non-string value: {describe(value)}.")
        if value not in enum.values:
            named = f'"{enum.name}" enum' if self.suggestions else "this enum"
            raise InputError(
                f'Value "{value[:SHOWN_CHARACTERS]}" does not exist in {named}.'
                + (did_you_mean(value, enum.values, "the enum value") if self.suggestions else "")
            )
        return value

    def read_object(self, value: Any, found: InputObjectType) -> dict[str, Any]:
        coerced: dict[str, Any] = {}
        if not isinstance(value, dict):
            named = f'type "{found.name}"' if self.suggestions else "the value"
            self.refuse(f"Expected {named} to be an object.")
            return coerced
        for name, definition in found.fields.items():
            if name in value:
                self.path.append(name)
                coerced[name] = self.read(value[name], definition.type)
                self.path.pop()
            elif definition.has_default:
                coerced[name] = definition.default
            elif definition.is_required:
                missing = f'Field "{name}" of required type "{definition.type}"'
                if not self.suggestions:
                    missing = "A required field of the input object"
                self.refuse(f"{missing} was not provided.")
        for name in value:
            if name not in found.fields and not self.is_full:
                where = f'by type "{found.name}"' if self.suggestions else "here"
                self.refuse(
                    f'Field "{name[:SHOWN_CHARACTERS]}" is not defined {where}.'
                    + (did_you_mean(name, found.fields) if self.suggestions else "")
                )
        if found.is_one_of:
            given = [name for name in found.fields if name in value]
            if len(given) != 1:
                named = f'type "{found.name}"' if self.suggestions else "a OneOf input object"
                self.refuse(f"Exactly one key must be specified for {named}.")
            elif value[given[0]] is None:
                self.refuse(f'Field "{given[0]}" must be non-null.', at=given[0])
        return coerced


# ----------------------------------------------------------------------------------- arguments


def coerce_arguments(
    definitions: Mapping[str, InputValue],
    nodes: Sequence[ast.Argument],
    schema: Schema,
    variables: Mapping[str, Any],
    literals: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The coerced arguments of a field or directive, with defaults; absent ones are left out.

    ``nodes`` are validated; what depends on variables raises ``InputError``.
    """
    given: dict[str, ast.Value] = {}
    for argument in nodes:
        given[argument.name] = argument.value
    coerced: dict[str, Any] = {}
    for name, definition in definitions.items():
        if name in given:
            value = coerce_value(given[name], definition.type, schema, variables, literals)
            if value is not UNSET:
                coerced[name] = value
                continue
        if definition.has_default:
            coerced[name] = definition.default
        elif type(definition.type) is NonNull:  # it is required
            node = given.get(name)
            raise InputError(
                f'Argument "{name}" of required type "{definition.type}"'
                + (
                    " was not provided."
                    if not isinstance(node, ast.Variable)
                    else f' was provided the variable "${node.name}" which was not provided a'
                    " runtime value."
                )
            )
    return coerced


def coerce_value(
    node: ast.Value,
    ref: TypeRef,
    schema: Schema,
    variables: Mapping[str, Any],
    literals: Sequence[str] | None = None,
) -> Any:
    """The Python value of a literal or variable in a position of that type.

    ``variables`` are coerced. ``literals``: those of the request's text, where the syntax tree is
    of another one. Returns ``UNSET`` for an absent variable. Raises ``InputError``, and
    ``NullVariableError`` for a variable that is null where it must not be.
    """
    if type(node) is ast.Variable:
        value = variables.get(node.name, UNSET)
        if value is None and type(ref) is NonNull:
            raise NullVariableError(node, ref)
        return value
    if type(ref) is NonNull:
        if type(node) is ast.NullValue:
            raise InputError(f'Expected value of non-null type "{ref}" not to be null.')
        ref = ref.of
    if type(node) is ast.NullValue:
        return None
    if type(ref) is ListOf:
        nodes = node.values if type(node) is ast.ListValue else [node]
        return [_coerce_item(each, ref.of, schema, variables, literals) for each in nodes]
    assert type(ref) is Named  # nothing else is left
    found = schema.types[ref.name]
    if type(found) is ScalarType:
        current = with_literals(node, literals)
        if type(current) is ast.ListValue or type(current) is ast.ObjectValue:
            return plain_value(current, variables)  # a scalar of any form, such as JSON
        return read_literal(found.like or found.name, current)
    if type(found) is InputObjectType:
        return _coerce_object(node, found, schema, variables, literals)
    assert isinstance(found, EnumType)
    if isinstance(node, ast.EnumValue) and node.name in found.values:
        return node.name
    raise InputError(f'Value "{describe_literal(node)}" does not exist in "{found.name}" enum.')


def _coerce_item(
    node: ast.Value,
    ref: TypeRef,
    schema: Schema,
    variables: Mapping[str, Any],
    literals: Sequence[str] | None,
) -> Any:
    value = coerce_value(node, ref, schema, variables, literals)
    if value is not UNSET:
        return value
    if isinstance(ref, NonNull):
        raise InputError(f'Expected value of non-null type "{ref}" not to be null.')
    return None  # an absent variable in a list is null


def _coerce_object(
    node: ast.Value,
    found: InputObjectType,
    schema: Schema,
    variables: Mapping[str, Any],
    literals: Sequence[str] | None,
) -> dict[str, Any]:
    if not isinstance(node, ast.ObjectValue):
        raise InputError(f'Expected value of type "{found.name}", found {describe_literal(node)}.')
    given = [
        ast.Argument(each.name, each.value, each.at)
        for each in node.fields
        if not isinstance(each.value, ast.Variable) or each.value.name in variables
    ]
    coerced = coerce_arguments(found.fields, given, schema, variables, literals)
    if found.is_one_of and (len(given) != 1 or coerced[given[0].name] is None):
        raise InputError(f'Exactly one key must be specified for type "{found.name}".')
    return coerced


def has_variable(node: ast.Value | ast.Argument | ast.ObjectField) -> bool:
    """Whether there is a variable in a value."""
    match node:
        case ast.Argument() | ast.ObjectField():
            return has_variable(node.value)
        case ast.ListValue():
            return any(map(has_variable, node.values))
        case ast.ObjectValue():
            return any(map(has_variable, node.fields))
    return type(node) is ast.Variable


def with_literals(node: ast.Value, literals: Sequence[str] | None) -> ast.Value:
    """The same value with the literals of another text in place of its own."""
    if literals is None:
        return node
    match node:
        case ast.IntValue() | ast.FloatValue():
            return type(node)(literals[node.literal], node.at, node.literal)
        case ast.StringValue():
            return ast.StringValue(string_value(literals[node.literal]), node.at, node.literal)
        case ast.ListValue():
            return ast.ListValue([with_literals(each, literals) for each in node.values], node.at)
        case ast.ObjectValue():
            members = [
                ast.ObjectField(each.name, with_literals(each.value, literals), each.at)
                for each in node.fields
            ]
            return ast.ObjectValue(members, node.at)
    return node
