"""Rules about operations.

Source: https://spec.graphql.org/September2025/#sec-Validation.Operations
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import ValidationError
from handler.language import ast
from handler.language.selections import conditions, walk
from handler.language.validation.facts import Facts


def executable_definitions(facts: Facts) -> Iterator[ValidationError]:
    for definition in facts.document.definitions:
        match definition:
            case ast.OperationDefinition() | ast.FragmentDefinition():
                continue
            case ast.SchemaDefinition():
                what = "schema"
            case _:
                what = f'"{definition.name}"'
        yield facts.error(f"The {what} definition is not executable.", definition.at)


def unique_operation_names(facts: Facts) -> Iterator[ValidationError]:
    first: dict[str, int] = {}
    for operation in facts.document.operations:
        if operation.name is None:
            continue
        known = first.setdefault(operation.name, operation.name_at)
        if known != operation.name_at:
            yield facts.error(
                f'There can be only one operation named "{operation.name}".',
                known,
                operation.name_at,
            )


def lone_anonymous_operation(facts: Facts) -> Iterator[ValidationError]:
    if len(facts.document.operations) < 2:
        return
    for operation in facts.document.operations:
        if operation.name is None:
            yield facts.error(
                "This anonymous operation must be the only defined operation.", operation.at
            )


def known_operation_types(facts: Facts) -> Iterator[ValidationError]:
    """The schema has a root type for each kind of operation in the document."""
    for scope in facts.operations:
        if isinstance(scope.node, ast.OperationDefinition) and scope.type is None:
            yield facts.error(
                f"Schema is not configured to execute {scope.node.kind} operation.", scope.node.at
            )


def single_field_subscriptions(facts: Facts) -> Iterator[ValidationError]:
    for scope in facts.operations:
        operation = scope.node
        if not isinstance(operation, ast.OperationDefinition) or operation.kind != "subscription":
            continue
        name = f'Subscription "{operation.name}"' if operation.name else "Anonymous Subscription"
        selections = [each for each, _ in walk([operation.selection_set], facts.document.fragments)]
        # With variables they could include a second field, or none.
        decided = [used.at for each in selections for used in conditions(each.directives)]
        if decided:
            yield facts.error(
                f"{name} must not use `@skip` or `@include` directives in the top level selection.",
                *decided,
            )
            continue
        groups: dict[str, list[ast.Field]] = {}
        for selection in selections:
            if isinstance(selection, ast.Field):
                groups.setdefault(selection.response_key, []).append(selection)
        extra = [field.at for group in list(groups.values())[1:] for field in group]
        if extra:
            yield facts.error(f"{name} must select only one top level field.", *extra)
        for group in groups.values():
            if group[0].name.startswith("__"):
                yield facts.error(
                    f"{name} must not select an introspection top level field.",
                    *(field.at for field in group),
                )
