"""The search over the output of the suite finds what it is for."""

from __future__ import annotations

import pytest

from tests.security.listener import judge


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "planted", id="token"),
        pytest.param("kanarivariablex7q", "canary: variable", id="canary"),
        pytest.param('{"level":"INFO","message":"request","query":"x"}', "'query'", id="field"),
        pytest.param('{"level":"INFO","message":"new"}', "no known kind", id="kind"),
    ],
)
def test_what_leaks_is_found(text: str, finding: str) -> None:
    (found,) = judge(f"a line before\n{text}\na line behind")
    assert finding in found


def test_ordinary_lines_are_fine() -> None:
    assert judge('{"level":"INFO","message":"request","requestId":"r","status":200}\n') == []
