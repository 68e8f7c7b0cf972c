"""SECURITY.md is true: its tests and variables exist, and every attack of this folder is in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from handler.settings import VARIABLES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)


def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_test_that_it_names_exists() -> None:
    assert len(NAMED) >= 60
    known = {file: functions(ROOT / file) for file, _ in NAMED}
    assert [f"{file}::{name}" for file, name in NAMED if name not in known[file]] == []
    assert all(name.startswith("test_") for _, name in NAMED)


def test_every_defence_has_a_test() -> None:
    rows = TEXT.partition("## Assets")[2].partition("\n## ")[0].splitlines()
    rows = [row for row in rows if row.startswith("| ")][1:]
    assert len(rows) >= 25
    for row in rows:
        asset, entry, defence, shown = (cell.strip() for cell in row.strip("|").split("|"))
        assert asset
        assert entry
        assert defence
        assert re.fullmatch(r"`tests/[^`]+::test_\w+`(, `tests/[^`]+::test_\w+`)*", shown), row


def test_every_attack_of_this_folder_is_in_it() -> None:
    files = {file.name for file in Path(__file__).parent.glob("test_*.py")}
    assert files - {Path(__file__).name} == {
        Path(file).name for file, _ in NAMED if file.startswith("tests/security/")
    }


def test_every_variable_that_it_names_is_a_setting() -> None:
    names = {variable.name for variable in VARIABLES}
    used = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", TEXT))
    assert used - {"ANSI_QUOTES", "NO_BACKSLASH_ESCAPES"} <= names


def test_readme_leads_to_it() -> None:
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
