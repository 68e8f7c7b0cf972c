"""The conventions that turn GraphQL names into SQL names, and back.

``@conventions`` chooses them for a whole schema. The way back is for programs that write SDL: a
name follows the conventions if it comes out again.

>>> shop = Conventions(is_singular=True, table_prefix="oc_")
>>> shop.table_name("OrderItem"), shop.type_name("oc_order_item")
('oc_order_item', 'OrderItem')
>>> shop.column_name("orderRef"), shop.field_name("order_ref")
('order_ref', 'orderRef')
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from msgspec import Struct

SNAKE, CAMEL, PASCAL = "SNAKE_CASE", "CAMEL_CASE", "PASCAL_CASE"  # values of the enum `NameCase`

_WORD_START: Final = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
_LETTERS: Final = str.maketrans({"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L"})
_IRREGULAR: Final = {
    "aliases": "alias",
    "analyses": "analysis",
    "caches": "cache",
    "children": "child",
    "cookies": "cookie",
    "criteria": "criterion",
    "feet": "foot",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "men": "man",
    "mice": "mouse",
    "movies": "movie",
    "people": "person",
    "quizzes": "quiz",
    "teeth": "tooth",
    "ties": "tie",
    "vertices": "vertex",
    "women": "woman",
    **dict.fromkeys(("news", "series", "species", "gas")),
}


class Conventions(Struct, frozen=True, kw_only=True):
    """How tables and columns are named where no directive says it."""

    is_singular: bool = False
    table_case: str = SNAKE
    column_case: str = SNAKE
    table_prefix: str = ""

    def table_name(self, type_name: str) -> str:
        """``OrderItem`` is table ``order_items``; the regular English plural of the last word."""
        name = _cased(type_name, self.table_case)
        return self.table_prefix + (name if self.is_singular else _plural(name))

    def column_name(self, field: str) -> str:
        """``orderRef`` is column ``order_ref``."""
        return _cased(field, self.column_case)

    def foreign_key(self, type_name: str, key: tuple[str, ...]) -> tuple[str, ...]:
        """What other tables call the key of a type: as it does, but ``order_id`` for an ``id``."""
        if key == (self.column_name("id"),):
            return (self.column_name(key_field(type_name)),)
        return key

    def type_name(self, table: str) -> str:
        """A type for a table; empty if no letter or digit is left of its name."""
        plain = _plain(table.removeprefix(self.table_prefix), self.table_case)
        if not self.is_singular:
            plain = re.sub(r"[A-Z]*[a-z]+$", lambda last: _singular(last[0]), plain)
        return _joined(plain, self.table_case, is_type=True)

    def field_name(self, column: str) -> str:
        """A field for a column; empty if no letter or digit is left of its name."""
        plain = _plain(column, self.column_case)
        return _joined(plain, self.column_case, is_type=False)


def key_field(type_name: str) -> str:
    """``Product`` is identified by ``productId``."""
    return type_name[:1].lower() + type_name[1:] + "Id"


def _cased(name: str, case: str) -> str:
    if case == SNAKE:
        return re.sub(_WORD_START, "_", name).lower()
    if case == PASCAL:
        return name[:1].upper() + name[1:]
    return _uncapitalized(name)


def _uncapitalized(name: str) -> str:
    """``orderItem`` for ``OrderItem``, and ``urlMap`` for ``URLMap``."""
    first, *rest = re.split(_WORD_START, name, maxsplit=1)
    first = first.lower() if first.isupper() else first[:1].lower() + first[1:]
    return first + "".join(rest)


def _plural(name: str) -> str:
    if re.search(r"[^aeiou]y$", name, re.IGNORECASE):
        return name[:-1] + "ies"
    return name + ("es" if re.search(r"(s|x|z|ch|sh)$", name, re.IGNORECASE) else "s")


def _singular(word: str) -> str:
    """One of what a plural names; any other word stays as it is."""
    lower = word.lower()
    if lower in _IRREGULAR:
        return word[:1] + (_IRREGULAR[lower] or lower)[1:]
    if not lower.endswith("s") or re.search(r"(s|u|i)s$", lower):
        return word
    if re.search(r"[^aeiou]ies$", lower):
        return word[:-3] + "y"
    if re.search(r"(ss|x|zz|ch|sh|[^oa]us|[^h]o)es$", lower):
        return word[:-2]
    return word[:-1]


def _plain(name: str, case: str) -> str:
    """The name in letters and digits of ASCII, with ``_`` between what is left."""
    letters = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", plain)
    if plain != name:
        plain = plain.strip("_")
    if plain.startswith("__"):  # reserved by GraphQL
        plain = plain.lstrip("_")
    if plain == plain.upper() and ("_" in plain or case != PASCAL):  # capitals tell no words apart
        return plain.lower()
    return plain


def _joined(plain: str, case: str, *, is_type: bool) -> str:
    """A GraphQL name of words between ``_``.

    In snake case a ``_`` stays where the name would not lead back without it: ``address_2``.
    """
    if not re.search("[A-Za-z0-9]", plain):
        return ""
    so_far, *words = plain.split("_")
    name = so_far[:1].upper() + so_far[1:] if is_type else _uncapitalized(so_far)
    for word in words:
        so_far += f"_{word}"
        joined = name + word[:1].upper() + word[1:]
        is_exact = case != SNAKE or _cased(joined, SNAKE) == so_far.lower()
        name = joined if name and word[:1].isalpha() and is_exact else f"{name}_{word}"
    return f"_{name}" if name[:1].isdigit() else name
