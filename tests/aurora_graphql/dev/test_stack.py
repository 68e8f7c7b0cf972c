"""What the handler is told on one's own machine."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from aurora_graphql.dev.claim import Claim
from aurora_graphql.dev.stack import Stack, StackError, Writes, open_stack
from aurora_graphql.dev.steps import Steps
from aurora_graphql.project_file import Data, Project
from handler.stores.url import DatabaseUrl
from tests.ports import free_port

if TYPE_CHECKING:
    from aurora_graphql.dev.servers import DatabaseServer


@pytest.mark.parametrize(
    ("given", "tracebacks"),
    [
        pytest.param({}, "on", id="by-default"),
        pytest.param({"LOG_TRACEBACKS": "off"}, "off", id="as-one-says"),
        pytest.param({"STAGE": "dev"}, "off", id="another-stage-where-lambda-refuses-them"),
    ],
)
def test_failures_are_shown_whole(given: dict[str, str], tracebacks: str) -> None:
    url = DatabaseUrl(host="nowhere", user="nobody", database="none")
    project = Project.of(Path("/nowhere"))
    assert Stack.build(project, given, url, "off").environ["LOG_TRACEBACKS"] == tracebacks


ADDRESS = "mysql://me@shop.example/shop"
ROWS = (Data(file=Path("rows.jsonl")),)
APPLIED = Writes(migrations=True)
FILLED = Writes(migrations=True, data=ROWS)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One with migrations and data of its own, beside another folder of SDL."""
    for name in ("sdl", "migrations", "shop"):
        (tmp_path / name).mkdir()
    return replace(Project.of(tmp_path), data=ROWS)


def _left_alone(how: str) -> Writes:
    told = f"left alone, DATABASE_URL is yours; {how} applies them"
    return Writes(migrations=False, left_alone=told)


@pytest.mark.parametrize(
    ("given", "served", "read"),
    [
        pytest.param({}, FILLED, FILLED, id="private-example"),
        pytest.param({"SDL_DIR": "sdl"}, FILLED, FILLED, id="example-by-its-sdl"),
        pytest.param({"SDL_DIR": "", "MIGRATIONS_DIR": ""}, FILLED, FILLED, id="blank-is-absent"),
        pytest.param({"MIGRATIONS_DIR": "shop"}, APPLIED, APPLIED, id="private-and-named"),
        pytest.param(
            {"SDL_DIR": "shop", "MIGRATIONS_DIR": "migrations"},
            FILLED,
            FILLED,
            id="other-sdl-over-the-example",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS},
            _left_alone("MIGRATIONS_DIR=..."),
            _left_alone("serving it with MIGRATIONS_DIR=..."),
            id="yours",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS, "MIGRATIONS_DIR": ""},
            _left_alone("MIGRATIONS_DIR=..."),
            _left_alone("serving it with MIGRATIONS_DIR=..."),
            id="yours-and-no-folder",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS, "MIGRATIONS_DIR": "shop"},
            APPLIED,
            _left_alone("serving it with MIGRATIONS_DIR=..."),
            id="yours-with-migrations",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS, "MIGRATIONS_DIR": "migrations"},
            FILLED,
            _left_alone("serving it with MIGRATIONS_DIR=..."),
            id="yours-with-the-example",
        ),
    ],
)
def test_what_is_written_by_what_is_given(
    project: Project,
    given: dict[str, str],
    served: Writes,
    read: Writes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(project.folder)
    assert Writes.choose(project, given, serves=True) == served
    assert Writes.choose(project, given, serves=False) == read


@pytest.mark.parametrize("serves", [True, False])
def test_other_sdl_without_tables_is_refused(project: Project, serves: bool) -> None:
    with pytest.raises(StackError) as caught:
        Writes.choose(project, {"SDL_DIR": "/shop/sdl"}, serves=serves)
    assert str(caught.value) == (
        "the SDL is in /shop/sdl, and nothing says where its tables are: a private database would"
        " be empty; add DATABASE_URL=mysql://... of the database that has them, or"
        " MIGRATIONS_DIR=... with the files that create them"
    )


def told_of(project: Project, address: str, what: str = "database", **more: str) -> str:
    """What is said of a database or a cache of somebody's own on the way to serving."""
    given = {"DATABASE_URL": address, "CACHE_URL": "", **more}
    said = io.StringIO()
    with (
        Claim(project.local) as claim,
        open_stack(claim, project, project.local, given, Steps(said), serves=True),
    ):
        (line,) = (each for each in said.getvalue().splitlines() if f"{what} " in each)
    return re.sub(r" \(\d+\.\d s\)$", "", line.split(maxsplit=1)[1])


def test_database_that_nobody_serves_is_told_and_the_run_goes_on(project: Project) -> None:
    port = free_port()
    assert told_of(project, f"mysql://me@127.0.0.1:{port}/shop").startswith(
        "DOES NOT ANSWER, every question will fail until it does: "
        f"cannot connect to me@127.0.0.1:{port}/shop: "
    )


def test_database_that_refuses_is_told_in_its_words(
    project: Project, database: DatabaseUrl, mariadb: DatabaseServer
) -> None:
    assert told_of(project, database.text()) == f"{database.database}, {mariadb.version}"
    told = told_of(project, msgspec.structs.replace(database, database="no_such").text())
    assert told.startswith("DOES NOT ANSWER, every question will fail until it does: ")
    assert "no_such" in told


NOWHERE = "mysql://me@127.0.0.1:1/shop"


def test_cache_that_nobody_serves_is_told_and_the_run_goes_on(project: Project) -> None:
    url = f"redis://127.0.0.1:{free_port()}"
    told = told_of(project, NOWHERE, "cache", CACHE_URL=url)
    assert told.startswith("DOES NOT ANSWER, every answer is computed until it does: ")
    assert "Connect call failed" in told


def test_cache_that_answers_is_told(project: Project, cache_url: str) -> None:
    assert told_of(project, NOWHERE, "cache", CACHE_URL=cache_url) == "answers"


def test_cache_is_not_asked_where_a_setting_is_wrong(project: Project) -> None:
    told = told_of(project, NOWHERE, "cache", CACHE_URL="redis://127.0.0.1:1", POOL_SIZE="many")
    assert told.startswith("not asked: POOL_SIZE")
