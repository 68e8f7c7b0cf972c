"""Aggregates, as the SDL declares them: over which rows, of which of their values.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from handler.language.schema import (
    AppliedDirective,
    FieldDef,
    InputValue,
    ListOf,
    RowsType,
    is_nullable,
    named,
    nullable,
    schema_error,
)
from handler.model.aggregates import FUNCTIONS, Aggregate, Step
from handler.model.column import Column
from handler.model.conditions import Filter, FilterArgument, Where
from handler.model.lists import PAGE_ARGUMENTS, RowsField
from handler.model.relations import Hop, Path
from handler.model.where_reader import constrained

if TYPE_CHECKING:
    from handler.model.builder import Builder


def read_aggregate(
    builder: Builder, owner: RowsType, field_def: FieldDef, used: AppliedDirective
) -> Aggregate:
    """The field. Raises ``SchemaError`` for what cannot be made of those rows."""
    function, of = FUNCTIONS[used.name], used.arguments.get("of")
    what = f"{owner.name}.{field_def.name}: @{used.name}"
    if of is None:
        raise schema_error(
            field_def,
            f"{what} needs `of`, the field of {owner.name} that leads to the rows; without it, it "
            f"is for a type of groups, with @aggregate",
        )
    way = _way(builder, owner, field_def, of, f"{what}(of: {of!r})")
    target, links = way[-1].target, way[-1].links
    filters, inputs = _choice(builder, owner, field_def, way[-1])
    column = None
    name = used.arguments.get(function.by)
    if name is not None:
        column = {**builder.columns[target], **links}.get(name)
        if column is None or not function.takes(column):
            raise schema_error(
                field_def,
                f"{what}({function.by}: {name!r}) must name a field of {target} that is "
                f"{function.made_of}",
            )
    if isinstance(nullable(field_def.type), ListOf):
        raise schema_error(
            field_def, f"{what} gives one value, and {field_def.type} is a list; make it no list"
        )
    scalar = builder.schema.basis(named(field_def.type))
    unfit = function.unfit(scalar, column)
    if unfit:
        raise schema_error(
            field_def, f"{what} gives no {named(field_def.type)}; make the field {unfit}"
        )
    if function.is_null_of_nothing and not is_nullable(field_def.type):
        raise schema_error(
            field_def,
            f"{what} is null where there are no rows, and the field must not be; take the ! away",
        )
    own = _defaults(builder, field_def, way[-1], field_def.arguments.values(), way[-1].shown)
    last = replace(way[-1], path=constrained(way[-1].path, own))
    return Aggregate(
        field_def.name,
        scalar,
        is_nullable(field_def.type),
        function,
        tuple([Step(each.owner.name, each.shown.name, each.target) for each in way]),
        _joined(way),
        _joined([*way[:-1], last]),
        field_def.origin,
        column,
        filters,
        inputs,
    )


class _Step(Struct, frozen=True):
    """One field of the way."""

    owner: RowsType
    shown: FieldDef
    target: str
    path: Path
    links: Mapping[str, Column]  # the columns of its link table


def _way(builder: Builder, owner: RowsType, field_def: FieldDef, of: str, what: str) -> list[_Step]:
    """The fields that ``of`` names, divided by dots."""
    found: list[_Step] = []
    here, is_many = owner, False
    for name in of.split("."):
        relation = _leads_to(builder, here, name)
        if relation is None:
            names = [each for each in here.fields if _leads_to(builder, here, each)]
            known = f"there are: {', '.join(names)}" if names else "no field does"
            raise schema_error(
                field_def,
                f"{what} must name fields that lead to rows, and {name!r} of {here.name} is none; "
                f"{known}",
            )
        path, rows = relation
        links = rows.link_columns if rows else {}
        found.append(_Step(here, here.fields[name], path.target, path, links))
        here, is_many = builder.schema.rows_type(path.target), is_many or rows is not None
    if not is_many:
        raise schema_error(
            field_def,
            f"{what} leads to one row at most; name a list or a connection on the way, or show the "
            f"row's own field",
        )
    return [_shown(builder, owner, field_def, each, is_last=each is found[-1]) for each in found]


def _leads_to(builder: Builder, here: RowsType, name: str) -> tuple[Path, RowsField | None] | None:
    """The path of a field that leads to rows, and how it gives them if there may be many."""
    if here.name == builder.schema.query:
        rows = builder.root_list(name)
        hop = Hop((), (), rows.target, rows.conditions) if rows else None
        return (Path((hop,)), rows) if hop else None
    relation = builder.relation(here, name)
    return (relation.path, relation.rows) if relation else None


def _joined(way: Sequence[_Step]) -> Path:
    return Path(tuple([hop for each in way for hop in each.path.hops]))


def _shown(
    builder: Builder, owner: RowsType, field_def: FieldDef, step: _Step, *, is_last: bool
) -> _Step:
    """The step with what the defaults of its list's arguments choose, so that the value tells of
    the rows that the list shows. An argument of the value's own takes the place of the last
    list's."""
    own = field_def.arguments if is_last else {}
    arguments = [
        each
        for each in step.shown.arguments.values()
        if not (each.name in own or each.name in PAGE_ARGUMENTS or builder.lists.orders_rows(each))
    ]
    for argument in arguments:
        if argument.is_required:
            remedy = "; give this field one of that name"
            raise schema_error(
                field_def,
                f"{owner.name}.{field_def.name}: {step.owner.name}.{step.shown.name} has the "
                f"required argument {argument.name!r}"
                + (remedy if is_last else ", which nobody gives here; name another way"),
            )
    conditions = _defaults(builder, step.shown, step, arguments)
    return replace(step, path=constrained(step.path, conditions))


def _defaults(
    builder: Builder,
    field_def: FieldDef,
    step: _Step,
    arguments: Iterable[InputValue],
    like: FieldDef | None = None,
) -> list[Where]:
    """What those of a field's arguments choose that have a default."""
    target, alike = builder.schema.rows_type(step.target), like.arguments if like else {}

    def read(argument: InputValue) -> Filter:
        like = alike.get(argument.name)
        return builder.lists.filter(field_def, argument, target, like, step.links)

    return [
        Where(read(each), each.default, each.origin)
        for each in arguments
        if each.default is not None
    ]


def _choice(
    builder: Builder, owner: RowsType, field_def: FieldDef, last: _Step
) -> tuple[tuple[Filter, ...], tuple[FilterArgument, ...]]:
    """What its own arguments choose by. One that the list has, too, chooses as it does there."""
    lists = builder.lists
    target = builder.schema.rows_type(last.target)
    shown, links = last.shown, last.links
    found, inputs = [], []
    for argument in field_def.arguments.values():
        if argument.name in PAGE_ARGUMENTS or lists.orders_rows(argument):
            raise schema_error(
                argument,
                f"{owner.name}.{field_def.name} is one value: it takes no {argument.name!r}, only "
                f"arguments that choose rows",
            )
        by_input = lists.filter_argument(shown, argument)
        if by_input is not None:
            inputs.append(by_input)
            continue
        like = shown.arguments.get(argument.name)
        found.append(lists.filter(field_def, argument, target, like, links))
    return tuple(found), tuple(inputs)
