"""From the wheel alone to an API on this machine, an archive and a stack to look at."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeService
from selenium.webdriver.common.by import By

from aurora_graphql.archive.bytecode import find_python
from aurora_graphql.archive.target import Target, this_architecture
from aurora_graphql.dev.servers import MariaDb
from tests.aurora_graphql.dev.pages import open_page, options
from tests.integration.foreign import loaded
from tests.integration.servers import fresh_database
from tests.npm import install, run
from tests.outside.user import User, ask, until
from tests.types import test_types
from tests.wheels import built_wheel

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.timeout(900)]

UV = Path(sys.executable).with_name("uv")
DRIVER = Path("/usr/bin/chromedriver")
QUESTION = "{ books(first: 1) { totalCount nodes { title author { name } } } }"
ANSWER = {
    "data": {
        "books": {
            "totalCount": 5,
            "nodes": [
                {"title": "Around the World in Eighty Days", "author": {"name": "Jules Verne"}}
            ],
        }
    }
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the wheel and what it asks for, and nothing else."""
    user = User(tmp_path_factory.mktemp("environment") / "venv", Path("/"))
    with user.step("build the wheel"):
        wheel = built_wheel(tmp_path_factory)
    with user.step("install it"):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        for words in (
            ["venv", "--quiet", "--python", version, str(user.environment)],
            ["pip", "install", "--quiet", "--python", str(user.environment), f"{wheel}[infra,dev]"],
        ):
            subprocess.run([UV, *words], check=True, stdin=subprocess.DEVNULL)
    assert not (user.environment / "bin" / "npm").exists()
    return user.environment


@pytest.fixture
def user(environment: Path, tmp_path: Path) -> Iterator[User]:
    user = User(environment, tmp_path)
    yield user
    sys.stderr.write(f"  all steps: {sum(user.times.values()):.1f} s\n")


def test_new_project_runs_is_packed_and_previewed(user: User) -> None:
    with user.step("new"):
        told = user.run("aurora-graphql", "new", "bookshop")
    assert "cd bookshop" in told
    user.folder /= "bookshop"
    with user.step("check"):
        told = user.run("aurora-graphql", "check", "--fail-on", "warning")
    assert "2 tables fit the SDL" in told
    with user.step("dev"), user.serving("aurora-graphql", "dev") as url:
        assert ask(url, QUESTION) == ANSWER
    with user.step("its own tests"):
        told = user.run("pytest", "-q", "tests/test_api.py")  # wherever pytest takes its root to be
        assert re.search(r"\n5 passed in [^,]*\n", told), told
    with user.step("package"):
        told = user.run("aurora-graphql", "package")
    assert "wrote dist/handler.zip" in told
    if find_python(Target.choose("3.13", this_architecture())) is None:
        pytest.skip("no python3.13 on this machine, which the archive is for")
    with user.step("dev by Lambda's client, out of the archive"):
        given = {"ARCHIVE": "dist/handler.zip"}
        with user.serving("aurora-graphql", "dev", "--lambda", **given) as url:
            assert ask(url, QUESTION) == ANSWER
    for stack in ("dev", "small", "prod"):
        with user.step(f"preview {stack}"):
            told = user.run("aurora-graphql", "preview", stack)
        assert "open: none" in told
        assert "There is no archive" not in told


def check_types(project: Path, schema: str) -> None:
    """The recipe of docs/schema.md, by the tools it names, over the project's operations."""
    tools = install(Path(test_types.__file__).parent, "types")
    (project / "node_modules").symlink_to(tools / "node_modules")
    (project / "schema.graphql").write_text(schema)
    (project / "codegen.ts").write_text(test_types.block("ts"))
    (project / "program.ts").write_text(
        'import type { BookPageQuery } from "./types";\n'
        "export const title = (page: BookPageQuery): string | undefined =>"
        " page.books.nodes[0]?.title;\n"
        "// @ts-expect-error: it was not asked for\n"
        "export const isbn = (page: BookPageQuery) => page.books.nodes[0]?.isbn;\n"
    )
    for program, *words in (
        ("@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.ts"),
        ("typescript/bin/tsc", "--noEmit", "--strict", "program.ts"),
    ):
        run(project / "node_modules" / program, *words, folder=project)


