"""What the SDL says of costs: ``@cost`` and ``@listSize``.

Source: https://ibm.github.io/graphql-specs/cost-spec.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from handler.errors import SchemaError
from handler.language.cost import fields_of, sized_fields
from handler.language.cost_formula import StatedCosts, StatedSize
from handler.language.schema import (
    AppliedDirective,
    Element,
    FieldDef,
    InputObjectType,
    InterfaceType,
    ListOf,
    ObjectType,
    Schema,
    TypeDef,
    named,
    nullable,
)


def read_costs(schema: Schema) -> StatedCosts:
    """All weights and sizes. Raises ``SchemaError`` for those that make no sense."""
    weights, sizes = {}, {}
    for found in schema.types.values():
        for place, element in _places(found):
            used = element.directive("cost")
            if used is not None:
                weights[place] = _weight(used)
            used = element.directive("listSize")
            if used is not None and isinstance(element, FieldDef):
                sizes[found.name, element.name] = _size(
                    element, schema.types[named(element.type)], used
                )
    return StatedCosts(weights=weights, sizes=sizes)


def _places(found: TypeDef) -> Iterator[tuple[tuple[str, ...], Element]]:
    yield (found.name,), found
    if isinstance(found, ObjectType | InterfaceType):
        for field in found.fields.values():
            yield (found.name, field.name), field
            for argument in field.arguments.values():
                yield (found.name, field.name, argument.name), argument
    elif isinstance(found, InputObjectType):
        for member in found.fields.values():
            yield (found.name, member.name), member


def _weight(used: AppliedDirective) -> float:
    try:
        weight = float(used.arguments["weight"])
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        raise _refused(
            used,
            f'@cost: the weight must be a number in a string, such as "2.5", found'
            f' "{used.arguments["weight"]}".',
        )
    return weight


def _size(definition: FieldDef, result: TypeDef, used: AppliedDirective) -> StatedSize:
    given = used.arguments
    slicing, sized, assumed = (
        given.get(name) for name in ("slicingArguments", "sizedFields", "assumedSize")
    )
    for name in slicing or ():
        if name not in definition.arguments:
            raise _refused(used, f'@listSize: "{definition.name}" has no argument "{name}".')
    for name in sized or ():
        if name not in fields_of(result):
            raise _refused(used, f'@listSize: "{result.name}" has no field "{name}".')
    is_list = isinstance(nullable(definition.type), ListOf)
    if not is_list and not (sized_fields(result) if sized is None else sized):
        raise _refused(used, f'@listSize: "{definition.name}" is no list; name `sizedFields`.')
    if assumed is not None and assumed < 0:
        raise _refused(used, f"@listSize: assumedSize is {assumed}, less than none.")
    return StatedSize(
        assumed=assumed,
        slicing=None if slicing is None else tuple(slicing),
        sized=None if sized is None else tuple(sized),
        require_one=given["requireOneSlicingArgument"],
    )


def _refused(used: AppliedDirective, message: str) -> SchemaError:
    return SchemaError(message, file=used.origin.file, location=used.origin.location)
