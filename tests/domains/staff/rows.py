"""Rows with everything that goes wrong: NULLs, equal sort values, references to nothing."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.domains.database import RawRow, Tables

NAMES = (
    "Ada", "Ada", "Ada", "ada", "Bo", "Bo'); DROP TABLE employees; --", "Zoë", "Çelik", "大輔",
    "🎉 Party", "🎊", 'Quo"te', "Back\\slash", "50% off", "a_b", "New\nline", "Nul\x00inside", "é",
    "e\u0301", "Ω", "",
)  # fmt: skip
PROFILES = (
    '{"langs": ["de", "🎉"], "deep": {"a": [1, 2.5, null, true]}}',
    "[]",
    "null",
    '"x"',
    "7",
)


def staff_rows(seed: int = 11) -> Tables:
    """The same rows for the same seed."""
    chance = random.Random(seed)
    sites = [("BER", 1), ("BER", 2), ("ber", 1), ("O'Hare", 3), ("大阪", -4), ("NYC", 2**31 - 1)]
    people = [1, 2, 3, 5, 8, *range(10, 44), 2**53 + 1, 2**62]

    def person() -> int | None:
        found: int | None = chance.choice([None, *people[:6], *people, 999])
        return found

    departments = [
        {
            "site_code": site,
            "number": number,
            "name": chance.choice(NAMES),
            "budget": chance.choice([None, Decimal("0.00"), Decimal("1234567.89")]),
            "head_id": person(),
        }
        for site, number in sites
    ]
    employees = []
    for number in people:
        site, department = chance.choice([*sites, *sites, ("QQQ", 1)])
        employees.append(
            {
                "employee_id": number,
                "email": f"e{number}@example.test",
                "name": chance.choice(NAMES),
                "nickname": chance.choice([None, "", *NAMES]),
                "status": chance.choice(["a", "a", "on leave", "LEFT"]),
                "mood": chance.choice([None, "GOOD", "BAD", "BAD", "so-so"]),
                "is_remote": chance.choice([0, 1]),
                "hired_on": date(2020, 1, 1) + timedelta(days=chance.randrange(6)),
                "last_login": chance.choice(
                    [None, datetime(2024, 2, 29, 23, 59, 59), datetime(1999, 1, 1, 0, 0, 0, 120000)]
                ),
                "salary": chance.choice(
                    [None, Decimal("0.00"), Decimal("5000.05"), Decimal("-1.10")]
                ),
                "badge": chance.choice([0, 7, 2**63, 2**64 - 1]),
                "rating": chance.choice([None, 0.1, 1e15, -2.5, 1e-7, 3.0]),
                "score": chance.choice([None, 0, 42, 2**31 - 1, 2**31, 2**32 - 1]),
                "profile": chance.choice([None, *PROFILES]),
                "manager_id": person(),
                "site_code": site,
                "department_no": department,
            }
        )
    projects = [
        {
            "project_id": f"P{number}",
            "title": chance.choice([None, *NAMES]),
            "starts_at": chance.choice([None, datetime(2026, 11, 23, 12)]),
            "budget": chance.choice([None, Decimal("10.00"), Decimal("10.00"), Decimal("20.50")]),
            "lead_id": person(),
        }
        for number in range(12)
    ]
    pairs = {(f"P{chance.randrange(14)}", chance.choice([*people, 999])) for _ in range(90)}
    assignments = [
        {
            "project_id": project,
            "employee_id": employee,
            "role": chance.choice([None, *NAMES]),
            "hours": chance.choice([Decimal("0.25"), Decimal("40.00"), Decimal("999999.99")]),
        }
        for project, employee in sorted(pairs)
    ]
    return {
        "departments": departments,
        "employees": employees,
        "projects": projects,
        "assignments": assignments,
    }


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
        "Assignment.role": ["", "x", *NAMES],
        "Employee.email": ["e1@example.test", "E1@example.test", "e3@example.test", ""],
        "Employee.status": statuses,
        "Employee.mood": ["GOOD", "BAD"],
        "Employee.raised": ["5500.1", "0", "-1.2"],
        "Employee.nickname": ["a", "", "%", "o"],
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
            *NAMES,
        ],
        "Employee.hiredOn": ["2020-01-01", "2020-01-03", "2019-12-31", "9999-12-31"],
        "Employee.lastLogin": ["1999-01-01T00:00:00.12Z", "2024-03-01T00:59:58+01:00"],
        "Employee.salary": ["0", "0.00", "5000.05", -1.1, 4, "99999999999999999999.5"],
        "Employee.isRemote": [True, False],
        "Employee.badge": ["7", 7, "0", "9223372036854775807"],
        "Department.siteCode": ["BER", "ber", "O'Hare", "大阪", "x"],
        "Department.number": [1, 2, 3, -4, 2**31 - 1],
    }


def raised(row: RawRow) -> str | None:
    """``Employee.raised``."""
    if row["salary"] is None:
        return None
    exact = Decimal(row["salary"]) * Decimal("1.1")
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP) + 0)
