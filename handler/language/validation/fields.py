"""Rules about fields and the types that a document names.

Source: https://spec.graphql.org/September2025/#sec-Validation.Fields
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import ValidationError
from handler.language.limits import INTROSPECTION_ROOTS
from handler.language.schema import (
    EnumType,
    InterfaceType,
    ObjectType,
    ScalarType,
    TypeDef,
    UnionType,
    named,
)
from handler.language.suggestions import suggest
from handler.language.validation.facts import Facts, FieldUse


def known_type_names(facts: Facts) -> Iterator[ValidationError]:
    for node in facts.named_types:
        if node.name not in facts.schema.types:
            hint = facts.hint(node.name, facts.schema.types)
            yield facts.error(f'Unknown type "{node.name}".{hint}', node.at)


def fields_on_correct_type(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.fields.values():
        if use.parent is not None and use.definition is None:
            yield facts.error(
                f'Cannot query field "{use.node.name}"'
                + facts.detail(f' on type "{use.parent.name}"')
                + "."
                + _field_hint(facts, use, use.parent),
                use.node.at,
            )


def _field_hint(facts: Facts, use: FieldUse, parent: TypeDef) -> str:
    """Suggests types that have the field, or else fields with a similar name."""
    if not facts.suggestions:
        return ""
    if isinstance(parent, InterfaceType | UnionType):
        types = facts.schema.types
        fitting = [
            name
            for name in sorted(facts.schema.possible_types[parent.name])
            if use.node.name in getattr(types[name], "fields", {})
        ]
        if fitting:
            return suggest(fitting, "to use an inline fragment on")
    if isinstance(parent, ObjectType | InterfaceType):
        return facts.hint(use.node.name, parent.fields)
    return ""


def scalar_leafs(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.fields.values():
        if use.definition is None:
            continue
        name, ref = use.node.name, use.definition.type
        is_leaf = isinstance(facts.schema.types[named(ref)], ScalarType | EnumType)
        children = use.node.selection_set
        if is_leaf and children is not None:
            yield facts.error(
                f'Field "{name}" must not have a selection'
                + facts.detail(f' since type "{ref}" has no subfields')
                + ".",
                children.at,
            )
        elif not is_leaf and children is None:
            yield facts.error(
                f'Field "{name}"'
                + facts.detail(f' of type "{ref}"')
                + " must have a selection of subfields."
                f' Did you mean "{name} {{ ... }}"?',
                use.node.at,
            )


def no_introspection(facts: Facts) -> Iterator[ValidationError]:
    """Not in the specification: for servers that do not publish their schema."""
    for use in facts.fields.values():
        if use.node.name in INTROSPECTION_ROOTS:
            yield facts.error(
                f'Introspection is turned off on this server; field "{use.node.name}" cannot'
                " be queried.",
                use.node.at,
            )
