"""The server's own limit on the time of one statement, in the words of the server at hand.

A client that goes away does not end its statement: the server notices when it has rows to send, or
never. So every statement carries how long somebody waits for it. On MySQL that is a hint, which RDS
Proxy does not pin on; MariaDB has no such hint, and a prefix that sets the limit for this statement
alone.
"""

from __future__ import annotations

from handler.sql.tokens import end_of_select

MIN_S = 0.001
MAX_LIMIT_BYTES = 64  # that the limit adds to a text, for every time that a request may take

# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html: 3024 of MySQL
# https://mariadb.com/docs/server/reference/error-codes: 1969 of MariaDB
TIME_LIMIT_CODES = frozenset((1969, 3024))


def is_mariadb(server_version: str) -> bool:
    """Whether a version such as ``5.5.5-10.11.6-MariaDB`` is MariaDB's."""
    return "mariadb" in server_version.lower()


def limit_time(text: bytes, seconds: float, *, mariadb: bool) -> bytes:
    """The query with its limit; what is none, such as EXPLAIN, has no limit on MySQL."""
    seconds = max(seconds, MIN_S)
    if mariadb:
        return b"SET STATEMENT max_statement_time=%.3f FOR %b" % (seconds, text)
    # MySQL takes the hint behind a query's own SELECT only; a resolver's may not begin with it.
    end = 6 if text.startswith(b"SELECT ") else end_of_select(text.decode("latin-1"))
    if end is None:
        return text
    return b"%b /*+ MAX_EXECUTION_TIME(%d) */%b" % (text[:end], int(seconds * 1000), text[end:])
