"""Full text as the servers document it: words of three letters and more, without stopwords."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphql import GraphQLObjectType

from tests.directives import directives

# Those of InnoDB; https://dev.mysql.com/doc/refman/8.0/en/fulltext-stopwords.html
STOPWORDS = frozenset(
    re.findall(
        r"\w+",
        "a about an are as at be by com de en for from how i in is it la of on or that the this to"
        " was what when where who will with und the www",
    )
)
_TERMS = re.compile(r'([+-]*)(?:"([^"]*)"?|([^\s"]+))')
LEAST = 3  # letters of a word, innodb_ft_min_token_size

# What a search box is given: words of any kind, and signs that mean something to a server.
TEXTS = (
    "",
    "*",
    "+",
    '"',
    "the",
    "x",
    "tea",
    "TEA queso",
    "pate -tea",
    "+mix +tea",
    "+tea* -queso",
    "mi*",
    '"mix tea"',
    "(neil) ~x_y @2 <>",
    "que-so",
    "\u5927\u8c46",
    "\U0001f389 mix",
)


def search_of(
    used: Mapping[str, Any] | None, name: str, *, is_several: bool = False
) -> tuple[Sequence[str], bool] | None:
    """The fields that an argument searches, and whether signs mean something to it; of rows of
    several tables no fields, where each type says which are its own."""
    if used is None or used.get("operator") != "MATCH":
        return None
    fields = used.get("fields") or ([used["field"]] if "field" in used else [])
    return fields or ([] if is_several else [name]), used.get("mode") == "BOOLEAN"


def server_text(given: str, *, is_boolean: bool) -> str:
    """A text as the server is asked for it: words, and the signs that mean something."""
    if not is_boolean:
        return " ".join(_parts(given))
    found = []
    for sign, phrase, chunk in _TERMS.findall(given):
        words = _parts(phrase or chunk)
        text = f'"{" ".join(words)}"' if len(words) > 1 else "".join(words)
        if words:
            found.append(sign[:1] + text + ("*" * (len(words) < 2 and chunk.endswith("*"))))
    return " ".join(found)


def _parts(text: str) -> list[str]:
    """Whatever stands between signs of ASCII."""
    return re.findall(r"[\w\x80-\U0010ffff]+", text)


def search_member(target: GraphQLObjectType, name: str) -> tuple[Sequence[str], bool] | None:
    """The same of a member of the filter input of a type."""
    for used in directives(target.ast_node, "searchable"):
        if used.get("name", "search") == name:
            return used["fields"], used.get("mode") == "BOOLEAN"
    return None


def finds(
    texts: Sequence[str | None], given: str, fold: Callable[[str], str], *, is_boolean: bool
) -> bool:
    """Whether a row with these texts is found."""
    lists = [_words(fold(text)) for text in texts if text is not None]
    there = {word for words in lists for word in words if _is_known(word)}
    if not is_boolean:
        return any(word in there for word in _words(fold(given)))
    wanted = list(_terms(fold(given), there, lists))
    if any(sign == "-" and holds for sign, holds in wanted):
        return False
    needed = [holds for sign, holds in wanted if sign == "+"]
    if needed:
        return all(needed)
    return any(holds for sign, holds in wanted if not sign)


def _terms(given: str, there: set[str], lists: list[list[str]]) -> Iterator[tuple[str, bool]]:
    for sign, phrase, chunk in _TERMS.findall(given):
        words = _words(phrase or chunk)
        if not words:
            continue
        if len(words) > 1:
            holds = any(_stands(words, each) for each in lists)
        elif chunk.endswith("*"):
            holds = any(word.startswith(words[0]) for word in there)
        else:
            holds = words[0] in there
        yield sign[:1], holds


def _stands(phrase: list[str], words: list[str]) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _is_known(word: str) -> bool:
    return len(word) >= LEAST and word not in STOPWORDS
