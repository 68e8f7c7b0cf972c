"""Every recipe of docs/cookbook.md does what it says, on a real server.

A recipe is a section: a link to its tables (``tests/cookbook/*.sql``), a block ``graphql`` with the
SDL, another with the document, ``sql`` with the statements and ``json`` with the answer; one with
functions has them in a block ``python``.
``pytest tests/test_cookbook.py --rewrite-golden`` writes the last two anew, or fills empty ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handler.sql.statement import Statement
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.integration.servers import run_script

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/cookbook.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINE_STARTS = re.compile(
    r"(?<! LEFT)(?<!YEAR_MONTH) (?=(?:FROM|UNION ALL|(?:LEFT |STRAIGHT_)?JOIN|WHERE|AND EXISTS"
    r"|GROUP BY|HAVING|ORDER BY|LIMIT)\b)"
)


@dataclass(frozen=True)
class Recipe:
    """One section: its title and its text."""

    title: str
    text: str

    @property
    def tables(self) -> Path:
        """The script that its link names."""
        found = re.search(r"\(\.\./(tests/cookbook/\w+\.sql)\)", self.text)
        assert found, f"{self.title}: link the tables, such as [shop](../tests/cookbook/shop.sql)"
        return ROOT / found[1]

    def blocks(self, kind: str, number: int) -> list[str]:
        """The fenced blocks of that kind, which have to be so many."""
        found = [text for name, text in _BLOCK.findall(self.text) if name == kind]
        assert len(found) == number, f"{self.title}: {number} blocks of {kind}, not {len(found)}"
        return found

    def with_block(self, kind: str, text: str) -> str:
        """The section with another text in its only block of that kind."""
        start = f"```{kind}\n"
        before, _, after = self.text.partition(start)
        return f"{before}{start}{text}\n{after[after.index('```') :]}"


def recipes() -> Iterator[Recipe]:
    """The sections of the page that hold a recipe."""
    for section in re.split(r"^(?=## )", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        yield Recipe(section.partition("\n")[0].removeprefix("## "), section)


def test_every_recipe_stands_in_the_table_of_questions() -> None:
    contents = PAGE.read_text(encoding="utf-8").partition("\n## ")[0]
    linked = re.findall(r"\(#([\w-]+)\)", contents)
    titles = (re.sub(r"[^\w\- ]", "", each.title.lower()) for each in recipes())
    assert sorted(linked) == sorted(title.replace(" ", "-") for title in titles)


def shown(statements: Sequence[Statement]) -> str:
    """Statements as the page has them, of MariaDB: a clause of the outermost level is a line."""
    found = ";\n\n".join(_lines(each.text) for each in statements)
    return found.replace("utf8mb4_0900_bin", "utf8mb4_nopad_bin")


def _lines(text: str) -> str:
    """A clause is a line, down to the keys of a page; those of filters stay in their line."""
    depth, lines = 0, [""]
    for part in _LINE_STARTS.split(text):
        if depth > 2:
            lines[-1] += f" {part}"
        else:
            lines.append(f"{'  ' * depth}{part}")
        depth += part.count("(") - part.count(")")
    return "\n".join(lines[1:])


def pretty(value: Any, indent: str = "") -> str:
    """JSON in lines of at most 120 characters, as far as objects and lists can be broken."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent + line) <= 120 or not isinstance(value, dict | list):
        return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {pretty(each, deeper)}" for name, each in value.items()]
    else:
        parts = [pretty(each, deeper) for each in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{end}"


@pytest.mark.parametrize("recipe", [pytest.param(each, id=each.title) for each in recipes()])
def test_recipe_is_true(
    recipe: Recipe,
    database: DatabaseUrl,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sdl, document = recipe.blocks("graphql", 2)
    resolvers = ""
    if "```python" in recipe.text:
        resolvers = f"recipe_{re.sub('[^a-z]+', '_', recipe.title.lower())}"
        (tmp_path / f"{resolvers}.py").write_text(*recipe.blocks("python", 1))
        monkeypatch.syspath_prepend(tmp_path)
    statements, answer = recipe.blocks("sql", 1) + recipe.blocks("json", 1)
    (tmp_path / "recipe.graphql").write_text(sdl)
    run_script(database, *(each for each in recipe.tables.read_text().split(";\n") if each.strip()))
    with open_api(database, tmp_path, resolvers=resolvers) as api:
        given = api.run(document)
    if pytestconfig.getoption("rewrite_golden"):
        written = Recipe(recipe.title, recipe.with_block("sql", shown(given.statements)))
        text = written.with_block("json", pretty(given.body))
        PAGE.write_text(PAGE.read_text(encoding="utf-8").replace(recipe.text, text))
        return
    assert statements.split() == shown(given.statements).split()
    assert json.loads(answer) == given.body
