"""How a column compares to a value, so that it finds what the answers show.

A value is shown by its scalar, and compared by the column's type; where the two differ, a
comparison here is written as others that find the same rows and that an index serves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from struct import pack, unpack
from typing import TypeAlias

from handler.compiler.parameters import day_and_time, whole_number
from handler.compiler.singles import MOST, shortest
from handler.compiler.storage import UNKNOWN, Storage
from handler.model.column import Column
from handler.model.conditions import Operator
from handler.sql.statement import Sql, SqlValue, join, sql, value, values
from handler.sql.stored_type import StoredType

# Comparisons all of which have to hold; None: no row can fulfil them.
Tests: TypeAlias = tuple[tuple[Operator, SqlValue], ...] | None

_TIME = r"(?a)-?(\d{2,3}):[0-5]\d:[0-5]\d(?:\.\d{1,6})?\Z"
_MOST_HOURS = 838
_FIRST_YEAR, _LAST_YEAR = 1901, 2155
_FALSE = Sql("FALSE")
# Scalars that compare as no column does.
_BY_VALUE = frozenset(("Boolean", "JSON"))


def compare(
    name: str,
    column: Column,
    operator: Operator,
    given: SqlValue | tuple[SqlValue, ...],
    storage: Storage,
) -> Sql:
    """The condition for a column, whose SQL is ``name``, and an argument."""
    if storage is UNKNOWN and column.scalar not in _BY_VALUE and not column.zero_is_null:
        return _plain(name, operator, given)  # most requests: nothing is known, nor need be
    if column.scalar == "Boolean":
        return _truth(name, operator, given if isinstance(given, tuple) else (given,))
    if column.scalar == "JSON":
        given = given if isinstance(given, tuple) else (given,)
        same = [_same_json(name, item, storage) for item in given]
        return sql("(", join(" OR ", same), ")") if same else _FALSE
    if operator is Operator.PREFIX:
        return _FALSE if storage.lacks(column, given) else _plain(name, operator, given)
    if isinstance(given, tuple):
        return _any_of(name, [tests(column, Operator.EQUAL, item, storage) for item in given])
    found = _all_of(name, tests(column, operator, given, storage))
    if column.zero_is_null and operator is not Operator.EQUAL:
        # shown as null, which is neither before nor after anything
        real = [f"{part}({name}) <> 0" for part in ("YEAR", "MONTH", "DAYOFMONTH")]
        return sql(found, " AND ", " AND ".join(real))
    return found


def tests(column: Column, operator: Operator, given: SqlValue, storage: Storage) -> Tests:
    """A comparison of a column as comparisons of what is stored in it."""
    if given is None or storage.lacks(column, given):
        return None
    stored = storage.of(column)
    if stored is None:
        return ((operator, given),)
    if column.scalar == "Date" and stored.data_type in ("datetime", "timestamp"):
        return _day(operator, str(given))
    if stored.data_type == "float" and column.scalar in ("Float", "Decimal"):
        return _single(operator, given)
    if stored.labels and isinstance(given, str) and operator is not Operator.EQUAL:
        number = stored.number(given)
        return None if number is None else ((operator, number),)
    if isinstance(given, str) and column.scalar == "String":
        fitting = fit_text(stored, given)
        return None if fitting is None else ((operator, fitting),)
    if stored.data_type == "year" and isinstance(given, int):
        return _year(operator, given)
    return ((operator, given),)


def stored_part(column: Column, part: SqlValue, storage: Storage) -> SqlValue:
    """A value of a row's place, as what is stored and sorted by.

    A FLOAT is shown by fewer digits than it has, and an ENUM or a SET sorts by the places of its
    labels, where a text would be compared letter by letter.
    """
    name = column.stored_name
    if name is None or part is None:
        return part
    if isinstance(part, str):
        stored = storage.find(column.table, name)
        return part if stored is None or not stored.labels else stored.number(part)
    if not isinstance(part, int | float | Decimal):
        return part
    return _nearest(part) if storage.is_single(column.table, name) else part


def fit_text(stored: StoredType, text: str) -> SqlValue:
    """A text for a column that holds no texts; None where it is not the text of such a value.

    The server would read 00:00:00 from what is no time, and MySQL 8 refuses what is no date.
    """
    read = _READERS.get(stored.data_type)
    if read is None:
        return text
    try:
        return read(text)
    except ValueError:
        return None


def is_impossible(stored: StoredType | None, text: SqlValue) -> bool:
    """Whether a column of dates, times or labels is compared with a text that is none."""
    if stored is None or not isinstance(text, str):
        return False
    if stored.labels:
        return stored.number(text) is None
    if stored.data_type not in _DATES:
        return False
    return fit_text(stored, text) is None


# ------------------------------------------------------------------------------ what is stored


def _truth(name: str, operator: Operator, given: Sequence[SqlValue]) -> Sql:
    """Everything but zero is shown as true."""
    wanted = {bool(item) for item in given if item is not None}
    if operator not in (Operator.EQUAL, Operator.IN):
        wanted = {
            each for each in (False, True) for item in wanted if _ORDERED[operator](each, item)
        }
    if not wanted:
        return _FALSE
    if len(wanted) == 2:
        return Sql(f"{name} IS NOT NULL")
    return Sql(f"{name} <> 0" if wanted.pop() else f"{name} = 0")


_ORDERED: dict[Operator, Callable[[bool, bool], bool]] = {
    Operator.LESS: bool.__lt__,
    Operator.LESS_OR_EQUAL: bool.__le__,
    Operator.GREATER: bool.__gt__,
    Operator.GREATER_OR_EQUAL: bool.__ge__,
}


def _day(operator: Operator, day: str) -> Tests:
    """A whole day of a column that holds times, too; days without a month sort between two."""
    start, end = f"{day} 00:00:00", f"{day} 23:59:59.999999"
    match operator:
        case Operator.LESS | Operator.GREATER_OR_EQUAL:
            return ((operator, start),)
        case Operator.LESS_OR_EQUAL | Operator.GREATER:
            return ((operator, end),)
    return ((Operator.GREATER_OR_EQUAL, start), (Operator.LESS_OR_EQUAL, end))


def _year(operator: Operator, given: int) -> Tests:
    """A YEAR is 0 or 1901 to 2155.

    The server reads two digits as a year of this century or the last, and MySQL compares others
    that no YEAR can be as it likes.
    """
    if given == 0 or _FIRST_YEAR <= given <= _LAST_YEAR:
        return ((operator, given),)
    if operator is Operator.EQUAL:
        return None
    is_less = operator in (Operator.LESS, Operator.LESS_OR_EQUAL)
    if 0 < given < _FIRST_YEAR:
        return ((Operator.EQUAL if is_less else Operator.GREATER, 0),)
    return ((Operator.GREATER_OR_EQUAL, 0),) if is_less == (given > 0) else None


def _single(operator: Operator, given: SqlValue) -> Tests:
    """A FLOAT as it is shown: by the fewest digits that tell it from its neighbours."""
    assert isinstance(given, int | float | Decimal)
    number = Decimal(repr(given)) if isinstance(given, float) else Decimal(given)
    nearest = _nearest(number)
    shown = Decimal(shortest(nearest))
    if number == shown:
        return ((operator, nearest),)
    if operator is Operator.EQUAL:
        return None
    is_less = operator in (Operator.LESS, Operator.LESS_OR_EQUAL)
    if shown < number:
        return ((Operator.LESS_OR_EQUAL if is_less else Operator.GREATER, nearest),)
    return ((Operator.LESS if is_less else Operator.GREATER_OR_EQUAL, nearest),)


def _nearest(number: float | Decimal) -> float:
    """The FLOAT next to a number, as the number that a FLOAT is."""
    try:
        found: float = unpack("<f", pack("<f", float(number)))[0]
    except OverflowError:
        return MOST if number > 0 else -MOST
    return found


def _read_time(text: str) -> SqlValue:
    found = re.match(_TIME, text)
    if not found or int(found[1]) > _MOST_HOURS:
        raise ValueError(text)
    return text


def _read_date(text: str) -> SqlValue:
    if len(text) != len("2020-01-01"):
        raise ValueError(text)
    return day_and_time(text)


def _read_date_time(text: str) -> SqlValue:
    if len(text) < len("2020-01-01 00:00:00"):
        raise ValueError(text)
    return day_and_time(text)


_DATES = frozenset(("time", "date", "datetime", "timestamp"))
_READERS: dict[str, Callable[[str], SqlValue]] = {
    "time": _read_time,
    "date": _read_date,
    "datetime": _read_date_time,
    "timestamp": _read_date_time,
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), whole_number),
}

# --------------------------------------------------------------------------------- as SQL


def _plain(name: str, operator: Operator, given: SqlValue | tuple[SqlValue, ...]) -> Sql:
    """A comparison of what is stored with what is given."""
    if isinstance(given, tuple):
        return sql(f"{name} IN (", values(given), ")") if given else _FALSE
    if operator is Operator.PREFIX:
        return sql(f"{name} LIKE ", value(given), " ESCAPE '|'")
    return sql(f"{name} {operator.value} ", value(given))


def _same_json(name: str, given: SqlValue, storage: Storage) -> Sql:
    """Whatever the order of members and the blanks between them. MariaDB keeps JSON as a text."""
    if storage.is_mariadb:
        return sql(f"JSON_EQUALS({name}, ", value(given), ")")
    parsed = sql("CAST(", value(given), " AS JSON)")
    return sql(f"CASE WHEN JSON_VALID({name}) THEN CAST({name} AS JSON) = ", parsed, " END")


def _all_of(name: str, found: Tests) -> Sql:
    if found is None:
        return _FALSE
    return join(
        " AND ", [sql(f"{name} {operator.value} ", value(given)) for operator, given in found]
    )


def _any_of(name: str, found: Iterable[Tests]) -> Sql:
    possible = [each for each in found if each is not None]
    if not possible:
        return _FALSE
    equal = [each[0][1] for each in possible if len(each) == 1 and each[0][0] is Operator.EQUAL]
    if len(equal) == len(possible):
        return sql(f"{name} IN (", values(equal), ")")
    return sql("(", join(" OR ", [sql("(", _all_of(name, each), ")") for each in possible]), ")")
