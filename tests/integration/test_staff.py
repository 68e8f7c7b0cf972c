"""A second domain without a line of Python: every kind of relation, filter, scalar and list."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.stores.deadline import Deadline
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.domains.database import insert_rows
from tests.integration.servers import fetch_rows, fresh_database, run_script
from tests.integration.staff import ROWS, STAFF, api, person, url

__all__ = ["api", "url"]  # fixtures


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(
            '{ employee(employeeId: "2") { name } }', {"employee": {"name": "Bo"}}, id="by-key"
        ),
        pytest.param('{ employee(employeeId: "2a") { name } }', {"employee": None}, id="no-number"),
        pytest.param(
            '{ employeeByEmail(email: "e3@example.test") { employeeId } }',
            {"employeeByEmail": {"employeeId": "3"}},
            id="by-unique-column",
        ),
        pytest.param(
            '{ department(siteCode: "BER", number: 2) { name budget headcount payroll } }',
            {"department": {"name": "Büro", "budget": "10.50", "headcount": 1, "payroll": "0.00"}},
            id="by-composite-key",
        ),
        pytest.param(
            "{ employee(employeeId: 4) { manager { name manager { name manager { name } } } } }",
            {"employee": {"manager": {"name": "Bo", "manager": {"name": "Ada", "manager": None}}}},
            id="up-the-chain-of-managers",
        ),
        pytest.param(
            "{ employee(employeeId: 5) { manager { manager { employeeId } } } }",
            {"employee": {"manager": {"manager": {"employeeId": "5"}}}},
            id="ones-own-manager",
        ),
        pytest.param(
            "{ employee(employeeId: 6) { manager { name } } }",
            {"employee": {"manager": None}},
            id="manager-who-is-gone",
        ),
        pytest.param(
            "{ employee(employeeId: 1) { reportCount reports { totalCount nodes { name reports"
            " { nodes { employeeId department { siteCode name } } } } } } }",
            {
                "employee": {
                    "reportCount": 2,
                    "reports": {
                        "totalCount": 2,
                        "nodes": [
                            {
                                "name": "Bo",
                                "reports": {
                                    "nodes": [
                                        {
                                            "employeeId": "4",
                                            "department": {"siteCode": "NYC", "name": "Sales"},
                                        }
                                    ]
                                },
                            },
                            {"name": "Bo", "reports": {"nodes": []}},
                        ],
                    },
                }
            },
            id="down-to-the-reports",
        ),
        pytest.param(
            '{ department(siteCode: "BER", number: 1) { head { name } employees(first: 9) { name } '
            "staff(last: 2) { nodes { employeeId } pageInfo { hasPreviousPage } } } }",
            {
                "department": {
                    "head": {"name": "Ada"},
                    "employees": [
                        {"name": "Ada"},
                        {"name": "Bo"},
                        {"name": "Çelik 🎉"},
                        {"name": "o'Neil\\\"\0"},
                    ],
                    "staff": {
                        "nodes": [{"employeeId": "6"}, {"employeeId": "2"}],
                        "pageInfo": {"hasPreviousPage": True},
                    },
                }
            },
            id="many-by-a-composite-key",
        ),
        pytest.param(
            '{ project(projectId: "p1") { size crew { hours role employee { name hours } } } }',
            {
                "project": {
                    "size": 2,
                    "crew": [
                        {
                            "hours": "1.25",
                            "role": None,
                            "employee": {"name": "Ada", "hours": "5.25"},
                        },
                        {
                            "hours": "2.50",
                            "role": "dev",
                            "employee": {"name": "Bo", "hours": "2.50"},
                        },
                    ],
                }
            },
            id="many-to-many",
        ),
        pytest.param(
            "{ employee(employeeId: 1) { isRemote hiredOn salary raised badge rating score "
            "profile lastLogin status mood } }",
            {
                "employee": {
                    "isRemote": True,
                    "hiredOn": "2020-01-01",
                    "salary": "9000.00",
                    "raised": "9900.0",
                    "badge": "18446744073709551615",
                    "rating": 0.1,
                    "score": None,
                    "profile": None,
                    "lastLogin": None,
                    "status": "ACTIVE",
                    "mood": None,
                }
            },
            id="scalars",
        ),
        pytest.param(
            "{ a: employee(employeeId: 4) { lastLogin } b: employee(employeeId: 5) { profile "
            "nickname name } c: employee(employeeId: 3) { status mood } }",
            {
                "a": {"lastLogin": "2024-02-29T23:59:59.5Z"},
                "b": {"profile": {"b": [1], "a": "🎉"}, "nickname": "", "name": "Çelik 🎉"},
                "c": {"status": "ON_LEAVE", "mood": "GOOD"},
            },
            id="more-scalars",
        ),
    ],
)
def test_answer(api: Api, document: str, expected: dict[str, Any]) -> None:
    assert api.run(document).data == expected
    assert api.run_by_executor(document).data == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param("ids: [1, 3, 3, 404]", "13", id="in"),
        pytest.param('ids: ["x"]', "", id="in-nothing-that-is-a-number"),
        pytest.param("ids: []", "", id="in-nothing"),
        pytest.param("status: ON_LEAVE", "3", id="enum-with-a-value"),
        pytest.param("statuses: [LEFT, ON_LEAVE]", "36", id="in-enums"),
        pytest.param('namePrefix: "Bo"', "23", id="prefix-keeps-letters-apart"),
        pytest.param('namePrefix: "50%_"', "7", id="prefix-of-wildcards"),
        pytest.param('namePrefix: "o\'Neil\\\\\\"\\u0000"', "6", id="prefix-with-quotes-and-nul"),
        pytest.param('namePrefix: "Çelik 🎉"', "5", id="prefix-of-four-byte-letters"),
        pytest.param('hiredFrom: "2020-01-02"', "2", id="date-from"),
        pytest.param('hiredBefore: "2020-01-01"', "", id="date-before"),
        pytest.param('seenAfter: "2024-03-01T00:59:59.4+01:00"', "4", id="instant-after"),
        pytest.param('salaryTo: "100.25"', "2", id="decimal-to"),
        pytest.param("salaryTo: 100.2499", "", id="decimal-just-below"),
        pytest.param("isRemote: true", "1", id="boolean"),
        pytest.param("badge: 3", "3", id="bigint"),
        pytest.param('ids: [1, 2, 3, 4], status: ACTIVE, namePrefix: "Bo"', "2", id="combined"),
        pytest.param("ids: null, status: null, namePrefix: null", "1234567", id="nulls"),
    ],
)
def test_filter(api: Api, arguments: str, expected: str) -> None:
    page_of = f"employees({arguments}, first: 40)"
    answer = api.run(f"{{ {page_of} {{ totalCount nodes {{ employeeId }} }} }}")
    found = answer.data["employees"]
    assert "".join(sorted(node["employeeId"] for node in found["nodes"])) == expected
    assert found["totalCount"] == len(expected)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param("NAME", "7123465", id="binary-collation"),
        pytest.param("SALARY", "1276543", id="nulls-last-downwards"),
        pytest.param("LAST_LOGIN", "5632174", id="nulls-first-upwards"),
        pytest.param("STATUS", "6214573", id="stored-values-not-names"),
    ],
)
def test_order(api: Api, order: str, expected: str) -> None:
    told, after = "", None
    while True:
        answer = api.run(
            "query ($after: ID, $order: EmployeeOrder)"
            " { staff(order: $order, first: 2, after: $after) { employeeId cursor } }",
            {"after": after, "order": order},
        )
        rows = answer.data["staff"]
        if not rows:
            break
        told += "".join(row["employeeId"] for row in rows)
        after = rows[-1]["cursor"]
    assert told == expected


def test_list_over_its_maximum_is_an_error_that_names_it(
    url: DatabaseUrl, mariadb: MariaDb
) -> None:
    with fresh_database(mariadb) as own, open_api(own, STAFF / "sdl") as api:
        run_script(own, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        crowd = [person(n, manager_id=1 if n < 50 else 2) for n in range(1, 53)]
        insert_rows(own, {"employees": crowd})
        answer = api.run(
            "{ employees(ids: [1, 2, 3], first: 3) { nodes { employeeId team { employeeId } } } }"
        )
        last_rows = [{"employeeId": "50"}, {"employeeId": "51"}, {"employeeId": "52"}]
        assert answer.body == {
            "data": {
                "employees": {
                    "nodes": [
                        None,
                        {"employeeId": "2", "team": last_rows},
                        {"employeeId": "3", "team": []},
                    ]
                }
            },
            "errors": [
                {
                    "message": "Employee.team holds more than 4 rows, the most that this list may "
                    "give; ask for a narrower list",
                    "path": ["employees", "nodes", 0, "team"],
                    "locations": [{"line": 1, "column": 60}],
                    "code": "LIMIT_EXCEEDED",
                }
            ],
        }


@pytest.mark.parametrize(
    ("document", "data", "errors"),
    [
        pytest.param(
            "{ employee(employeeId: 7) { name department { name } } }",
            {"employee": None},
            [
                (
                    ["employee", "department"],
                    "Cannot return null for non-nullable field Employee.department.",
                    "NULL_VALUE",
                )
            ],
            id="broken-reference-takes-the-parent",
        ),
        pytest.param(
            "{ projects(first: 9) { projectId title } }",
            {"projects": [None, {"projectId": "p1", "title": "One"}]},
            [
                (
                    ["projects", 0, "title"],
                    "Cannot return null for non-nullable field Project.title.",
                    "NULL_VALUE",
                )
            ],
            id="null-column-takes-the-item",
        ),
        pytest.param(
            "{ assignments(employeeId: 1) { nodes { project { title } } totalCount } }",
            {"assignments": None},
            [
                (
                    ["assignments", "nodes", 0, "project"],
                    "Cannot return null for non-nullable field Assignment.project.",
                    "NULL_VALUE",
                )
            ],
            id="null-rises-through-non-null-lists",
        ),
        pytest.param(
            "{ a: employee(employeeId: 6) { score name }"
            " b: employee(employeeId: 7) { mood name } }",
            {
                "a": {"score": None, "name": "o'Neil\\\"\0"},
                "b": {"mood": None, "name": "50%_"},
            },
            [
                (["a", "score"], "Int cannot represent the value that is stored", "STORED_VALUE"),
                (
                    ["b", "mood"],
                    "the enum has no name for the value that is stored",
                    "STORED_VALUE",
                ),
            ],
            id="stored-values-that-do-not-fit",
        ),
    ],
)
def test_errors_have_paths_and_nulls_rise(
    api: Api, document: str, data: Any, errors: list[tuple[list[str | int], str, str]]
) -> None:
    answer = api.run(document)
    assert answer.body["data"] == data
    found = [(e["path"], e["message"], e["code"]) for e in answer.body["errors"]]
    assert found == errors


def test_cursor_of_a_joined_row_is_its_own(api: Api) -> None:
    found = api.run(
        "{ one: employee(employeeId: 4) { cursor manager { cursor } }"
        " two: employee(employeeId: 2) { cursor } }"
    ).data
    assert found["one"]["manager"] == found["two"]
    assert found["one"]["cursor"] != found["two"]["cursor"]


def test_ten_thousand_rows_are_one_statement(mariadb: MariaDb, tmp_path: Path) -> None:
    (tmp_path / "rows.graphql").write_text(
        "type Query { rows: [Row!]! @page(maximum: 20000) } type Row { id: ID! n: Int t: String"
        ' up: Row @relation(columns: ["n"], references: ["id"]) }'
    )
    with fresh_database(mariadb) as own, open_api(own, tmp_path) as api:
        run_script(
            own,
            "CREATE TABLE `rows` (id INT PRIMARY KEY, n INT, t VARCHAR(50)) CHARSET utf8mb4",
            "INSERT INTO `rows` VALUES "
            + ", ".join(
                f"({i}, {i % 11 if i % 7 else 'NULL'}, '🎉 {i}')" for i in range(1, 10_001)
            ),
        )
        answer = api.run("{ rows { id n t up { id } } }")
        assert len(answer.statements) == 1
        assert answer.data["rows"] == [
            {
                "id": str(i),
                "n": i % 11 if i % 7 else None,
                "t": f"🎉 {i}",
                "up": {"id": str(i % 11)} if i % 7 and i % 11 else None,
            }
            for i in range(1, 10_001)
        ]


def test_statements_do_not_grow_with_the_rows(url: DatabaseUrl, mariadb: MariaDb) -> None:
    """Counted by the server itself, in its general log."""
    document = (
        "{ employees(first: 40) { totalCount nodes { name manager { name } reports(first: 2) "
        "{ totalCount nodes { name assignments { hours project { title } } } } "
        "department { name employees(first: 3) { name } } hours } } }"
    )
    with fresh_database(mariadb) as own, open_api(own, STAFF / "sdl") as api:
        run_script(own, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        insert_rows(own, {"departments": ROWS["departments"]})
        counts: list[int] = []
        for people in (3, 40):
            crowd = [person(100 * people + n, manager_id=100 * people) for n in range(people)]
            insert_rows(
                own,
                {
                    "employees": crowd,
                    "assignments": [
                        {"project_id": "p", "employee_id": c["employee_id"], "role": "", "hours": 1}
                        for c in crowd
                    ],
                    "projects": [] if counts else [ROWS["projects"][0] | {"project_id": "p"}],
                },
            )
            with general_log(own) as selects:
                answer = api.run(document)
            assert len(answer.data["employees"]["nodes"]) == min(people + len(counts) * 3, 40)
            assert len(selects) == len(answer.statements)
            counts.append(len(selects))
        assert counts == [5, 5]


@contextlib.contextmanager
def general_log(url: DatabaseUrl) -> Iterator[list[str]]:
    """The ``SELECT`` statements that reach the server meanwhile; filled at the end."""
    run_script(
        url,
        "SET GLOBAL log_output = 'TABLE'",
        "TRUNCATE mysql.general_log",
        "SET GLOBAL general_log = 1",
    )
    told: list[str] = []
    try:
        yield told
    finally:
        run_script(url, "SET GLOBAL general_log = 0")
    told += [
        str(text)
        for (text,) in fetch_rows(
            url,
            "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log "
            "WHERE command_type = 'Query' AND argument REGEXP '^(SET STATEMENT [^ ]+ FOR )?SELECT'",
        )
    ]


def test_two_requests_at_once_keep_their_rows_apart(api: Api) -> None:
    async def ask(number: int) -> bytes:
        prepared = api.engine.prepare(
            "query ($id: ID!) { employee(employeeId: $id) { employeeId manager { employeeId } } }",
            None,
            {"id": str(number)},
            api.development,
        )
        execution = await api.engine.execute(
            prepared, api.development, api.database, Deadline.after(10)
        )
        assert execution.data is not None
        return execution.data

    async def ask_all() -> list[bytes]:
        return list(await asyncio.gather(*(ask(1 + n % 7) for n in range(70))))

    answers = api.loop.run_until_complete(ask_all())
    for number, answer in enumerate(answers):
        assert b'{"employee":{"employeeId":"%d",' % (1 + number % 7) in answer
