"""What every scalar is asked: the base class, its errors, and the words for wrong values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar, Final, TypeAlias

import orjson

from handler.errors import InputError
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue
from handler.sql.stored_type import Kind, StoredType

SHOWN_CHARACTERS: Final = 100  # of a wrong value, in the message about it

_TYPE = r"(\w+)(?:\([^)]*\))?( unsigned)?"

# Comparisons all of which have to hold; None: no row can fulfil them.
Tests: TypeAlias = tuple[tuple[Operator, SqlValue], ...] | None


class UnfitValueError(Exception):
    """A stored value that the field's type cannot hold. The text names the type, not the value."""


class NotSureError(Exception):
    """The fast way does not know; the exact one has to decide."""


def ways_to_say(column_type: str) -> tuple[str, str, str]:
    """What a type of the catalogue is looked up as, the most telling one first.

    >>> ways_to_say("int(10) unsigned zerofill")
    ('int(10) unsigned zerofill', 'int unsigned', 'int')
    """
    found = re.match(_TYPE, column_type)
    name, sign = found.groups("") if found else (column_type, "")
    return column_type, name + sign, name


class Scalar:
    """All that is known of one scalar. A subclass for each, in a module of its own.

    The defaults are those of a scalar that is a string in JSON, a text in Python and a text in
    the database: a subclass writes what differs. A test holds each of them to ``encode``, all but
    enums to ``parse`` and ``serialize``, and one that compares itself to ``compare``.
    """

    name: ClassVar[str]
    description: ClassVar[str] = ""  # in the SDL; empty for a scalar of the specification
    specified_by: ClassVar[str] = ""  # a URL, for ``@specifiedBy``

    # ------------------------------------------------------------- what columns it is read from
    fits: ClassVar[frozenset[str]]  # types of columns, see ``ways_to_say``
    preferred_by: ClassVar[frozenset[str]] = frozenset()  # those that no other shows better
    read_through: ClassVar[str] = ""  # the function of SQL that makes of a column what is sent
    is_quoted: ClassVar[bool] = True  # a string in JSON, written between quotes
    has_equality: ClassVar[bool] = True  # may be chosen by a value
    has_order: ClassVar[bool] = True  # may be chosen by a range, be sorted by, and be in a key
    has_members: ClassVar[bool] = False  # may be chosen by one of several that it holds
    offers_ranges: ClassVar[bool] = True  # in filter inputs, if it has an order
    has_prefixes: ClassVar[bool] = False  # may be chosen by how it begins
    can_be_summed: ClassVar[bool] = False
    can_be_claimed: ClassVar[bool] = False  # by the caller's claim, in a row rule
    has_zero_dates: ClassVar[bool] = False  # 0000-00-00 may be stored for "none"

    # ---------------------------------- what depends on the column's type, which is asked for then
    is_read_by_type: ClassVar[bool] = False
    is_compared_by_type: ClassVar[bool] = False
    is_placed_by_type: ClassVar[bool] = False  # in a cursor
    is_keyed_by_type: ClassVar[bool] = False  # in a key that a resolver gives
    compares_itself: ClassVar[bool] = False  # by ``compare``, and not by ``tests``

    # ---------------------------------------------------------------------- from the client

    # The kinds of literals that are taken: ``int``, ``float``, ``string`` and ``boolean``.
    literals: ClassVar[frozenset[str]] = frozenset(("string",))
    not_literal: ClassVar[str] = "a non string value"  # what a literal of another kind is called
    takes_any: ClassVar[bool] = False  # any literal, also lists and objects

    def parse(self, value: Any) -> Any:
        """A value of JSON, as Python has it. Raises ``InputError`` with a text for the client."""
        raise NotImplementedError

    def read_literal(self, text: Any) -> Any:
        """A literal of one of the kinds: its text, of a boolean the value. Raises as ``parse``."""
        return self.parse(text)

    # ---------------------------------------------------------------------- to the database

    def parameter(self, value: Any) -> SqlValue:
        """What ``parse`` gave, for SQL; None where no row can have it."""
        return str(value)

    def parameter_of_text(self, text: str) -> SqlValue:
        """The text that stands for a stored value: in a cursor, a claim, a resolver's key.

        Raises ValueError for what no such column can hold.
        """
        return text

    def as_stored(self, part: SqlValue, stored: StoredType) -> SqlValue:
        """A value of a cursor, as what a column of this type holds and sorts by."""
        return part

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        """A comparison of what is shown as comparisons of what a column of this type holds."""
        return ((operator, given),)

    def compare(
        self, name: str, operator: Operator, given: Sequence[SqlValue], *, is_mariadb: bool
    ) -> Sql:
        """The condition for a column whose SQL is ``name``, of a scalar that compares itself."""
        raise NotImplementedError

    def objection(self, operator: Operator) -> str:
        """Why no argument chooses rows by this operator; empty where one may."""
        if operator is Operator.IS_NULL:
            return ""
        if operator is Operator.MATCH:
            return (
                "and words are searched for in whole types of rows: @searchable(fields: ...) on its"
                " type"
            )
        if self.has_members != (operator is Operator.HAS):
            if self.has_members:
                return "and rows are chosen by an item of it: @filter(field: ..., operator: HAS)"
            return "and the operator HAS needs a list, of a SET column"
        if not self.has_equality:
            return (
                "by which no argument chooses rows but IS_NULL; choose by a column or an "
                "@expression with the part that is compared"
            )
        if (operator.is_range or operator.reads_text) and not self.has_order:
            return (
                "which has no order; make the part that is compared a column of its own, such as "
                "a generated one"
            )
        if operator.reads_text and not self.has_prefixes:
            return f"and the operator {operator.name} needs a String or an ID"
        return ""

    @property
    def operators(self) -> tuple[Operator, ...]:
        """Those that a filter input offers for it."""
        return tuple(
            each
            for each in Operator
            if not self.objection(each) and (self.offers_ranges or not each.is_range)
        )

    def takes(self, data_type: str, column_type: str) -> bool:
        """Whether it is read from columns of this type."""
        return not self.fits.isdisjoint(ways_to_say(column_type))

    def passes(self, data_type: str, column_type: str) -> bool:
        """Whether a column of this type may hold numbers that it cannot show as they are."""
        return False

    def range_of(self, data_type: str) -> str:
        """Why a column of this type has several values for one; empty if it has not."""
        return ""

    # ------------------------------------------------------------------- from it, to the client

    def text_of(self, kind: Kind, value: bytes) -> str:
        """The text that stands for a stored value, as ``parameter_of_text`` takes it.

        Raises ValueError for what has none.
        """
        return value.decode()

    def canonical(self, part: Any) -> str:
        """The text of a part of a key that a resolver gives, one and the same for all alike."""
        return str(part)

    def decode(self, kind: Kind, value: bytes) -> Any:
        """What the server sent, as Python has it. Raises ValueError and the like."""
        return value.decode()

    def output(self, kind: Kind, value: bytes) -> Any:
        """The same, as orjson has to be given it."""
        return self.decode(kind, value)

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        """What stands in JSON for each value of a column without NULLs; no quotes if it is quoted.

        The fast way of ``output``. Raises ``NotSureError`` where it is not sure.
        """
        raise NotImplementedError

    def serialize(self, value: Any) -> Any:
        """What a resolver gave, as orjson has to be given it. Raises ValueError and the like."""
        raise NotImplementedError


