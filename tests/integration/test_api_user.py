"""The API's account on a real server: what it may do, and that it can do nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from handler.errors import UpstreamError
from handler.jobs.api_account import prepare_account
from handler.jobs.api_user import Account, Command, Privilege, Privileges
from handler.jobs.migrate import migrate
from handler.jobs.privileges import AccountError, read_privileges
from handler.settings import Settings
from handler.sql.statement import Statement
from handler.stores.aws.secrets import SecretStore
from handler.stores.deadline import Deadline
from handler.stores.login import DatabaseAccess, Login
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.conftest import SDL
from tests.domains.database import insert_rows
from tests.domains.orders.rows import order_rows
from tests.integration.account import ACCOUNT, CANARY, drop_account, put
from tests.integration.servers import MIGRATIONS, connect, fetch_rows, run_script

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:api-AbCdEf"

# MySQL's words for a missing right: access denied to a table, a column, a database, the server
REFUSALS = {1142, 1143, 1044, 1227, 1370}


class OneSecret(SecretStore):
    """Secrets Manager with one secret."""

    def __init__(self, user: str = "graphql_api", password: str = CANARY) -> None:
        super().__init__()
        self._found = Login(user, password)

    async def read(self, arn: str) -> Login:
        assert arn == ARN
        return self._found


async def present(url: DatabaseUrl, account: Account = ACCOUNT) -> Privileges:
    async with open_session(url) as session:
        return await read_privileges(session, account)


def refusal(url: DatabaseUrl, statement: str) -> int:
    """The number of the error with which the server refuses a statement."""
    with pytest.raises(pymysql.err.Error) as caught:
        run_script(url, statement)
    number = caught.value.args[0]
    assert isinstance(number, int)
    return number


@pytest.fixture
def shop(database: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """The four tables and one that no SDL names."""
    asyncio.run(migrate(database, MIGRATIONS))
    run_script(
        database,
        "ALTER TABLE customers ADD COLUMN password_hash VARCHAR(64) NULL",
        "CREATE TABLE payrolls (payroll_id INT PRIMARY KEY, salary INT)",
    )
    yield database
    drop_account(database)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT password_hash FROM customers", id="another-column"),
        pytest.param("SELECT * FROM customers", id="all-columns"),
        pytest.param("SELECT name FROM customers WHERE password_hash = 'a'", id="by-that-column"),
        pytest.param("SELECT name FROM customers ORDER BY password_hash", id="in-its-order"),
        pytest.param("SELECT salary FROM payrolls", id="another-table"),
        pytest.param("SELECT COUNT(*) FROM payrolls", id="its-size"),
        pytest.param("SELECT version FROM schema_migrations", id="the-migrations"),
        pytest.param("SELECT Host FROM mysql.user", id="accounts"),
        pytest.param("INSERT INTO customers (customer_id) VALUES ('x')", id="insert"),
        pytest.param("UPDATE customers SET name = 'x'", id="update"),
        pytest.param("DELETE FROM customers", id="delete"),
        pytest.param("LOCK TABLES customers WRITE", id="lock-a-table"),
        pytest.param("TRUNCATE TABLE customers", id="truncate"),
        pytest.param("DROP TABLE customers", id="drop"),
        pytest.param("CREATE TABLE mine (x INT)", id="create"),
        pytest.param("CREATE TEMPORARY TABLE mine (x INT)", id="create-temporary"),
        pytest.param("ALTER TABLE customers ADD COLUMN x INT", id="alter"),
        pytest.param("CREATE INDEX x ON customers (name)", id="index"),
        pytest.param("CREATE VIEW v AS SELECT name FROM customers", id="view"),
        pytest.param("SELECT name FROM customers INTO OUTFILE '/tmp/x'", id="write-a-file"),
        pytest.param("GRANT SELECT (name) ON customers TO 'graphql_api'@'%'", id="grant"),
        pytest.param("CREATE USER 'other'@'%'", id="account"),
        pytest.param("SET GLOBAL max_connections = 1", id="settings-of-the-server"),
    ],
)
def test_anything_else_is_refused(shop: DatabaseUrl, statement: str) -> None:
    limited = asyncio.run(put(shop, SDL))
    assert fetch_rows(limited, "SELECT name, country FROM customers") == []
    assert refusal(limited, statement) in REFUSALS


def test_no_column_can_be_left_out(shop: DatabaseUrl) -> None:
    """So the account has what the SDL needs, and nothing besides."""
    everything = (
        "{ customers { nodes { customerId name country orderCount orders { nodes { orderId"
        " orderRef orderedAt customerId total items { orderItemId quantity unitPrice discount"
        " lineTotal product { productId productName exactPrice } } } } } } }"
    )

    def is_refused() -> bool:
        with open_api(limited, SDL) as api:
            try:
                body = api.run(everything).body
            except UpstreamError:
                return True
            return any(error["code"] == "UPSTREAM_FAILED" for error in body.get("errors", ()))

    insert_rows(shop, order_rows())
    limited = asyncio.run(put(shop, SDL))
    granted = asyncio.run(present(shop))
    assert not granted.has_wider
    assert {(each.table, each.name) for each in granted.columns} == {
        (table, "SELECT") for table in ("customers", "products", "orders", "order_items")
    }
    assert not is_refused()
    spare = []
    for each in granted.columns:
        what = f"SELECT (`{each.column}`) ON `{each.table}`"
        run_script(shop, f"REVOKE {what} FROM 'graphql_api'@'%'")
        if not is_refused():
            spare.append(each)
        run_script(shop, f"GRANT {what} TO 'graphql_api'@'%'")
    assert spare == []


async def test_a_second_time_changes_nothing(shop: DatabaseUrl) -> None:
    await put(shop, SDL)
    before = await present(shop)
    await put(shop, SDL)
    assert await present(shop) == before


async def test_another_sdl_takes_away_what_it_does_not_read(
    shop: DatabaseUrl, tmp_path: Path
) -> None:
    limited = await put(shop, SDL)
    run_script(shop, "DROP TABLE order_items")
    (tmp_path / "a.graphql").write_text(
        "type Query { customer(customerId: ID!): Customer }"
        ' type Customer { customerId: ID! hash: String @column(name: "password_hash") }'
    )
    await put(shop, tmp_path)
    assert sorted((await present(shop)).columns, key=str) == [
        Privilege(shop.database, "customers", name, "SELECT")
        for name in ("customer_id", "password_hash")
    ]
    assert fetch_rows(limited, "SELECT password_hash FROM customers") == []
    assert refusal(limited, "SELECT name FROM customers") in REFUSALS


@pytest.mark.parametrize(
    "grant",
    [
        pytest.param("GRANT SELECT ON {}.customers TO", id="a-whole-table"),
        pytest.param("GRANT INSERT ON {}.* TO", id="the-database"),
        pytest.param("GRANT PROCESS ON *.* TO", id="the-server"),
        pytest.param("GRANT UPDATE (name) ON {}.customers TO", id="to-write-a-column"),
        pytest.param("GRANT SELECT (password_hash) ON {}.customers TO", id="another-column"),
        pytest.param("GRANT EXECUTE ON PROCEDURE {}.salaries TO", id="a-routine"),
        pytest.param("GRANT PROXY ON 'root'@'localhost' TO", id="to-act-as-another"),
    ],
)
async def test_rights_of_an_older_account_are_taken_away(shop: DatabaseUrl, grant: str) -> None:
    await put(shop, SDL)
    expected = await present(shop)
    run_script(shop, "CREATE PROCEDURE salaries() SELECT salary FROM payrolls")
    run_script(shop, f"{grant.format(shop.database)} 'graphql_api'@'%'")
    assert await present(shop) != expected
    await put(shop, SDL)
    assert await present(shop) == expected


async def test_roles_of_an_older_account_are_taken_away(shop: DatabaseUrl) -> None:
    """MySQL keeps them when all rights are taken away that an account has by itself."""
    limited = await put(shop, SDL)
    expected = await present(shop)
    roles = ("reads_all", "has_``_and_%", "writes_all")
    try:
        for role in roles:
            run_script(
                shop,
                f"CREATE ROLE `{role}`",
                f"GRANT SELECT ON `{shop.database}`.* TO `{role}`",
                f"GRANT `{role}` TO 'graphql_api'@'%' WITH ADMIN OPTION",
            )
        with connect(limited) as connection, connection.cursor() as cursor:
            cursor.execute("SET ROLE reads_all")
            cursor.execute("SELECT salary FROM payrolls")
        assert not (await present(shop)).has_wider
        await put(shop, SDL)
        assert await present(shop) == expected
        assert expected.others == []
        # MariaDB: the role was not granted; MySQL: it is not granted.
        assert refusal(limited, "SET ROLE reads_all") in (1959, 3530)
        assert refusal(limited, "SELECT salary FROM payrolls") in REFUSALS
    finally:
        run_script(shop, *(f"DROP ROLE `{role}`" for role in roles))


async def test_a_new_password_takes_the_place_of_the_old(shop: DatabaseUrl) -> None:
    old = await put(shop, SDL)
    new = await put(shop, SDL, Account("graphql_api", "%s'\\\"; DROP", requires_tls=False))
    assert fetch_rows(new, "SELECT 1") == [(1,)]
    assert refusal(old, "SELECT 1") == 1045


def settings_of(url: DatabaseUrl, arn: str = ARN, sdl: Path = SDL) -> Settings:
    return Settings(database_url=url, sdl_dir=sdl, database=DatabaseAccess(api_secret_arn=arn))


async def test_the_account_has_the_password_of_its_secret(shop: DatabaseUrl) -> None:
    await prepare_account(shop, settings_of(shop), "graphql_api", OneSecret())
    limited = shop.with_login(Login("graphql_api", CANARY))
    assert fetch_rows(limited, "SELECT name FROM customers") == []


@pytest.mark.parametrize(
    ("name", "secret", "message"),
    [
        pytest.param(
            "graphql_api",
            OneSecret(user="other"),
            f"the secret {ARN} is of the account 'other', not 'graphql_api'",
            id="the-secret-of-another",
        ),
        pytest.param("Api", OneSecret(user="Api"), "api_user: an account is named by 1", id="name"),
    ],
)
async def test_an_account_that_makes_no_sense_is_refused(
    shop: DatabaseUrl, name: str, secret: OneSecret, message: str
) -> None:
    with pytest.raises(AccountError, match=message):
        await prepare_account(shop, settings_of(shop), name, secret)


async def test_no_other_account_than_the_stack_names_is_created(shop: DatabaseUrl) -> None:
    settings = Settings(
        database_url=shop, sdl_dir=SDL, database=DatabaseAccess(api_user="graphql_api")
    )
    with pytest.raises(AccountError, match="api_user is 'root', but DATABASE_API_USER is 'graphql"):
        await prepare_account(shop, settings, "root", OneSecret())


async def test_the_account_of_the_old_road_logs_in_until_the_next_migration(
    shop: DatabaseUrl,
) -> None:
    """The one that makes the new account leaves the other to the version that still serves."""
    serving = await put(shop, SDL, Account("api_before", CANARY, requires_tls=False))
    access = DatabaseAccess(api_secret_arn=ARN, former_api_users=("api_before", "never_there"))
    settings = Settings(database_url=shop, sdl_dir=SDL, database=access)
    fresh = shop.with_login(Login("graphql_api", CANARY))
    text = "SELECT name FROM customers"

    await prepare_account(shop, settings, "graphql_api", OneSecret())
    assert (fetch_rows(serving, text), fetch_rows(fresh, text)) == ([], [])

    await prepare_account(shop, settings, "graphql_api", OneSecret())
    assert refusal(serving, text) == 1045
    assert fetch_rows(fresh, text) == []
    await prepare_account(shop, settings, "graphql_api", OneSecret())
    assert fetch_rows(fresh, text) == []


async def test_the_way_back_makes_the_dropped_account_anew(shop: DatabaseUrl) -> None:
    there = Settings(
        database_url=shop,
        sdl_dir=SDL,
        database=DatabaseAccess(api_secret_arn=ARN, former_api_users=("api_before",)),
    )
    back = Settings(
        database_url=shop,
        sdl_dir=SDL,
        database=DatabaseAccess(api_secret_arn=ARN, former_api_users=("graphql_api",)),
    )
    text = "SELECT name FROM customers"
    for _ in range(2):
        await prepare_account(shop, there, "graphql_api", OneSecret())
    await prepare_account(shop, back, "api_before", OneSecret(user="api_before"))
    for name in ("graphql_api", "api_before"):
        assert fetch_rows(shop.with_login(Login(name, CANARY)), text) == []
    await prepare_account(shop, back, "api_before", OneSecret(user="api_before"))
    assert refusal(shop.with_login(Login("graphql_api", CANARY)), text) == 1045
    run_script(shop, "DROP USER IF EXISTS 'api_before'@'%'")


async def test_a_former_account_is_never_the_one_in_service(shop: DatabaseUrl) -> None:
    access = DatabaseAccess(api_secret_arn=ARN, former_api_users=("graphql_api",))
    settings = Settings(database_url=shop, sdl_dir=SDL, database=access)
    for _ in range(2):
        await prepare_account(shop, settings, "graphql_api", OneSecret())
    limited = shop.with_login(Login("graphql_api", CANARY))
    assert fetch_rows(limited, "SELECT name FROM customers") == []


NAMES = "type Query { customer(customerId: ID!): Customer } type Customer { customerId: ID! %s }"


async def release(shop: DatabaseUrl, folder: Path, field: str, former: int = 2) -> None:
    """Prepare the account for an SDL with this field of the customers."""
    (folder / "a.graphql").write_text(NAMES % f"{field}: String")
    settings = settings_of(shop, sdl=folder)
    await prepare_account(shop, settings, "graphql_api", OneSecret(), former)


def read_by_the_api(shop: DatabaseUrl) -> set[str]:
    """The columns of the customers that the account may read, beside their key."""
    found = fetch_rows(
        shop,
        "SELECT column_name FROM information_schema.column_privileges"
        " WHERE grantee LIKE '%graphql_api%' AND table_name = 'customers'",
    )
    return {str(name) for (name,) in found} - {"customer_id"}


async def test_the_columns_of_releases_to_go_back_to_stay_readable(
    shop: DatabaseUrl, tmp_path: Path
) -> None:
    """The release before serves until the alias has moved, and again when it is moved back."""
    run_script(shop, "ALTER TABLE customers ADD COLUMN a INT, ADD COLUMN b INT, ADD COLUMN c INT")
    seen = []
    for field in ("a", "b", "b", "c", "name", "c", "a"):
        await release(shop, tmp_path, field)
        seen.append(read_by_the_api(shop))
    assert seen == [
        {"a"},
        {"a", "b"},
        {"a", "b"},  # the same again is no other release
        {"a", "b", "c"},
        {"b", "c", "name"},
        {"b", "c", "name"},  # one that comes back is the newest again
        {"a", "c", "name"},
    ]
    await release(shop, tmp_path, "b", former=1)
    assert read_by_the_api(shop) == {"a", "b"}
    await release(shop, tmp_path, "b", former=0)
    assert read_by_the_api(shop) == {"b"}


async def test_what_a_migration_dropped_is_not_granted(shop: DatabaseUrl, tmp_path: Path) -> None:
    run_script(shop, "ALTER TABLE customers ADD COLUMN a INT")
    await release(shop, tmp_path, "a")
    run_script(shop, "ALTER TABLE customers DROP COLUMN a")
    await release(shop, tmp_path, "name")
    assert read_by_the_api(shop) == {"name"}
    (tmp_path / "a.graphql").write_text(
        "type Query { payroll(payrollId: ID!): Payroll }"
        " type Payroll { payrollId: ID! salary: Int }"
    )
    await prepare_account(shop, settings_of(shop, sdl=tmp_path), "graphql_api", OneSecret(), 2)
    run_script(shop, "DROP TABLE payrolls")
    await release(shop, tmp_path, "name")
    assert read_by_the_api(shop) == {"name"}


async def test_a_missing_column_is_said_in_the_words_of_the_database(
    shop: DatabaseUrl, tmp_path: Path
) -> None:
    (tmp_path / "a.graphql").write_text(
        "type Query { customer(customerId: ID!): Customer }"
        " type Customer { customerId: ID! iban: String }"
    )
    with pytest.raises(AccountError, match=r"up to date, .* 'iban'.*aurora-graphql check") as c:
        await prepare_account(shop, settings_of(shop, sdl=tmp_path), "graphql_api", OneSecret())
    assert CANARY not in f"{c.value!r} {c.value.__cause__!r}"


@pytest.mark.parametrize(
    "password",
    [
        pytest.param(CANARY, id="plain"),
        pytest.param(f"it's {CANARY}", id="quote-that-is-escaped"),
        pytest.param(f"{CANARY}-" * 9, id="so-long-that-the-server-cuts-it"),
        pytest.param(f"pässwörd-密码-{CANARY}", id="letters-beyond-ascii"),
    ],
)
async def test_words_of_the_database_do_not_hold_the_password(
    shop: DatabaseUrl, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """A server may quote the statement that it does not understand, or a part of it."""
    broken = Command("CREATE USER %s IDENTIFID BY %s", ("graphql_api", password))
    monkeypatch.setattr("handler.jobs.privileges.account_statements", lambda account: [broken])
    with pytest.raises(
        AccountError, match=r"cannot be prepared: 1064 PARSE_ERROR\. Does"
    ) as caught:
        await prepare_account(shop, settings_of(shop), "graphql_api", OneSecret(password=password))
    assert CANARY not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "password", ["pässwörd", "密码-пароль-🔑", 'it\'s \\ %s "quoted"', "né e\u0301", " blank "]
)
async def test_the_account_logs_in_whatever_letters_its_password_has(
    shop: DatabaseUrl, password: str
) -> None:
    await prepare_account(shop, settings_of(shop), "graphql_api", OneSecret(password=password))
    database = MySqlDatabase(shop.with_login(Login("graphql_api", password)))
    try:
        text = "SELECT customer_id FROM customers"
        assert (await database.fetch(Statement(text, ()), Deadline.after(20))).rows == []
    finally:
        await database.close()


async def test_a_missing_right_is_told_with_its_remedy(shop: DatabaseUrl) -> None:
    database = MySqlDatabase(await put(shop, SDL))
    for text in ("SELECT salary FROM payrolls", "SELECT password_hash FROM customers"):
        with pytest.raises(UpstreamError, match=r"114[23] .* denied .*; give the account SELECT"):
            await database.fetch(Statement(text, ()), Deadline.after(20))
    await database.close()
