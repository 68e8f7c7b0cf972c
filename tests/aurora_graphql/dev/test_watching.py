"""Which files make the API anew, and what becomes of a change."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aurora_graphql.dev.console import Terminal
from aurora_graphql.dev.reloading import Reloading
from aurora_graphql.dev.watching import Reread, Watched, Watcher, changes
from aurora_graphql.gateway.function import FunctionError
from aurora_graphql.project_file import ProjectFileError
from tests.aurora_graphql.dev.test_reloading import BAD, Maker, Version, ask


class MigrationError(Exception):
    """What the tests' migrations fail with."""


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    for name in ("sdl/operations", "migrations", "shop"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "aurora-graphql.toml").touch()
    return Watched(
        sdl=tmp_path / "sdl",
        migrations=tmp_path / "migrations",
        resolvers=tmp_path / "shop",
        project_file=tmp_path / "aurora-graphql.toml",
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sdl/shop.graphql", True),
        ("sdl/operations/page.graphql", True),
        ("sdl/README.md", False),
        ("sdl/check.toml", False),
        ("migrations/0001_tables.sql", True),
        ("migrations/notes.txt", False),
        ("shop/resolvers.py", True),
        ("shop/prices.json", False),
        ("aurora-graphql.toml", True),
    ],
)
def test_a_change_counts_if_the_api_is_made_of_the_file(
    watched: Watched, tmp_path: Path, name: str, expected: bool
) -> None:
    assert watched.is_relevant(tmp_path / name) is expected


