"""Filters by what a caller may not read: nobody learns by a filter what no field would tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import graphql
import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.settings import HIDDEN
from tests.apis import Api, open_api
from tests.callers import ANONYMOUS, Caller, token
from tests.domains.database import insert_rows
from tests.domains.staff.rows import staff_rows
from tests.integration.servers import fresh_database, run_script
from tests.integration.staff import STAFF

SDL = """
type Query {
  employees(
    where: EmployeeFilter, first: Int
    busyFrom: Int @filter(field: "assignmentCount", operator: GREATER)
  ): [Employee!]!
  departments: [Department!]!
  employeeCount(where: EmployeeFilter): Int! @count(of: "employees")
  payroll: Decimal! @sum(of: "employees", field: "salary")
  assignmentCount: Int! @count(of: "employees.assignments")
  projectCount: Int! @count(of: "employees.projects", distinct: "projectId")
  open: Int! @count(of: "departments.employees") @public
}
type Employee @public {
  employeeId: ID! @column(integer: true) @filterable
  salary: Decimal @filterable @requiresScopes(scopes: [["money"]])
  department: Department! @filterable
    @relation(columns: ["site_code", "department_no"], references: ["site_code", "number"])
  assignments: [Assignment!]! @filterable
    @relation(columns: ["employee_id"], references: ["employee_id"])
  assignmentCount: Int! @count(of: "assignments") @filterable
  projects(first: Int, where: ProjectEdgeFilter): ProjectConnection! @filterable
    @relation(through: {table: "assignments"})
}
type Project @public { projectId: ID! @filterable budget: Decimal @filterable }
type ProjectEdge @public {
  node: Project!
  cursor: String!
  worked: Decimal @column(name: "hours") @filterable @requiresScopes(scopes: [["money"]])
  role: String @filterable
}
type Department @public @key(fields: "siteCode number") {
  siteCode: ID! @filterable
  number: Int!
  budget: Decimal @filterable @authenticated
  countOf(where: EmployeeFilter): Int! @count(of: "employees")
  payroll: Decimal! @sum(of: "employees", field: "salary") @filterable
  employees: [Employee!]!
    @relation(columns: ["site_code", "number"], references: ["site_code", "department_no"])
}
type Assignment @key(fields: "projectId employeeId") @requiresScopes(scopes: [["projects"]]) {
  projectId: ID! @filterable
  employeeId: ID! @column(integer: true)
}
"""
SOMEBODY = token("somebody")
PAID = token("paid", "money")
PROJECTS = token("projects", "projects")
BOTH = token("both", "projects", "money")


@pytest.fixture(scope="module")
def apis(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Api]]:
    """What is forbidden is an error in the first one, and hidden in the second."""
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "staff.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, staff_rows())
        with open_api(url, folder) as shown, open_api(url, folder, forbidden_fields=HIDDEN) as hid:
            yield shown, hid


@pytest.fixture
def api(apis: tuple[Api, Api]) -> Api:
    return apis[0]


@pytest.fixture
def hidden(apis: tuple[Api, Api]) -> Api:
    return apis[1]


CASES = [
    pytest.param('{salary: {gt: "10"}}', "Employee.salary", SOMEBODY, PAID, id="field"),
    pytest.param("{salary: {isNull: true}}", "Employee.salary", SOMEBODY, PAID, id="null"),
    pytest.param(
        '{or: [{not: {and: [{salary: {eq: "10"}}]}}]}', "Employee.salary", PROJECTS, PAID, id="deep"
    ),
    pytest.param(
        '{department: {budget: {gt: "0"}}}', "Department.budget", ANONYMOUS, SOMEBODY, id="related"
    ),
    pytest.param(
        "{assignments: {none: {}}}", "Employee.assignments", PAID, PROJECTS, id="whether-there-are"
    ),
    pytest.param(
        '{assignments: {some: {projectId: {eq: "P1"}}}}',
        "Employee.assignments",
        PAID,
        PROJECTS,
        id="rows",
    ),
    pytest.param(
        '{projects: {some: {worked: {gt: "1"}}}}', "ProjectEdge.worked", PROJECTS, BOTH, id="link"
    ),
    pytest.param(
        '{projects: {none: {role: {eq: "x"}, node: {budget: {gt: "1"}}}}}',
        "Employee.projects",
        SOMEBODY,
        PROJECTS,
        id="type-over-the-link",
    ),
    pytest.param(
        "{assignmentCount: {gt: 1}}", "Employee.assignmentCount", PAID, PROJECTS, id="count"
    ),
    pytest.param(
        '{not: {department: {payroll: {lt: "1"}}}}', "Department.payroll", PROJECTS, PAID, id="sum"
    ),
]


def given(text: str) -> Any:
    """A literal as the value of a variable."""
    return graphql.value_from_ast_untyped(graphql.parse_value(text))


@pytest.mark.parametrize(("where", "place", "forbidden", "allowed"), CASES)
def test_a_filter_needs_what_reading_needs(
    api: Api, where: str, place: str, forbidden: Caller, allowed: Caller
) -> None:
    document = f"{{ employees(where: {where}, first: 2) {{ employeeId }} }}"
    assert "errors" not in api.run(document, {}, principal=allowed.principal).body
    answer = api.run(document, {}, principal=forbidden.principal)
    (error,) = answer.body["errors"]
    said = "Log in to read" if forbidden is ANONYMOUS else "You may not read"
    assert error["message"] == f"{said} Query.employees."
    assert answer.statements == ()


@pytest.mark.parametrize(("where", "place", "forbidden", "allowed"), CASES)
def test_a_filter_in_a_variable_needs_it_too(
    api: Api, where: str, place: str, forbidden: Caller, allowed: Caller
) -> None:
    document = "query ($w: EmployeeFilter) { employees(where: $w, first: 2) { employeeId } }"
    variables = {"w": given(where)}
    assert "errors" not in api.run(document, variables, principal=allowed.principal).body
    answer = api.run(document, variables, principal=forbidden.principal)
    (error,) = answer.body["errors"]
    said = "Log in to filter by" if forbidden is ANONYMOUS else "You may not filter by"
    assert error["message"] == f"{said} {place}."
    assert error["code"] == ("UNAUTHENTICATED" if forbidden is ANONYMOUS else "FORBIDDEN")
    assert answer.statements == ()


@pytest.mark.parametrize(("where", "place", "forbidden", "allowed"), CASES)
def test_a_hidden_member_is_as_unknown_as_if_there_were_none(
    hidden: Api, where: str, place: str, forbidden: Caller, allowed: Caller
) -> None:
    owner, member = place.split(".")
    unknown = f'Field "{member}" is not defined by type "{owner}Filter".'
    variable = "query ($w: EmployeeFilter) { employees(where: $w, first: 2) { employeeId } }"
    default = variable.replace("EmployeeFilter", f"EmployeeFilter = {where}")
    for document, variables in (
        (f"{{ employees(where: {where}, first: 2) {{ employeeId }} }}", {}),
        (variable, {"w": given(where)}),
        (default, {}),
    ):
        assert "errors" not in hidden.run(document, variables, principal=allowed.principal).body
        answer = hidden.run(document, variables, principal=forbidden.principal)
        (error,) = answer.body["errors"]
        assert error["message"].endswith(unknown)
        assert answer.statements == ()


@pytest.mark.parametrize("caller", [ANONYMOUS, SOMEBODY, PAID, PROJECTS], ids=lambda c: c.name)
def test_what_a_filter_does_not_ask_for_needs_nothing(api: Api, caller: Caller) -> None:
    document = "query ($w: EmployeeFilter) { employees(where: $w, first: 2) { employeeId } }"
    where = {"employeeId": {"gt": "1"}, "salary": None, "assignments": None}
    answer = api.run(document, {"w": where}, principal=caller.principal)
    assert len(answer.data["employees"]) == 2


def test_counts_are_held_to_it(api: Api) -> None:
    document = "query ($w: EmployeeFilter) { departments { countOf(where: $w) } }"
    variables = {"w": {"salary": {"gt": "10"}}}
    assert "errors" not in api.run(document, variables, principal=PAID.principal).body
    (error,) = api.run(document, variables, principal=SOMEBODY.principal).body["errors"]
    assert error["message"] == "You may not filter by Employee.salary."


@pytest.mark.parametrize(
    ("field", "forbidden", "allowed"),
    [
        pytest.param("payroll", SOMEBODY, PAID, id="of-what-is-forbidden"),
        pytest.param("assignmentCount", PAID, PROJECTS, id="over-a-way-that-is-forbidden"),
        pytest.param("projectCount", PAID, PROJECTS, id="over-a-link-that-is-forbidden"),
        pytest.param(
            'employeeCount(where: {salary: {gt: "10"}})', SOMEBODY, PAID, id="by-what-is-forbidden"
        ),
        pytest.param("employees(busyFrom: 1) { employeeId }", PAID, PROJECTS, id="an-argument"),
    ],
)
def test_a_value_of_the_root_needs_what_its_way_needs(
    api: Api, hidden: Api, field: str, forbidden: Caller, allowed: Caller
) -> None:
    document = f"{{ {field} }}"
    assert "errors" not in api.run(document, {}, principal=allowed.principal).body
    assert "errors" not in hidden.run(document, {}, principal=allowed.principal).body
    answer = api.run(document, {}, principal=forbidden.principal)
    name = field.partition("(")[0].partition(" ")[0]
    assert [each["message"] for each in answer.body["errors"]] == [
        f"You may not read Query.{name}."
    ]
    assert answer.statements == ()
    (error,) = hidden.run(document, {}, principal=forbidden.principal).body["errors"]
    assert error["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_a_value_over_what_is_open_to_all_is_open_to_all(api: Api) -> None:
    answer = api.run("{ employeeCount open }", {}, principal=ANONYMOUS.principal)
    assert "errors" not in answer.body
    assert answer.data["employeeCount"] > answer.data["open"] > 0
