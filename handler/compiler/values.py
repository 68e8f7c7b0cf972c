"""Bind: the values of one request, put beside the plan and fit to be parameters of SQL.

All arguments of all batches are checked here, before anything is sent to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from handler.compiler.cursor import SqlValue, column_parameter, decode_cursor
from handler.compiler.model import Column, Filter, Operator, Shape
from handler.compiler.plan import Batch, Plan
from handler.errors import ClientError, InputError, Location, RequestError
from handler.language.schema import Schema
from handler.language.variables import coerce_arguments
from handler.records import dataclass

MAX_CLAIM_CHARACTERS = 500  # what the authorizer lets through


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter and its value. ``IN`` has a tuple; no value means that no row can match."""

    filter: Filter
    value: SqlValue | tuple[SqlValue, ...]


@dataclass(frozen=True, slots=True)
class BatchValues:
    """What one request wants of one batch."""

    conditions: tuple[Condition, ...]
    size: int  # rows for each parent; one more is read, to know whether more exist
    is_backward: bool = False  # the last rows instead of the first
    cursor: tuple[SqlValue, ...] | None = None
    matches_nothing: bool = False


@dataclass(frozen=True, slots=True)
class PlanValues:
    """What one request puts beside a plan."""

    batches: tuple[BatchValues, ...]
    claims: Mapping[str, str]  # of the caller; a rule over one that is missing lets no row through

    def __getitem__(self, batch: int) -> BatchValues:
        return self.batches[batch]


def bind(
    plan: Plan,
    schema: Schema,
    variables: Mapping[str, Any],
    literals: Sequence[str] | None,
    locate: Callable[[int], Location],
    claims: Mapping[str, str],
    page_size_max: int | None = None,
) -> PlanValues:
    """Coerce and check the arguments of every batch. ``claims``: of the caller.

    ``page_size_max``: the largest page for this caller, if it is another than that of the field.

    Raises ``RequestError`` with one ``InputError`` for each argument that is refused.
    """
    errors: list[ClientError] = []
    bound = []
    for batch in plan.batches:
        definitions = schema.object(batch.owner).fields[batch.rows.field].arguments
        if batch.is_by_key:
            definitions = {}  # they are the resolver's
        try:
            arguments = coerce_arguments(definitions, batch.arguments, schema, variables, literals)
            bound.append(_bind_batch(batch, arguments, page_size_max))
        except InputError as error:
            error.locations = error.locations or (locate(batch.member.at),)
            errors.append(error)
    if errors:
        raise RequestError(errors)
    return PlanValues(tuple(bound), claims)


def _bind_batch(
    batch: Batch, arguments: Mapping[str, Any], page_size_max: int | None
) -> BatchValues:
    rows = batch.rows
    conditions = []
    matches_nothing = False
    for found in rows.filters:
        value = arguments.get(found.argument)
        if value is None:
            continue
        condition = Condition(found, _parameter_of(found, value))
        matches_nothing |= condition.value is None or condition.value == ()
        conditions.append(condition)
    maximum, default = rows.maximum_size, rows.default_size
    if page_size_max is not None:
        maximum = min(maximum, page_size_max)
        if rows.shape is Shape.CONNECTION:  # a plain list is whole, or an error
            default = min(default, page_size_max)
    first, last = (_size(batch, arguments, name, maximum) for name in ("first", "last"))
    after, before = arguments.get("after"), arguments.get("before")
    if first is not None and last is not None:
        raise InputError(f"{batch.member.field}: give first or last, not both")
    is_backward = last is not None or (before is not None and first is None)
    if (after is not None and is_backward) or (before is not None and not is_backward):
        raise InputError(f"{batch.member.field}: after goes with first, before goes with last")
    size = first if first is not None else last
    text = before if is_backward else after
    return BatchValues(
        conditions=tuple(conditions),
        size=1 if rows.shape is Shape.OBJECT else default if size is None else size,
        is_backward=is_backward,
        cursor=None if text is None else decode_cursor(str(text), rows.target, batch.order),
        matches_nothing=matches_nothing,
    )


def _size(batch: Batch, arguments: Mapping[str, Any], name: str, maximum: int) -> int | None:
    value = arguments.get(name)
    if value is None:
        return None
    if not 0 <= value <= maximum:
        raise InputError(
            f"{batch.member.field}: {name} must be between 0 and {maximum}, got {value}"
        )
    return int(value)


def _parameter_of(found: Filter, value: Any) -> SqlValue | tuple[SqlValue, ...]:
    if found.operator is Operator.IN:
        items = (_parameter(found.column, item) for item in value if item is not None)
        return tuple(dict.fromkeys(item for item in items if item is not None))
    if found.operator is Operator.PREFIX:
        # The driver escapes the text, LIKE has wildcards of its own; sql.py declares the escape.
        return str(value).replace("|", "||").replace("%", "|%").replace("_", "|_") + "%"
    return _parameter(found.column, value)


def _parameter(column: Column, value: Any) -> SqlValue:
    """A coerced GraphQL value as a parameter; None where no row can have it."""
    if column.enum_values is not None:
        return column.enum_values[value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float | Decimal):
        return value
    if column.is_integer:
        try:
            return column_parameter(column, str(value))
        except ValueError:
            return None
    return str(value)


def claim_parameters(column: Column, claim: str | None) -> tuple[SqlValue, SqlValue]:
    """What a column has to equal: by its own comparison, which an index serves, and as bytes.

    The comparison alone would take texts in other letters, and ``7x`` for 7, as equal. Two NULLs,
    which nothing equals, for a claim that is missing, empty, that ends in blanks (the server pads
    with them) or that no such column can hold.
    """
    if not claim or claim != claim.strip() or len(claim) > MAX_CLAIM_CHARACTERS:
        return None, None
    try:
        return column_parameter(column, claim), claim.encode()
    except ValueError:
        return None, None
