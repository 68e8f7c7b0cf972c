"""The closing lines of a run, and its failure, are the same with workers as without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SUITE = """
import pytest
from pymysql.constants import COMMAND
from tests.faults import pins

@pytest.fixture(params=[1, 2, 3])
def number(request):
    print('{"level":"INFO","message":"request","requestId":"r","status":200}')
    yield request.param

def test_sends(number):
    pins._record(COMMAND.COM_QUERY, b"SELECT 1")

def test_sends_something_else(number):
    pins._record(COMMAND.COM_QUERY, STATEMENT)

def test_writes(number):
    print(LINE)
"""
SOUND = [
    "written by the handler: 9 log lines, nothing leaks",
    "sent to MySQL by the API: 6 SELECT: nothing pins",
    "9 passed",
]
WRONG = [
    *(f"LEAK: test_suite.py::test_writes[{each}]: planted: Mozzarella" for each in (1, 2, 3)),
    "sent to MySQL by the API: 6 SELECT: PINS",
    "PINS: 3 x a user variable: b'SELECT @row := 1'",
    "9 passed",
]


@pytest.mark.parametrize("workers", [0, 2], ids=["one-process", "two-workers"])
@pytest.mark.parametrize(
    ("statement", "line", "code", "closing"),
    [
        pytest.param(b"SELECT 2", "a line", 0, SOUND, id="sound"),
        pytest.param(b"SELECT @row := 1", "Mozzarella", 1, WRONG, id="wrong"),
    ],
)
def test_closing_lines_and_failure(
    tmp_path: Path, workers: int, statement: bytes, line: str, code: int, closing: list[str]
) -> None:
    planted = f"STATEMENT, LINE = {statement!r}, {line!r}\n"
    (tmp_path / "test_suite.py").write_text(planted + SUITE)
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"-n{workers}", "-pno:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, **plugins, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.partition(" in ")[0] for line in done.stdout.splitlines()]
    assert (sorted(lines[-len(closing) :]), done.returncode) == (sorted(closing), code), done.stdout
    assert lines[-1] == closing[-1]
