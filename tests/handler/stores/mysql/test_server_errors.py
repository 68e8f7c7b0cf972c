"""Errors of the server: what of them may stand in a log."""

from __future__ import annotations

import pytest
from pymysql.err import DataError, IntegrityError, MySQLError, OperationalError, ProgrammingError

from handler.stores.mysql.server_errors import describe, describe_of_migration


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            ProgrammingError(1146, "Table 'shop.losts' doesn't exist"),
            "1146 NO_SUCH_TABLE: Table 'shop.losts' doesn't exist",
            id="names are told",
        ),
        pytest.param(
            ProgrammingError(1064, "syntax to use near 'Jane'"), "1064 PARSE_ERROR", id="syntax"
        ),
        pytest.param(OperationalError(1105, "XPATH syntax error: '~Jane'"), "1105 UNKNOWN_ERROR",
                     id="value of a row"),
        pytest.param(DataError(1525, "Incorrect DATE value: 'Jane'"), "1525", id="no known name"),
        pytest.param(OperationalError(2013, "Lost connection"), "2013: Lost connection",
                     id="of the driver"),
        pytest.param(MySQLError("Jane"), "MySQLError", id="no number"),
        pytest.param(MySQLError(), "MySQLError", id="nothing"),
    ],
)  # fmt: skip
def test_server_is_quoted_where_its_text_holds_no_value(error: MySQLError, expected: str) -> None:
    assert describe(error) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Duplicate entry 'it's Jane' for key 'by_name'",
            "Duplicate entry '...' for key 'by_name'",
        ),
        (
            "Incorrect integer value: 'Jane' for column `shop`.`orders`.`n` at row 1",
            "Incorrect integer value: '...' for column `shop`.`orders`.`n` at row 1",
        ),
        ("Truncated incorrect DOUBLE value: 'Jane'", "Truncated incorrect DOUBLE value: '...'"),
        ("Unknown column 'jane' in 'SELECT'", "Unknown column 'jane' in 'SELECT'"),
    ],
)
def test_migration_is_told_no_value_of_a_row(text: str, expected: str) -> None:
    assert describe_of_migration(IntegrityError(1062, text)) == expected
