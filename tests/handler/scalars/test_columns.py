"""Types of columns, and the scalars that show them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from handler.scalars import COLUMNS, SCALARS, scalar_of
from handler.scalars.scalar import Scalar

EVERY = (*SCALARS.values(), COLUMNS["Kind"], COLUMNS["[Kind!]"])


@pytest.mark.parametrize(
    ("column_type", "expected"),
    [
        ("tinyint(1)", "Boolean"),
        ("tinyint(1) unsigned", "Int"),  # MySQL says ``tinyint unsigned``
        ("tinyint unsigned", "Int"),
        ("int(11)", "Int"),
        ("int(10) unsigned", "BigInt"),
        ("int(6) unsigned zerofill", "BigInt"),
        ("mediumint unsigned", "Int"),
        ("bigint unsigned", "BigInt"),
        ("decimal(10,2) unsigned", "Decimal"),
        ("float(7,2)", "Float"),
        ("double unsigned", "Float"),
        ("bit(1)", "Boolean"),
        ("bit(9)", "BigInt"),
        ("year(4)", "Int"),
        ("date", "Date"),
        ("datetime(6)", "DateTime"),
        ("timestamp", "DateTime"),
        ("time(3)", "Time"),
        ("char(36)", "String"),
        ("longtext", "String"),
        ("enum('a','b int unsigned')", "an enum"),
        ("set('a','b')", "a list of an enum or of String"),
        ("json", "JSON"),
        ("binary(16)", "UUID"),
        ("binary(15)", "Bytes"),
        ("varbinary(16)", "Bytes"),
        ("longblob", "Bytes"),
        ("point", "GeoJSON"),
        ("geomcollection", "GeoJSON"),
        ("uuid", "UUID"),
        ("inet6", "String"),
        ("vector(3)", None),
        ("", None),
    ],
)
def test_a_column_has_one_scalar_that_shows_it_best(column_type: str, expected: str | None) -> None:
    found = scalar_of(column_type)
    assert (found.name if found else None) == expected


def test_no_type_is_shown_best_by_two() -> None:
    counted = Counter(said for each in EVERY for said in each.preferred_by)
    assert [said for said, number in counted.items() if number > 1] == []


@pytest.mark.parametrize("scalar", EVERY, ids=lambda each: type(each).__name__)
def test_a_scalar_takes_what_it_shows_best(scalar: Scalar) -> None:
    assert [said for said in scalar.preferred_by if not scalar.takes(said, said)] == []


# ------------------------------------------------------------------------ the table of the docs

DOCS = Path(__file__).parents[3] / "docs" / "sdl.md"


def documented() -> list[tuple[list[str], str, set[str]]]:
    """The rows of the table: types as the catalogue has them, the best field, the others."""
    _, _, rest = DOCS.read_text().partition("| column | field | may also be |\n|---|---|---|\n")
    rows = []
    for line in rest.partition("\n\n")[0].splitlines():
        types, best, others = (cell.strip() for cell in line.strip("|").split("|"))
        names = [name.lower() for name in re.findall("`([^`]+)`", types)]
        if "each also" in types:
            names.remove("unsigned")
            signed = types.partition(", each also")[0].lower()
            names += [f"{name} unsigned" for name in names if f"`{name}`" in signed]
        found = {name for name in others.replace("`", "").split(", ") if name}
        rows.append((names, best.replace("`", ""), found))
    return rows


@pytest.mark.parametrize(
    ("column_type", "best", "others"),
    [(name, best, others) for names, best, others in documented() for name in names],
)
def test_the_docs_say_what_shows_a_column(column_type: str, best: str, others: set[str]) -> None:
    found = scalar_of(column_type)
    assert (found.name if found else "none") == best
    data_type = re.split(r"\W", column_type)[0]
    assert others == {
        each.name
        for each in EVERY
        if each is not found
        and each.takes(data_type, column_type)
        and not each.passes(data_type, column_type)
    }


def test_the_docs_name_every_type_that_a_scalar_knows() -> None:
    named = {name for names, _, _ in documented() for name in names}
    said = named | {name.partition("(")[0] for name in named}
    known = {name for each in EVERY for name in (*each.fits, *each.preferred_by)}
    assert known - said == set()
