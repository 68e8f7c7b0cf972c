"""Filter inputs over real rows: random ones answer as the reference does, written and by variable.

Both servers; the edges that chance meets seldom have a test each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import graphql
import orjson
import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.documents import literal
from tests.domains.filled import fill_staff
from tests.domains.staff.rows import staff_pools, staff_rows
from tests.integration.servers import fresh_database
from tests.random_filters import RandomFilters
from tests.reference import Reference

ROUNDS = int(os.environ.get("EXAMPLES", "150")) // 10  # of ten filters of each kind
PARTS = 8


@pytest.fixture(scope="module")
def staff(mariadb: MariaDb) -> Iterator[tuple[Api, Reference]]:
    with fresh_database(mariadb) as url:
        filled = fill_staff(url)
        with open_api(url, filled.sdl) as api:
            yield api, filled.reference


POOLS = staff_pools(staff_rows())


@pytest.mark.parametrize("seed", range(PARTS))
def test_random_filters_choose_the_rows_that_the_reference_chooses(
    staff: tuple[Api, Reference], seed: int
) -> None:
    api, reference = staff
    filters = RandomFilters(reference, POOLS, seed)
    chosen = set()
    for _ in range(max(1, ROUNDS // PARTS)):
        given = {f"e{n}": ("EmployeeFilter", filters.draw("Employee")) for n in range(10)}
        given |= {f"p{n}": ("ProjectFilter", filters.draw("Project")) for n in range(5)}
        given |= {f"d{n}": ("EmployeeFilter", filters.draw("Employee")) for n in range(3)}
        for by_variable in (False, True):
            document, variables = written(reference, given, by_variable=by_variable)
            expected = reference.run(document, variables)
            answer = api.run(document, variables)
            assert "errors" not in expected
            assert "errors" not in answer.body, (document, variables, answer.body["errors"])
            wrong = {
                n: given[n] for n, v in expected["data"].items() if answer.body["data"][n] != v
            }
            assert wrong == {}, (by_variable, answer.body["data"], expected["data"])
            assert answer.text == orjson.dumps(expected["data"])
        chosen |= {len(expected["data"][f"e{n}"]["nodes"]) for n in range(10)}
    assert len(chosen) > 2  # not always none or all


def written(
    reference: Reference, given: dict[str, tuple[str, Any]], *, by_variable: bool
) -> tuple[str, dict[str, Any]]:
    """A document with a field for each filter, and its variables."""
    kinds = reference.schema.type_map
    said = {
        name: f"${name}" if by_variable else literal(value, kinds[kind])  # type: ignore[arg-type]
        for name, (kind, value) in given.items()
    }
    head = ", ".join(f"${name}: {kind}" for name, (kind, _) in given.items())
    fields = []
    for name, text in said.items():
        if name[0] == "e":
            fields.append(
                f"{name}: employees(where: {text}, first: 40)"
                " { totalCount nodes { employeeId } }"
            )
        elif name[0] == "p":
            fields.append(f"{name}: projects(where: {text}, first: 20) {{ projectId }}")
        else:
            fields.append(
                f'{name}: departments(siteCode: "BER") {{ number n: presentWith(where: {text}) }}'
            )
    document = (f"query ({head}) " if by_variable else "") + "{ " + " ".join(fields) + " }"
    graphql.parse(document)
    return document, {name: value for name, (_, value) in given.items()} if by_variable else {}


def ask(api: Api, where: dict[str, Any]) -> list[str]:
    """The employees that a filter chooses."""
    field = "employees(where: $where, first: 40) { nodes { employeeId } }"
    document = f"query ($where: EmployeeFilter) {{ {field} }}"
    nodes = api.run(document, {"where": where}).data["employees"]["nodes"]
    return sorted((each["employeeId"] for each in nodes), key=int)


# ------------------------------------------------------------------------------------- edges


@pytest.mark.parametrize(
    ("where", "count"),
    [
        pytest.param({}, 40, id="nothing-is-asked"),
        pytest.param({"and": []}, 40, id="all-of-none"),
        pytest.param({"or": []}, 0, id="one-of-none"),
        pytest.param({"not": {}}, 0, id="not-everything"),
        pytest.param({"not": {"or": []}}, 40, id="not-nothing"),
        pytest.param({"and": None, "or": None, "not": None, "name": None}, 40, id="nulls"),
        pytest.param({"name": {"eq": None}}, 40, id="a-null-value-asks-nothing"),
        pytest.param({"name": {}}, 40, id="no-operator"),
        pytest.param({"name": {"in": []}}, 0, id="in-nothing"),
        pytest.param({"name": {"notIn": []}}, 40, id="in-none-of-nothing"),
        pytest.param({"reports": {}}, 40, id="no-quantifier"),
        pytest.param({"reports": {"every": {"or": []}, "some": {}}}, 0, id="some-and-not-every"),
    ],
)
def test_what_is_empty_chooses(
    staff: tuple[Api, Reference], where: dict[str, Any], count: int
) -> None:
    api, reference = staff
    everybody = len(reference.all_rows["employees"])
    assert len(ask(api, where)) == (min(count, everybody) if count else 0)


def test_not_is_everybody_else_also_where_something_is_null(staff: tuple[Api, Reference]) -> None:
    api, reference = staff
    paid = {"salary": {"gt": "1000"}}
    found, others = ask(api, paid), ask(api, {"not": paid})
    everybody = {row["employee_id"] for row in reference.all_rows["employees"]}
    assert set(found) | set(others) == everybody
    assert not set(found) & set(others)
    unpaid = set(ask(api, {"salary": {"isNull": True}}))
    assert unpaid
    assert unpaid <= set(others)
    assert not unpaid & set(ask(api, {"salary": {"ne": "1000"}}))


@pytest.mark.parametrize(
    ("where", "message"),
    [
        pytest.param(
            {"manager": {"manager": {"manager": {"manager": {}}}}},
            "argument 'where' follows relations 4 deep, and the limit is 3",
            id="relations-within-relations",
        ),
        pytest.param(
            {"or": [{"name": {"eq": str(number)}} for number in range(101)]},
            "argument 'where' makes more than 100 comparisons; ask for less at once",
            id="alternatives",
        ),
        pytest.param(
            {"and": [{"or": []}] * 101},
            "argument 'where' makes more than 100 comparisons; ask for less at once",
            id="alternatives-of-nothing",
        ),
    ],
)
def test_what_asks_for_too_much_is_told_the_limit(
    staff: tuple[Api, Reference], where: dict[str, Any], message: str
) -> None:
    document = "query ($w: EmployeeFilter) { employees(where: $w) { totalCount } }"
    answer = staff[0].run(document, {"w": where})
    (error,) = answer.body["errors"]
    assert (error["message"], error["code"]) == (message, "BAD_USER_INPUT")
    assert answer.statements == ()


def test_a_filter_over_a_relation_is_one_statement(staff: tuple[Api, Reference]) -> None:
    where = {"reports": {"some": {"department": {"number": {"gt": 0}}}}}
    document = "query ($w: EmployeeFilter) { employees(where: $w, first: 2) { nodes { name } } }"
    assert len(staff[0].run(document, {"w": where}).statements) == 1
