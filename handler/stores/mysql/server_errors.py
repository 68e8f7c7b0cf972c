"""Errors of the server for logs: number and name, and the text where it holds no values.

The text of many errors repeats what a caller sent or what a row holds: "Incorrect DATETIME value:
'...'", "syntax to use near '...'". Neither may be in a log. Only errors whose text consists of
names (of tables, columns, accounts, settings) are quoted, and those of the driver.
Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
"""

from __future__ import annotations

import re
from typing import Final

from pymysql.constants import ER
from pymysql.err import MySQLError

MISSING_RIGHTS: Final = frozenset(
    {ER.DBACCESS_DENIED_ERROR, ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR}
)

_NAMES: Final = {number: name for name, number in vars(ER).items() if isinstance(number, int)}
_QUOTABLE: Final = frozenset(
    {
        *range(2000, 2100),  # of the driver: no connection, lost connection, no TLS
        ER.CON_COUNT_ERROR,
        ER.DBACCESS_DENIED_ERROR,
        ER.ACCESS_DENIED_ERROR,
        ER.NO_DB_ERROR,
        ER.BAD_DB_ERROR,
        ER.SERVER_SHUTDOWN,
        ER.BAD_FIELD_ERROR,
        ER.RECORD_FILE_FULL,
        ER.HOST_IS_BLOCKED,
        ER.HOST_NOT_PRIVILEGED,
        ER.TABLEACCESS_DENIED_ERROR,
        ER.COLUMNACCESS_DENIED_ERROR,
        ER.NO_SUCH_TABLE,
        ER.FT_MATCHING_KEY_NOT_FOUND,
        ER.NET_READ_ERROR,
        ER.NET_READ_INTERRUPTED,
        ER.NET_ERROR_ON_WRITE,
        ER.NET_WRITE_INTERRUPTED,
        ER.TOO_MANY_USER_CONNECTIONS,
        ER.LOCK_WAIT_TIMEOUT,
        ER.LOCK_DEADLOCK,
        ER.USER_LIMIT_REACHED,
        ER.CANT_AGGREGATE_2COLLATIONS,
        ER.CANT_AGGREGATE_NCOLLATIONS,
        ER.SP_DOES_NOT_EXIST,
        ER.QUERY_INTERRUPTED,
        ER.VIEW_INVALID,
        ER.VIEW_NO_EXPLAIN,
        ER.TABLE_DEF_CHANGED,
        ER.BAD_NULL_ERROR,
        ER.NO_DEFAULT_FOR_FIELD,
        ER.DATA_TOO_LONG,
        ER.WARN_DATA_OUT_OF_RANGE,
        ER.NO_REFERENCED_ROW_2,
        ER.ROW_IS_REFERENCED_2,
        ER.OPTION_PREVENTS_STATEMENT,
        1227,  # a right for the whole server is missing
        1396,  # an account cannot be created, altered or dropped
        1524,  # a plugin, such as that of IAM, is not loaded
        1819,  # a password is too weak
        1927,  # MariaDB: connection was killed
        1969,  # MariaDB: time limit
        3024,  # MySQL: time limit
        3118,  # account is locked
        3159,  # connection without TLS
        4031,  # closed for its idleness
    }
)

# The value that an error repeats; it may hold quotes itself.
_VALUE: Final = (
    r"(?s)'.*'(?= for (?:key|column|function)\b)"
    r"|(?<=value: )'.*'|(?<=value: )\".*\"|(?<=JSON text ).*"
)


def describe(error: MySQLError) -> str:
    """Number, name and, if it holds no values, the text."""
    number = error.args[0] if error.args else None
    if not isinstance(number, int):
        return type(error).__name__
    message = f"{number} {_NAMES.get(number, '')}".rstrip()
    return (
        f"{message}: {error.args[-1]}" if number in _QUOTABLE and len(error.args) > 1 else message
    )


def describe_of_migration(error: MySQLError) -> str:
    """The text of an error of a migration, without values of rows.

    What it quotes of the statement stays: that is a file of the stack.
    """
    return re.sub(_VALUE, "'...'", str(error.args[-1])) if error.args else type(error).__name__
