"""Relations through a link table, whose columns are those of neither end."""

from __future__ import annotations

import pytest

from handler.compiler.cursor import encode_cursor, fingerprint
from handler.compiler.sql import ParentKey, compile_by_parent, compile_rows
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SDL = (
    """
type Query { films: [Film!]! }
type Film {
  filmId: ID!
  actors(
    first: Int, after: String, order: ActorOrder, billed: [Int!] @filter(field: "edge.billing")
  ): ActorConnection!
    @relation(through: {table: "film_actors"})
  cast: [Actor!]! @relation(through: {table: "film_actors"})
  actorCount(billed: [Int!]): Int! @count(of: "actors")
  paid: Decimal! @sum(of: "actors", field: "edge.net")
}
type Actor { actorId: ID! name: String! age: Int! }
type ActorEdge {
  node: Actor! cursor: String!
  billing: Int paid: Decimal! @column(name: "fee") net: Decimal @expression(sql: "{fee} - {tax}")
}
type ActorConnection { edges: [ActorEdge!]! nodes: [Actor!]! totalCount: Int! pageInfo: PageInfo! }
enum ActorOrder {
  NAME @orderBy(fields: ["name DESC"]) BILLING @orderBy(fields: ["edge.billing", "name"])
}
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
        f"SELECT t0_1.`film_id`, t0.`name`, t0.`actor_id` FROM ({PAGE} UNION ALL {PAGE}) t0_1"
        " JOIN `actors` t0 ON t0.`actor_id` = t0_1.`key0`"
        " ORDER BY t0_1.`film_id`, t0_1.`key0` LIMIT %s"
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
        f"SELECT t0_1.`film_id`, t0.`name`, t0.`actor_id` FROM {JOINED} WHERE t0_1.`film_id` {rest}"
    )
    assert statement.parameters == parameters


def test_rows_by_parent_carry_the_parents_number_beside_the_link(compiler: Compiler) -> None:
    plan, values = compiler.bound("{ films { cast { name } } }")
    (statement,) = compile_by_parent(plan, plan.batches[1], values, [("a",), ("A",)])
    page = PAGE.replace(" FROM `actors`", ", %s AS parent FROM `actors`")
    assert statement.text == (
        f"SELECT t0_1.`film_id`, t0.`name`, t0.`actor_id`, t0_1.parent FROM ({page} UNION ALL"
        f" {page}) t0_1 JOIN `actors` t0 ON t0.`actor_id` = t0_1.`key0`"
        " ORDER BY t0_1.parent, t0_1.`key0` LIMIT %s"
    )
    assert statement.parameters == (0, "a", 1001, 1, "A", 1001, 2002)


def test_rows_that_a_link_table_holds_twice_are_asked_for_by_their_places(
    compiler: Compiler,
) -> None:
    plan, values = compiler.bound("{ films { actors(first: 2) { nodes { name } } } }")
    (statement,) = compile_rows(plan, plan.batches[1], values, [(1,), (2,)], is_distinct=True)
    found = (
        "SELECT k.`actor_id` AS key0, k_1.`film_id`, DENSE_RANK() OVER (PARTITION BY k_1.`film_id`"
        " ORDER BY k_1.`actor_id`) AS n, ROW_NUMBER() OVER (PARTITION BY k_1.`film_id`,"
        " k.`actor_id`) AS copy FROM `actors` k JOIN `film_actors` k_1"
        " ON k.`actor_id` = k_1.`actor_id` WHERE k_1.`film_id` IN (%s, %s)"
    )
    assert statement.text == (
        f"SELECT t0_1.`film_id`, t0.`name`, t0.`actor_id` FROM ({found}) t0_1"
        " JOIN `actors` t0 ON t0.`actor_id` = t0_1.`key0` WHERE t0_1.n <= %s AND t0_1.copy = %s"
        " ORDER BY t0_1.`film_id`, t0_1.`key0` LIMIT %s"
    )
    assert statement.parameters == (1, 2, 3, 1, 6)


# ------------------------------------------------------------------ columns of the link table


def test_columns_of_the_link_table_come_with_the_pages(compiler: Compiler) -> None:
    plan, values = compiler.bound(
        "{ films { actors(first: 2, order: BILLING, billed: [1, 2]) {"
        " edges { paid net cursor node { name } } } } }"
    )
    (statement,) = compile_rows(plan, plan.batches[1], values, [(1,), (2,)])
    page = (
        "(SELECT k.`actor_id` AS key0, k_1.`film_id`, k_1.`fee`, k_1.`tax`, k_1.`billing`"
        " FROM `actors` k JOIN `film_actors` k_1 ON k.`actor_id` = k_1.`actor_id`"
        " WHERE k_1.`film_id` = %s AND k_1.`billing` IN (%s, %s)"
        " ORDER BY k_1.`billing`, k.`name`, k_1.`actor_id` LIMIT %s)"
    )
    assert statement.text == (
        "SELECT t0_1.`film_id`, t0_1.`fee`, (t0_1.`fee` - t0_1.`tax`), t0_1.`billing`, t0.`name`,"
        f" t0.`actor_id` FROM ({page} UNION ALL {page}) t0_1"
        " JOIN `actors` t0 ON t0.`actor_id` = t0_1.`key0`"
        " ORDER BY t0_1.`film_id`, t0_1.`billing`, t0.`name`, t0_1.`key0` LIMIT %s"
    )
    assert statement.parameters == (1, 1, 2, 3, 2, 1, 2, 3, 6)


def test_page_goes_on_behind_a_place_of_the_link_table(compiler: Compiler) -> None:
    wanted = "first: 1, order: BILLING"
    plan, values = compiler.bound(f"{{ films {{ actors({wanted}) {{ edges {{ cursor }} }} }} }}")
    order = plan.batches[1].order
    cursor = encode_cursor(fingerprint("Film.actors", order), (b"7", b"Ann", b"3")).decode()
    plan, values = compiler.bound(
        f'{{ films {{ actors({wanted}, after: "{cursor}") {{ edges {{ billing }} }} }} }}'
    )
    (statement,) = compile_rows(plan, plan.batches[1], values, [(1,)])
    assert statement.text == (
        f"SELECT t0_1.`film_id`, t0_1.`billing`, t0.`actor_id` FROM {JOINED}"
        " WHERE t0_1.`film_id` = %s AND t0_1.`billing` >= %s"
        " AND (t0_1.`billing` > %s OR t0_1.`billing` = %s AND t0.`name` > %s"
        " OR t0_1.`billing` = %s AND t0.`name` = %s AND t0.`actor_id` > %s)"
        " ORDER BY t0_1.`billing`, t0.`name`, t0_1.`actor_id` LIMIT %s"
    )


def test_counts_and_sums_choose_and_add_by_the_link_table(compiler: Compiler) -> None:
    plan, values = compiler.bound("{ films { actorCount(billed: [1]) paid } }")
    (statement,) = compile_rows(plan, plan.batches[0], values)
    links = "FROM `actors` r JOIN `film_actors` r_1 ON r.`actor_id` = r_1.`actor_id`"
    of = "WHERE r_1.`film_id` = t0.`film_id`"
    assert statement.text == (
        f"SELECT (SELECT COUNT(*) {links} {of} AND r_1.`billing` IN (%s)),"
        f" (SELECT COALESCE(SUM((r_1.`fee` - r_1.`tax`)), 0) {links} {of})"
        " FROM `films` t0 ORDER BY t0.`film_id` LIMIT %s"
    )


def test_link_rows_that_may_stand_twice_are_told_apart_by_their_key() -> None:
    compiler = Compiler.of(
        """
        type Query { films: [Film!]! }
        type Film {
          filmId: ID!
          halls(first: Int, after: String): HallConnection!
            @relation(through: {table: "shows", key: ["show_id"]})
            @orderBy(fields: ["edge.starts DESC"])
        }
        type Hall { hallId: ID! }
        type HallEdge { node: Hall! cursor: String! showId: ID! starts: DateTime! }
        """
    )
    plan, values = compiler.bound("{ films { halls(first: 1) { edges { node { hallId } } } } }")
    (statement,) = compile_rows(plan, plan.batches[1], values, [(1,)])
    assert statement.text == (
        "SELECT t0_1.`film_id`, t0.`hall_id` FROM `halls` t0 JOIN `shows` t0_1"
        " ON t0.`hall_id` = t0_1.`hall_id` WHERE t0_1.`film_id` = %s"
        " ORDER BY t0_1.`starts` DESC, t0_1.`hall_id` DESC, t0_1.`show_id` DESC LIMIT %s"
    )


def test_the_plan_says_what_is_read_of_the_link_table(compiler: Compiler) -> None:
    plan, _ = compiler.bound("{ films { actors(first: 1) { edges { billing node { name } } } } }")
    assert str(plan).splitlines()[2:] == [
        "    actors = batch 1: page of Actor by first for each film_id of film_actors, ordered by"
        " actorId",
        "      edges = edges",
        "        billing = link billing as Int",
        "        node = Actor",
        "          name = t0.name as String",
    ]
