"""Pages of the domain ``staff``: forward, backward, at the ends, and while rows come and go."""

from __future__ import annotations

from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.domains.database import insert_rows
from tests.integration.servers import fresh_database, run_script
from tests.integration.staff import STAFF, api, person, url

__all__ = ["api", "url"]  # fixtures

PAGE = """
query ($first: Int, $after: String, $last: Int, $before: String) {
  employees(order: STATUS, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { employeeId } }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    totalCount
  }
}
"""


def page(api: Api, **variables: Any) -> tuple[str, bool, bool, str | None, str | None]:
    found = api.run(PAGE, variables).data["employees"]
    info = found["pageInfo"]
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert [info["startCursor"], info["endCursor"]] == (
        [cursors[0], cursors[-1]] if cursors else [None, None]
    )
    numbers = "".join(edge["node"]["employeeId"] for edge in found["edges"])
    flags = (info["hasPreviousPage"], info["hasNextPage"])
    return numbers, *flags, info["startCursor"], info["endCursor"]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_pages_forward_and_backward_tell_the_whole_list_once(api: Api, size: int) -> None:
    """Equal sort values, every size, exact ends; the flags say whether there is more."""
    whole = "6214573"
    told, cursor, has_more = "", None, True
    while has_more:
        numbers, has_previous, has_more, _, cursor = page(api, first=size, after=cursor)
        assert has_previous is bool(told)
        told += numbers
    assert told == whole
    told, cursor, has_more = "", None, True
    while has_more:
        numbers, has_more, has_next, cursor, _ = page(api, last=size, before=cursor)
        assert has_next is bool(told)
        told = numbers + told
    assert told == whole


def test_page_after_the_end_is_empty(api: Api) -> None:
    *_, end = page(api, first=7)
    assert page(api, first=3, after=end) == ("", True, False, None, None)
    _, _, _, start, _ = page(api, first=1)
    assert page(api, last=3, before=start) == ("", False, True, None, None)


def test_page_of_no_rows_knows_whether_there_are_some(api: Api) -> None:
    assert page(api, first=0) == ("", False, True, None, None)


def test_cursor_of_another_order_is_refused(api: Api) -> None:
    *_, end = page(api, first=1)
    answer = api.run(
        "query ($c: String) { employees(order: NAME, after: $c) { totalCount } }", {"c": end}
    )
    (error,) = answer.body["errors"]
    assert (error["code"], error["message"]) == (
        "BAD_USER_INPUT",
        "the cursor is not one of this list; take one from its last answer",
    )


def test_pages_stay_right_while_rows_come_and_go(mariadb: MariaDb) -> None:
    """Rows deleted and inserted between two pages: nothing twice, nothing left out."""
    with fresh_database(mariadb) as own, open_api(own, STAFF / "sdl") as api:
        run_script(own, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        insert_rows(own, {"employees": [person(n, name="same") for n in (10, 20, 30, 40, 50)]})

        def names(after: str | None) -> tuple[list[str], str | None]:
            found = api.run(
                "query ($c: String) { employees(first: 2, after: $c)"
                " { nodes { employeeId } pageInfo { endCursor } } }",
                {"c": after},
            ).data["employees"]
            return [n["employeeId"] for n in found["nodes"]], found["pageInfo"]["endCursor"]

        first, cursor = names(None)
        assert first == ["10", "20"]
        run_script(own, "DELETE FROM employees WHERE employee_id IN (10, 20)")
        insert_rows(own, {"employees": [person(15, name="same"), person(25, name="same")]})
        second, cursor = names(cursor)
        assert second == ["25", "30"]
        insert_rows(own, {"employees": [person(5, name="same"), person(60, name="same")]})
        third, cursor = names(cursor)
        assert third == ["40", "50"]
        assert names(cursor)[0] == ["60"]
