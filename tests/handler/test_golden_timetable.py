"""Golden cases over the timetable: plans, statements and answers with UUIDs and times.

As in ``test_golden.py``; ``pytest --rewrite-golden`` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.domains.database import insert_rows
from tests.domains.timetable.rows import timetable_rows
from tests.handler.test_golden import Case, sql_text
from tests.integration.servers import fresh_database, run_script
from tests.reference import Reference

GOLDEN = Path(__file__).parent / "golden_timetable"
TIMETABLE = Path(__file__).parents[1] / "domains" / "timetable"
CASES = sorted(path.name for path in GOLDEN.iterdir())


@pytest.fixture(scope="module")
def domain(mariadb: MariaDb) -> Iterator[tuple[Api, Reference]]:
    with fresh_database(mariadb) as url:
        run_script(url, *(TIMETABLE / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, timetable_rows())
        sdl = (TIMETABLE / "sdl" / "timetable.graphql").read_text()
        with open_api(url, TIMETABLE / "sdl") as api:
            yield api, Reference(url, sdl, {})


@pytest.mark.parametrize("name", CASES)
def test_plan_statements_and_answer(
    name: str, domain: tuple[Api, Reference], pytestconfig: pytest.Config
) -> None:
    api, reference = domain
    case = Case(GOLDEN / name)
    rewrite = bool(pytestconfig.getoption("rewrite_golden"))
    answer = api.run(case.document, case.variables)
    case.compare("plan.txt", f"{api.plan(case.document, case.variables)}\n", rewrite=rewrite)
    case.compare("statements.sql", sql_text(answer.statements), rewrite=rewrite)
    text = json.dumps(answer.body, indent=2, ensure_ascii=False)
    case.compare("response.json", f"{text}\n", rewrite=rewrite)
    assert answer.body == reference.run(case.document, case.variables)
    assert api.run_by_executor(case.document, case.variables).text == answer.text
