"""Random documents with sorts: the staff's lists, which take sort lists here, in all states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora_graphql.dev.servers import MariaDb
from tests.apis import open_api
from tests.callers import Oracle, token
from tests.documents import documents
from tests.domains.filled import DOMAINS, fill_orders, fill_staff
from tests.domains.orders.rows import order_rows
from tests.domains.staff.rows import raised, staff_pools, staff_rows
from tests.integration.servers import fresh_database
from tests.integration.test_reference import Domain, by_path, check, drawn
from tests.reference import Reference

MARKED = {
    "Employee": "employeeId name status isRemote hiredOn lastLogin salary raised badge rating "
    "manager department reportCount hours",
    "Department": "siteCode number name budget head headcount payroll presentCount presentPay "
    "firstHired lastSeen lastName someStatus allRemote highestRaised",
    "Project": "startsAt budget lead size",  # not the title: it is null against the SDL's word
    "Assignment": "role hours project employee",
}
LISTS = {
    "order: EmployeeOrder = NAME\n": "sort: [EmployeeSort!]\n",
    "staff(order: EmployeeOrder,": "staff(sort: [EmployeeSort!],",
    "departments(siteCode: ID)": "departments(siteCode: ID, sort: [DepartmentSort!])",
    "projects(where: ProjectFilter,": "projects(where: ProjectFilter, sort: [ProjectSort!],",
    "employeeId: ID, first: Int": "employeeId: ID, sort: [AssignmentSort!], first: Int",
    "status: Status, order: EmployeeOrder, first": "status: Status, sort: [EmployeeSort!], first",
    "page(first: Int,": "page(sort: [AssignmentSort!], first: Int,",
}


def with_sorts(sdl: str) -> str:
    """The SDL of the staff, with fields that are marked and lists that take sort keys."""
    for before, after in LISTS.items():
        assert before in sdl
        sdl = sdl.replace(before, after)
    parts = re.split(r"^(?=type )", sdl, flags=re.MULTILINE)
    for at, part in enumerate(parts):
        words = MARKED.get(part.removeprefix("type ").partition(" ")[0], "").replace(" ", "|")
        field = rf"^(  (?:{words or 'none'})(?:\([^:]*:.*?\))?: [\w!]+)"
        parts[at] = re.sub(field, r"\1 @sortable", part, flags=re.MULTILINE)
    return "".join(parts)


@pytest.fixture(scope="module")
def staff(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    folder: Path = tmp_path_factory.mktemp("sorts")
    sdl = with_sorts("\n".join(p.read_text() for p in (DOMAINS / "staff/sdl").glob("*.graphql")))
    (folder / "staff.graphql").write_text(sdl)
    with fresh_database(mariadb) as url:
        fill_staff(url)
        reference = Reference(url, sdl, {"Employee.raised": raised})
        with open_api(url, folder) as api:
            yield Domain(api, reference, documents(reference, staff_pools(staff_rows())))


@drawn(150, share=1)
@given(data=st.data())
def test_sorted_lists_answer_as_the_reference_does(staff: Domain, data: st.DataObject) -> None:
    check(staff, data.draw(staff.documents))


@pytest.fixture(scope="module")
def orders(mariadb: MariaDb) -> Iterator[tuple[Domain, Oracle]]:
    with fresh_database(mariadb) as url:
        filled = fill_orders(url)
        with open_api(url, filled.sdl) as api:
            domain = Domain(api, filled.reference, filled.documents)
            yield domain, Oracle(filled.reference)


CUSTOMERS = sorted({str(row["customer_id"]) for row in order_rows()["orders"]})[:3]
CALLERS = [token(each, "orders:read", customer_id=each) for each in CUSTOMERS]
CALLERS.append(token("all", "orders:read", "orders:read:all"))


@drawn(100, share=1)
@given(data=st.data())
def test_callers_sort_the_rows_that_they_see_by_what_they_see(
    orders: tuple[Domain, Oracle], data: st.DataObject
) -> None:
    domain, oracle = orders
    document = data.draw(domain.documents)
    caller = data.draw(st.sampled_from(CALLERS))
    expected = oracle.run(caller, document.text, document.variables)
    answer = domain.api.run(document.text, document.variables, principal=caller.principal)
    assert "data" in answer.body, answer.body
    assert answer.text == orjson.dumps(expected["data"])
    assert by_path(answer.body.get("errors", [])) == by_path(expected.get("errors", []))
