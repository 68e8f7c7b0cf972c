"""What `make run-lambda` gives a function, and how long it waits for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import orjson
import pytest

from aurora_graphql.dev.lambda_run import LambdaOptions
from aurora_graphql.dev.lambda_task import Task
from aurora_graphql.installed import PACKAGES

SHELL = {
    "PAGE_SIZE": "7",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "HTTPS_PROXY": "http://proxy.test",
    "AWS_PROFILE": "me",
}


@pytest.mark.parametrize(
    ("archive", "expected"),
    [
        pytest.param(Path("handler.zip"), {"PAGE_SIZE", "AWS_ACCESS_KEY_ID"}, id="archive"),
        pytest.param(None, SHELL.keys(), id="checkout"),
    ],
)
async def test_an_archive_gets_nothing_that_it_would_miss_on_aws(
    monkeypatch: pytest.MonkeyPatch, archive: Path | None, expected: set[str]
) -> None:
    command = (sys.executable, "-m", "awslambdaric")
    unpacked = Task(
        PACKAGES, command, "3.13", frozenset({"PAGE_SIZE", "SDL_DIR", "MIGRATIONS_DIR"})
    )
    monkeypatch.setattr("aurora_graphql.dev.lambda_task.unpack", lambda archive, folder: unpacked)
    with LambdaOptions(archive=archive).open(
        "tests.aurora_graphql.dev.functions.environment", 1, {**os.environ, **SHELL}
    ) as function:
        try:
            await function.start()
            told = await function.invoke(orjson.dumps({}), request_id="r", timeout_s=20)
        finally:
            await function.stop()
    assert set(told) & SHELL.keys() == expected
    assert ("SDL_DIR" in told) == (archive is not None)
    assert ("HOME" in told) == (archive is None and "HOME" in os.environ)


@pytest.mark.parametrize(("timeout_s", "expected"), [(1, 2.0), (15, 16.0), (28, 29.0), (900, 29.0)])
def test_the_gateway_waits_a_second_longer_than_the_function(
    timeout_s: int, expected: float
) -> None:
    assert LambdaOptions(timeout_s=timeout_s).gateway_timeout_s == expected


def test_the_checkout_needs_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A run that is killed would leave it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with LambdaOptions().open("tests.aurora_graphql.dev.functions.echo", 1, os.environ):
        assert list(tmp_path.iterdir()) == []
