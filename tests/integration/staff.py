"""The domain ``staff`` with a few rows of its own, and an API over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.domains.database import Tables, insert_rows
from tests.integration.servers import fresh_database, run_script

STAFF = Path(__file__).parents[1] / "domains" / "staff"


def person(number: int, **changes: Any) -> dict[str, Any]:
    """A row of ``employees`` with nothing special in it."""
    return {
        "employee_id": number,
        "email": f"e{number}@example.test",
        "name": f"Name {number}",
        "nickname": None,
        "status": "a",
        "mood": None,
        "is_remote": 0,
        "hired_on": "2020-01-01",
        "last_login": None,
        "salary": None,
        "badge": number,
        "rating": None,
        "score": None,
        "profile": None,
        "manager_id": None,
        "site_code": "BER",
        "department_no": 1,
    } | changes


ROWS: Tables = {
    "departments": [
        {"site_code": "BER", "number": 1, "name": "Board", "budget": None, "head_id": 1},
        {"site_code": "BER", "number": 2, "name": "Büro", "budget": "10.50", "head_id": 404},
        {"site_code": "NYC", "number": 1, "name": "Sales", "budget": "0.00", "head_id": None},
    ],
    "employees": [
        person(1, name="Ada", salary="9000.00", is_remote=1, rating=0.1, badge=2**64 - 1),
        person(2, name="Bo", manager_id=1, salary="100.25", hired_on="2021-05-06"),
        person(3, name="Bo", manager_id=1, department_no=2, status="on leave", mood="GOOD"),
        person(4, name="bo", manager_id=2, site_code="NYC", last_login="2024-02-29 23:59:59.5"),
        person(5, name="Çelik 🎉", manager_id=5, profile='{"b": [1], "a": "🎉"}', nickname=""),
        person(6, name="o'Neil\\\"\0", manager_id=404, status="LEFT", score=2**32 - 1),
        person(7, name="50%_", site_code="QQQ", mood="so-so"),
    ],
    "projects": [
        {"project_id": "p1", "title": "One", "starts_at": None, "budget": None, "lead_id": 1},
        {"project_id": "p2", "title": None, "starts_at": None, "budget": "1.00", "lead_id": 404},
    ],
    "assignments": [
        {"project_id": "p1", "employee_id": 1, "role": None, "hours": "1.25"},
        {"project_id": "p1", "employee_id": 2, "role": "dev", "hours": "2.50"},
        {"project_id": "gone", "employee_id": 1, "role": "dev", "hours": "4.00"},
    ],
}


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        run_script(url, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, ROWS)
        yield url


@pytest.fixture(scope="module")
def api(url: DatabaseUrl) -> Iterator[Api]:
    with open_api(url, STAFF / "sdl") as api:
        yield api
