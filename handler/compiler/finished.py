"""Finished statements: the texts of a plan's statements, kept for all requests of one shape.

What a statement of a batch says depends on the values of a request by few things: which filters
have one, whether there is a cursor, how large the page is, and whether rows of one or of several
parents are wanted. These are its *shape*. ``sql.py`` writes the statement once for each shape, with
``Value`` and ``Limit`` in the places of what differs, and a request puts its own values there.

What is not known to be a matter of such places alone is written anew for each request: conditions
that are not comparisons of one column with a value, parts of statements that read the values of
other batches, and statements near the limit of their size, which may need another form.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from handler.compiler.comparison import Compare
from handler.compiler.keyset import Position
from handler.compiler.plan import Batch, Plan
from handler.compiler.sizes import MOST_BYTES, literal_bytes
from handler.compiler.sql import ParentKey, StatementWriter, compile_rows
from handler.compiler.storage import UNKNOWN
from handler.compiler.values import PlanValues
from handler.model.conditions import And, Condition
from handler.sql.statement import Sql, SqlValue, Statement

MOST_SHAPES: Final = 16  # of one plan, about 2 KB each; the oldest makes room


class Value(Struct, frozen=True):
    """The place of a value of the request: which of them, in the order of the shape."""

    number: int

    def __str__(self) -> str:
        return ""  # of no length: what it takes is counted when its value is known


class Limit(Struct, frozen=True):
    """The place of the number of rows, for so many ``each`` parent, and ``more``."""

    each: int
    more: int


class _Template(Struct, frozen=True):
    """A text, and for each of its places a number among the limit, the values of a request and the
    constants, which come in this order.

    Where several parents are asked for, their keys stand between ``text`` and ``behind``.
    """

    batch: int
    limit: Limit
    text: str
    text_bytes: int  # of the whole, with a place for one parent
    places: tuple[int, ...]
    constants: tuple[SqlValue, ...]
    behind: str | None = None
    places_behind: tuple[int, ...] = ()
    is_in_order: bool = False  # the values stand as they are given, and then the limit

    def fill(
        self,
        values: Sequence[SqlValue],
        keys: Sequence[ParentKey] | None,
        count: int,
        most_rows: float,
    ) -> Statement | None:
        """The statement of one request, for ``count`` parents; None where it might be too large."""
        limit = self.limit.each * count + self.limit.more
        if limit > most_rows:
            limit = int(most_rows)
        text = self.text
        parameters: tuple[SqlValue, ...]
        if self.is_in_order:
            parameters = (*values, limit)
        else:
            given = (limit, *values, *self.constants)
            parameters = tuple([given[number] for number in self.places])
            if self.behind is not None and keys is not None:
                text = f"{text}{', '.join(['%s'] * count)}{self.behind}"
                behind = [given[number] for number in self.places_behind]
                parameters = (*parameters, *[key[0] for key in keys], *behind)
        # Four bytes of UTF-8 for a character, each of them escaped: quick, and mostly enough.
        most_bytes = self.text_bytes + 4 * count + 8 * len(f"{parameters}")
        if most_bytes > MOST_BYTES:
            most_bytes = self.text_bytes + 4 * count + sum(map(literal_bytes, parameters))
        return Statement(text, parameters, self.batch) if most_bytes <= MOST_BYTES else None


class _Shape(Struct):
    """What was found of a shape. ``filters``: they are told apart by their ids, so they live."""

    filters: tuple[object, ...]
    template: _Template | None = None
    is_new: bool = True  # it has been seen once, which may be the only time


class FinishedStatements:
    """Those of one plan. ``claims``: the names of those that decide which rows it gives."""

    def __init__(self, plan: Plan, claims: Sequence[str]) -> None:
        self._plan = plan
        self._claims = claims
        self._shapes: dict[Hashable, _Shape] = {}

    def rows(
        self,
        batch: Batch,
        given: PlanValues,
        keys: Sequence[ParentKey] | None,
        most_rows: float,
    ) -> list[Statement]:
        """The same as ``compile_rows``, from what was written before where that is possible."""
        wanted = given.batches[batch.index]
        parents = 1 if keys is None else len(keys)
        values: list[SqlValue] = []
        filters: list[object] = []
        shape: list[Hashable] = [
            batch.index,
            keys is None,
            parents > 1,
            wanted.size,
            wanted.more,
            wanted.offset,
            wanted.is_backward,
            wanted.reads_range,
            *map(given.claims.get, self._claims),
        ]
        is_plain = given.storage is UNKNOWN
        for part in wanted.chosen.parts:
            if part.__class__ is not Compare or part.value is None:
                is_plain = False
                break
            filters += (part.filter,)
            match part.value:
                case tuple() as several:
                    shape += (id(part.filter), len(several))
                    values += several
                case value:
                    shape += (id(part.filter), -1)
                    values += (value,)
        for place in (wanted.after, wanted.before):
            if place is None:
                shape += (None,)
            else:
                shape += (tuple([part is None for part in place]),)
                values += place
        if keys is not None and parents == 1:
            values += keys[0]
        if is_plain:
            key = tuple(shape)
            known = self._shapes.get(key)
            if known is None:
                self._keep(key, _Shape(tuple(filters)))
            elif known.is_new:
                known.is_new = False
                known.template = self._make(batch, given, keys)
            if known is not None and known.template is not None:
                statement = known.template.fill(values, keys, parents, most_rows)
                if statement is not None:
                    return [statement]
        return compile_rows(self._plan, batch, given, keys, most_rows=most_rows)

    def _keep(self, key: Hashable, shape: _Shape) -> None:
        if len(self._shapes) >= MOST_SHAPES:
            del self._shapes[next(iter(self._shapes))]
        self._shapes[key] = shape

    def _make(
        self, batch: Batch, given: PlanValues, keys: Sequence[ParentKey] | None
    ) -> _Template | None:
        """What ``sql.py`` writes for places instead of values; None where it has to be written for
        each request."""
        if batch.groups or batch.united or batch.is_computed or batch.is_by_key:
            return None
        if not all(slot.is_fixed for slot in batch.slots):
            return None
        numbers = _Numbers()
        wanted = given.batches[batch.index]
        parts = [numbers.comparison(part) for part in wanted.chosen.parts]
        if None in parts:
            return None
        chosen = And(tuple([part for part in parts if part is not None]))
        after, before = numbers.position(wanted.after), numbers.position(wanted.before)
        places = replace(wanted, chosen=chosen, after=after, before=before)
        parents: list[ParentKey] | None = None
        several: tuple[Any, ...] = ()
        if keys is not None and len(keys) == 1:
            parents = [tuple([numbers.place() for _ in keys[0]])]
        elif keys is not None:
            if len(keys[0]) > 1:
                return None
            several = (numbers.place(), numbers.place())
            parents = [(place,) for place in several]
        batches = list(given.batches)
        batches[batch.index] = places
        writer = _PlaceWriter(self._plan, replace(given, batches=tuple(batches)))
        whole = writer.rows(batch, parents, bounds_each=False)
        return _template(batch, whole, numbers.count - len(several), several)


class _Numbers:
    """Gives places their numbers; 0 is the limit."""

    def __init__(self) -> None:
        self.count = 0

    def place(self) -> Any:
        """The next one, which stands for a value of SQL."""
        self.count += 1
        return Value(self.count)

    def comparison(self, part: Condition) -> Condition | None:
        """The same with places; None where what is written depends on the value."""
        assert isinstance(part, Compare)
        if not part.writes_its_value:
            return None
        if isinstance(part.value, tuple):
            return Compare(part.filter, tuple([self.place() for _ in part.value]))
        return Compare(part.filter, self.place())

    def position(self, given: Position | None) -> Position | None:
        """The same with places, but for NULLs."""
        if given is None:
            return None
        return [None if (place := self.place()) and part is None else place for part in given]


class _PlaceWriter(StatementWriter):
    """Writes a statement with the place of a limit in it."""

    def _limit(self, each: int, parents: int, more: int) -> Sql:
        limit: Any = Limit(each, more)
        return Sql("%s", (limit,))


def _template(batch: Batch, whole: Sql, values: int, several: Sequence[Any]) -> _Template | None:
    """``values``: how many the request has; ``several``: two places for many keys."""
    constants: list[SqlValue] = []
    limits = []
    places: list[int] = []
    key_at = None
    for at, parameter in enumerate(whole.parameters):
        given: Any = parameter
        if given in several:
            if key_at is None and given is several[0]:
                key_at = at
            elif key_at != at - 1 or given is not several[1]:
                return None  # they stand elsewhere, too
        elif isinstance(given, Value):
            places.append(given.number)
        elif isinstance(given, Limit):
            limits.append(given)
            places.append(0)
        else:
            constants.append(given)
            places.append(values + len(constants))
    if len(limits) != 1 or (several and key_at is None):
        return None
    limit, found = limits[0], tuple(constants)
    size = len(whole.text.encode())
    if key_at is None:
        in_order = places == [*range(1, values + 1), 0]
        return _Template(
            batch.index, limit, whole.text, size, tuple(places), found, is_in_order=in_order
        )
    pieces = whole.text.replace("%%", "\0").split("%s")
    if pieces[key_at + 1] != ", ":
        return None
    head = "%s".join(pieces[: key_at + 1]).replace("\0", "%%")
    behind = "%s".join(pieces[key_at + 2 :]).replace("\0", "%%")
    before, after = tuple(places[:key_at]), tuple(places[key_at:])
    return _Template(batch.index, limit, head, size, before, found, behind, after)
