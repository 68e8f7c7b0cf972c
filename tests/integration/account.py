"""The API's account, created for an SDL on a real server."""

from __future__ import annotations

from pathlib import Path

from handler.jobs.api_user import Account, read_columns
from handler.jobs.privileges import put_account
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.stores.login import Login
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.integration.servers import run_script

CANARY = "Canary-never-shown-1"
ACCOUNT = Account("graphql_api", CANARY, requires_tls=False)


async def put(url: DatabaseUrl, sdl: Path, account: Account = ACCOUNT) -> DatabaseUrl:
    """Create the account for an SDL; returns the database as that account sees it."""
    columns = read_columns(build_model(load_schema(sdl)))
    async with open_session(url) as session:
        await put_account(session, account, columns)
    return url.with_login(Login(account.name, account.password or ""))


def drop_account(url: DatabaseUrl) -> None:
    run_script(url, f"DROP USER IF EXISTS '{ACCOUNT.name}'@'%'")
