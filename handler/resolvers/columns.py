"""The fields that Python answers, as columns beside those that the statements gave.

Of each such field in an operation: the rows that the answer shows, the values that the function
requires of them, the call, and a cell for each row. Fields do not wait for each other.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from handler.compiler.plan import Plan
from handler.compiler.results import NULL, Cell, Results
from handler.compiler.values import PlanValues
from handler.errors import HandlerError, StoredValueError
from handler.fields.building import Place
from handler.fields.paging import page_of
from handler.fields.resolver import ResolverNode
from handler.fields.sizes import PENDING_BYTES, memory_of
from handler.resolvers.calls import together
from handler.resolvers.completion import complete
from handler.resolvers.request import Request
from handler.sql.rowset import Row


class _Parents(Struct):
    """The rows whose field is asked for, by their numbers."""

    count: int  # of all rows
    numbers: list[int] = field(default_factory=list)
    required: list[Any] = field(default_factory=list)  # what the function gets of each


async def resolve_root(request: Request, results: Results) -> None:
    """Put cells beside all rows that hang on the root, and beside the root's own values."""
    await together((resolve_rows(request, results), _resolve_root_row(request, results)))


async def resolve_rows(request: Request, results: Results) -> None:
    """Put cells beside the rows that were read: those of the last field come first."""
    nodes = [each for each in _nodes(request.plan) if each.batch in results.rows]
    columns = await together(_column(request, each, results) for each in nodes)
    for batch in dict.fromkeys(each.batch for each in nodes):
        assert batch is not None
        found = results.rows[batch]
        mine = [
            (node.slot, column)
            for node, column in zip(nodes, columns, strict=True)
            if node.batch == batch
        ]
        if found.count:
            cells: list[Any] = [column for _, column in sorted(mine, key=lambda each: each[0])]
            results.rows[batch] = replace(found, columns=[*found.columns, *cells])


def _nodes(plan: Plan) -> list[ResolverNode]:
    return [each for each in plan.resolvers if isinstance(each, ResolverNode)]


async def _resolve_root_row(request: Request, results: Results) -> None:
    nodes = [each for each in _nodes(request.plan) if each.batch is None]
    columns = await together(_cells(request, each, _Parents(1, [0], [{}])) for each in nodes)
    results.root_cells = tuple([column[0] for column in columns[::-1]])


async def _column(request: Request, node: ResolverNode, results: Results) -> list[Cell]:
    assert node.batch is not None
    found = results.rows[node.batch]
    parents = _Parents(found.count)
    rows, waiting = found.rows, 0
    for number in shown_rows(request.plan, node.batch, results, request.values):
        row = rows[number]
        if not _has(node, row):
            continue
        place = Place(row, found.kinds)
        required: Any
        try:
            required = {name: value.python_value(place) for name, value in node.requires.items()}
            waiting += PENDING_BYTES + sum(map(memory_of, required.values()))
        except StoredValueError as error:
            required = error
        parents.numbers.append(number)
        parents.required.append(required)
    request.size.add(0, waiting)
    return await _cells(request, node, parents)


def _has(node: ResolverNode, row: Row) -> bool:
    """Whether a row of the batch has the field: a joined one may not be there, or is of another
    type."""
    if node.only is not None and row[node.only[0]] not in node.only[1]:
        return False
    return node.presence is None or row[node.presence] is not None


async def _cells(request: Request, node: ResolverNode, parents: _Parents) -> list[Cell]:
    """A cell for each row; of what is not shown a null."""
    function = request.function(node.owner, node.field)
    asked = [each for each in parents.required if not isinstance(each, HandlerError)]
    given = iter(await request.call(function, node.node, asked))
    values = [each if isinstance(each, HandlerError) else next(given) for each in parents.required]
    found = await complete(request, function, node.owner, node.node, node.given, values)
    cells: list[Cell] = [NULL] * parents.count
    for number, cell in zip(parents.numbers, found, strict=True):
        cells[number] = cell
    return cells


def shown_rows(plan: Plan, number: int, results: Results, values: PlanValues) -> list[int]:
    """The rows of a batch that stand in the answer, by number, each parent's in their order."""
    batch = plan.batches[number]
    count = results.rows[number].count
    groups: dict[Any, list[int]] = {}
    owners = results.owners_of(batch) if batch.link else [()] * count
    for row, owner in zip(range(count), owners, strict=True):
        groups.setdefault(owner, []).append(row)
    wanted = values[number]
    return [row for rows in groups.values() for row in page_of(wanted, rows, is_beyond=False)[0]]
