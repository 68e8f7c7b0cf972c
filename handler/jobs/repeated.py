"""What a server answers to DDL that it has applied before: "exists already", "no such column".

DDL commits by itself, so a run that is cut may not know whether its last statement was applied.
Run again, that very statement may be refused because it was: the answers here then mean "done". To
any other statement they mean what they say. Pure; the answers of MySQL 8 and MariaDB 10.11.
Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
and https://mariadb.com/docs/server/reference/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pymysql.err import Error

from handler.jobs.script import words_of

_TABLE_EXISTS, _NO_TABLE, _NO_SUCH_TABLE = 1050, 1051, 1146
_NO_COLUMN, _NO_KEY = 1054, 1176  # what is to be renamed
_ACCOUNT_FAILED = 1396  # CREATE, DROP and RENAME of users and roles
_CANNOT_CREATE = 1005  # MariaDB, of all reasons for which a foreign key cannot be made
_DUPLICATE_NAME = "errno: 121"  # that one of them

_ALTER_TABLE: Final = frozenset(
    {
        1060,  # ADD COLUMN
        1061,  # ADD INDEX, ADD UNIQUE
        1068,  # ADD PRIMARY KEY
        1091,  # DROP of a column, an index, a key or (MariaDB) a constraint
        1826,  # ADD FOREIGN KEY; MariaDB: ADD CHECK as well
        3821,  # MySQL: DROP CHECK
        3822,  # MySQL: ADD CHECK
        3940,  # MySQL: DROP CONSTRAINT
    }
)
_RENAME_IN_TABLE: Final = frozenset({_NO_COLUMN, _NO_KEY, _NO_SUCH_TABLE, _TABLE_EXISTS})
_PARTITIONS: Final = frozenset({1505, 1507, 1517})  # REMOVE PARTITIONING, DROP, ADD

_ANSWERS: Final[Mapping[tuple[str, str], frozenset[int]]] = {
    ("CREATE", "TABLE"): frozenset({_TABLE_EXISTS}),
    ("CREATE", "VIEW"): frozenset({_TABLE_EXISTS}),
    ("CREATE", "SEQUENCE"): frozenset({_TABLE_EXISTS}),
    ("CREATE", "INDEX"): frozenset({1061}),
    ("CREATE", "TRIGGER"): frozenset({1359}),
    ("CREATE", "DATABASE"): frozenset({1007}),
    ("CREATE", "SCHEMA"): frozenset({1007}),
    ("CREATE", "USER"): frozenset({_ACCOUNT_FAILED}),
    ("CREATE", "ROLE"): frozenset({_ACCOUNT_FAILED}),
    ("CREATE", "FUNCTION"): frozenset({1304}),
    ("CREATE", "PROCEDURE"): frozenset({1304}),
    ("CREATE", "EVENT"): frozenset({1537}),
    ("DROP", "TABLE"): frozenset({_NO_TABLE}),
    ("DROP", "VIEW"): frozenset({_NO_TABLE, 4092}),
    ("DROP", "SEQUENCE"): frozenset({_NO_TABLE, 4091}),
    ("DROP", "INDEX"): frozenset({1091}),
    ("DROP", "TRIGGER"): frozenset({1360}),
    ("DROP", "DATABASE"): frozenset({1008}),
    ("DROP", "SCHEMA"): frozenset({1008}),
    ("DROP", "USER"): frozenset({_ACCOUNT_FAILED}),
    ("DROP", "ROLE"): frozenset({_ACCOUNT_FAILED}),
    ("DROP", "FUNCTION"): frozenset({1305}),
    ("DROP", "PROCEDURE"): frozenset({1305}),
    ("DROP", "EVENT"): frozenset({1539}),
    ("RENAME", "TABLE"): frozenset({_NO_SUCH_TABLE, _TABLE_EXISTS}),
    ("RENAME", "USER"): frozenset({_ACCOUNT_FAILED}),
    ("ALTER", "TABLE"): _ALTER_TABLE,
    ("ALTER", "EVENT"): frozenset({1537, 1539}),  # RENAME TO
}
_OBJECTS: Final = frozenset(kind for _, kind in _ANSWERS)


def was_applied(statement: str, error: Error) -> bool:
    """Whether the error says that this statement, which may have been applied, has been.

    Only what the statement itself makes, drops or renames counts: a table that a view reads and
    that does not exist, or a column named twice in ``CREATE TABLE``, is a mistake at any time.
    """
    code = error.args[0] if error.args else None
    words = ["TABLE" if word == "TABLES" else word for word in words_of(statement)]
    verb = words[0] if words else ""
    kind = next((word for word in words if word in _OBJECTS), "")
    if verb == "REVOKE":
        return code in (1141, 1147)
    if (verb, kind) == ("ALTER", "TABLE"):
        if code == _CANNOT_CREATE:
            return _DUPLICATE_NAME in str(error.args[-1])
        if code in _RENAME_IN_TABLE:
            return "RENAME" in words or "CHANGE" in words
        if code in _PARTITIONS:
            return "PARTITION" in words or "PARTITIONING" in words
    return code in _ANSWERS.get((verb, kind), ())
