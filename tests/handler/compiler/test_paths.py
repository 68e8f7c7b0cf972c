"""Relations through a link table, whose columns are those of neither end."""

from __future__ import annotations

import pytest

from handler.compiler.sql import ParentKey, compile_by_parent, compile_rows
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SDL = (
    """
type Query { films: [Film!]! }
type Film {
  filmId: ID!
  actors(first: Int, after: String, order: ActorOrder): ActorConnection!
    @relation(through: {table: "film_actors"})
  cast: [Actor!]! @relation(through: {table: "film_actors"})
  actorCount: Int! @count(of: "actors")
}
type Actor { actorId: ID! name: String! age: Int! }
type ActorEdge { node: Actor! cursor: String! }
type ActorConnection { edges: [ActorEdge!]! nodes: [Actor!]! totalCount: Int! pageInfo: PageInfo! }
enum ActorOrder { NAME @orderBy(fields: ["name DESC"]) }
"""
    + PAGE_INFO
)
COUNT = (
    "(SELECT COUNT(*) FROM `actors` r JOIN `film_actors` r_1 ON r.`actor_id` = r_1.`actor_id`"
    " WHERE r_1.`film_id` = t0.`film_id`)"
)
PAGE = (
    "(SELECT k.`actor_id` AS key0, k_1.`film_id` FROM `actors` k"
    " JOIN `film_actors` k_1 ON k.`actor_id` = k_1.`actor_id`"
    " WHERE k_1.`film_id` = %s ORDER BY k_1.`actor_id` LIMIT %s)"
)
JOINED = "`actors` t0 JOIN `film_actors` t0_1 ON t0.`actor_id` = t0_1.`actor_id`"


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler.of(SDL)


def test_facts_of_a_parent_go_through_the_link_table(compiler: Compiler) -> None:
    plan, values = compiler.bound("{ films { actorCount actors(first: 2) { totalCount } } }")
    (statement,) = compile_rows(plan, plan.batches[0], values)
    assert statement.text == (
        f"SELECT {COUNT}, t0.`film_id`, {COUNT} FROM `films` t0 ORDER BY t0.`film_id` LIMIT %s"
    )


def test_pages_of_several_parents_bring_along_which_parent_a_row_is_of(compiler: Compiler) -> None:
    plan, values = compiler.bound("{ films { actors(first: 2) { nodes { name } } } }")
    (statement,) = compile_rows(plan, plan.batches[1], values, [(1,), (2,)])
    assert statement.text == (
        f"SELECT t0_1.`film_id`, t0.`name` FROM ({PAGE} UNION ALL {PAGE}) t0_1"
        " JOIN `actors` t0 ON t0.`actor_id` = t0_1.`key0`"
        " ORDER BY t0_1.`film_id`, t0.`actor_id` LIMIT %s"
    )
    assert statement.parameters == (1, 3, 2, 3, 6)


@pytest.mark.parametrize(
    ("field", "keys", "rest", "parameters"),
    [
        pytest.param(
            "actors(first: 2) { nodes",
            [(1,)],
            "= %s ORDER BY t0_1.`actor_id` LIMIT %s",
            (1, 3),
            id="one-page",
        ),
        pytest.param(
            "actors(first: 2, order: NAME) { nodes",
            [(1,)],
            "= %s ORDER BY t0.`name` DESC, t0_1.`actor_id` DESC LIMIT %s",
            (1, 3),
            id="one-page-in-an-order-of-the-far-rows",
        ),
        pytest.param(
            "cast",
            [(1,), (2,)],
            "IN (%s, %s) ORDER BY t0_1.`film_id`, t0_1.`actor_id` LIMIT %s",
            (1, 2, 2001),
            id="whole-lists-of-several-parents",
        ),
    ],
)
def test_what_needs_no_page_of_its_own_is_one_join_in_the_order_of_the_link_tables_index(
    compiler: Compiler, field: str, keys: list[ParentKey], rest: str, parameters: tuple[int, ...]
) -> None:
    plan, values = compiler.bound(f"{{ films {{ {field} {{ name }} }} }}{'}' * field.count('{')}")
    (statement,) = compile_rows(plan, plan.batches[1], values, keys)
    assert statement.text == (
        f"SELECT t0_1.`film_id`, t0.`name` FROM {JOINED} WHERE t0_1.`film_id` {rest}"
    )
    assert statement.parameters == parameters


def test_rows_by_parent_carry_the_parents_number_beside_the_link(compiler: Compiler) -> None:
    plan, values = compiler.bound("{ films { cast { name } } }")
    (statement,) = compile_by_parent(plan, plan.batches[1], values, [("a",), ("A",)])
    page = PAGE.replace(" FROM `actors`", ", %s AS parent FROM `actors`")
    assert statement.text == (
        f"SELECT t0_1.`film_id`, t0.`name`, t0_1.parent FROM ({page} UNION ALL {page}) t0_1"
        " JOIN `actors` t0 ON t0.`actor_id` = t0_1.`key0`"
        " ORDER BY t0_1.parent, t0.`actor_id` LIMIT %s"
    )
    assert statement.parameters == (0, "a", 1001, 1, "A", 1001, 2002)
