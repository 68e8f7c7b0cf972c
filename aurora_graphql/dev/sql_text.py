"""SQL for people: a statement on several lines, as wide as a terminal or a pane.

Only white space changes, and none inside of literals and names. The compiler's statements are one
line each; sqlparse and the like are not among the packages that the command line needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

WIDTH: Final = 96  # characters of a line
_STEP: Final = 2
_PAIR: Final = 2  # arguments of a function, which stay beside it

# With the white space in front of it: two tokens without stay together, as X'1F' must.
_TOKEN: Final = re.compile(
    r"""\s*(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|[(),]|[^\s'"`(),]+)""",
    re.DOTALL,
)
_CLAUSES: Final = (
    ("SELECT",),
    ("FROM",),
    ("LEFT", "JOIN"),
    ("INNER", "JOIN"),
    ("STRAIGHT_JOIN",),
    ("JOIN",),
    ("WHERE",),
    ("GROUP", "BY"),
    ("HAVING",),
    ("ORDER", "BY"),
    ("LIMIT",),
    ("UNION", "ALL"),
    ("UNION",),
)
_BREAKS: Final = ("AND", "OR")  # a line of a condition begins with them

Node: TypeAlias = "str | Group"


class Group(list[Node]):
    """What stands in one pair of brackets."""

    def __init__(self, opening: str = "") -> None:
        super().__init__()
        self.opening = opening  # the bracket, with a blank if one stands before it

    def __str__(self) -> str:
        return f"{self.opening}{_flat(self)})"


def format_sql(text: str, width: int = WIDTH) -> str:
    """The same statement; one line if it is short enough, else a line for each part of it."""
    return "\n".join(_lines(_tree(iter(_TOKEN.findall(text)), Group()), 0, width))


def _tree(tokens: Iterator[str], group: Group) -> Group:
    for token in tokens:
        word = token.lstrip()
        if word == ")":
            break
        written = word if word == token else f" {word}"
        group.append(_tree(tokens, Group(written)) if word == "(" else written)
    return group


def _flat(nodes: Iterable[Node]) -> str:
    """On one line."""
    return "".join(map(str, nodes)).lstrip()


def _word(node: Node) -> str:
    return node.lstrip() if isinstance(node, str) else ""


def _lines(nodes: Sequence[Node], indent: int, width: int) -> Iterator[str]:
    """``nodes``: a statement, or what stands in brackets."""
    whole = _flat(nodes)
    if indent + len(whole) <= width:
        yield " " * indent + whole
        return
    clauses = list(_clauses(nodes))
    for head, body in clauses:
        text = " ".join((*head, _flat(body))).strip()
        if indent + len(text) <= width:
            yield " " * indent + text
            continue
        deeper = indent
        if head:
            yield " " * indent + " ".join(head)
            deeper += _STEP
        for item in _items(body):
            yield from _item(item, deeper, width)


def _item(nodes: Sequence[Node], indent: int, width: int) -> Iterator[str]:
    """One of a list or a condition; brackets that are too long get lines of their own."""
    whole = _flat(nodes)
    groups = [at for at, node in enumerate(nodes) if isinstance(node, Group) and _is_long(node)]
    if indent + len(whole) <= width or not groups:
        yield " " * indent + whole
        return
    at = max(groups, key=lambda number: len(_flat(nodes[number : number + 1])))
    before, inner, after = nodes[:at], nodes[at], nodes[at + 1 :]
    assert isinstance(inner, Group)
    yield " " * indent + _flat([*before, inner.opening])
    if _is_statement(inner):
        yield from _lines(inner, indent + _STEP, width)
    else:
        yield from _filled(list(_items(inner)), indent + _STEP, width)
    yield " " * indent + ")" + "".join(map(str, after))


def _filled(items: Sequence[Sequence[Node]], indent: int, width: int) -> Iterator[str]:
    """Short items several to a line, such as the keys of IN (...)."""
    line = ""
    for item in items:
        text = _flat(item)
        if indent + len(text) > width:
            if line:
                yield " " * indent + line
            line = ""
            yield from _item(item, indent, width)
        elif line and indent + len(line) + 1 + len(text) > width:
            yield " " * indent + line
            line = text
        else:
            line = f"{line} {text}" if line else text
    if line:
        yield " " * indent + line


def _is_statement(nodes: Sequence[Node]) -> bool:
    first = nodes[0] if nodes else ""
    return _word(first) == "SELECT" or (isinstance(first, Group) and _is_statement(first))


def _is_long(group: Group) -> bool:
    """Whether it reads better on lines of its own: a list, a condition, what holds a statement."""
    return (
        len(list(_items(group))) > _PAIR
        or any(_word(each) in _BREAKS for each in group)
        or _is_statement(group)
        or any(isinstance(each, Group) and _is_long(each) for each in group)
    )


def _clauses(nodes: Sequence[Node]) -> Iterator[tuple[tuple[str, ...], list[Node]]]:
    """Each with the words that it begins with."""
    head: tuple[str, ...] = ()
    body: list[Node] = []
    at = 0
    while at < len(nodes):
        words = tuple(map(_word, nodes[at : at + 2]))
        found = next((each for each in _CLAUSES if words[: len(each)] == each), None)
        if found is None:
            body.append(nodes[at])
            at += 1
            continue
        if head or body:
            yield head, body
        head, body = found, []
        at += len(found)
    yield head, body


def _items(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Parts after a comma, or from an AND or OR on; BETWEEN keeps its AND."""
    item: list[Node] = []
    between = False
    for node in nodes:
        word = _word(node)
        between = between or word == "BETWEEN"
        if word in _BREAKS and item:
            if word == "AND" and between:
                between = False
            else:
                yield item
                item = []
        item.append(node)
        if word == ",":
            yield item
            item = []
    if item:
        yield item
