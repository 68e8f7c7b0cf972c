"""``schema``, ``load`` and ``purge`` by the command line, in a project of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from handler.stores.redis.versions import SHARDS, version_key

ROOT = Path(__file__).parents[2]
SDL = 'type Query { song(songId: ID!): Song }\ntype Song @key(fields: "songId") { songId: ID! }\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "aurora-graphql.toml").write_text("")
    (tmp_path / "sdl" / "operations").mkdir(parents=True)
    (tmp_path / "sdl" / "api.graphql").write_text(SDL)
    (tmp_path / "sdl" / "operations" / "Song.graphql").write_text(
        "query Song { song(songId: 1) { songId } }"
    )
    return tmp_path


def command(project: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aurora_graphql", *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_schema_is_printed_and_compared(project: Path) -> None:
    printed = command(project, "schema", "--for", "codegen")
    assert printed.stdout == (
        "type Query {\n  song(songId: ID!): Song\n}\n\ntype Song {\n  songId: ID!\n}\n"
    )
    old = project / "old.graphql"
    old.write_text(printed.stdout.replace("songId: ID!\n", "songId: ID!\n  title: String\n"))
    differs = command(project, "schema", "diff", str(old))
    assert (differs.returncode, differs.stdout) == (
        1,
        "breaking: 1\n  Field Song.title was removed.\n",
    )


def test_load_asks_the_operations_of_the_project(project: Path) -> None:
    done = command(project, "load", "http://127.0.0.1:1/", "--duration", "0.05")
    assert done.returncode == 1
    assert "Song: ClientConnectorError" in done.stdout


def test_purge_ends_answers_of_the_cache_that_is_named(project: Path, cache_url: str) -> None:
    keys = [version_key("choir", "songs", shard) for shard in range(SHARDS)]
    with redis.Redis.from_url(cache_url) as client:
        client.mset(dict.fromkeys(keys, b"v"))
        url = "mysql://nobody:nothing@127.0.0.1:1/choir"
        done = command(project, "purge", "songs", DATABASE_URL=url, CACHE_URL=cache_url)
        assert (done.returncode, done.stdout) == (0, "ended the cached answers over songs\n")
        assert client.mget(keys) == [None] * SHARDS


@pytest.mark.parametrize("name", ["schema", "load", "purge"])
def test_help_starts_no_server(project: Path, name: str) -> None:
    done = command(project, name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ")
    assert not (project / ".local").exists()
