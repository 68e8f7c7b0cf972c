"""Keys that some collation may take for one."""

from __future__ import annotations

import pytest

from handler.execution.collated import may_be_equal


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["a", "b"], False, id="letters"),
        pytest.param(["a"], False, id="one"),
        pytest.param(["", "a"], False, id="empty"),
        pytest.param(["a", "b", "A"], True, id="case"),
        pytest.param(["a", "b", "a "], True, id="blank-at-the-end"),
        pytest.param(["a", " a"], False, id="blank-in-front"),
        pytest.param(["a\0", "b"], False, id="nul"),
        pytest.param(["a\0b", "A\0B"], True, id="nul-and-case"),
        pytest.param(["a\0b c", "a\0bc"], False, id="nul-and-blank"),
        pytest.param(["é", "e"], True, id="accent"),
        pytest.param(["é", "f"], False, id="accent-and-another-letter"),
        pytest.param(["é ", "É"], True, id="accent-and-blank"),
        pytest.param(["straße", "STRASSE"], True, id="sharp-s"),
        pytest.param(["ﬁ", "fi"], True, id="ligature"),
        pytest.param(["a\u200b", "a"], True, id="letter-without-width"),
        pytest.param(["🎉", "🎈"], True, id="beyond-16-bits"),
        pytest.param(["🎉", "日"], False, id="one-beyond-16-bits"),
        pytest.param(["大", "日"], False, id="within-16-bits"),
    ],
)
def test_keys_that_may_be_equal(texts: list[str], *, expected: bool) -> None:
    assert may_be_equal([(text.encode(),) for text in texts]) is expected
    with_numbers = [(text.encode(), b"1") for text in texts]
    assert may_be_equal(with_numbers) is expected


def test_keys_that_differ_in_one_column_differ() -> None:
    assert not may_be_equal([(b"a", b"1"), (b"A", b"2")])
    assert not may_be_equal([(b"1", b"a"), (b"2", b"A")])


def test_bytes_that_are_no_text_have_no_letters() -> None:
    assert may_be_equal([(b"\xff",), (b"\xfe",)])
    assert not may_be_equal([(b"\xff",), (b"a",)])
