"""Rules about variables.

Source: https://spec.graphql.org/September2025/#sec-Validation.Variables
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import ValidationError
from handler.language import ast
from handler.language.schema import NonNull, Schema, TypeRef, named
from handler.language.type_rules import INPUT_TYPES, is_subtype
from handler.language.validation.facts import Facts, VariableUse

_UNFIT = "cannot be used in this position"


def unique_variable_names(facts: Facts) -> Iterator[ValidationError]:
    for operation in facts.document.operations:
        places: dict[str, list[int]] = {}
        for definition in operation.variables:
            variable = definition.variable
            places.setdefault(variable.name, []).append(variable.at + 1)
        for name, ats in places.items():
            if len(ats) > 1:
                yield facts.error(f'There can be only one variable named "${name}".', *ats)


def variables_are_input_types(facts: Facts) -> Iterator[ValidationError]:
    for operation in facts.document.operations:
        for definition in operation.variables:
            ref = definition.type.ref
            found = facts.schema.types.get(named(ref))
            if found is not None and not isinstance(found, INPUT_TYPES):
                yield facts.error(
                    f'Variable "${definition.variable.name}" cannot be non-input type "{ref}".',
                    definition.type.at,
                )


def no_undefined_variables(facts: Facts) -> Iterator[ValidationError]:
    for operation, uses in _uses(facts):
        defined = {definition.variable.name for definition in operation.variables}
        for use in uses:
            if use.node.name not in defined:
                by = f' by operation "{operation.name}"' if operation.name else ""
                yield facts.error(
                    f'Variable "${use.node.name}" is not defined{by}.', use.node.at, operation.at
                )


def no_unused_variables(facts: Facts) -> Iterator[ValidationError]:
    for operation, uses in _uses(facts):
        if not operation.variables:
            continue
        used = {use.node.name for use in uses}
        for definition in operation.variables:
            if definition.variable.name not in used:
                where = f' in operation "{operation.name}"' if operation.name else ""
                yield facts.error(
                    f'Variable "${definition.variable.name}" is never used{where}.', definition.at
                )


def variables_in_allowed_position(facts: Facts) -> Iterator[ValidationError]:
    for operation, uses in _uses(facts):
        definitions = {definition.variable.name: definition for definition in operation.variables}
        for use in uses:
            definition = definitions.get(use.node.name)
            if definition is None or use.type is None:
                continue
            ref = definition.type.ref
            if named(ref) not in facts.schema.types:
                continue
            name = use.node.name
            if not _fits(facts.schema, ref, definition.default, use.type, use.has_default):
                expected = facts.detail(f'used in position expecting type "{use.type}"', _UNFIT)
                yield facts.error(
                    f'Variable "${name}" of type "{ref}" {expected}.',
                    definition.at,
                    use.node.at,
                )
            if use.one_of is not None and not isinstance(ref, NonNull):
                yield facts.error(
                    f'Variable "${name}" is of type "{ref}" but must be non-nullable to be used'
                    " for OneOf Input Object" + facts.detail(f' "{use.one_of}"') + ".",
                    definition.at,
                    use.node.at,
                )


def _uses(facts: Facts) -> Iterator[tuple[ast.OperationDefinition, list[VariableUse]]]:
    """Each operation with its uses of variables, those in its fragments included."""
    for scope in facts.operations:
        if isinstance(scope.node, ast.OperationDefinition):
            yield (
                scope.node,
                [use for each in facts.reachable(scope) for use in each.variables],
            )


def _fits(
    schema: Schema,
    ref: TypeRef,
    default: ast.Value | None,
    place: TypeRef,
    place_has_default: bool,
) -> bool:
    """Source: https://spec.graphql.org/September2025/#IsVariableUsageAllowed()"""
    if isinstance(place, NonNull) and not isinstance(ref, NonNull):
        has_default = default is not None and not isinstance(default, ast.NullValue)
        if not has_default and not place_has_default:
            return False
        return is_subtype(schema, ref, place.of)
    return is_subtype(schema, ref, place)
