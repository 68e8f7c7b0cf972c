"""What an account may do, read from the server and set to what it shall be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

import pymysql.err

from handler.errors import HandlerError
from handler.jobs.api_user import (
    Account,
    Privilege,
    Privileges,
    account_statements,
    grant_statements,
    read_grants,
)
from handler.stores.mysql.server_errors import describe
from handler.stores.mysql.session import Session

_COLUMNS = (
    "SELECT table_schema, table_name, column_name, privilege_type, is_grantable"
    " FROM information_schema.column_privileges WHERE grantee = %s"
)


_EXISTS = "SELECT 1 FROM information_schema.user_privileges WHERE grantee = %s LIMIT 1"


class AccountError(HandlerError):
    """The account cannot be prepared; says why in the database's own words."""


@contextmanager
def preparing(name: str, remedy: str) -> Iterator[None]:
    """Turn what the server says of the account ``name`` into an ``AccountError``.

    A server may quote the statement, or a part of it, with the password as it is written in SQL:
    so nothing but names is told, and no cause.
    """
    try:
        yield
    except pymysql.err.Error as error:
        raise AccountError(
            f"the tables are up to date, but the account {name!r} cannot be prepared: "
            f"{describe(error)}. {remedy}"
        ) from None


def account_named(key: str, name: str, password: str | None, *, requires_tls: bool) -> Account:
    """The account. ``key``: what named it, for the ``AccountError`` that is raised for its name."""
    try:
        return Account(name, password, requires_tls=requires_tls)
    except ValueError as error:
        raise AccountError(f"{key}: {error}") from None


async def has_account(session: Session, account: Account) -> bool:
    """Whether the server knows the account. It lists every account with one right at least."""
    return bool((await session.execute(_EXISTS, (account.grantee,))).rows)


async def drop_account(session: Session, account: Account) -> None:
    """Let the account log in no more; connections that it has stay. Harmless without it."""
    await session.execute("DROP USER IF EXISTS %s@'%%'", (account.name,))


async def put_account(
    session: Session,
    account: Account,
    columns: Mapping[str, AbstractSet[str]],
    rights: Sequence[str] = ("SELECT",),
) -> None:
    """Let the account log in and do this with these columns, by table, of the session's database.

    Nothing else. Raises ``pymysql.err.Error``.
    """
    for command in account_statements(account):
        await session.execute(command.text, command.values)
    present = await read_privileges(session, account)
    for command in grant_statements(account, session.database, columns, present, rights):
        await session.execute(command.text, command.values)


async def read_privileges(session: Session, account: Account) -> Privileges:
    """What the account may do now; whoever asks has to see the server's own tables of rights."""
    found = await session.execute(_COLUMNS, (account.grantee,))
    columns = [
        Privilege(database, table, column, name.upper(), grantable == "YES")
        for database, table, column, name, grantable in found.rows
    ]
    grants = await session.execute("SHOW GRANTS FOR %s@'%%'", (account.name,))
    return read_grants(columns, [line for (line,) in grants.rows])
