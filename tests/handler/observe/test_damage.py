"""Errors of files that cannot be loaded, and errors that only look like them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from handler.errors import UpstreamError
from handler.observe.damage import describe_damage, describe_error


def caught(name: str) -> Exception:
    """What importing a module raises."""
    try:
        importlib.import_module(name)
    except Exception as error:
        return error
    raise AssertionError(f"{name} can be imported")


@pytest.mark.parametrize(
    ("text", "named", "reason"),
    [
        pytest.param("def x(:\n", "{file}", "SyntaxError: ", id="syntax"),
        pytest.param("x\n", "broken_room", "NameError: ", id="bug"),
        pytest.param("open('/no/such')\n", "broken_room", "FileNotFoundError: ", id="file"),
        pytest.param("raise ImportError\n", "broken_room", "ImportError: (at ", id="no-text"),
        pytest.param("raise ValueError('a\\nb')\n", "broken_room", "ValueError: a b", id="lines"),
        pytest.param(
            "from handler.errors import NoSuchError\n",
            "handler.errors",
            "ImportError: cannot import name 'NoSuchError'",
            id="name",
        ),
    ],
)
def test_whatever_an_import_raises_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, named: str, reason: str
) -> None:
    file = tmp_path / "broken_room.py"
    file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    told = describe_damage(caught("broken_room"))
    assert told.startswith(f"{named.format(file=file)} cannot be loaded: {reason}")
    assert len(told.splitlines()) == 1
    assert "broken_room" not in sys.modules


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ValueError("bad marshal data of Jane"), id="value"),
        pytest.param(EOFError(), id="end"),
        pytest.param(FileNotFoundError(2, "none", "/etc/rds-ca.pem"), id="file-of-others"),
        pytest.param(UpstreamError("away"), id="ours"),
    ],
)
def test_an_error_outside_of_imports_is_no_damage(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        raise error
    assert describe_damage(raised.value) == ""


def test_an_error_is_told_with_its_place() -> None:
    try:
        int("seven")
    except ValueError as error:
        told = describe_error(error)
    assert told.startswith("ValueError: invalid literal for int() with base 10: 'seven' (at ")
    assert "test_damage.py:" in told
