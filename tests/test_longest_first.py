"""The order of files names files that there are."""

from __future__ import annotations

from tests.longest_first import LONGEST, TESTS, place


def test_each_file_that_is_named_is_there_and_named_once() -> None:
    assert [name for name in LONGEST if not (TESTS / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_files_that_are_named_come_first() -> None:
    first, second = TESTS / LONGEST[0], TESTS / LONGEST[1]
    assert sorted([TESTS / "test_longest_first.py", second, first], key=place) == [
        first,
        second,
        TESTS / "test_longest_first.py",
    ]
