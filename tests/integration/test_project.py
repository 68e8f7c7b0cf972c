"""The command that writes SDL for a database, and tells how the two differ."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from aurora_graphql.cli import main
from aurora_graphql.cli.errors import NOT_DONE
from aurora_graphql.project.command import DIFFERENT, SAME
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.integration.servers import fetch_rows, run_script

ROOT = Path(__file__).parents[2]
READER = "sdl_reader"
TABLES = (
    "CREATE TABLE authors (author_id INT NOT NULL PRIMARY KEY, name VARCHAR(50) NOT NULL,"
    " password VARCHAR(50))",
    "CREATE TABLE books (book_id INT NOT NULL PRIMARY KEY, author_id INT NOT NULL,"
    " state ENUM('new', 'old') NOT NULL, pages INT, KEY books_author (author_id),"
    " CONSTRAINT books_author FOREIGN KEY (author_id) REFERENCES authors (author_id))",
    "CREATE TABLE logs (line TEXT)",
    "INSERT INTO authors VALUES (1, 'Ada', 'x'), (2, 'Bo', NULL)",
    "INSERT INTO books VALUES (10, 1, 'new', 7), (11, 1, 'old', NULL)",
)
SHAPE = (
    "SELECT table_name, column_name, column_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shop(database: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """Tables of somebody, and an account that may only SELECT from them."""
    run_script(database, *TABLES, f"CREATE USER {READER}")
    run_script(database, f"GRANT SELECT ON `{database.database}`.* TO {READER}")
    yield database
    run_script(database, f"DROP USER {READER}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sdl"


@pytest.fixture
def run(
    shop: DatabaseUrl,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """The command by an account that may only SELECT: its status, and what it says."""
    monkeypatch.setenv("DATABASE_URL", replace(shop, user=READER).text())
    monkeypatch.chdir(folder.parent)

    def command(*words: str) -> tuple[int, str, str]:
        before = contents(shop)
        status = main(["sdl", str(folder), *words])
        assert contents(shop) == before
        return status, *capsys.readouterr()

    return command


def contents(url: DatabaseUrl) -> list[object]:
    """The columns of all tables, and how many rows each has."""
    shape = fetch_rows(url, SHAPE)
    tables = dict.fromkeys(row[0] for row in shape)
    return [shape, *(fetch_rows(url, f"SELECT COUNT(*) FROM `{name}`") for name in tables)]


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_empty_folder_gets_a_file_for_each_table(run: Run, folder: Path) -> None:
    status, out, err = run()
    assert (status, err) == (SAME, "")
    assert list(files(folder)) == [
        "author.graphql",
        "book.graphql",
        "left-out.txt",
        "operations/author.graphql",
        "operations/authors.graphql",
        "operations/book.graphql",
        "operations/books.graphql",
        "report.txt",
        "schema.graphql",
    ]
    assert (folder / "report.txt").read_text() == out
    assert "  authors.password: looks like a secret\n" in out
    assert "  logs: has no key: neither a primary key nor a unique one without NULL\n" in out


def test_filters_are_written_for_what_indexes_find(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    status, _, err = run("--access", "@public", "--filters")
    assert (status, err) == (SAME, "")
    book = (folder / "book.graphql").read_text()
    assert "  books(\n    where: BookFilter\n" in book
    assert "  bookId: Int!\n    @filterable(operators: [EQUAL, IN, LESS, " in book
    assert "  author: Author! @filterable\n" in book
    assert "  pages: Int\n" in book
    author = (folder / "author.graphql").read_text()
    assert (
        "  books(first: Int, after: String, last: Int, before: String): BookConnection!" in author
    )
    question = """{
      authors(where: {books: {some: {bookId: {gt: 10}}}}) { nodes { name } }
      books(where: {author: {authorId: {in: [1, 2]}}, bookId: {lt: 11}}) { nodes { bookId } }
      none: books(where: {author: {authorId: {eq: 2}}}) { totalCount }
    }"""
    with open_api(shop, folder) as api:
        answer = api.run(question)
    assert answer.data == {
        "authors": {"nodes": [{"name": "Ada"}]},
        "books": {"nodes": [{"bookId": 10}]},
        "none": {"totalCount": 0},
    }
    assert run() == (SAME, run()[1], "")
    run_script(shop, "CREATE TABLE tags (tag_id INT NOT NULL PRIMARY KEY)")
    assert run("--add", "tags")[0] == SAME
    assert "  tags(\n    where: TagFilter\n" in (folder / "tag.graphql").read_text()


def test_what_is_written_answers_at_once(run: Run, folder: Path, shop: DatabaseUrl) -> None:
    run("--access", "@public")
    with open_api(shop, folder) as api:
        answer = api.run("{ authors(first: 1) { nodes { name books { nodes { state pages } } } } }")
    books = [{"state": "new", "pages": 7}, {"state": "old", "pages": None}]
    assert answer.data == {
        "authors": {"nodes": [{"name": "Ada", "books": {"nodes": books}}]},
    }


def test_second_run_finds_no_difference_and_writes_nothing(run: Run, folder: Path) -> None:
    run()
    before = files(folder)
    status, out, _ = run()
    assert status == SAME
    assert out.startswith("the SDL has what test_")
    assert files(folder) == before


CHANGES = (
    "CREATE TABLE racks (rack_id INT NOT NULL PRIMARY KEY, place VARCHAR(9))",
    "ALTER TABLE books ADD COLUMN rack_id INT, ADD COLUMN token VARCHAR(9),"
    " ADD CONSTRAINT books_rack FOREIGN KEY (rack_id) REFERENCES racks (rack_id),"
    " MODIFY state ENUM('new', 'old', 'lost'), MODIFY pages VARCHAR(9)",
    "ALTER TABLE authors DROP COLUMN name",
)


def test_differences_are_told_with_their_places(run: Run, folder: Path, shop: DatabaseUrl) -> None:
    run()
    before = files(folder)
    run_script(shop, *CHANGES)
    status, out, _ = run()
    assert status == DIFFERENT
    assert out.splitlines() == [
        "author.graphql:17:3: column authors.name of Author.name is gone",
        "book.graphql:20:3: books.state may be 'lost', which BookState has not",
        "book.graphql:20:3: Book.state must not be null, and books.state may be NULL: take the ! "
        "away",
        "book.graphql:21:3: Book.pages is Int, and books.pages is varchar(9) now: write String",
        "column books.rack_id is new (--add books.rack_id)",
        "table racks is new (--add racks)",
        "left out: books.token looks like a secret",
        "6 differences; nothing that stands in the SDL is changed",
    ]
    assert files(folder) == before


def test_table_that_is_asked_for_is_written_beside_the_others(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    run()
    before = files(folder)
    run_script(shop, CHANGES[0], "CREATE TABLE others (other_id INT NOT NULL PRIMARY KEY)")
    status, out, _ = run("--add", "racks")
    after = files(folder)
    assert status == DIFFERENT
    assert out.splitlines()[:2] == ["written: racks", "table others is new (--add others)"]
    assert {name: after[name] for name in before if name != "left-out.txt"} == {
        name: text for name, text in before.items() if name != "left-out.txt"
    }
    assert "type Rack " in after["rack.graphql"]
    assert {"operations/rack.graphql", "operations/racks.graphql"} <= after.keys()
    run_script(shop, "DROP TABLE others")
    assert run()[0] == SAME


def test_update_writes_all_that_is_new_behind_the_words_that_are_there(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    run()
    book = folder / "book.graphql"
    book.write_text(book.read_text().replace("type Book", "# mine\ntype Book"))
    before = files(folder)
    run_script(
        shop,
        CHANGES[0],
        "ALTER TABLE books ADD COLUMN rack_id INT, ADD COLUMN editor_id INT,"
        " ADD CONSTRAINT books_rack FOREIGN KEY (rack_id) REFERENCES racks (rack_id),"
        " ADD CONSTRAINT books_editor FOREIGN KEY (editor_id) REFERENCES authors (author_id)",
    )
    status, out, _ = run("--update")
    after = files(folder)
    assert (status, out.splitlines()[:-1]) == (
        SAME,
        [
            "written: books.books_editor",
            "written: books.editor_id",
            "written: books.rack_id",
            "written: racks",
        ],
    )
    assert after["book.graphql"] == before["book.graphql"] + (
        "\nextend type Book {\n"
        "  rackId: Int\n"
        "  editorId: Int\n"
        "  rack: Rack\n"
        '  editor: Author @relation(columns: ["editor_id"], references: ["author_id"])\n'
        "}\n"
    )
    assert after["author.graphql"] == before["author.graphql"] + (
        "\nextend type Author {\n"
        "  booksByEditor(first: Int, after: String, last: Int, before: String): BookConnection!\n"
        '    @relation(columns: ["author_id"], references: ["editor_id"])\n'
        "}\n"
    )
    assert run()[0] == SAME


def test_new_column_that_is_called_as_the_key_by_convention_does_not_become_it(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    run_script(shop, "CREATE TABLE series (id INT NOT NULL PRIMARY KEY)")
    run()
    run_script(
        shop,
        "ALTER TABLE series ADD COLUMN series_id INT,"
        " ADD CONSTRAINT part_of FOREIGN KEY (series_id) REFERENCES series (id)",
        "INSERT INTO series VALUES (1, NULL), (2, 1)",
    )
    before = (folder / "series.graphql").read_text()
    assert run("--update")[0] == SAME
    assert (folder / "series.graphql").read_text() == before + (
        '\nextend type Series @key(fields: "id") {\n'
        "  seriesId: Int\n"
        '  series: Series @relation(columns: ["series_id"], references: ["id"])\n'
        "  seriesListBySeries(\n"
        "    first: Int\n"
        "    after: String\n"
        "    last: Int\n"
        "    before: String\n"
        '  ): SeriesConnection! @relation(columns: ["id"], references: ["series_id"])\n'
        "}\n"
    )
    with open_api(shop, folder) as api:
        assert api.run("{ series(id: 2) { id series { id } } }").data == {
            "series": {"id": 2, "series": {"id": 1}}
        }


def test_link_table_that_is_new_leads_from_the_types_that_are_there(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    run()
    run_script(
        shop,
        "CREATE TABLE credits (author_id INT NOT NULL, book_id INT NOT NULL, share INT NOT NULL,"
        " PRIMARY KEY (author_id, book_id), KEY of_book (book_id),"
        " CONSTRAINT of_author FOREIGN KEY (author_id) REFERENCES authors (author_id),"
        " CONSTRAINT of_book FOREIGN KEY (book_id) REFERENCES books (book_id))",
    )
    assert run("--add", "credits")[0] == SAME
    pages = "first: Int, after: String, last: Int, before: String"
    assert (
        (folder / "author.graphql")
        .read_text()
        .endswith(
            "\nextend type Author {\n"
            f"  booksByCredit({pages}): BookConnection!\n"
            '    @relation(through: {table: "credits"})\n'
            f"  credits({pages}): CreditConnection!\n"
            "}\n"
        )
    )
    assert (
        (folder / "book.graphql")
        .read_text()
        .endswith(
            "\nextend type Book {\n"
            f"  authors({pages}): AuthorConnection!\n"
            '    @relation(through: {table: "credits"})\n'
            f"  credits({pages}): CreditConnection!\n"
            "}\n"
        )
    )
    assert run()[0] == SAME


def test_long_report_is_told_in_part_and_written_whole(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    run_script(shop, *(f"CREATE TABLE log{at} (line TEXT)" for at in range(30)))
    _, out, _ = run()
    assert "  ... and 12 more, in report.txt\n" in out
    assert (folder / "report.txt").read_text().count("has no key") == 31


def test_what_an_author_takes_away_is_a_difference_until_it_is_said(run: Run, folder: Path) -> None:
    run()
    book = folder / "book.graphql"
    book.write_text(book.read_text().replace("  pages: Int\n", ""))
    operation = folder / "operations" / "book.graphql"
    operation.write_text(operation.read_text().replace("    pages\n", ""))
    assert run()[:2] == (
        DIFFERENT,
        "column books.pages is new (--add books.pages)\n"
        "1 difference; nothing that stands in the SDL is changed\n",
    )
    with (folder / "left-out.txt").open("a") as file:
        file.write("books.pages  nobody asks for it\n")
    assert run()[0] == SAME
    assert run("--add", "books.pages")[0] == SAME
    assert "books.pages" not in (folder / "left-out.txt").read_text()
    assert book.read_text().endswith("\nextend type Book {\n  pages: Int\n}\n")


def test_secret_is_written_when_it_is_asked_for(run: Run, folder: Path) -> None:
    run()
    assert run("--add", "authors.password")[0] == SAME
    text = (folder / "author.graphql").read_text()
    assert text.endswith("\nextend type Author {\n  password: String\n}\n")
    assert run()[0] == SAME


def test_what_an_author_reads_all_the_same_is_not_left_out(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    folder.mkdir()
    (folder / "mine.graphql").write_text(
        "type Query { log(line: String!): Log author(authorId: Int!): Author }\n"
        'type Log @key(fields: "line") { line: String }\n'
        "type Author { authorId: Int! name: String! password: String }\n"
    )
    status, out, _ = run()
    assert (status, out.splitlines()[:-1]) == (DIFFERENT, ["table books is new (--add books)"])


def test_table_that_an_author_dropped_is_gone(run: Run, folder: Path, shop: DatabaseUrl) -> None:
    run()
    run_script(shop, "DROP TABLE books")
    status, out, _ = run()
    assert (status, out.splitlines()[0]) == (
        DIFFERENT,
        "book.graphql:16:1: table books of Book is gone",
    )


def test_names_of_an_author_are_kept(run: Run, folder: Path, shop: DatabaseUrl) -> None:
    folder.mkdir()
    (folder / "mine.graphql").write_text(
        "type Query { writer(authorId: Int!): Writer }\n"
        'type Writer @table(name: "authors") @key(fields: "authorId") {\n'
        '  authorId: Int! fullName: String! @column(name: "name")\n'
        "}\n"
    )
    status, out, _ = run("--add", "books")
    assert status == SAME, out
    assert "author: Writer!" in (folder / "book.graphql").read_text()
    assert (
        (folder / "mine.graphql")
        .read_text()
        .endswith(
            "\nextend type Writer {\n"
            "  books(first: Int, after: String, last: Int, before: String): BookConnection!\n"
            "}\n"
        )
    )


def test_unknown_name_is_refused(run: Run) -> None:
    run()
    assert run("--add", "boks") == (
        NOT_DONE,
        "",
        "error: --add boks: there is nothing new of that name, and left-out.txt does not name it;"
        " new is nothing\n",
    )


def test_table_without_a_key_is_refused_with_the_reason(run: Run) -> None:
    run()
    assert run("--add", "logs") == (
        NOT_DONE,
        "",
        "error: --add logs: it has no key: neither a primary key nor a unique one without NULL\n",
    )


def test_sdl_that_does_not_start_is_told(run: Run, folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.graphql").write_text("type Query { a: Nothing }")
    status, out, err = run()
    assert (status, out) == (NOT_DONE, "")
    assert 'mine.graphql:1:17: Unknown type "Nothing"' in err


def test_rule_that_is_none_is_told_before_anything_is_written(run: Run, folder: Path) -> None:
    status, out, err = run("--access", "@publik")
    assert (status, out) == (NOT_DONE, "")
    assert err.startswith("error: what would be written does not start: author.graphql:")
    assert not folder.exists()


def test_database_without_tables_is_told(run: Run, folder: Path, shop: DatabaseUrl) -> None:
    run_script(shop, "DROP TABLE books, authors")
    status, out, err = run()
    assert (status, out) == (NOT_DONE, "")
    assert "has no table with a key that this account sees\n  logs: has no key" in err
    assert not folder.exists()


def test_account_that_may_not_see_all_is_told_what_it_does_not(run: Run, shop: DatabaseUrl) -> None:
    name = shop.database
    run_script(
        shop,
        f"REVOKE SELECT ON `{name}`.* FROM {READER}",
        f"GRANT SELECT ON `{name}`.books TO {READER}",
        f"GRANT SELECT (author_id) ON `{name}`.authors TO {READER}",
    )
    status, out, _ = run()
    assert status == SAME
    assert (
        "Not seen by this account\n"
        f"  authors: columns on which {READER}@% has no right\n"
        f"  tables on which {READER}@% has no right, if there are any: the server hides them\n"
    ) in out


def test_view_that_the_server_cannot_read_is_left_out(
    run: Run, folder: Path, shop: DatabaseUrl
) -> None:
    run_script(
        shop,
        "CREATE TABLE gone (id INT)",
        "CREATE VIEW broken AS SELECT id FROM gone",
        "DROP TABLE gone",
        "CREATE VIEW double_books AS SELECT author_id FROM books",
        "CREATE VIEW old_books AS SELECT book_id, state FROM books",
    )
    status, out, _ = run()
    assert status == SAME
    assert "  broken: the database refused: 1356" in out
    assert "  double_books: is a view, and no column of it looks like a key\n" in out
    assert "  view old_books is known by book_id: say so with @key if it is not\n" in out
    assert (folder / "old_book.graphql").exists()


def test_without_an_address_the_variable_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(folder.parent)
    assert main(["sdl", str(folder)]) == NOT_DONE
    assert capsys.readouterr().err.startswith("error: DATABASE_URL is not set")


def test_module_runs_as_a_command(shop: DatabaseUrl, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aurora_graphql", "sdl", str(folder)],
        cwd=folder.parent,
        env={"DATABASE_URL": shop.text(), "PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (SAME, "")
