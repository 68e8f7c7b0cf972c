"""``schema``, ``load`` and ``purge`` by the command line, in a project of one's own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis

from aurora_graphql.cli import main
from aurora_graphql.cli.commands import COMMANDS
from aurora_graphql.cli.program import run_to_the_end
from aurora_graphql.dev.claim import Claim
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
        stdin=subprocess.DEVNULL,
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


@pytest.mark.parametrize("words", [("purge", "songs"), ("purge", "--all")], ids=" ".join)
@pytest.mark.parametrize("given", [{}, {"DATABASE_URL": "mysql://a@127.0.0.1:1/choir"}], ids=len)
def test_purge_ends_answers_of_what_is_served_at_the_moment(
    project: Path,
    cache_url: str,
    given: dict[str, str],
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DATABASE_URL", "CACHE_URL"):
        monkeypatch.delenv(name, raising=False)
    keys = [version_key("choir", "songs", shard) for shard in range(SHARDS)]
    with redis.Redis.from_url(cache_url) as client, Claim(project / ".local") as claim:
        claim.tell({"database_url": "mysql://a@127.0.0.1:1/choir", "cache_url": cache_url})
        client.mset(dict.fromkeys(keys, b"v"))
        done = command(project, *words, **given)
        assert (done.stdout, done.stderr) == ("ended the cached answers over songs\n", "")
        assert client.mget(keys) == [None] * SHARDS


def test_purge_takes_tables_or_all_of_them(project: Path) -> None:
    url = "mysql://a@127.0.0.1:1/b"
    none = command(project, "purge", DATABASE_URL=url)
    both = command(project, "purge", "songs", "--all", DATABASE_URL=url)
    assert (none.returncode, both.returncode) == (2, 2)
    assert none.stderr.endswith("name the tables, or write --all\n")
    assert both.stderr.endswith("name the tables, or write --all, not both\n")


@pytest.mark.parametrize("address", ["shop", "ftp://shop", "http://"])
def test_load_asks_addresses_of_the_web_only(project: Path, address: str) -> None:
    done = command(project, "load", address)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{address} is no address: write http://... or https://..." in done.stderr


@pytest.mark.parametrize(
    ("program", "status"), [("exit 3", 3), ("kill -TERM $$", 143)], ids=["status", "signal"]
)
def test_with_ends_as_its_program_does(project: Path, program: str, status: int) -> None:
    given = {"DATABASE_URL": "mysql://a@127.0.0.1:1/b", "CACHE_URL": ""}
    assert command(project, "with", "sh", "-c", program, **given).returncode == status


def test_with_leaves_no_program_behind(project: Path) -> None:
    """Who ends the command ends what it runs, which may end in order."""
    program = "trap 'echo in order; exit 7' TERM; echo $$; while true; do sleep 0.05; done"
    given = {"DATABASE_URL": "mysql://a@127.0.0.1:1/b", "CACHE_URL": "", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "aurora_graphql", "with", "sh", "-c", program],
        cwd=project,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        text=True,
    ) as command_with:
        assert command_with.stdout is not None
        child = next(int(line) for line in command_with.stdout if line.strip().isdigit())
        command_with.terminate()
        assert command_with.wait(20) == 7
        assert command_with.stdout.read() == "in order\n"
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_who_is_ended_while_a_program_starts_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Started(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Started)
    before = signal.getsignal(signal.SIGTERM)
    assert run_to_the_end(["sleep", "60"], os.environ) == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before


def test_with_names_a_program_that_is_not_there(project: Path) -> None:
    given = {"DATABASE_URL": "mysql://a@127.0.0.1:1/b", "CACHE_URL": ""}
    done = command(project, "with", "no-such-program", **given)
    assert done.returncode == 2
    assert done.stderr.endswith("error: there is no program 'no-such-program' on the path\n")


def test_an_empty_document_is_told_as_none(project: Path) -> None:
    done = command(project, "explain", DATABASE_URL="mysql://a@127.0.0.1:1/b")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: there is no document: write it behind explain")


def test_a_file_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("")
    done = command(tmp_path, "--project", "shop", "check")
    told = f"error: {tmp_path / 'shop'} is a file; name the folder of a project\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_an_address_for_new_is_named_as_it_was_given(tmp_path: Path) -> None:
    done = command(tmp_path, "new", "films", "--from", "postgres://a:secret@b/c")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --from starts with 'postgres'; write mysql://")
    assert not [*tmp_path.iterdir()]


def test_load_leaves_out_what_it_has_no_values_for(project: Path) -> None:
    (project / "sdl" / "operations" / "Any.graphql").write_text(
        "query Any($id: ID!, $more: ID! = 1) {"
        " song(songId: $id) { songId } more: song(songId: $more) { songId } }"
    )
    short = ("load", "http://127.0.0.1:1/", "--duration", "0.05")
    done = command(project, *short)
    assert done.stderr == "load: left out, Any needs $id; --variables gives values\n"
    assert "Song: ClientConnectorError" in done.stdout
    assert "Any" not in done.stdout
    done = command(project, *short, "--variables", '{"Any": {"id": 2}}')
    assert done.stderr == ""
    assert "Any: ClientConnectorError" in done.stdout
    done = command(project, *short, "--operation", "Any")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'load: Any needs $id: give values, --variables \'{"Any": {"id": "..."}}\'\n'
    )


@pytest.mark.parametrize("name", [name for name, *_ in COMMANDS])
def test_help_needs_no_project_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert main([name, "--help"]) == 0
    told = capfd.readouterr()
    assert re.search(rf"usage: .*\b{name} ", told.out, re.IGNORECASE)
    assert told.err == ""
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "words",
    [
        ["dev"],
        ["check"],
        ["explain", "{ __typename }"],
        ["migrate"],
        ["ingest", "some.csv"],
        ["purge", "--all"],
        ["token"],
        ["with", "env"],
        ["schema"],
        ["load", "http://127.0.0.1:1/"],
        ["package"],
    ],
    ids=lambda words: words[0],
)
def test_a_folder_without_a_project_is_told_and_left_as_it_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert capfd.readouterr() == (
        "",
        f"error: {tmp_path} holds no project, neither aurora-graphql.toml nor the SDL in"
        f" {tmp_path / 'sdl'}: go to the folder of one, or name it by --project; aurora-graphql new"
        " NAME makes one\n",
    )
    assert main(["--project", "nowhere", *words]) == 2
    assert f"{tmp_path / 'nowhere'} holds no project" in capfd.readouterr().err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("words", [["--sdl", "films"], ["--sdl=films"]], ids=len)
def test_sdl_that_is_named_behind_a_command_needs_no_project(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "film.graphql").write_text(
        "type Query { film(filmId: ID!): Film }\ntype Film { filmId: ID! }\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["schema", *words, "--no-descriptions"]) == 0
    assert "type Film {\n  filmId: ID!\n}" in capfd.readouterr().out
    assert main(["load", "http://127.0.0.1:1/", *words]) == 2
    assert "holds no project" not in capfd.readouterr().err


def test_a_rule_without_a_database_is_refused(tmp_path: Path) -> None:
    done = command(tmp_path, "new", "films", "--access", "@public")
    assert done.returncode == 2
    assert "--access is for the types of a database: write --from" in done.stderr
    assert not [*tmp_path.iterdir()]


def test_an_address_that_is_empty_is_refused(tmp_path: Path) -> None:
    done = command(tmp_path, "new", "films", "--from", "")
    assert done.returncode == 2
    assert "--from is empty: write mysql://" in done.stderr
    assert not [*tmp_path.iterdir()]


def test_a_mistake_in_a_document_is_told_with_its_place(project: Path) -> None:
    done = command(project, "explain", "{\n  songs\n}", DATABASE_URL="mysql://a@127.0.0.1:1/b")
    assert (done.returncode, done.stderr) == (
        2,
        'error: 2:3: Cannot query field "songs" on type "Query". Did you mean "song"?\n',
    )
