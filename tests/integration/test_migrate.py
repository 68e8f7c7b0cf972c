"""Migrations on a real server: once, in order, under a lock, and what happens half-way."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from pymysql.err import Error as DatabaseError

from aurora_graphql.dev.servers import MariaDb
from handler.errors import UpstreamError
from handler.jobs.migrate import MigrationError, Report, migrate
from handler.stores.mysql.session import LockTakenError, open_session
from handler.stores.url import DatabaseUrl
from tests.faults.proxy import FaultProxy
from tests.integration.servers import MIGRATIONS, connect, fetch_rows, run_script

TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1"
)
PROGRESS = (
    "SELECT name, statements_applied, applied_at IS NOT NULL FROM schema_migrations ORDER BY 1"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two small migrations."""
    (tmp_path / "0001_create_a.sql").write_text(
        "-- one; two\nCREATE TABLE a (x INT);\nINSERT INTO a VALUES (1);\n"
    )
    (tmp_path / "0002_create_b.sql").write_text("CREATE TABLE b (x VARCHAR(9) DEFAULT 'a;%s');")
    return tmp_path


async def test_own_migrations_apply_and_apply_once(database: DatabaseUrl) -> None:
    names = tuple(sorted(file.name for file in MIGRATIONS.glob("*.sql")))
    assert names
    assert await migrate(database, MIGRATIONS) == Report(names, (), ())
    assert await migrate(database, MIGRATIONS) == Report((), names, ())
    tables = sorted(str(row[0]) for row in fetch_rows(database, TABLES))
    assert tables == ["customers", "order_items", "orders", "products", "schema_migrations"]


async def test_each_file_runs_once_and_in_order(database: DatabaseUrl, folder: Path) -> None:
    told: list[str] = []
    report = await migrate(database, folder, tell=told.append)
    assert report == Report(("0001_create_a.sql", "0002_create_b.sql"), (), ())
    assert told == [
        "0001_create_a.sql applied, 2 statements",
        "0002_create_b.sql applied, 1 statement",
    ]
    (folder / "0003_fill_a.sql").write_text("INSERT INTO a SELECT x + 1 FROM a")
    (folder / "README.md").write_text("not a migration")
    again = await migrate(database, folder)
    assert again == Report(("0003_fill_a.sql",), report.applied, ())
    assert fetch_rows(database, "SELECT x FROM a ORDER BY x") == [(1,), (2,)]
    assert fetch_rows(database, "SHOW COLUMNS FROM b")[0][4] == "a;%s"


async def test_table_records_version_name_checksum_and_time(
    database: DatabaseUrl, folder: Path
) -> None:
    await migrate(database, folder)
    rows = fetch_rows(
        database,
        "SELECT version, name, LENGTH(checksum), "
        "ABS(TIMESTAMPDIFF(SECOND, applied_at, UTC_TIMESTAMP())) < 60 FROM schema_migrations",
    )
    assert rows == [(1, "0001_create_a.sql", 64, 1), (2, "0002_create_b.sql", 64, 1)]


async def test_line_ends_do_not_change_a_file(database: DatabaseUrl, folder: Path) -> None:
    await migrate(database, folder)
    for name in ("0001_create_a.sql", "0002_create_b.sql"):
        file = folder / name
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert (await migrate(database, folder)).applied == ()


async def test_changed_file_is_refused_by_name(database: DatabaseUrl, folder: Path) -> None:
    await migrate(database, folder)
    with (folder / "0001_create_a.sql").open("a") as file:
        file.write("-- a word more")
    (folder / "0003_create_c.sql").write_text("CREATE TABLE c (x INT)")
    with pytest.raises(
        MigrationError, match=r"^0001_create_a\.sql was changed after it was applied"
    ):
        await migrate(database, folder)
    assert [row[0] for row in fetch_rows(database, TABLES)] == ["a", "b", "schema_migrations"]