def test_places_come_from_the_settings_of_the_function(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    environ = {"SDL_DIR": str(tmp_path), "MIGRATIONS_DIR": str(tmp_path / "m")}
    assert Watched.of({**environ, "RESOLVERS": "examples.delivery.resolvers"}) == Watched(
        sdl=tmp_path,
        migrations=tmp_path / "m",
        resolvers=Path("examples").resolve(),
    )
    absent = {"SDL_DIR": str(tmp_path), "MIGRATIONS_DIR": str(tmp_path / "none")}
    assert Watched.of({**absent, "RESOLVERS": "no_such_module"}) == Watched(sdl=tmp_path)


async def test_files_that_change_together_are_one_change(watched: Watched) -> None:
    found = changes(watched)
    first = asyncio.ensure_future(anext(found))
    await asyncio.sleep(0.3)  # the kernel is asked to watch
    (watched.sdl / "notes.txt").write_text("nobody reads this")
    one, other = watched.sdl / "a.graphql", watched.sdl / "operations" / "b.graphql"
    one.write_text("type A")
    other.write_text("query B { a }")
    assert await asyncio.wait_for(first, 10) == [one, other]
    await found.aclose()  # type: ignore[attr-defined] # a generator


async def test_a_place_that_is_moved_or_replaced_is_watched_on(watched: Watched) -> None:
    """As git leaves a folder that another branch has not, and editors a file that is saved."""
    assert watched.project_file is not None
    found = changes(watched)
    aside = watched.sdl.with_name("aside")

    async def next_change() -> list[Path]:
        return await asyncio.wait_for(asyncio.ensure_future(anext(found)), 10)

    first = asyncio.ensure_future(next_change())
    await asyncio.sleep(0.3)  # the kernel is asked to watch
    watched.sdl.rename(aside)
    assert await first == [watched.sdl]
    aside.rename(watched.sdl)
    assert await next_change() == [watched.sdl]
    for number in range(2):
        fresh = watched.project_file.with_name("fresh")
        fresh.write_text(f"name = 'n{number}'")
        fresh.replace(watched.project_file)
        assert await next_change() == [watched.project_file]
    file = watched.sdl / "operations" / "a.graphql"
    file.write_text("query A { a }")
    assert await next_change() == [file]
    await found.aclose()  # type: ignore[attr-defined] # a generator


def watcher(
    watched: Watched,
    *versions: Version,
    migrations: list[str] | None = None,
    reread_now: Callable[[], Reread] | None = None,
) -> tuple[Watcher, Reloading, io.StringIO]:
    """``migrations``: what is told of each, "stopped" by one that fails; None: left alone."""
    said = io.StringIO()
    function = Reloading(Maker(*versions))

    async def migrate() -> str:
        assert migrations is not None
        told = migrations.pop(0)
        if "stopped" in told:
            raise MigrationError(told)
        return told

    def reread() -> Reread:
        assert reread_now is not None
        return reread_now()

    made = Watcher(
        watched,
        function,
        Terminal(said),
        migrate=None if migrations is None else migrate,
        reread=reread,
        failures=(MigrationError, ProjectFileError),
    )
    return made, function, said


async def test_bad_sdl_is_told_with_its_place_and_its_cure_is_told_too(watched: Watched) -> None:
    made, function, said = watcher(watched, Version(1), Version(2, BAD), Version(3))
    await function.start()
    file = watched.sdl / "shop.graphql"
    await made.change([file])
    assert str(BAD) in said.getvalue()
    assert (await ask(function), function.error) == (1, str(BAD))
    await made.change([file])
    assert "what was wrong is mended\n" in said.getvalue()
    assert (await ask(function), function.error) == (3, "")
    await function.stop()


async def test_a_new_migration_is_applied_before_the_api_is_made_anew(watched: Watched) -> None:
    told = ["0002_x.sql applied", "0003_y.sql stopped at statement 1", "0003_y.sql applied"]
    made, function, said = watcher(watched, Version(1), Version(2), Version(3), migrations=told)
    await function.start()
    assert watched.migrations is not None
    file = watched.migrations / "0002_x.sql"
    await made.change([file])
    assert f"{file}: 0002_x.sql applied\n" in said.getvalue()
    assert await ask(function) == 2
    await made.change([file])
    assert function.error == "0003_y.sql stopped at statement 1"
    assert await ask(function) == 2
    await made.change([file])
    assert (await ask(function), function.error) == (3, "")
    await function.stop()


async def test_a_database_of_ones_own_gets_no_migration(watched: Watched) -> None:
    made, function, said = watcher(watched, Version(1), Version(2))
    await function.start()
    assert watched.migrations is not None
    await made.change([watched.migrations / "0002_x.sql"])
    assert "left alone, the database is yours" in said.getvalue()
    assert await ask(function) == 2
    await function.stop()


async def test_a_change_waits_for_the_first_start(watched: Watched) -> None:
    made, function, _ = watcher(watched, Version(1), Version(2))
    early = asyncio.create_task(made.change([watched.sdl / "shop.graphql"]))
    await asyncio.sleep(0)
    assert function.version == 0
    await function.start()
    await early
    assert await ask(function) == 2
    await function.stop()


async def test_a_new_project_file_is_taken_and_what_cannot_be_is_told(
    watched: Watched, tmp_path: Path
) -> None:
    other = replace(watched, sdl=tmp_path / "shop")
    said_by_file: list[Reread | ProjectFileError] = [
        Reread(watched=other),
        ProjectFileError("aurora-graphql.toml: no such key as sdll"),
        Reread(watched=watched, waits=["name", "data"]),
    ]

    def reread() -> Reread:
        found = said_by_file.pop(0)
        if isinstance(found, ProjectFileError):
            raise found
        return found

    # A spare one is made beside each in service, and is thrown away: it has the old environment.
    made, function, said = watcher(
        watched, *(Version(number) for number in range(1, 8)), reread_now=reread
    )
    await function.start()
    assert watched.project_file is not None
    await made.change([watched.project_file])
    assert await ask(function) == 3
    await made.change([watched.project_file])
    assert await ask(function) == 3
    assert function.error == "aurora-graphql.toml: no such key as sdll"
    await made.change([watched.project_file])
    assert "name, data of the project file: read at the start, so stop this" in said.getvalue()
    assert (await ask(function), function.error) == (5, "")
    await function.stop()


async def test_another_failure_is_no_error_of_the_files(watched: Watched) -> None:
    made, function, _ = watcher(watched, Version(1), migrations=[])
    await function.start()
    assert watched.migrations is not None
    with pytest.raises(IndexError):
        await made.change([watched.migrations / "0002_x.sql"])
    await function.stop()
    assert FunctionError("x").code == ""
