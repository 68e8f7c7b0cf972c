"""Purge: cached answers end for the tables that are named, or for all, and for no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import redis

from handler.errors import ClientError, SchemaError, SettingsError, UpstreamError
from handler.jobs.purge import Order, known_tables, main, parse_order, purge
from handler.settings import Settings
from handler.stores.redis.versions import SHARDS, version_key
from handler.stores.url import DatabaseUrl
from tests.integration.test_entry import Context, start

__all__ = ["start"]  # a fixture

SDL = """
type Query { songs: [Song!]! @orderBy(fields: ["songId"]) }
type Song @key(fields: "songId") {
  songId: ID!
  singers: [Singer!]! @relation(through: {table: "song_singer"}) @orderBy(fields: ["singerId"])
}
type Singer @key(fields: "singerId") { singerId: ID! }
"""
TABLES = ["singers", "song_singer", "songs"]
URL = DatabaseUrl.parse("mysql://nobody:nothing@127.0.0.1:1/choir")  # it is never asked


@pytest.fixture
def sdl(tmp_path: Path) -> Path:
    (tmp_path / "api.graphql").write_text(SDL)
    return tmp_path


@pytest.fixture
def settings(sdl: Path, cache_url: str) -> Settings:
    return Settings(database_url=URL, sdl_dir=sdl, cache_url=cache_url)


def kept(cache_url: str) -> set[str]:
    """Tables that have all their versions, of which one is set before."""
    with redis.Redis.from_url(cache_url) as client:
        return {
            table
            for table in [*TABLES, "others"]
            if all(client.mget([version_key("choir", table, shard) for shard in range(SHARDS)]))
        }


def fill(cache_url: str) -> None:
    with redis.Redis.from_url(cache_url) as client:
        for table in [*TABLES, "others"]:
            client.mset({version_key("choir", table, shard): b"v" for shard in range(SHARDS)})


@pytest.mark.parametrize(
    ("tables", "left"),
    [
        pytest.param(("songs",), {"singers", "song_singer", "others"}, id="one"),
        pytest.param(("songs", "song_singer"), {"singers", "others"}, id="a-link-table"),
        pytest.param(None, {"others"}, id="all-of-the-sdl"),
    ],
)
async def test_answers_over_the_tables_end_and_no_other(
    settings: Settings, tables: tuple[str, ...] | None, left: set[str]
) -> None:
    fill(settings.cache_url)
    assert await purge(settings, Order(tables)) == sorted(tables or TABLES)
    assert kept(settings.cache_url) == left


async def test_table_that_no_answer_is_over_is_refused(settings: Settings) -> None:
    fill(settings.cache_url)
    assert known_tables(settings) == set(TABLES)
    with pytest.raises(ClientError, match="no answer is over the table song; those of the SDL are"):
        await purge(settings, Order(("songs", "song")))
    assert kept(settings.cache_url) == {*TABLES, "others"}


async def test_what_cannot_be_done_is_said(sdl: Path) -> None:
    nowhere = Settings(database_url=URL, sdl_dir=sdl, cache_url="redis://127.0.0.1:1")
    with pytest.raises(UpstreamError, match="the cache could not be told: answers over singers,"):
        await purge(nowhere, Order(None))
    with pytest.raises(SettingsError, match="CACHE_URL is not set"):
        await purge(Settings(database_url=URL, sdl_dir=sdl), Order(None))
    with pytest.raises(SchemaError):
        await purge(Settings(database_url=URL, sdl_dir=sdl / "none"), Order(None))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"action": "drop"}, "action must be 'purge', got 'drop'"),
        ({"action": "purge"}, 'tables must be a list of names or "all", got None'),
        ({"action": "purge", "tables": []}, "tables must be a list of names"),
        ({"action": "purge", "tables": "songs"}, "tables must be a list of names"),
        ({"action": "purge", "tables": ["songs", 1]}, "tables must be a list of names"),
    ],
)
def test_other_events_are_refused(event: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as caught:
        parse_order(event)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("name", ["purge", "ingest"])
def test_both_functions_purge(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, start: Any, name: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", URL.text())
    monkeypatch.setenv("CACHE_URL", settings.cache_url)
    monkeypatch.setenv("SDL_DIR", str(settings.sdl_dir))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    fill(settings.cache_url)
    answer = start(name)({"action": "purge", "tables": ["songs"]}, Context())
    assert (answer if name == "purge" else answer[0]) == {"purged": ["songs"]}
    assert kept(settings.cache_url) == {"singers", "song_singer", "others"}


def test_command_names_what_it_ended(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", URL.text())
    monkeypatch.setenv("CACHE_URL", settings.cache_url)
    monkeypatch.setenv("SDL_DIR", str(settings.sdl_dir))
    assert main(["songs", "singers"]) == 0
    assert capsys.readouterr().out == "ended the cached answers over singers, songs\n"
    assert main(["--all"]) == 0
    assert main(["song"]) == 2
    assert capsys.readouterr().err.startswith("purge: no answer is over the table song;")
    for wrong in ([], ["songs", "--all"]):
        with pytest.raises(SystemExit):
            main(wrong)