async def test_renamed_file_is_refused(database: DatabaseUrl, folder: Path) -> None:
    await migrate(database, folder)
    (folder / "0001_create_a.sql").rename(folder / "0001_create_aa.sql")
    with pytest.raises(MigrationError, match=r"applied under the name 0001_create_a\.sql"):
        await migrate(database, folder)


async def test_late_number_is_refused(database: DatabaseUrl, folder: Path) -> None:
    (folder / "0002_create_b.sql").rename(folder / "0003_create_b.sql")
    await migrate(database, folder)
    (folder / "0002_create_c.sql").write_text("CREATE TABLE c (x INT)")
    with pytest.raises(
        MigrationError, match=r"^0002_create_c\.sql comes before 0003_create_b\.sql"
    ):
        await migrate(database, folder)


async def test_file_missing_here_is_reported(database: DatabaseUrl, folder: Path) -> None:
    await migrate(database, folder)
    (folder / "0002_create_b.sql").unlink()
    report = await migrate(database, folder)
    assert report == Report((), ("0001_create_a.sql",), ("0002_create_b.sql",))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param(
            "SELECT * FROM nowhere;",
            "failed at its first statement, and nothing of it is applied",
            id="nothing-of-it",
        ),
        pytest.param(
            "INSERT INTO a VALUES (7);\nSELECT * FROM nowhere;",
            "stopped after 1 statement: put it back and run again, or undo by hand what it did",
            id="a-part-of-it",
        ),
    ],
)
async def test_file_that_failed_and_is_gone_is_not_said_to_be_applied(
    database: DatabaseUrl, folder: Path, text: str, left: str
) -> None:
    bad = folder / "0003_fail.sql"
    bad.write_text(text)
    with pytest.raises(MigrationError, match=r"0003_fail\.sql stopped"):
        await migrate(database, folder)
    bad.unlink()
    report = await migrate(database, folder)
    names = ("0001_create_a.sql", "0002_create_b.sql")
    assert report == Report((), names, unfinished=(f"0003_fail.sql {left}",))
    (folder / "0003_other.sql").write_text(text.partition("\n")[0].replace("nowhere", "a"))
    assert await migrate(database, folder) == Report(("0003_other.sql",), names)


async def test_file_that_was_cut_and_is_gone_may_be_applied(
    database: DatabaseUrl, folder: Path
) -> None:
    await migrate(database, folder)
    run_script(
        database,
        "INSERT INTO schema_migrations (version, name, checksum, statements_applied,"
        " statement_running) VALUES (3, '0003_cut.sql', '', 1, 'x')",
    )
    assert (await migrate(database, folder)).unfinished == (
        "0003_cut.sql was cut in statement 2, which may be applied: put it back and run again, or"
        " undo by hand what it did",
    )


async def test_failure_half_way_says_what_is_applied_and_the_fix_resumes(
    database: DatabaseUrl, folder: Path
) -> None:
    bad = folder / "0003_create_c.sql"
    bad.write_text(
        "CREATE TABLE c (x INT);\nINSERT INTO c VALUES (1);\n\nINSERT INTO d VALUES (1);"
    )
    with pytest.raises(MigrationError) as caught:
        await migrate(database, folder)
    message = str(caught.value)
    assert message.startswith("0003_create_c.sql stopped at statement 3 of 3 (line 4): Table ")
    assert "in this run: 0001_create_a.sql, 0002_create_b.sql. " in message
    assert "The 2 statements before it are applied" in message
    assert fetch_rows(database, PROGRESS)[2] == ("0003_create_c.sql", 2, 0)

    bad.write_text(
        "CREATE TABLE c (x BIGINT);\nINSERT INTO c VALUES (1);\nINSERT INTO c VALUES (2);"
    )
    with pytest.raises(MigrationError, match="its first 2 statements are applied by a run that"):
        await migrate(database, folder)

    bad.rename(folder / "0003_create_and_fill_c.sql")
    fixed = folder / "0003_create_and_fill_c.sql"
    fixed.write_text(
        "CREATE TABLE c (x INT);\nINSERT INTO c VALUES (1);\nINSERT INTO c VALUES (2);"
    )
    report = await migrate(database, folder)
    assert report.applied == ("0003_create_and_fill_c.sql",)
    assert fetch_rows(database, "SELECT x FROM c ORDER BY x") == [(1,), (2,)]
    assert fetch_rows(database, PROGRESS)[2] == ("0003_create_and_fill_c.sql", 3, 1)


