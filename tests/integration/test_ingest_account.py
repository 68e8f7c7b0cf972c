"""The ingest's account on a real server: it writes its tables and can do nothing else."""

from __future__ import annotations

import asyncio
import re

import pytest

from handler.jobs.api_user import Account
from handler.jobs.ingest import ingest
from handler.jobs.ingest_account import RIGHTS, prepare_ingest_account
from handler.jobs.privileges import AccountError, put_account
from handler.settings import Settings
from handler.stores.login import DatabaseAccess, Login
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.integration.loading import dump, shop
from tests.integration.servers import NORTHWIND, ORDERS, run_script
from tests.integration.test_api_user import refusal

__all__ = ["shop"]  # a fixture

WRITER = Account("api_write", "a-password-of-a-test", requires_tls=False)


@pytest.fixture
def writer(shop: DatabaseUrl) -> DatabaseUrl:
    """The shop as the account sees it; no server here knows IAM, so it has a password."""

    async def prepare() -> None:
        async with open_session(shop) as session:
            for _ in range(2):  # harmless a second time
                await put_account(session, WRITER, ORDERS.written_columns(), RIGHTS)

    asyncio.run(prepare())
    return shop.with_login(Login(WRITER.name, WRITER.password or ""))


def test_its_rights_are_enough_for_a_load_and_the_same_again(
    shop: DatabaseUrl, writer: DatabaseUrl
) -> None:
    for _ in range(2):
        report = asyncio.run(ingest(writer, NORTHWIND, ORDERS))
        assert (report.loaded, report.rejected) == (2155, 0)
    assert {name: len(rows) for name, rows in dump(shop).items()} == {
        "customers": 89,
        "products": 77,
        "orders": 830,
        "order_items": 2155,
    }


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders",
        "TRUNCATE TABLE orders",
        "DROP TABLE orders",
        "ALTER TABLE orders ADD COLUMN a INT",
        "CREATE TABLE more (a INT)",
        "UPDATE schema_migrations SET version = 9",
        "SELECT * FROM schema_migrations",
        "SELECT * FROM payrolls",
        "CREATE USER 'more'@'%'",
        "GRANT SELECT ON orders TO 'api_write'@'%'",
    ],
)
def test_anything_else_is_refused(shop: DatabaseUrl, writer: DatabaseUrl, statement: str) -> None:
    run_script(shop, "CREATE TABLE IF NOT EXISTS payrolls (payroll_id INT PRIMARY KEY)")
    assert refusal(writer, statement) in {1142, 1143, 1044, 1227}


async def test_without_iam_or_tables_it_is_said(
    shop: DatabaseUrl, database: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)  # for its mappings
    settings = Settings(database_url=shop)
    with pytest.raises(AccountError, match=r"account 'api_write' cannot be prepared: .*IAM"):
        await prepare_ingest_account(shop, settings, "api_write")
    with pytest.raises(AccountError, match=re.escape("ingest_user: an account is named by 1")):
        await prepare_ingest_account(shop, settings, "Api")
    named = Settings(database_url=shop, database=DatabaseAccess(ingest_user="api_write"))
    with pytest.raises(AccountError, match="ingest_user is 'root', but DATABASE_INGEST_USER is"):
        await prepare_ingest_account(shop, named, "root")
