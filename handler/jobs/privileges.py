"""What an account may do, read from the server and set to what it shall be."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from handler.jobs.api_user import (
    Account,
    Privilege,
    Privileges,
    account_statements,
    grant_statements,
    read_grants,
)
from handler.stores.mysql.session import Session

_COLUMNS = (
    "SELECT table_schema, table_name, column_name, privilege_type, is_grantable"
    " FROM information_schema.column_privileges WHERE grantee = %s"
)


_EXISTS = "SELECT 1 FROM information_schema.user_privileges WHERE grantee = %s LIMIT 1"


async def has_account(session: Session, account: Account) -> bool:
    """Whether the server knows the account. It lists every account with one right at least."""
    return bool((await session.execute(_EXISTS, (account.grantee,))).rows)


async def drop_account(session: Session, account: Account) -> None:
    """Let the account log in no more; connections that it has stay. Harmless without it."""
    await session.execute("DROP USER IF EXISTS %s@'%%'", (account.name,))


async def put_account(
    session: Session, account: Account, columns: Mapping[str, AbstractSet[str]]
) -> None:
    """Let the account log in and read these columns, by table, of the session's database alone.

    Raises ``pymysql.err.Error``.
    """
    for command in account_statements(account):
        await session.execute(command.text, command.values)
    present = await read_privileges(session, account)
    for command in grant_statements(account, session.database, columns, present):
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