async def test_run_cut_behind_a_statement_goes_on_after_it(
    database: DatabaseUrl, folder: Path
) -> None:
    """The server applied the DDL; we died before that was recorded."""
    (folder / "0003_create_c.sql").write_text("SELECT 1; CREATE TABLE c (x INT); SELECT nothing")
    with pytest.raises(MigrationError, match="statement 3 of 3"):
        await migrate(database, folder)
    (folder / "0003_create_c.sql").write_text(
        "SELECT 1; CREATE TABLE c (x INT); CREATE TABLE e (x INT); CREATE TABLE f (x INT)"
    )
    run_script(database, "CREATE TABLE e (x INT)")
    with pytest.raises(MigrationError, match="'e' already exists"):
        await migrate(database, folder)
    running = hashlib.sha256(b"CREATE TABLE e (x INT)").hexdigest()
    run_script(
        database, f"UPDATE schema_migrations SET statement_running = '{running}' WHERE version = 3"
    )
    assert (await migrate(database, folder)).applied == ("0003_create_c.sql",)
    tables = sorted(str(row[0]) for row in fetch_rows(database, TABLES))
    assert tables == ["a", "b", "c", "e", "f", "schema_migrations"]


BASE = (
    "CREATE TABLE p (id INT PRIMARY KEY, n INT)",
    "CREATE TABLE c (id INT NOT NULL, pid INT NOT NULL, KEY named (pid))",
    "CREATE TABLE spare (id INT)",
    "ALTER TABLE p ADD CONSTRAINT positive CHECK (id > 0)",
    "CREATE VIEW seen AS SELECT 1",
    "CREATE TRIGGER fired BEFORE INSERT ON p FOR EACH ROW SET NEW.n = 1",
)
DDL = (
    "ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (pid) REFERENCES p (id)",
    "ALTER TABLE c ADD CONSTRAINT ck CHECK (id > 0)",
    "ALTER TABLE c ADD PRIMARY KEY (id)",
    "ALTER TABLE c ADD COLUMN m INT, ADD INDEX of_m (m)",
    "CREATE UNIQUE INDEX ux ON c (id)",
    "CREATE TRIGGER tr BEFORE INSERT ON c FOR EACH ROW SET NEW.pid = 1",
    "CREATE TABLE x (id INT)",
    "CREATE VIEW v AS SELECT id FROM c",
    "ALTER TABLE p DROP CONSTRAINT positive",
    "ALTER TABLE p RENAME COLUMN n TO m",
    "ALTER TABLE c RENAME INDEX named TO renamed",
    "RENAME TABLE spare TO moved",
    "DROP TABLE spare",
    "DROP INDEX named ON c",
    "DROP VIEW seen",
    "DROP TRIGGER fired",
    "ALTER TABLE p DROP COLUMN n, DROP CONSTRAINT positive",
)


@pytest.mark.parametrize("statement", DDL)
async def test_run_cut_in_a_statement_that_was_applied_goes_on(
    mariadb: MariaDb, database: DatabaseUrl, tmp_path: Path, statement: str
) -> None:
    """The server gets the statement, and we never hear of it."""
    run_script(database, *BASE)
    file = tmp_path / "0001_change.sql"
    file.write_text(f"CREATE TABLE before_it (x INT);\n{statement};\nCREATE TABLE after_it (x INT)")
    loop = asyncio.get_running_loop()

    def cut(_: int, sent: bytes) -> None:
        if statement.encode() in sent:
            proxy.is_frozen = True  # for the answer
            loop.call_later(0.1, proxy.break_all)

    proxy = FaultProxy(mariadb.socket_file, on_client_bytes=cut)
    async with proxy.running():
        through = replace(database, unix_socket=None, host="127.0.0.1", port=proxy.port)
        with pytest.raises(
            MigrationError, match=r"statement 2 of 3 .*may have been applied or not"
        ):
            await migrate(through, tmp_path)
    told: list[str] = []
    assert (await migrate(database, tmp_path, tell=told.append)).applied == (file.name,)
    assert told[0].startswith("0001_change.sql: statement 2 was applied by the run that was cut in")
    assert told[1:] == ["0001_change.sql applied, 3 statements"]
    assert ("after_it",) in fetch_rows(database, TABLES)


