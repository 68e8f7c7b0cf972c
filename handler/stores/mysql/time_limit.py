"""The server's own time limit of a statement, in the syntax of MySQL or MariaDB.

A statement goes on when its client is gone, until it has rows to send or for ever; therefore each
carries a limit. MySQL has an optimizer hint for it, which does not pin RDS Proxy's connection;
MariaDB has a prefix that sets the limit for one statement.
"""

from __future__ import annotations

from handler.sql.comment import MAX_COMMENT_BYTES
from handler.sql.tokens import end_of_select

MIN_S = 0.001
MAX_LIMIT_BYTES = 64  # that the limit adds to a text, for every time that a request may take
MAX_ADDED_BYTES = MAX_LIMIT_BYTES + MAX_COMMENT_BYTES

# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html: 3024 of MySQL
# https://mariadb.com/docs/server/reference/error-codes: 1969 of MariaDB
TIME_LIMIT_CODES = frozenset((1969, 3024))


def is_mariadb(server_version: str) -> bool:
    """Whether a server version, such as ``5.5.5-10.11.6-MariaDB``, is MariaDB's."""
    return "mariadb" in server_version.lower()


def limit_time(text: bytes, seconds: float, *, mariadb: bool, comment: bytes = b"") -> bytes:
    """The statement with its limit; on MySQL only SELECT has one, EXPLAIN has not.

    ``comment``: of SQL, for behind the statement's first SELECT; one without SELECT gets none.
    """
    seconds = seconds if seconds > MIN_S else MIN_S
    # MySQL takes the hint behind a query's own SELECT only; a resolver's may not begin with it.
    end = 6 if text[:7] == b"SELECT " else end_of_select(text.decode("latin-1"))
    if end is None:
        comment = b""
        if not mariadb:
            return text
    before, behind = text[:end], text[end:] if end is not None else b""
    if mariadb:
        before = b"SET STATEMENT max_statement_time=%.3f FOR %b" % (seconds, before)
    else:
        before = b"%b /*+ MAX_EXECUTION_TIME(%d) */" % (before, int(seconds * 1000))
    return b"%b%b%b" % (before, comment, behind)
