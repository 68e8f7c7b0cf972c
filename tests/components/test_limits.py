"""Checks of single settings: words that a type lists, names, and the keys that messages name."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from components.limits import check_identifier, check_user, setting_key
from components.settings import StackSettings, declared_keys


def listed() -> Iterator[Any]:
    """Every field of a section whose type lists words: section, field, words."""
    for section, kind in typing.get_type_hints(StackSettings).items():
        for field, hint in typing.get_type_hints(kind).items():
            if typing.get_origin(hint) is Literal:
                words = typing.get_args(hint)
                yield pytest.param(section, kind, field, words, id=f"{section}-{field}")


@pytest.mark.parametrize(("section", "kind", "field", "words"), [*listed()])
def test_a_word_that_the_type_does_not_list_is_refused_by_its_key(
    section: str, kind: type[Any], field: str, words: tuple[str, ...]
) -> None:
    message = f"^{setting_key(section, field)} must be one of {', '.join(words)}; got other$"
    with pytest.raises(ValueError, match=message):
        kind(**{field: "other"})


def test_keys_of_messages_are_those_of_the_configuration() -> None:
    known = {declared.key for declared in declared_keys()}
    for section, kind in typing.get_type_hints(StackSettings).items():
        prefix = "" if section == "general" else section
        keys = {setting_key(prefix, field.name) for field in dataclasses.fields(kind)}
        assert keys <= known


@pytest.mark.parametrize("value", ["a", "A-b", "1ab", "a--b", "ab-", "a" * 11])
def test_identifier_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="identifier must be 2 to 10 of a-z, 0-9 and single -"):
        check_identifier("identifier", value, 10)


def test_identifier_and_user_of_the_longest_are_taken() -> None:
    check_identifier("identifier", "a1-b2-c3d4", 10)
    check_user("user", "a" + "_" * 31)
    with pytest.raises(ValueError, match="user must be at most 32 of a-z, 0-9 and _"):
        check_user("user", "a" * 33)
