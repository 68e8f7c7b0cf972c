"""The API's account on a real server answers everything as root does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aurora_graphql.dev.servers import MariaDb
from handler.jobs.migrate import migrate
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.conftest import SDL
from tests.documents import Document, documents
from tests.domains.database import insert_rows
from tests.domains.films.rows import films_pools, films_rows, label
from tests.domains.orders.rows import order_rows
from tests.domains.orders.values import fold, line_total
from tests.domains.staff.rows import staff_rows
from tests.handler.test_golden import Case
from tests.integration.account import drop_account, put
from tests.integration.servers import MIGRATIONS, fresh_database, run_script
from tests.reference import Reference

GOLDEN = sorted((Path(__file__).parents[1] / "handler" / "golden").iterdir())
FILMS = Path(__file__).parents[1] / "domains" / "films"
STAFF = Path(__file__).parents[1] / "domains" / "staff"


@pytest.fixture(scope="module")
def northwind_as_api(northwind_database: DatabaseUrl) -> Iterator[Api]:
    with open_api(asyncio.run(put(northwind_database, SDL)), SDL) as api:
        yield api
    drop_account(northwind_database)


@pytest.mark.parametrize("folder", [pytest.param(each, id=each.name) for each in GOLDEN])
def test_every_golden_case_is_answered(northwind_as_api: Api, folder: Path) -> None:
    case = Case(folder)
    answer = northwind_as_api.run(case.document, case.variables, principal=case.caller.principal)
    assert answer.body == json.loads((folder / "response.json").read_text())


@pytest.fixture(scope="module")
def orders_both(mariadb: MariaDb) -> Iterator[tuple[Api, Api, st.SearchStrategy[Document]]]:
    with fresh_database(mariadb) as url:
        asyncio.run(migrate(url, MIGRATIONS))
        tables = order_rows()
        insert_rows(url, tables)
        sdl = (SDL / "orders.graphql").read_text()
        reference = Reference(url, sdl, {"OrderItem.lineTotal": line_total}, fold=fold)
        pools: dict[str, list[Any]] = {
            f"{kind}.{name}Id": [row[f"{name}_id"] for row in tables[f"{name}s"]]
            for kind, name in (("Order", "order"), ("Customer", "customer"), ("Product", "product"))
        }
        pools["OrderItem.orderId"] = pools["Order.orderId"]
        pools["Order.customerId"] = pools["Customer.customerId"]
        pools["Product.productName"] = ["", "t"]
        pools["Order.orderedAt"] = ["1996-07-04T00:00:00Z"]
        limited = asyncio.run(put(url, SDL))
        with open_api(url, SDL) as root, open_api(limited, SDL) as api:
            yield root, api, documents(reference, pools)
        drop_account(url)


@pytest.fixture(scope="module")
def staff_both(mariadb: MariaDb) -> Iterator[tuple[Api, Api, st.SearchStrategy[Document]]]:
    with fresh_database(mariadb) as url:
        run_script(url, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, staff_rows())
        sdl = (STAFF / "sdl" / "staff.graphql").read_text()
        reference = Reference(url, sdl, {"Employee.raised": lambda row: None})
        people: list[Any] = ["1", "2", "3"]
        pools: dict[str, list[Any]] = {
            "Employee.employeeId": people,
            "Assignment.employeeId": people,
            "Assignment.projectId": ["P1", "P2"],
            "Project.projectId": ["P1", "P2"],
            "Employee.email": ["e1@example.test"],
            "Employee.status": ["ACTIVE", "ON_LEAVE"],
            "Employee.mood": ["GOOD", "BAD"],
            "Employee.name": ["", "A"],
            "Employee.hiredOn": ["2020-01-01"],
            "Employee.lastLogin": ["1999-01-01T00:00:00.12Z"],
            "Employee.salary": ["5000.05"],
            "Employee.isRemote": [True, False],
            "Employee.badge": ["7"],
            "Department.siteCode": ["BER"],
            "Department.number": [1, 2],
        }
        limited = asyncio.run(put(url, STAFF / "sdl"))
        with open_api(url, STAFF / "sdl") as root, open_api(limited, STAFF / "sdl") as api:
            yield root, api, documents(reference, pools)
        drop_account(url)


modest = settings(
    max_examples=100,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@modest
@given(data=st.data())
def test_any_document_over_orders_is_answered_as_to_root(
    orders_both: tuple[Api, Api, st.SearchStrategy[Document]], data: st.DataObject
) -> None:
    root, api, drawn = orders_both
    document = data.draw(drawn)
    assert api.run(document.text, document.variables) == root.run(document.text, document.variables)


@pytest.fixture(scope="module")
def films_both(mariadb: MariaDb) -> Iterator[tuple[Api, Api, st.SearchStrategy[Document]]]:
    with fresh_database(mariadb) as url:
        run_script(url, *(FILMS / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, films_rows())
        sdl = (FILMS / "sdl" / "films.graphql").read_text()
        reference = Reference(url, sdl, {"Actor.edge.label": label})
        limited = asyncio.run(put(url, FILMS / "sdl"))
        with open_api(url, FILMS / "sdl") as root, open_api(limited, FILMS / "sdl") as api:
            yield root, api, documents(reference, films_pools())
        drop_account(url)


@modest
@given(data=st.data())
def test_any_document_over_films_is_answered_as_to_root(
    films_both: tuple[Api, Api, st.SearchStrategy[Document]], data: st.DataObject
) -> None:
    root, api, drawn = films_both
    document = data.draw(drawn)
    assert api.run(document.text, document.variables) == root.run(document.text, document.variables)


@modest
@given(data=st.data())
def test_any_document_over_staff_is_answered_as_to_root(
    staff_both: tuple[Api, Api, st.SearchStrategy[Document]], data: st.DataObject
) -> None:
    root, api, drawn = staff_both
    document = data.draw(drawn)
    assert api.run(document.text, document.variables) == root.run(document.text, document.variables)
