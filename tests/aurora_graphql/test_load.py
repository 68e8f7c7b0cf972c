"""The load test: what it asks, and the picture of what came back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from aurora_graphql.load import (
    LoadError,
    Picture,
    Question,
    histogram,
    main,
    percentile,
    questions_of,
    run,
    show,
)

SDL = 'type Query { song(songId: ID!): Song }\ntype Song @key(fields: "songId") { songId: ID! }'
OPERATIONS = {
    "One": "query One { song(songId: 1) { songId } }",
    "Any": "query Any($id: ID!) { song(songId: $id) { songId } }",
}


class Site:
    """A small server that answers like the API and counts who asks at the same time."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[str | None] = []
        self.at_once = self.most_at_once = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        body = await request.json()
        self.asked.append(body)
        self.headers.append(request.headers.get("authorization"))
        await asyncio.sleep(0.005)
        self.at_once -= 1
        if body["operationName"] == "Bad":
            errors = [{"message": "No", "extensions": {"code": "FORBIDDEN"}}]
            return web.json_response({"data": None, "errors": errors})
        if body["operationName"] == "Down":
            return web.Response(status=502, text="gone")
        return web.json_response({"data": {}})


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    found = Site()
    app = web.Application()
    app.router.add_post("/", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        await web.SockSite(runner, plug).start()
        found.url = f"http://127.0.0.1:{plug.getsockname()[1]}/"
        yield found
        await runner.cleanup()


async def test_operations_are_asked_in_turn_by_so_many_at_once(site: Site) -> None:
    questions = [Question("One", "query One { a }"), Question("Any", "query Any { b }", {"id": 1})]
    picture = await run(
        site.url, questions, duration_s=0.3, concurrency=3, headers={"authorization": "Bearer x"}
    )
    assert 1 < site.most_at_once <= 3
    assert set(site.headers) == {"Bearer x"}
    assert picture.errors == {}
    assert picture.answered == len(site.asked) > 6
    counts = [len(picture.latencies_s[name]) for name in ("One", "Any")]
    assert abs(counts[0] - counts[1]) <= 1
    assert site.asked[1] == {
        "query": "query Any { b }",
        "operationName": "Any",
        "variables": {"id": 1},
    }
    assert picture.seconds >= 0.3


async def test_errors_are_counted_by_what_they_say(site: Site) -> None:
    questions = [Question("Bad", "{ a }"), Question("Down", "{ a }"), Question("Good", "{ a }")]
    picture = await run(site.url, questions, duration_s=0.2, concurrency=1)
    assert set(picture.errors) == {"Bad: 200 FORBIDDEN No", "Down: status 502"}
    assert list(picture.latencies_s) == ["Good"]


async def test_nobody_there_is_an_error_of_each_request() -> None:
    picture = await run(
        "http://127.0.0.1:1/", [Question("One", "{ a }")], duration_s=0.05, concurrency=1
    )
    assert picture.answered == 0
    (problem,) = picture.errors
    assert problem.startswith("One: ClientConnectorError: Cannot connect to host 127.0.0.1:1")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"concurrency": 0}, "concurrency is 1 to 1000, got 0"),
        ({"duration_s": 0}, "duration is more than 0 seconds, got 0"),
        ({"questions": []}, "there is no operation to ask"),
    ],
)
async def test_test_that_cannot_run_is_refused(options: dict[str, Any], problem: str) -> None:
    given: dict[str, Any] = {
        "questions": [Question("One", "{ a }")],
        "duration_s": 1.0,
        "concurrency": 1,
    }
    with pytest.raises(LoadError, match=problem):
        await run("http://127.0.0.1:1/", **(given | options))


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 2.0), (75, 3.0), (76, 4.0), (100, 4.0), (0, 1.0)]
)
def test_percentile_is_a_value_that_was_measured(percent: float, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == expected


def test_histogram_counts_every_value_once() -> None:
    values = sorted([0.001, 0.001, 0.002, 0.01, 0.1, 1.0])
    rows = histogram(values)
    assert sum(count for _, _, count in rows) == len(values)
    assert (rows[0][0], rows[-1][1]) == (0.001, 1.0)
    assert [high for _, high, _ in rows[:-1]] == [low for low, _, _ in rows[1:]]
    assert histogram([]) == []
    assert histogram([0.5, 0.5]) == [(0.5, 0.5, 2)]


def folder(tmp_path: Path) -> Path:
    (tmp_path / "operations").mkdir()
    (tmp_path / "api.graphql").write_text(SDL)
    for name, text in OPERATIONS.items():
        (tmp_path / "operations" / f"{name}.graphql").write_text(text)
    return tmp_path


def test_questions_are_the_saved_operations(tmp_path: Path) -> None:
    sdl = folder(tmp_path)
    assert questions_of(sdl, ["One"]) == [Question("One", OPERATIONS["One"], {})]
    by_name = questions_of(sdl, variables={"Any": {"id": 2}})
    assert {each.name: each.variables for each in by_name} == {"Any": {"id": 2}, "One": {}}
    for_all = questions_of(sdl, variables={"id": 2})
    assert {each.name: each.variables for each in for_all} == {"Any": {"id": 2}, "One": {"id": 2}}
    with pytest.raises(LoadError, match="no saved operation None; saved are Any, One"):
        questions_of(sdl, ["None"])


def test_picture_shows_percentiles_a_histogram_and_errors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    picture = Picture(seconds=2.0, latencies_s={"One": [0.001, 0.002, 0.2]})
    picture.errors["One: 200 [x] No"] = 2
    show(picture)
    out = capsys.readouterr().out
    assert "5 requests in 2.0 s: 3 answered (2/s), 2 failed" in out
    assert "2.0 ms" in out
    assert "█" in out
    assert "2 x One: 200 [x] No" in out


def test_command_ends_with_a_sentence_where_it_cannot_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sdl = str(folder(tmp_path))
    assert main(["http://127.0.0.1:1/", "--sdl", sdl, "--operation", "None"]) == 2
    assert capsys.readouterr().err.startswith("load: there is no saved operation None")
    asked = ["http://127.0.0.1:1/", "--sdl", sdl, "--operation", "One", "--duration", "0.05"]
    assert main([*asked, "--variables", json.dumps({})]) == 1
    assert "answered (0/s)" in capsys.readouterr().out
