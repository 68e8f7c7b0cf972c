"""Names of a database as names of GraphQL: words, plurals, and what is in the way.

Every type and field is named by words of its table or column. ``Namer`` hands out each name once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from handler.model.names import Conventions

# By hand, because the rule knows regular words only.
_IRREGULAR: Final = {
    "child": "children",
    "criterion": "criteria",
    "foot": "feet",
    "index": "indices",
    "man": "men",
    "matrix": "matrices",
    "mouse": "mice",
    "person": "people",
    "tooth": "teeth",
    "vertex": "vertices",
    "woman": "women",
}
# One word for one of them and for many.
_WORDS: Final = """
aircraft data deer equipment feedback fish furniture hardware information media metadata money music
news offspring rice series sheep software species staff
"""
_UNCOUNTABLE: Final = frozenset(_WORDS.split())
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTERS: Final = str.maketrans({"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L"})


def words_of(name: str) -> list[str]:
    """The words of a name in small letters; letters that are not ASCII lose what is on them.

    >>> words_of("comment_post_ID"), words_of("OrderItem"), words_of("Straße 2"), words_of("名")
    (['comment', 'post', 'id'], ['order', 'item'], ['strasse', '2'], [])
    """
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    parts = re.split(r"[^A-Za-z0-9]+", plain)
    return [word.lower() for part in parts for word in _WORD_START.split(part) if word]


def pascal(words: Iterable[str]) -> str:
    """``OrderItem``; with ``_`` before a digit, with which no name begins."""
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return f"_{name}" if name[:1].isdigit() else name


def camel(words: Iterable[str]) -> str:
    """``orderItem``."""
    return uncapitalized(pascal(words))


def uncapitalized(name: str) -> str:
    """A type's name as that of a field."""
    return name[:1].lower() + name[1:]


def constant(words: Iterable[str]) -> str:
    """``ORDER_ITEM``, for a value of an enum."""
    name = "_".join(words).upper()
    return f"_{name}" if name[:1].isdigit() else name


def plural(word: str) -> str | None:
    """The word for many; None where it is the one for one of them, or is one for many already.

    >>> [plural(word) for word in ("film", "city", "person", "status", "news", "films")]
    ['films', 'cities', 'people', 'statuses', None, None]
    """
    if word in _UNCOUNTABLE or Conventions().type_name(word).lower() != word:
        return None
    if word.endswith("sis"):
        return word[:-2] + "es"
    return _IRREGULAR.get(word) or Conventions().table_name(word)


def list_name(type_name: str) -> tuple[str, bool]:
    """The field for many rows of a type, and whether the word has a plural of its own."""
    *front, last = _WORD_START.split(type_name)
    many = plural(last.lower())
    if many is None:
        return camel((*front, last, "List")), False
    return camel((*front, many if last.islower() else pascal((many,)))), True


class Namer:
    """Hands out names, each of them once. ``taken``: what has to be left free."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = set(taken)

    def is_free(self, name: str) -> bool:
        """Whether a name can still be had: valid, and nobody's."""
        return (
            name not in self._taken and re.fullmatch(r"(?!__)[A-Za-z_]\w*", name, re.A) is not None
        )

    def free(self, name: str) -> None:
        """Give a name back."""
        self._taken.discard(name)

    def take(self, *wishes: str) -> str:
        """The first wish that can be had, or else the last one with a number behind it."""
        for wish in wishes:
            if self.is_free(wish):
                self._taken.add(wish)
                return wish
        number = 2
        while not self.is_free(f"{wishes[-1]}{'_' if wishes[-1][-1:].isdigit() else ''}{number}"):
            number += 1
        return self.take(f"{wishes[-1]}{'_' if wishes[-1][-1:].isdigit() else ''}{number}")
