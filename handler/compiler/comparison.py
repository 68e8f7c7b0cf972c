"""How a column compares to a value, so that it finds what the answers show.

A value is shown by its scalar, and compared by the column's type; where the two differ, the scalar
writes a comparison as others that find the same rows and that an index serves.
"""

from __future__ import annotations

from collections.abc import Iterable

from handler.compiler.storage import UNKNOWN, Storage
from handler.model.column import Column
from handler.scalars import COLUMNS, INTEGER_ID
from handler.scalars.scalar import Tests
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue, join, sql, value, values

_FALSE = Sql("FALSE")


def compare(
    name: str,
    column: Column,
    operator: Operator,
    given: SqlValue | tuple[SqlValue, ...],
    storage: Storage,
) -> Sql:
    """The condition for a column, whose SQL is ``name``, and an argument."""
    scalar = COLUMNS[column.scalar]
    if scalar.compares_itself:
        given = given if isinstance(given, tuple) else (given,)
        return scalar.compare(name, operator, given, is_mariadb=storage.is_mariadb)
    if storage is UNKNOWN and not column.zero_is_null:
        return _plain(name, operator, given)  # most requests: nothing is known, nor need be
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
    scalar = INTEGER_ID if column.is_integer else COLUMNS[column.scalar]
    return scalar.tests(operator, given, stored)


def stored_part(column: Column, part: SqlValue, storage: Storage) -> SqlValue:
    """A value of a row's place, as what is stored and sorted by."""
    stored = storage.of(column)
    return part if stored is None else COLUMNS[column.scalar].as_stored(part, stored)


# --------------------------------------------------------------------------------- as SQL


def _plain(name: str, operator: Operator, given: SqlValue | tuple[SqlValue, ...]) -> Sql:
    """A comparison of what is stored with what is given."""
    if isinstance(given, tuple):
        return sql(f"{name} IN (", values(given), ")") if given else _FALSE
    if operator is Operator.PREFIX:
        return sql(f"{name} LIKE ", value(given), " ESCAPE '|'")
    return sql(f"{name} {operator.value} ", value(given))


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
