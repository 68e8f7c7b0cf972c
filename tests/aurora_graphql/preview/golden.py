"""Frozen output: compared with a file, or written to it with ``--rewrite-golden``."""

from __future__ import annotations

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def check(request: pytest.FixtureRequest, path: Path, text: str) -> None:
    """Compare ``text`` with the file at ``path``."""
    if request.config.getoption("--rewrite-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"see {path.name}; --rewrite-golden writes it"
