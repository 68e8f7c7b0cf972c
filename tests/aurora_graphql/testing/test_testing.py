"""``aurora_graphql.testing`` as a project uses it, over a choir; the blocks of docs/testing.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora_graphql.testing import Api, Servers, TestDatabase, open_api, start_servers
from handler.errors import SettingsError

ROOT = Path(__file__).parents[3]
SDL = """
type Query {
  singers: [Singer!]! @orderBy(fields: ["name"]) @listSize(assumedSize: 20)
  song(songId: ID!): Song
}
type Singer @key(fields: "singerId") @requiresScopes(scopes: [["choir:read"]]) {
  singerId: ID! @column(integer: true)
  name: String!
  songs: [Song!]! @orderBy(fields: ["title"]) @listSize(assumedSize: 20)
}
type Song
  @key(fields: "songId")
  @requiresScopes(scopes: [["choir:read"]])
  @cacheControl(maxAge: 60) {
  songId: ID! @column(integer: true)
  title: String!
}
"""
TABLES = """
CREATE TABLE singers (singer_id INT PRIMARY KEY, name VARCHAR(40) NOT NULL);
CREATE TABLE songs (
  song_id INT PRIMARY KEY,
  title VARCHAR(40) NOT NULL,
  singer_id INT NOT NULL,
  KEY (singer_id, title)
);
"""


def project(folder: Path) -> Path:
    """A project as ``new`` makes one: SDL and migrations."""
    for name, file, text in (
        ("sdl", "choir.graphql", SDL),
        ("migrations", "0001_create_choir.sql", TABLES),
    ):
        (folder / name).mkdir()
        (folder / name / file).write_text(text)
    return folder


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with start_servers(cache=True, folder=tmp_path_factory.mktemp("servers")) as started:
        yield started


@pytest.fixture
def choir(servers: Servers, tmp_path: Path) -> Iterator[tuple[TestDatabase, Path]]:
    folder = project(tmp_path)
    with servers.database() as database:
        database.migrate(folder / "migrations")
        database.load("singers", [{"singer_id": 1, "name": "Ann"}, {"singer_id": 2, "name": "Bo"}])
        database.load("songs", [{"song_id": 1, "title": "100 % Blue", "singer_id": 1}])
        yield database, folder / "sdl"


READS = ["choir:read"]
ALL = "{ singers { name songs { title } } }"


def test_answer_shows_data_statements_and_plan(choir: tuple[TestDatabase, Path]) -> None:
    with open_api(*choir) as api:
        answer = api.ask(ALL, scopes=READS)
        assert answer.data == {
            "singers": [
                {"name": "Ann", "songs": [{"title": "100 % Blue"}]},
                {"name": "Bo", "songs": []},
            ]
        }
        assert (answer.status, answer.errors, answer.codes) == (200, [], [])
        assert [text.partition(" FROM ")[2].split()[0] for text in answer.statements] == [
            "`singers`",
            "`songs`",
        ]
        assert answer.plan.startswith("query\n  singers = batch 0: list of Singer")
        assert api.ask("{ song(songId: 7) { title } }", scopes=READS).statements != ()


def test_caller_without_the_scope_is_refused(choir: tuple[TestDatabase, Path]) -> None:
    with open_api(*choir) as api:
        refused = api.ask(ALL)
        assert refused.codes == ["UNAUTHENTICATED"]
        assert refused.statements == ()
        assert api.ask(ALL, scopes=["other"]).codes == ["FORBIDDEN"]
        with pytest.raises(AssertionError, match="the answer has errors: "):
            _ = refused.data
    with open_api(*choir, auth=False) as api:
        assert len(api.ask(ALL).data["singers"]) == 2


def test_document_that_is_wrong_has_errors_and_no_plan(choir: tuple[TestDatabase, Path]) -> None:
    with open_api(*choir) as api:
        answer = api.ask("{ nobody }", scopes=READS)
        assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]
        assert (answer.statements, answer.plan) == ((), "")


def test_settings_are_those_of_the_handler(choir: tuple[TestDatabase, Path]) -> None:
    with open_api(*choir, list_max=1) as api:
        assert api.ask(ALL, scopes=READS).errors != []
    with (
        pytest.raises(SettingsError, match=r"docs/settings\.md lists them"),
        open_api(*choir, lists_max=1),
    ):
        pass


def test_index_is_named_by_the_server(choir: tuple[TestDatabase, Path]) -> None:
    with open_api(*choir) as api:
        (line,) = api.explain("{ song(songId: 1) { title } }", scopes=READS)
        assert line == "t0: const, PRIMARY, 1"


def test_cached_answer_asks_nothing(servers: Servers, choir: tuple[TestDatabase, Path]) -> None:
    document = "{ song(songId: 1) { title } }"
    with open_api(*choir, cache_url=servers.cache_url) as api:
        assert len(api.ask(document, scopes=READS).statements) == 1
        assert api.ask(document, scopes=READS).statements == ()


def test_databases_do_not_see_one_another(servers: Servers) -> None:
    with servers.database() as one, servers.database() as other:
        one.run("CREATE TABLE t (n INT)")
        one.load("t", [{"n": 1}, {"n": None}])
        assert one.rows("SELECT n FROM t WHERE n = %s", 1) == [(1,)]
        assert other.rows("SHOW TABLES") == []


def test_blocks_of_the_docs_pass_in_a_project_of_their_own(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    project(tmp_path)
    (tmp_path / "tests").mkdir()
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        name = re.match(r"# (tests/\S+)", block)
        assert name is not None
        (tmp_path / name[1]).write_text(block)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_api_is_what_the_docs_list() -> None:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    members = [name for kind in (Api, TestDatabase) for name in vars(kind) if name[0] != "_"]
    assert [name for name in members if f".{name}" not in page] == ["close"]