@pytest.mark.parametrize("statement", DDL)
async def test_what_is_there_already_without_a_cut_is_a_conflict(
    database: DatabaseUrl, tmp_path: Path, statement: str
) -> None:
    """Also on the second run: the server has said no to the first one."""
    run_script(database, *BASE, statement)
    (tmp_path / "0001_change.sql").write_text(statement)
    for _ in range(2):
        with pytest.raises(MigrationError, match="stopped at statement 1 of 1"):
            await migrate(database, tmp_path)


async def test_another_statement_in_the_place_of_the_cut_one_is_not_taken_for_applied(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    file = tmp_path / "0001_change.sql"
    file.write_text("CREATE TABLE a (x INT); SELECT nothing")
    with pytest.raises(MigrationError):
        await migrate(database, tmp_path)
    running = hashlib.sha256(b"CREATE TABLE b (x INT)").hexdigest()
    run_script(
        database,
        f"UPDATE schema_migrations SET statement_running = '{running}'",
        "CREATE TABLE b (x INT)",
    )
    file.write_text("CREATE TABLE a (x INT); CREATE TABLE b (x INT, y INT)")
    with pytest.raises(MigrationError, match="'b' already exists"):
        await migrate(database, tmp_path)


async def test_lost_connection_says_so_and_a_second_run_finishes(
    database: DatabaseUrl, folder: Path
) -> None:
    """The statement kills its own session; rows that it wrote are not half kept."""
    kill = folder / "0003_fill_a.sql"
    kill.write_text("INSERT INTO a VALUES (2); INSERT INTO a SELECT SLEEP(30)")

    def kill_when_running() -> None:
        question = "SELECT id FROM information_schema.processlist WHERE info LIKE 'INSERT%SLEEP%'"
        deadline = time.monotonic() + 20
        while not (found := fetch_rows(database, question)):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        run_script(database, f"KILL {found[0][0]}")

    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(kill_when_running))
        with pytest.raises(MigrationError, match=r"statement 2 of 2 .*The connection is lost"):
            await migrate(database, folder)
    kill.write_text("INSERT INTO a VALUES (2); INSERT INTO a VALUES (3)")
    assert (await migrate(database, folder)).applied == ("0003_fill_a.sql",)
    assert fetch_rows(database, "SELECT x FROM a ORDER BY x") == [(1,), (2,), (3,)]


async def test_two_at_a_time_apply_each_file_once(database: DatabaseUrl, folder: Path) -> None:
    (folder / "0003_fill_a.sql").write_text("INSERT INTO a SELECT SLEEP(0.2) + 2")
    reports = await asyncio.gather(*(migrate(database, folder) for _ in range(3)))
    assert sorted(len(report.applied) for report in reports) == [0, 0, 3]
    assert fetch_rows(database, "SELECT x FROM a ORDER BY x") == [(1,), (2,)]


async def test_tables_without_records_are_told_and_the_files_applied(
    database: DatabaseUrl, folder: Path
) -> None:
    run_script(database, "CREATE TABLE theirs (x INT)")
    told: list[str] = []
    await migrate(database, folder, tell=told.append)
    await migrate(database, folder, tell=told.append)
    assert told == [
        f"{database.database} has 1 table and no schema_migrations: no migration has run there; all"
        " files are applied now",
        "0001_create_a.sql applied, 2 statements",
        "0002_create_b.sql applied, 1 statement",
    ]
    names = [row[0] for row in fetch_rows(database, TABLES)]
    assert names == ["a", "b", "schema_migrations", "theirs"]