def match_all(pattern: bytes, column: Sequence[bytes]) -> Sequence[bytes]:
    """The column, if each of its values begins as the pattern says. Raises ``NotSureError``."""
    if not all(map(compiled(pattern).match, column)):
        raise NotSureError
    return column


@cache  # those of the scalars that are asked for, and not through the checks of the library's own
def compiled(pattern: bytes) -> re.Pattern[bytes]:
    """A pattern of a scalar, compiled when a value is first held against it."""
    return re.compile(pattern)


def serialize_text(value: Any, kind: type, write: Callable[[Any], str]) -> str:
    """What a resolver gave for a scalar that it may also give as a finished text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, kind):
        raise TypeError(value)
    return write(value)


# ------------------------------------------------------------------------------------- words


def describe(value: Any) -> str:
    """A JSON value for an error message, cut where it is long."""
    return cut(_describe(value, 2))


def _describe(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict | list) and value and depth == 0:
        return "{...}" if isinstance(value, dict) else "[...]"
    if isinstance(value, dict):
        members = (
            f"{str(key)[:SHOWN_CHARACTERS]}: {_describe(item, depth - 1)}"
            for key, item in _head(value.items())
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_describe(item, depth - 1) for item in value[:10]) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _head(items: Any) -> list[tuple[Any, Any]]:
    return [item for item, _ in zip(items, range(10), strict=False)]


def quote(text: str) -> str:
    """A text as JSON, cut where it is long."""
    return orjson.dumps(text[: SHOWN_CHARACTERS + 1]).decode()


def cut(text: str) -> str:
    """A text for an error message."""
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "..."


def refuse(words: str, value: Any) -> InputError:
    """The error for a value of JSON; ``words`` go before it."""
    return InputError(f"{words}{describe(value)}")
