"""What is written into a search box becomes a text that no server refuses."""

from __future__ import annotations

import pytest

from handler.compiler.search import search
from handler.errors import InputError
from handler.language.schema import BUILT_IN
from handler.model.column import Column, ColumnRef
from handler.model.search import Search
from handler.sql.operators import Operator

TITLE = Column("title", "String", False, (ColumnRef("title"),), BUILT_IN)


def text(given: str, *, is_boolean: bool = False) -> str:
    return search(Search("search", TITLE, Operator.MATCH, False, (), is_boolean), given).text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("whale  Ocean", "whale Ocean", id="words"),
        pytest.param("", "", id="nothing"),
        pytest.param("+-*@\"()~<>'\\%;\x00\n", "", id="signs-alone"),
        pytest.param('+whale* -"big (ocean)"', "whale big ocean", id="signs-are-blanks"),
        pytest.param("naïve 日本語 x_y 🎉", "naïve 日本語 x_y 🎉", id="letters-of-any-script"),
    ],
)
def test_natural_language_has_no_signs(given: str, expected: str) -> None:
    assert text(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("+whale -ocean wha*", "+whale -ocean wha*", id="as-it-is-meant"),
        pytest.param('"big whale" -"old man"', '"big whale" -"old man"', id="phrases"),
        pytest.param("+ - * @ ~ <> () whale", "whale", id="signs-without-a-word"),
        pytest.param("+-whale ++ocean", "+whale +ocean", id="several-signs"),
        pytest.param('+"big whale', '+"big whale"', id="a-quote-that-is-not-closed"),
        pytest.param('+"whale" "" -""', "+whale", id="phrases-of-less-than-two-words"),
        pytest.param("data-base's*", '"data base s"', id="a-word-with-signs-is-a-phrase"),
        pytest.param("(whale @4 >ocean ~sea)", "whale 4 ocean sea", id="other-signs"),
        pytest.param("wh*le* **", '"wh le"', id="asterisks-elsewhere"),
    ],
)
def test_boolean_mode_has_signs_where_they_mean_something(given: str, expected: str) -> None:
    assert text(given, is_boolean=True) == expected


@pytest.mark.parametrize("given", ["a " * 101, "a" * 2000, "a b" + "c" * 1980])
def test_more_words_than_filters_may_compare_are_refused(given: str) -> None:
    used = Search("search", TITLE, Operator.MATCH)
    with pytest.raises(InputError, match=r"argument 'search' has 10[01] words to search for"):
        search(used, given, 99 if len(given) > 1000 else 100)
