"""Random documents: the compiled answer is the reference's, errors and paths included."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aurora_graphql.dev.servers import MariaDb
from handler.jobs.migrate import migrate
from tests.apis import Api, open_api
from tests.documents import Document, documents
from tests.domains.database import RawRow, Tables, insert_rows
from tests.domains.films.rows import films_pools, films_rows, label
from tests.domains.orders.rows import NAMES, order_rows
from tests.domains.orders.values import fold, line_total
from tests.domains.staff.rows import NAMES as STAFF_NAMES
from tests.domains.staff.rows import staff_rows
from tests.domains.timetable.rows import (
    DEPARTS,
    OPERATORS,
    SEALS,
    TAKES,
    TRAINS,
    timetable_rows,
)
from tests.integration.servers import MIGRATIONS, fresh_database, run_script
from tests.reference import Reference

ROOT = Path(__file__).parents[2]
STAFF = ROOT / "tests" / "domains" / "staff"
FILMS = ROOT / "tests" / "domains" / "films"
TIMETABLE = ROOT / "tests" / "domains" / "timetable"


@dataclass(frozen=True)
class Domain:
    """An API, the reference over the same rows, and documents for both."""

    api: Api
    reference: Reference
    documents: st.SearchStrategy[Document]


def raised(row: RawRow) -> str | None:
    if row["salary"] is None:
        return None
    exact = Decimal(row["salary"]) * Decimal("1.1")
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP) + 0)


@pytest.fixture(scope="module")
def orders(mariadb: MariaDb) -> Iterator[Domain]:
    with fresh_database(mariadb) as url:
        asyncio.run(migrate(url, MIGRATIONS))
        tables = order_rows()
        insert_rows(url, tables)
        sdl = (ROOT / "sdl" / "orders.graphql").read_text()
        reference = Reference(url, sdl, {"OrderItem.lineTotal": line_total}, fold=fold)
        identifiers = {
            f"{kind}.{name}Id": [*[row[f"{name}_id"] for row in tables[f"{name}s"]], "none", 7, ""]
            for kind, name in (("Order", "order"), ("Customer", "customer"), ("Product", "product"))
        }
        pools = identifiers | {
            "OrderItem.orderId": identifiers["Order.orderId"],
            "Order.customerId": identifiers["Customer.customerId"],
            "Product.productName": ["", "t", "TE", "te", "pat", "50%", "x_", "_", "O'", *NAMES],
            "Order.orderedAt": [
                "1996-07-04T00:00:00Z",
                "1996-07-04T00:00:00.000001Z",
                "1996-07-04T02:00:00+02:00",
                "2026-11-23T08:30:00.123456Z",
                "2030-01-01T00:00:00-08:00",
            ],
        }
        with open_api(url, ROOT / "sdl") as api:
            yield Domain(api, reference, documents(reference, pools))


def staff_pools(tables: Tables) -> dict[str, list[Any]]:
    """Values for filters of the staff, found and not."""
    people: list[Any] = [row["employee_id"] for row in tables["employees"]]
    people = [*map(str, people), 1, "01", "1a", "999", "-1", ""]
    projects = [*[row["project_id"] for row in tables["projects"]], "P13", "p1"]
    statuses = ["ACTIVE", "ON_LEAVE", "LEFT"]
    return {
        "Employee.employeeId": people,
        "Assignment.employeeId": people,
        "Assignment.projectId": projects,
        "Project.projectId": projects,
        "Employee.email": ["e1@example.test", "E1@example.test", "e3@example.test", ""],
        "Employee.status": statuses,
        "Employee.mood": ["GOOD", "BAD"],
        "Employee.raised": ["5500.1", "0", "-1.2"],
        "Employee.nickname": ["a", "", "%"],
        "Employee.name": [
            "",
            "A",
            "a",
            "Bo'",
            "50%",
            "a_",
            "🎉",
            "Nul\x00",
            "\\",
            *STAFF_NAMES,
        ],
        "Employee.hiredOn": ["2020-01-01", "2020-01-03", "2019-12-31", "9999-12-31"],
        "Employee.lastLogin": ["1999-01-01T00:00:00.12Z", "2024-03-01T00:59:58+01:00"],
        "Employee.salary": ["0", "0.00", "5000.05", -1.1, 4, "99999999999999999999.5"],
        "Employee.isRemote": [True, False],
        "Employee.badge": ["7", 7, "0", "9223372036854775807"],
        "Department.siteCode": ["BER", "ber", "O'Hare", "大阪", "x"],
        "Department.number": [1, 2, 3, -4, 2**31 - 1],
    }


@pytest.fixture(scope="module")
def staff(mariadb: MariaDb) -> Iterator[Domain]:
    with fresh_database(mariadb) as url:
        run_script(url, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        tables = staff_rows()
        insert_rows(url, tables)
        sdl = (STAFF / "sdl" / "staff.graphql").read_text()
        reference = Reference(url, sdl, {"Employee.raised": raised})
        pools = staff_pools(tables)
        with open_api(url, STAFF / "sdl") as api:
            yield Domain(api, reference, documents(reference, pools))


def timetable_pools() -> dict[str, list[Any]]:
    """Values for filters of the timetable, found and not."""
    times = [*DEPARTS, *(text for text in TAKES if text), "838:59:58.999999", "00:00:00.5"]
    keys = [*TRAINS, *(key.upper() for key in TRAINS[2:5]), str(UUID(int=7))]
    return {
        "Operator.operatorId": [*OPERATORS, OPERATORS[0].upper(), *keys[:2]],
        "Operator.opens": ["06:00:00", "006:00:00.0", "23:59:59"],
        "Train.trainId": keys,
        "Train.operatorId": [*OPERATORS, OPERATORS[0].upper()],
        "Train.token": keys,
        "Train.departs": times,
        "Train.takes": times,
        "Train.seal": [b64encode(seal or b"").decode() for seal in (*SEALS, b"a", b"ab\0\0")],
        "Train.days": ["SUNDAY", "MONDAY", "ON_DEMAND", "Mon"],
        "Stop.trainId": keys,
        "Stop.arrives": ["00:30:00", "02:30:00.002", "04:30:00.004", "04:30:00.0041"],
    }


@pytest.fixture(scope="module")
def timetable(mariadb: MariaDb) -> Iterator[Domain]:
    with fresh_database(mariadb) as url:
        run_script(url, *(TIMETABLE / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, timetable_rows())
        sdl = (TIMETABLE / "sdl" / "timetable.graphql").read_text()
        reference = Reference(url, sdl, {})
        with open_api(url, TIMETABLE / "sdl") as api:
            yield Domain(api, reference, documents(reference, timetable_pools()))


@pytest.fixture(scope="module")
def films(mariadb: MariaDb) -> Iterator[Domain]:
    with fresh_database(mariadb) as url:
        run_script(url, *(FILMS / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, films_rows())
        sdl = (FILMS / "sdl" / "films.graphql").read_text()
        reference = Reference(url, sdl, {"Actor.edge.label": label})
        with open_api(url, FILMS / "sdl") as api:
            yield Domain(api, reference, documents(reference, films_pools()))


modest = settings(
    max_examples=int(os.environ.get("EXAMPLES", "150")),  # `make nightly` asks for more
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def by_path(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        ({k: e[k] for k in ("message", "path", "locations")} for e in errors),
        key=lambda error: [str(part) for part in error["path"]],
    )


def check(domain: Domain, document: Document) -> None:
    """Both answers are the same, byte by byte."""
    expected = domain.reference.run(document.text, document.variables)
    answer = domain.api.run(document.text, document.variables)
    assert "data" in answer.body, answer.body
    assert answer.text == orjson.dumps(expected["data"])
    assert by_path(answer.body.get("errors", [])) == by_path(expected.get("errors", []))


@modest
@given(data=st.data())
def test_orders_answer_as_the_reference_does(orders: Domain, data: st.DataObject) -> None:
    check(orders, data.draw(orders.documents))


@modest
@given(data=st.data())
def test_staff_answers_as_the_reference_does(staff: Domain, data: st.DataObject) -> None:
    check(staff, data.draw(staff.documents))


@modest
@given(data=st.data())
def test_timetable_answers_as_the_reference_does(timetable: Domain, data: st.DataObject) -> None:
    check(timetable, data.draw(timetable.documents))


@modest
@given(data=st.data())
def test_films_answer_as_the_reference_does(films: Domain, data: st.DataObject) -> None:
    check(films, data.draw(films.documents))


def is_below_null(data: Any, path: list[str | int]) -> bool:
    """Whether a null above the path hides what happened there."""
    for part in path[:-1]:
        if data is None:
            return True
        data = data[part]
    return data is None


@settings(modest, max_examples=80)
@given(data=st.data())
def test_executor_answers_as_the_reference_does(staff: Domain, data: st.DataObject) -> None:
    check_by_executor(staff, data.draw(staff.documents))


@settings(modest, max_examples=80)
@given(data=st.data())
def test_executor_answers_of_films_as_the_reference_does(
    films: Domain, data: st.DataObject
) -> None:
    check_by_executor(films, data.draw(films.documents))


def check_by_executor(domain: Domain, document: Document) -> None:
    """Tartiflette goes on beside a null that rises, so it may tell more errors below that null."""
    expected = domain.reference.run(document.text, document.variables)
    answer = domain.api.run_by_executor(document.text, document.variables)
    assert answer.text == orjson.dumps(expected["data"])
    told = by_path(answer.body.get("errors", []))
    for error in by_path(expected.get("errors", [])):
        assert error in told
        told.remove(error)
    assert all(is_below_null(answer.body["data"], error["path"]) for error in told)
