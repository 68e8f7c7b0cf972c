"""Full text: what a caller wrote into a search box, as a text that both servers take.

InnoDB reads signs in such a text, and refuses the statement where they are in a wrong place, some
also in a natural language search. So no sign reaches it that is not written here: words are told
apart by blanks, and in boolean mode ``+``, ``-``, ``*`` and quotes stand where they mean something.
Source: https://dev.mysql.com/doc/refman/8.0/en/fulltext-boolean.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

from msgspec.structs import replace

from handler.errors import InputError
from handler.model.column import Column
from handler.model.conditions import And, Condition, Filter
from handler.model.search import Relevance, Search
from handler.sql.statement import Sql, sql, value

# ASCII but letters, digits and _; characters beyond it are the server's to judge.
FOUND: Final = "m"  # the rows that the index finds

_SIGNS: Final = r"[\x00-/:-@\[-^`{-\x7f]+"
_TERM: Final = r'(?P<sign>[+-]*)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))'
_LONG: Final = 20  # characters: a longer word counts as several


class SearchWriter(Protocol):
    """What a search asks of who writes a statement: see ``tables.py``."""

    def column(self, column: Column, alias: str) -> str:
        """The text of a column of the table that has this alias."""

    def is_found(self, search: Search, alias: str, found: Sql) -> Sql:
        """That the row is among those, called ``FOUND``, of which this holds."""


class Matches(Condition, frozen=True):
    """Words are found in the columns of a search."""

    search: Search
    text: str  # empty where no row can have it
    terms: int  # how many comparisons it counts for
    words: tuple[str, ...] = ()  # and phrases, of those that are not to be missing

    def sql(self, writer: SearchWriter, alias: str) -> Sql:
        """The row is one of those that the FULLTEXT index finds, in a query of its own.

        MySQL (9.7) gives wrong answers for ``MATCH`` of a row that it has found by another index
        which holds all the columns searched: it keeps no number of a document then, and takes the
        last one that it has seen.
        """
        return writer.is_found(self.search, alias, self.score(writer, FOUND))

    def score(self, writer: SearchWriter, alias: str) -> Sql:
        """How well the row fits, 0 if it does not; as a condition only where nothing else chooses
        rows, so that the server reads them by the FULLTEXT index."""
        names = ", ".join([writer.column(column, alias) for column in self.search.columns])
        mode = "BOOLEAN" if self.search.is_boolean else "NATURAL LANGUAGE"
        # Of the text alone MySQL takes title = 'tea' for granted where it finds 'tea' in the title.
        given = sql("CONCAT(", value(self.text), ")")
        return sql(f"MATCH ({names}) AGAINST (", given, f" IN {mode} MODE)")

    def found_words(self) -> list[Matches]:
        """A search for each word alone."""
        return [replace(self, text=each, words=()) for each in self.words]

    @property
    def can_match(self) -> bool:
        return bool(self.text)

    @property
    def may_be_unknown(self) -> bool:
        return False

    def columns(self) -> Iterator[Column]:
        yield from self.search.columns


def searched_by(chosen: And, key: Relevance) -> Matches | None:
    """The search by whose relevance rows are sorted, if its argument has a value."""
    found = (part for part in chosen.parts if isinstance(part, Matches))
    return next((part for part in found if part.search.argument == key.search.argument), None)


def search(used: Filter, given: Any, most: float = math.inf) -> Matches:
    """A search with the coerced value of its argument.

    ``most``: terms. Raises ``InputError`` for a text with more of them.
    """
    assert isinstance(used, Search)
    found = list(_boolean(given)) if used.is_boolean else _words(given)
    terms = sum(1 + len(each) // _LONG for each in found)
    if terms > most:
        raise InputError(
            f"argument {used.argument!r} has {terms} words to search for, of which a long one "
            f"counts as several, and the limit is {most}; search for less at once"
        )
    words = tuple([each.removeprefix("+") for each in found if not each.startswith("-")])
    return Matches(used, " ".join(found), terms, words)


def _words(text: str) -> list[str]:
    return re.sub(_SIGNS, " ", text).split()


def _boolean(text: str) -> Iterator[str]:
    """The words and phrases, each with the signs before and behind it that mean something."""
    for found in re.finditer(_TERM, text):
        chunk = found["phrase"] if found["word"] is None else found["word"]
        sign = found["sign"][:1]
        match _words(chunk):
            case []:
                continue
            case [word]:
                yield f"{sign}{word}{'*' if found['word'] and chunk.endswith('*') else ''}"
            case several:  # such as data-base: the server would tell these apart
                yield f'{sign}"{" ".join(several)}"'