def test_a_day_of_work_at_a_project(user: User) -> None:
    user.run("aurora-graphql", "new", "bookshop")
    user.folder /= "bookshop"
    file = user.folder / "sdl" / "books.graphql"
    written = file.read_text()
    former = user.folder.parent / "former.graphql"
    former.write_text(user.run("aurora-graphql", "schema"))
    with user.step("explain"):
        told = user.run("aurora-graphql", "explain", "--operation", "BookPage")
    assert "books = batch 0: page of Book by first" in told
    with user.step("types by graphql-codegen"):
        check_types(user.folder, user.run("aurora-graphql", "schema", "--for", "codegen"))
    with user.serving("aurora-graphql", "dev") as url:
        with user.step("a change of the SDL is served"):
            file.write_text(
                written.replace("  title: ", '  name: String! @column(name: "title")\n  title: ')
            )
            until(lambda: "data" in ask(url, "{ books(first: 1) { nodes { name } } }"))
        with user.step("load for a second"):
            told = user.run("aurora-graphql", "load", url, "--duration", "1")
        assert " 0 failed" in told
        assert "left out, AuthorBooks needs $authorId" in told
        with user.step("schema diff"):
            told = user.run("aurora-graphql", "schema", "diff", str(former))
        assert "Book.name was added." in told
        file.write_text(written.replace("title:", "heading:").replace('"title"', '"heading"'))
        told = user.run("aurora-graphql", "schema", "diff", str(former), status=1)
        assert "Field Book.title was removed. (used by AuthorBooks, BookPage)" in told


def test_graphiql_in_the_browser_of_a_user(user: User, tmp_path: Path) -> None:
    if not DRIVER.exists():
        pytest.skip(f"no Chromium: {DRIVER} is missing")
    user.run("aurora-graphql", "new", "bookshop")
    user.folder /= "bookshop"
    file = user.folder / "sdl" / "books.graphql"
    written = file.read_text()
    given = options(tmp_path / "profile", "--window-size=1400,900")
    with (
        user.serving("aurora-graphql", "dev") as url,
        Chrome(given, ChromeService(str(DRIVER))) as browser,
    ):
        with user.step("GraphiQL opens with a query of this API"):
            page = open_page(browser, url)
            page.wait_for_text(".graphiql-query-editor", "books")
        tabs = browser.find_elements(By.CSS_SELECTOR, ".graphiql-tab-button")
        assert {each.text for each in tabs} > {"AuthorBooks", "BookPage"}
        with user.step("an answer and its plan"):
            page.open_tab("AuthorBooks")
            page.wait_for_text(".graphiql-query-editor", "query AuthorBooks(")
            page.run()
            page.wait_for_text(".graphiql-response", '"nodes"')
            assert page.wait_for_text(".plan-pane", "Statement 2")
            assert "FROM `authors` t0" in page.find(".plan-sql").text
        with user.step("a mistake in the SDL is shown"):
            file.write_text(written.replace("name: String!", "name: Strin!"))
            page.wait_for_text(".local-error[role=alert]", 'Unknown type "Strin"')
        with user.step("its cure is seen"):
            file.write_text(written)
            page.wait_until(
                lambda: not browser.find_elements(By.CSS_SELECTOR, ".local-error[role=alert]")
            )
        assert page.complaints() == []


def test_a_change_of_the_sdl_makes_the_archive_stale(user: User) -> None:
    user.run("aurora-graphql", "new", "bookshop")
    user.folder /= "bookshop"
    user.run("aurora-graphql", "package")
    (user.folder / "sdl" / "more.graphql").write_text("type Loan { id: ID! }\n")
    told = user.run("aurora-graphql", "preview", "dev", status=2)
    assert "sdl/ changed since" in told


def test_project_over_a_database_that_nobody_here_made(user: User, mariadb: MariaDb) -> None:
    with fresh_database(mariadb) as url, loaded(url, "sakila") as sakila:
        address = sakila.text()
        with user.step("new --from"):
            told = user.run(
                "aurora-graphql", "new", "films", "--from", address, "--access", "@public"
            )
        assert "films/README.md" in told
        user.folder /= "films"
        written = [path.read_bytes() for path in user.folder.rglob("*") if path.is_file()]
        assert not [data for data in written if address.encode() in data]
        with user.step("check"):
            told = user.run("aurora-graphql", "check", DATABASE_URL=address)
        assert "tables fit the SDL" in told or "warning" in told
        question = "{ films(first: 1) { nodes { title } } }"
        given = {"DATABASE_URL": address, "CACHE_URL": ""}
        with user.step("dev"), user.serving("aurora-graphql", "dev", **given) as served:
            assert "ACADEMY DINOSAUR" in str(ask(served, question))
        with user.step("its own tests"):
            told = user.run("pytest", "-q", DATABASE_URL=address)
        assert re.search(r"\n\d\d passed in [^,]*\n", told), told


def test_messages_are_sentences_without_colours(user: User) -> None:
    user.run("aurora-graphql", "new", "bookshop")
    user.folder /= "bookshop"
    file = user.folder / "sdl" / "books.graphql"
    file.write_text(file.read_text().replace("name: String!", "name: Strin!"))
    told = user.run("aurora-graphql", "package", status=2)
    assert "\x1b" not in told
    assert "books.graphql:12:9: Unknown type" in told
    assert user.run("aurora-graphql", "new", "../Bad", status=2).startswith("error: 'Bad' cannot")
    (user.folder / "aurora-graphql.toml").write_text("sdll = 'x'\n")
    told = user.run("aurora-graphql", "check", status=2)
    assert "aurora-graphql.toml: no such key as sdll; write name, sdl, migrations" in told
