"""Every state of every argument, asked of a real database: what means the same answers the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.operations import load_operations
from handler.language.parser import parse_document
from handler.language.schema import NonNull
from tests.apis import Api, open_api
from tests.argument_states import find_cases, find_places
from tests.domains.blog.rows import blog_rows
from tests.domains.clinic.rows import clinic_rows
from tests.domains.database import insert_rows
from tests.domains.orders import PROJECT
from tests.domains.staff.rows import staff_rows
from tests.domains.timetable.rows import OPERATORS, timetable_rows
from tests.integration.servers import fresh_database, run_script

ROOT = Path(__file__).parents[2]
DOMAINS = ROOT / "tests" / "domains"
ROWS = {"staff": staff_rows, "clinic": clinic_rows, "blog": blog_rows, "timetable": timetable_rows}
# Values that some rows have, so that filters, counts and pages tell of something.
POOLS: Mapping[str, Sequence[Any]] = {
    "Query.orders.customerId": ["VINET", "ALFKI", "none"],
    "Query.products.namePrefix": ["C", "c", ""],
    "Query.employees.namePrefix": ["B", ""],
    "Query.employees.ids": [["1", "2", "3", "4"], []],
    "Query.employees.badge": [7],
    "Query.operators.ids": [OPERATORS[:2], []],
    "Query.trains.operatorId": [OPERATORS[1].upper()],
    "Query.departments.siteCode": ["BER", "x"],
}


@pytest.fixture(scope="module", params=["orders", *ROWS])
def api(request: pytest.FixtureRequest, mariadb: MariaDb, example: Api) -> Iterator[Api]:
    if request.param == "orders":
        yield example
        return
    folder = DOMAINS / request.param
    with fresh_database(mariadb) as url:
        run_script(url, *(folder / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, ROWS[request.param]())
        with open_api(url, folder / "sdl") as opened:
            yield opened


@pytest.fixture(scope="module")
def example(northwind_database: Any) -> Iterator[Api]:
    with open_api(northwind_database, PROJECT / "sdl") as opened:
        yield opened


@pytest.mark.parametrize(
    "step",
    [pytest.param(3, id="every-third"), pytest.param(1, id="all", marks=pytest.mark.nightly)],
)
def test_states_that_mean_the_same_answer_the_same(api: Api, step: int) -> None:
    """That all choose the same rows, tests/handler/compiler/test_argument_states.py proves."""
    cases = [
        case
        for place in find_places(api.engine.schema, api.engine.model)
        for case in find_cases(api.engine.schema, place, POOLS)
    ]
    assert len(cases) > 300
    for case in cases[::step]:
        answer, plain = api.run(case.document, case.variables), api.run(case.plain)
        assert answer.body["data"] == plain.body["data"], str(case)
        told, expected = (each.body.get("errors", []) for each in (answer, plain))
        assert [(e["message"], e["path"]) for e in told] == [
            (e["message"], e["path"]) for e in expected
        ], str(case)


def test_every_shipped_operation_answers_whatever_is_left_out(example: Api) -> None:
    """Each subset of the nullable variables; the others are absent, or null, which is the same."""
    required = {"customerId": "VINET", "orderId": "10248", "productId": "1", "first": 3}
    required |= {"withItems": True}
    optional = {"namePrefix": "C", "customerId": "VINET"}
    for known in load_operations(PROJECT / "sdl", example.engine.schema, Limits()):
        operation = parse_document(scan(known.text, Limits())).operations[0]
        nullable = [
            each.variable.name
            for each in operation.variables
            if not isinstance(each.type.ref, NonNull)
        ]
        given = {
            each.variable.name: required[each.variable.name]
            for each in operation.variables
            if each.variable.name not in nullable
        }
        chosen = [
            each for size in range(len(nullable) + 1) for each in combinations(nullable, size)
        ]
        for names in chosen:
            wanted = given | {name: optional[name] for name in names if name in optional}
            absent = example.run(known.text, wanted).data
            nulls = {name: None for name in nullable if name not in wanted}
            assert example.run(known.text, wanted | nulls).data == absent, (known.name, names)


def test_first_page_of_a_filtered_list_by_a_null_cursor(example: Api) -> None:
    """What every Relay client asks first."""
    document = """query ($c: ID!, $a: String) {
      orders(customerId: $c, first: 4, after: $a) {
        edges { node { orderId } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount
      }
    }"""

    def ask(after: str | None) -> tuple[list[str], Any]:
        page = example.run(document, {"c": "VINET", "a": after}).data["orders"]
        return [edge["node"]["orderId"] for edge in page.pop("edges")], page

    orders, page = ask(None)
    end = page["pageInfo"].pop("endCursor")
    assert (orders, page) == (
        ["10739", "10737", "10295", "10274"],
        {"pageInfo": {"hasNextPage": True, "hasPreviousPage": False}, "totalCount": 5},
    )
    orders, page = ask(end)
    del page["pageInfo"]["endCursor"]
    assert (orders, page) == (
        ["10248"],
        {"pageInfo": {"hasNextPage": False, "hasPreviousPage": True}, "totalCount": 5},
    )
