"""The rooms of the Lambda library and who imports whom, read from the code.

``python -m tests.rooms`` draws them anew into docs/architecture.md; a test holds the two together.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
ARCHITECTURE: Final = ROOT / "docs" / "architecture.md"
BLOCK: Final = re.compile(r"(?<=```mermaid\n).*?(?=\n```)", re.DOTALL)

Graph = Mapping[str, frozenset[str]]


@cache
def imported(source: str, package: str) -> tuple[str, ...]:
    """Dotted names of all modules that a source imports; ``package``: for relative imports.

    Late imports count, and so do those for type checking: what a signature names is known.
    """
    return tuple(_imported(source, package))


def _imported(source: str, package: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield module
            # `from handler import stores` imports handler.stores
            yield from (f"{module}.{alias.name}" for alias in node.names)


def package_of(file: Path) -> str:
    """The dotted name of the package that a file of this repository is in."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts[:-1])


def read_rooms() -> Graph:
    """Each package and loose module directly in ``handler/``, and those of them that it imports."""
    top = ROOT / "handler"
    rooms = {each.stem for each in top.glob("*.py")} | {
        each.parent.name for each in top.glob("*/__init__.py")
    }
    rooms.discard("__init__")
    found: dict[str, set[str]] = {room: set() for room in rooms}
    for file in top.rglob("*.py"):
        room = file.relative_to(top).parts[0].removesuffix(".py")
        if room in rooms:
            for module in imported(file.read_text(encoding="utf-8"), package_of(file)):
                parts = module.split(".")
                if parts[0] == "handler" and len(parts) > 1 and parts[1] in rooms - {room}:
                    found[room].add(parts[1])
    return {room: frozenset(below) for room, below in found.items()}


def floors(graph: Graph) -> list[list[str]]:
    """The rooms by height, the highest first: each stands right above the highest it imports.

    Raises ``ValueError`` for a circle, which it names.
    """
    heights: dict[str, int] = {}

    def height(room: str, above: tuple[str, ...]) -> int:
        if room in above:
            raise ValueError(" -> ".join((*above[above.index(room) :], room)))
        if room not in heights:
            heights[room] = max(
                (height(each, (*above, room)) + 1 for each in graph[room]), default=0
            )
        return heights[room]

    for room in graph:
        height(room, ())
    return [
        sorted(room for room in graph if heights[room] == level)
        for level in sorted(set(heights.values()), reverse=True)
    ]


def reduced(graph: Graph) -> Graph:
    """Without the imports that are also there by way of other rooms: what has to be drawn."""
    reached: dict[str, frozenset[str]] = {}

    def reach(room: str) -> frozenset[str]:
        if room not in reached:
            reached[room] = graph[room].union(*map(reach, graph[room]))
        return reached[room]

    return {
        room: below.difference(*(reach(each) for each in below)) for room, below in graph.items()
    }


def picture() -> str:
    """The diagram in Mermaid's language: one row for each floor, one arrow for each import."""
    graph = read_rooms()
    lines = ["flowchart TD"]
    for level, rooms in enumerate(floors(graph)):
        lines += [f"    subgraph floor{level}[ ]", "        direction LR"]
        lines += [f"        {room}" for room in rooms]
        lines += ["    end"]
    drawn = reduced(graph)
    lines += [f"    {room} --> {each}" for room in sorted(drawn) for each in sorted(drawn[room])]
    return "\n".join(lines)


if __name__ == "__main__":
    shown = ARCHITECTURE.read_text(encoding="utf-8")
    ARCHITECTURE.write_text(BLOCK.sub(lambda _: picture(), shown, count=1), encoding="utf-8")
