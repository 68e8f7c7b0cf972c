"""A version is asked before it gets traffic: what makes it fail, and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from handler.engine.engine import Engine
from handler.errors import HandlerError, UpstreamError
from handler.jobs.smoke import SmokeError, check_release, smoke
from handler.settings import Settings
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.integration.servers import run_script

SDL = """
type Query @public { things(first: Int): [Thing!]! thing(thingId: Int!): Thing }
type Thing @public { thingId: Int! name: String! colour: String }
"""
OPERATIONS = {
    "Things": "query Things($first: Int) { things(first: $first) { thingId } }",
    "Colours": "query Colours { things { colour } }",
    "Names": "query Names { things { name } }",
    "OneThing": "query OneThing($id: Int!) { thing(thingId: $id) { name } }",
}


@pytest.fixture
def things(database: DatabaseUrl) -> DatabaseUrl:
    run_script(
        database,
        "CREATE TABLE things (thing_id INT PRIMARY KEY, name VARCHAR(9), colour VARCHAR(9))",
        "INSERT INTO things VALUES (1, 'a', 'red')",
    )
    return database


def ask(url: DatabaseUrl, folder: Path, seconds: float = 10.0) -> Mapping[str, Any]:
    (folder / "operations").mkdir(exist_ok=True)
    (folder / "a.graphql").write_text(SDL)
    for name, text in OPERATIONS.items():
        (folder / "operations" / f"{name}.graphql").write_text(text)
    engine = Engine.from_sdl(Settings(database_url=url, sdl_dir=folder))

    async def run() -> Mapping[str, Any]:
        database = MySqlDatabase(url)
        try:
            return await smoke(engine, database, Deadline.after(seconds))
        finally:
            await database.close()

    return asyncio.run(run())


def test_operations_are_asked_that_need_no_variables(things: DatabaseUrl, tmp_path: Path) -> None:
    assert ask(things, tmp_path) == {"asked": ["Colours", "Names", "Things"], "left": ["OneThing"]}


@pytest.mark.parametrize("change", ["DROP TABLE things", "ALTER TABLE things DROP COLUMN colour"])
def test_what_the_version_lacks_is_named(things: DatabaseUrl, tmp_path: Path, change: str) -> None:
    run_script(things, change)
    with pytest.raises(SmokeError, match=r"operation Colours \(operations/Colours\.graphql\)") as c:
        ask(things, tmp_path)
    assert isinstance(c.value.__cause__, HandlerError)


def test_a_row_that_does_not_fit_is_no_fault_of_the_version(
    things: DatabaseUrl, tmp_path: Path
) -> None:
    run_script(things, "INSERT INTO things VALUES (2, NULL, NULL)")
    assert ask(things, tmp_path)["asked"] == ["Colours", "Names", "Things"]


def test_a_database_that_cannot_be_reached_is_tried_for_half_of_the_time(tmp_path: Path) -> None:
    nowhere = DatabaseUrl(host="127.0.0.1", port=1, user="u", password="p", database="d")
    with pytest.raises(UpstreamError):
        ask(nowhere, tmp_path, seconds=2.0)


def test_without_time_operations_are_left(things: DatabaseUrl, tmp_path: Path) -> None:
    found = ask(things, tmp_path, seconds=0.9)
    assert found == {"asked": [], "left": ["Colours", "Names", "OneThing", "Things"]}


def test_version_of_an_earlier_release_is_told() -> None:
    """Lambda did not publish the new version, and Pulumi takes the one before for it."""
    check_release("ab12", "ab12")
    check_release("ab12", None)  # asked by hand
    with pytest.raises(SmokeError) as told:
        check_release("ab12", "cd34")
    assert str(told.value) == (
        "this version is of release ab12, and cd34 was to be deployed: its version was not "
        "published, so an earlier update failed there. An update with the same archive and "
        "settings does not publish it either: raise functionGeneration by one and update again"
    )
    with pytest.raises(SmokeError, match="this version is of release unknown, and cd34"):
        check_release("", "cd34")
