"""Bind: the values of one request, put beside the plan and fit to be parameters of SQL.

All arguments of all batches are checked here, before anything is sent to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from handler.compiler.comparison import is_range
from handler.compiler.cursor import decode_cursor
from handler.compiler.filters import choose, without
from handler.compiler.keyset import Position
from handler.compiler.plan import Batch, FactKind, Plan
from handler.compiler.storage import UNKNOWN, Storage
from handler.errors import AccessError, ClientError, InputError, Location, RequestError
from handler.language.limits import Limits
from handler.language.schema import Schema
from handler.language.variables import coerce_arguments, has_variable
from handler.model.conditions import And
from handler.model.lists import Shape

DEFAULT_LIMITS = Limits()


class BatchValues(Struct, frozen=True):
    """What one request wants of one batch."""

    chosen: And  # by filters, of all rows
    size: int  # rows for each parent
    is_backward: bool = False  # the last rows instead of the first
    after: Position | None = None  # rows behind this one alone
    before: Position | None = None  # rows before this one alone
    first_and_last: tuple[int, int] | None = None  # where both are given: the last of the first
    facts: tuple[FactKind, ...] = ()  # those that have to be asked of the database
    asked: int = 0  # rows of a page, before a limit of the caller's own; 0: it is no page
    more: int = 1  # rows that are read beyond the size, to know whether there are any
    reads_range: bool = False  # its rows may begin inside their order: at a row, or by a filter
    having: And = And()  # what groups of the chosen rows have to fulfil
    offset: int = 0  # rows of each parent that are left out before the page
    ids: Sequence[str] = ()  # global ids, where rows of several types are asked for by them
    matches_nothing: bool = False  # no row can be chosen, so that nothing need be asked

    @property
    def page_size(self) -> int:
        """Rows that a page shows at most."""
        return self.size if self.first_and_last is None else min(self.first_and_last)

    @property
    def start(self) -> Position | None:
        """Where the page begins, in its direction."""
        return self.before if self.is_backward else self.after


class PlanValues(Struct, frozen=True):
    """What one request puts beside a plan."""

    batches: tuple[BatchValues, ...]
    claims: Mapping[str, str]  # of the caller; a rule over one that is missing lets no row through
    choices: tuple[And, ...] = ()  # which rows the values over rows are made of
    storage: Storage = UNKNOWN  # of the columns, where the plan needs it

    def __getitem__(self, batch: int) -> BatchValues:
        return self.batches[batch]

    @property
    def starts_inside(self) -> bool:
        """Whether some page begins or ends at a row."""
        for batch in self.batches:  # noqa: SIM110  # each request asks, of few batches
            if batch.after is not None or batch.before is not None:
                return True
        return False

    @property
    def largest_page(self) -> int:
        """Rows of the largest page that is asked for, whoever asks; 0 without any."""
        return max((batch.asked for batch in self.batches), default=0)


_UNBOUND = BatchValues(And(), 0)


class Settled(Struct, frozen=True):
    """What a batch wants in each request of one text, as no variable has a say in it.

    ``literals``: those of the text; where the batch has no arguments, they do not matter.
    """

    literals: Sequence[str] | None
    values: BatchValues


def bind(
    plan: Plan,
    schema: Schema,
    variables: Mapping[str, Any],
    literals: Sequence[str] | None,
    locate: Callable[[int], Location],
    claims: Mapping[str, str],
    page_size_max: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    settled: dict[int, Settled | None] | None = None,
) -> PlanValues:
    """Coerce and check the arguments of every batch and value over rows. ``claims``: of the caller.

    ``page_size_max``: the largest page for this caller, if it is another than that of the field.
    ``limits``: those of filters hold. ``settled``: kept for this plan, what its batches want whose
    arguments the document itself says, by number; None: variables have a say.

    Raises ``RequestError`` with one error for each argument that is refused.
    """
    errors: list[ClientError] = []
    bound: list[BatchValues] = []
    if settled is None or page_size_max is not None:
        settled = {}
    for batch in plan.batches:
        known = batch.index in settled
        if known:
            kept = settled[batch.index]
            if kept is not None and (kept.literals is literals or not batch.arguments):
                bound.append(kept.values)
                continue
        definitions = schema.rows_type(batch.owner).fields[batch.rows.field].arguments
        if not batch.is_asked:
            definitions = {}  # they are those of a resolver, or of a list of several types
        try:
            arguments = coerce_arguments(definitions, batch.arguments, schema, variables, literals)
            chosen = choose(batch.rows, arguments, plan.inputs, limits)
            having = And()
            if batch.groups is not None:
                having = choose(batch.groups.groups_chooser, arguments, plan.inputs, limits)
            if batch.facet_of is not None:
                chosen = without(bound[batch.facet_of].chosen, batch.left_out)
            values = _bind_batch(batch, arguments, chosen, having, page_size_max)
            if batch.rows.by_ids:
                values = replace(values, ids=_ids(batch, arguments))
            bound.append(values)
            if known:
                varies = settled[batch.index] is None
            else:
                varies = batch.facet_of is not None or any(map(has_variable, batch.arguments))
            settled[batch.index] = None if varies else Settled(literals, values)
        except (InputError, AccessError) as error:
            bound.append(_UNBOUND)  # of what hangs on it nothing is said
            error.locations = error.locations or (locate(batch.at),)
            if error.args not in [each.args for each in errors]:  # of rows of several types: once
                errors.append(error)
    choices = []
    for choice in plan.choices:
        definitions = schema.rows_type(choice.owner).fields[choice.field].arguments
        try:
            arguments = coerce_arguments(definitions, choice.arguments, schema, variables, literals)
            choices.append(choose(choice, arguments, plan.inputs, limits))
        except (InputError, AccessError) as error:
            error.locations = error.locations or (locate(choice.at),)
            errors.append(error)
    if errors:
        raise RequestError(errors)
    return PlanValues(tuple(bound), claims, tuple(choices))


def _bind_batch(
    batch: Batch,
    arguments: Mapping[str, Any],
    chosen: And,
    having: And,
    page_size_max: int | None,
) -> BatchValues:
    """Pages as the connections specification says: first ``after`` and ``before``, then ``first``,
    then ``last``.

    Source: https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
    """
    rows = batch.rows
    maximum, default = rows.maximum_size, rows.default_size
    is_page = rows.is_page
    if page_size_max is not None:
        maximum = min(maximum, page_size_max)
        if is_page:
            default = min(default, page_size_max)
    first = last = after = before = None
    offset = 0
    if rows.paging:
        first = _size(batch, arguments, "first", maximum)
        last = _size(batch, arguments, "last", maximum)
        after = _position(batch, arguments, "after")
        before = _position(batch, arguments, "before")
        if rows.maximum_offset:
            offset = _offset(batch, arguments)
    is_backward = first is None and (last is not None or (before is not None and after is None))
    if rows.shape is Shape.OBJECT:
        size = 1
    elif first is not None and last is not None:
        size = max(first, last)
    else:
        size = first if first is not None else default if last is None else last
    asked = size if first is not None or last is not None else 0
    if is_page and first is None and last is None:
        asked = rows.default_size
    first_and_last = None if first is None or last is None else (first, last)
    starts_inside = first_and_last is None and (before if is_backward else after) is not None
    starts_inside = starts_inside or offset > 0
    can_match = (not chosen.parts or chosen.can_match) and (not having.parts or having.can_match)
    facts: tuple[FactKind, ...] = ()
    if can_match and batch.facts:
        facts = tuple([k for k in batch.facts if k is FactKind.COUNT or starts_inside])
    starts = after is not None or before is not None or offset > 0
    return BatchValues(
        chosen=chosen,
        size=size,
        is_backward=is_backward,
        after=after,
        before=before,
        first_and_last=first_and_last,
        facts=facts,
        offset=offset,
        asked=asked,
        more=0 if rows.shape is Shape.OBJECT or rows.shape is Shape.FIRST else 1,
        having=having,
        reads_range=starts
        or batch.reads_range
        or (
            rows.shape is not Shape.OBJECT
            and bool(chosen.parts)
            and any(map(is_range, chosen.leaves()))
        ),
        matches_nothing=not can_match,
    )


def _ids(batch: Batch, arguments: Mapping[str, Any]) -> Sequence[str]:
    """The global ids that are asked for, each of some type."""
    ids: Sequence[str] = arguments[batch.rows.by_ids]
    if len(ids) > batch.rows.maximum_size:
        raise InputError(
            f"{batch.field}: {batch.rows.by_ids} may be at most {batch.rows.maximum_size}, got "
            f"{len(ids)}"
        )
    return ids


def _position(batch: Batch, arguments: Mapping[str, Any], name: str) -> Position | None:
    text = arguments.get(name)
    if text is None:
        return None
    return decode_cursor(str(text), (batch.field, batch.rows.target), batch.order)


def _offset(batch: Batch, arguments: Mapping[str, Any]) -> int:
    given, most = arguments.get("offset"), batch.rows.maximum_offset
    if not given:
        return 0
    if not 0 <= given <= most:
        raise InputError(
            f"{batch.field}: offset must be between 0 and {most}, got {given}; ask for a narrower "
            f"list, or go on by cursors where it has them"
        )
    for name in ("after", "before", "last"):
        if arguments.get(name) is not None:
            raise InputError(
                f"{batch.field}: offset counts rows from the start of the list, so {name} cannot "
                f"stand beside it; leave one of them out"
            )
    return int(given)


def _size(batch: Batch, arguments: Mapping[str, Any], name: str, maximum: int) -> int | None:
    value = arguments.get(name)
    if value is None:
        return None
    if not 0 <= value <= maximum:
        raise InputError(f"{batch.field}: {name} must be between 0 and {maximum}, got {value}")
    return int(value)