async def test_lock_held_too_long_is_an_error(database: DatabaseUrl, folder: Path) -> None:
    async with open_session(database) as session, session.lock("migration", wait_s=1):
        with pytest.raises(LockTakenError, match="another migration is at work"):
            await migrate(database, folder, lock_wait_s=0)
    assert len((await migrate(database, folder, lock_wait_s=0)).applied) == 2


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        pytest.param({"1_a.sql": "SELECT 1"}, r"1_a\.sql: name it like", id="short-number"),
        pytest.param({"0001_A.sql": "SELECT 1"}, "name it like", id="capital-letter"),
        pytest.param(
            {"0001_a.sql": "SELECT 1", "0001_b.sql": "SELECT 1"},
            r"0001_a\.sql and 0001_b\.sql have the same number",
            id="same-number",
        ),
        pytest.param({"0001_a.sql": "-- nothing"}, "holds no statement", id="only-comments"),
        pytest.param({"0001_a.sql": "SELECT '"}, r"0001_a\.sql, line 1: ' is opened", id="quote"),
        pytest.param({"0001_a.sql": b"SELECT '\xe9'"}, "is not UTF-8", id="encoding"),
    ],
)
async def test_bad_files_are_refused_before_anything_runs(
    database: DatabaseUrl, tmp_path: Path, files: dict[str, str | bytes], problem: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(MigrationError, match=problem):
        await migrate(database, tmp_path)
    assert fetch_rows(database, TABLES) == []


async def test_unreachable_database_is_named_without_the_password(tmp_path: Path) -> None:
    url = DatabaseUrl(user="u", password="hunter2", database="d", unix_socket=str(tmp_path / "no"))
    with pytest.raises(UpstreamError, match="cannot connect to u@") as caught:
        await migrate(url, MIGRATIONS)
    assert "hunter2" not in str(caught.value)


def test_tables_have_keys_collations_and_exact_money(database: DatabaseUrl) -> None:
    asyncio.run(migrate(database, MIGRATIONS))
    columns = fetch_rows(
        database,
        "SELECT table_name, column_name, column_type, collation_name, is_nullable "
        "FROM information_schema.columns WHERE table_schema = DATABASE() "
        "AND table_name <> 'schema_migrations'",
    )
    identifiers = {
        row[3] for row in columns if str(row[1]) in ("order_id", "product_id", "customer_id")
    }
    assert identifiers == {"utf8mb4_bin"}
    names = {row[1]: row[3] for row in columns if "name" in str(row[1])}
    assert names == {"name": "utf8mb4_unicode_ci", "product_name": "utf8mb4_unicode_520_ci"}
    assert {row[2] for row in columns if "price" in str(row[1])} == {"decimal(19,4)"}
    assert {row[1] for row in columns if row[4] == "YES"} == {"name", "country", "ordered_at"}


def test_foreign_keys_hold(database: DatabaseUrl) -> None:
    asyncio.run(migrate(database, MIGRATIONS))
    with (
        pytest.raises(DatabaseError, match="foreign key constraint fails"),
        connect(database) as to,
    ):
        to.cursor().execute("INSERT INTO orders VALUES ('1', '1', NULL, 'nobody')")


def test_command_line_applies_and_then_has_nothing_to_do(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "handler.jobs.migrate"],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"DATABASE_URL": database.text(), "MIGRATIONS_DIR": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    first = run()
    assert (first.returncode, first.stderr) == (0, "")
    assert "0001_create_order_tables.sql applied, 4 statements\n" in first.stdout
    assert "0002_find_products_by_any_character.sql applied, 1 statement" in first.stdout
    second = run()
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout.startswith("nothing to do")
    (folder / "0001_create_order_tables.sql").write_text("SELECT 1")
    third = run()
    assert (third.returncode, third.stdout) == (2, "")
    assert third.stderr.startswith("migrate: 0001_create_order_tables.sql was changed")
