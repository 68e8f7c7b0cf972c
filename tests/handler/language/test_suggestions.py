"""The ends of messages about names that do not exist."""

from __future__ import annotations

import sys

import pytest

from handler.language.suggestions import MAX_NAME, did_you_mean, similar, suggest


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        pytest.param("nam", ["name", "email"], ["name"], id="one-letter-missing"),
        pytest.param("nmae", ["name"], ["name"], id="neighbours-swapped"),
        pytest.param("NAME", ["name"], ["name"], id="case"),
        pytest.param(
            "order",
            ["orders", "orderId", "border"],
            ["border", "orders", "orderId"],
            id="closest-first",
        ),
        pytest.param("xyz", ["name"], [], id="nothing-close"),
        pytest.param("a" * (MAX_NAME + 1), ["a" * MAX_NAME], [], id="too-long-for-a-slip"),
    ],
)
def test_finds_what_may_be_meant(name: str, options: list[str], expected: list[str]) -> None:
    assert similar(name, options) == expected


@pytest.mark.parametrize(
    ("names", "kind", "expected"),
    [
        ([], "", ""),
        (["a"], "", ' Did you mean "a"?'),
        (["a", "b"], "the enum value", ' Did you mean the enum value "a" or "b"?'),
        (["a", "b", "c"], "", ' Did you mean "a", "b", or "c"?'),
        (list("abcdefg"), "", ' Did you mean "a", "b", "c", "d", or "e"?'),
    ],
)
def test_words_them(names: list[str], kind: str, expected: str) -> None:
    assert suggest(names, kind) == expected


def test_a_name_that_is_too_far_away_is_left_early() -> None:
    """Of 64 letters 26 may be wrong: 27 rows of the table are made, and not 64."""
    steps = 0

    def count(frame: object, event: str, function: object) -> None:
        nonlocal steps
        steps += event == "c_call" and getattr(function, "__name__", "") == "append"

    sys.setprofile(count)
    try:
        assert did_you_mean("b" * MAX_NAME, ["a" * MAX_NAME]) == ""
    finally:
        sys.setprofile(None)
    assert 0 < steps <= 27 * MAX_NAME
