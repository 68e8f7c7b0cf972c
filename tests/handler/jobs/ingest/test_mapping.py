"""Mappings: what a file may say, what a header must have, what fits the tables."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from handler.jobs.ingest.catalog import TableType, check_types
from handler.jobs.ingest.line import build_layout
from handler.jobs.ingest.mapping import (
    ColumnRule,
    Dialect,
    InputMapping,
    TableRule,
    find_mapping,
    load_mapping,
    load_mappings,
)
from handler.jobs.ingest.report import IngestError
from tests.domains.orders import PROJECT
from tests.handler.jobs.ingest.shop import TYPES, mapping_of, varchar, whole
from tests.integration.servers import ORDERS

SHIPPED = PROJECT / "data" / "mappings"
TABLE = '[tables.visits]\nkey = ["visit_id"]\n[tables.visits.columns]\nvisit_id = "Visit"\n'


def test_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(
        'format = "csv"\nencoding = "cp1252"\ndelimiter = ";"\nnumber_format = "1234,5"\n'
        'date_format = "%d.%m.%Y"\ntime_zone = "Europe/Berlin"\noptional = ["Note"]\n'
        '[columns]\nVisit = "Beleg"\n[defaults]\nVisit = "0"\n'
        f'{TABLE}note = {{ from = ["Note", "Visit"], default = "-" }}\n'
    )
    assert load_mapping(file) == InputMapping(
        tables={
            "visits": TableRule(
                key=["visit_id"],
                columns={
                    "visit_id": "Visit",
                    "note": ColumnRule(sources=("Note", "Visit"), default="-"),
                },
            )
        },
        columns={"Visit": "Beleg"},
        defaults={"Visit": "0"},
        optional=("Note",),
        format="csv",
        encoding="cp1252",
        delimiter=";",
        dialect=Dialect(date_format="%d.%m.%Y", time_zone="Europe/Berlin", number_format="1234,5"),
        file=file,
    )


def test_file_that_extends_another_changes_only_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(f'encoding = "latin-1"\ndate_format = "unix"\n{TABLE}')
    (tmp_path / "more").mkdir()
    file = tmp_path / "more" / "shop.toml"
    file.write_text('extends = "../base.toml"\ndate_format = "iso"\n[columns]\nVisit = "V"\n')
    base, found = load_mapping(tmp_path / "base.toml"), load_mapping(file)
    assert found == dataclasses.replace(base, columns={"Visit": "V"}, dialect=Dialect(), file=file)
    assert base.dialect == Dialect(date_format="unix")


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.toml")), ids=lambda file: file.stem)
def test_shipped_mappings_fit_the_tables(file: Path) -> None:
    mapping = load_mapping(file)
    check_types(mapping, TYPES)
    assert [table.name for table in build_layout(mapping, TYPES).tables] == list(TYPES)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{TABLE}[columns]\nvisit = 'A'", "no column of a table is fed from 'visit'; known: Vis"),
        (f"{TABLE}[defaults]\nname = 'A'", "no column of a table is fed from 'name'"),
        (f"optional = ['name']\n{TABLE}", "no column of a table is fed from 'name'"),
        ("colums = 1", "there is no setting 'colums'; known: tables, columns, defaults, optional"),
        ("columns = 'orderId'", "Expected `object`, got `str` - at `$.columns`"),
        ("[columns]\norderId = 1", "Expected `str`, got `int` - at `$.columns[...]`"),
        ("", "no table is fed: write [tables.NAME] with key and columns"),
        ("[tables.a]\nkey = ['b']", "missing required field `columns` - at `$.tables[...]`"),
        ("[tables.a]\nkey = ['b']\ncolumns = {c = 'C'}", "a: nothing feeds the column 'b': add it"),
        ("[tables.a]\nkey = []\ncolumns = {c = 'C'}", "a: key is empty: name the columns that"),
        (f"{TABLE}more = {{fro = 'x'}}", "Object contains unknown field `fro`"),
        (f"{TABLE}more = {{min = 1}}", "visits.more: nothing feeds it: write from, default or row"),
        (f"{TABLE}more = {{row_of = 'b'}}", "row_of names 'b', which is no table above it (none)"),
        (f"{TABLE}more = {{from = 'a', numbered = true}}", "more: numbered is for a column of the"),
        (
            f"{TABLE}more = {{from = 'a', fallback = 'b'}}",
            "fallback names 'b', which nothing feeds",
        ),
        (f"{TABLE}[tables.visits]\n", "is not TOML"),
        ("[tables.a]\nkey = ['c']\non_conflict = 'add'\ncolumns = {c = 'C'}", "must be one of upd"),
        (f"number_format = '1'\n{TABLE}", "number_format must be one of '1234.5', '1234,5', "),
        (f"format = 'xml'\n{TABLE}", "format must be jsonl or csv, got 'xml'"),
        (f"delimiter = ';;'\n{TABLE}", "delimiter must be one character, got ';;'"),
        (f"delimiter = '\"'\n{TABLE}", "delimiter must be one character"),
        (f"encoding = 'klingon'\n{TABLE}", "there is no encoding 'klingon'; try latin-1"),
        (f"encoding = 'utf-16'\n{TABLE}", "encoding utf-16 cannot be read"),
        (f"encoding = 'base64'\n{TABLE}", "there is no encoding 'base64'"),
        (f"time_zone = 'Mars/Base'\n{TABLE}", "there is no time zone 'Mars/Base'"),
        (f"time_zone = '../etc'\n{TABLE}", "there is no time zone"),
        ("extends = 'none.toml'", "extends none.toml: No such file"),
        ("extends = 'shop.toml'", "extends names the file that is changed, once"),
        ("= 1", "is not TOML"),
    ],
)
def test_mistake_in_a_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(text)
    with pytest.raises(IngestError) as caught:
        load_mapping(file)
    assert str(caught.value).startswith(str(file))
    assert problem in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"none\.toml: No such file"):
        load_mapping(tmp_path / "none.toml")


def test_mapping_of_a_name_lies_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "visits.toml").write_text(TABLE)
    assert find_mapping(tmp_path, "visits") == load_mappings(tmp_path)["visits"]
    with pytest.raises(IngestError, match=r"no mapping .*default\.toml \(.* has visits\.toml\)"):
        find_mapping(tmp_path)


def test_options_win_over_the_file() -> None:
    found = mapping_of({"country": "Land"}).with_options(
        columns={"country": "Staat"}, defaults={"quantity": "2"}, time_zone="Asia/Tokyo"
    )
    assert (found.columns, found.defaults) == ({"country": "Staat"}, {"quantity": "2"})
    assert found.dialect == Dialect(time_zone="Asia/Tokyo")


def test_header_with_the_needed_columns_passes() -> None:
    ORDERS.check_header(["price", "productId", "more", "more", "customerId", "orderId"])
    mapping_of({"orderId": "No"}, {"customerId": "guest"}).check_header(
        ["No", "productId", "price"]
    )


@pytest.mark.parametrize(
    ("mapping", "header", "problem"),
    [
        pytest.param(
            ORDERS,
            ["InvoiceNo", "productId", "price"],
            "the header has no column 'customerId' for customerId, 'orderId' for orderId; it has "
            "'InvoiceNo', 'productId', 'price'; say which column is meant: --map customerId=Column",
            id="needed",
        ),
        pytest.param(
            mapping_of({"country": "Land"}),
            ["orderId", "customerId", "productId", "price"],
            "the header has no column 'Land' for country",
            id="mapped",
        ),
        pytest.param(
            mapping_of({"country": "Land"}, {"country": "DE"}),
            ["orderId", "customerId", "productId", "price"],
            "the header has no column 'Land' for country",
            id="mapped-with-a-default",
        ),
        pytest.param(
            ORDERS,
            ["orderId", "customerId", "productId", "price", "price"],
            "the header has the column 'price' twice",
            id="twice",
        ),
    ],
)
def test_header_is_refused(mapping: InputMapping, header: list[str], problem: str) -> None:
    with pytest.raises(IngestError) as caught:
        mapping.check_header(header)
    assert str(caught.value).startswith(problem)


def visits(key: list[str], **columns: Any) -> InputMapping:
    return InputMapping(tables={"visits": TableRule(key=key, columns=columns)})


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        pytest.param(
            InputMapping(tables={"visit": TableRule(key=["a"], columns={"a": "A"})}),
            "the database has no table 'visit', or the account may not write it: apply the",
            id="table",
        ),
        pytest.param(
            visits(["visit_id"], visit_id="A", plce="B"),
            "visits has no column 'plce'; it has visit_id, place, seen",
            id="column",
        ),
        pytest.param(
            visits(["place"], visit_id="A", place="B"),
            "visits: key is place, which is no primary key or unique index of the table "
            "(visit_id): the same input again would load its rows twice",
            id="key",
        ),
        pytest.param(
            visits(["visit_id"], visit_id="A"),
            "nothing feeds visits.place, which may not be null and has no default: add it to the",
            id="not-null",
        ),
        pytest.param(
            visits(["visit_id"], visit_id="A", place="B", seen="C"),
            "visits.seen is point, which cannot be loaded; leave it out",
            id="kind",
        ),
    ],
)
def test_mapping_that_does_not_fit_the_tables_is_named(mapping: InputMapping, problem: str) -> None:
    seen = whole("point")
    place = varchar(10)
    columns = {"visit_id": varchar(9), "place": place, "seen": seen}
    types = {
        "visits": TableType(
            columns | {"seen": varchar(9, null=True)} if "seen" not in str(mapping) else columns,
            [("visit_id",)],
        ),
        "visit": TableType({}, []),
    }

    def fit() -> None:
        check_types(mapping, types)
        build_layout(mapping, types)

    with pytest.raises(IngestError) as caught:
        fit()
    assert str(caught.value).startswith(problem)
