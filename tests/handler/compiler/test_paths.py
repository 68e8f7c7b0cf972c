"""Relations of two hops: by a link table, whose columns are those of neither end.

The SDL has no word for them yet, so the model is given one by hand.
"""

from __future__ import annotations

import pytest
from msgspec import structs

from handler.compiler.sql import ParentKey, compile_rows
from handler.model.aggregates import Aggregate
from handler.model.relations import Hop, Path, ToMany
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SDL = (
    """
type Query { films: [Film!]! links: [FilmActor!]! }
type Film {
  filmId: ID!
  actors(first: Int, after: String): ActorConnection!
    @relation(columns: ["film_id"], references: ["first_film_id"])
  actorCount: Int! @count(of: "actors")
}
type FilmActor @key(fields: "filmId actorId") { filmId: ID! actorId: ID! }
type Actor { actorId: ID! firstFilmId: ID! name: String! }
type ActorEdge { node: Actor! cursor: String! }
type ActorConnection { edges: [ActorEdge!]! nodes: [Actor!]! totalCount: Int! pageInfo: PageInfo! }
"""
    + PAGE_INFO
)
LINKED = Path(
    (Hop(("film_id",), ("film_id",), "FilmActor"), Hop(("actor_id",), ("actor_id",), "Actor"))
)
COUNT = (
    "(SELECT COUNT(*) FROM `actors` r JOIN `film_actors` r_1 ON r.`actor_id` = r_1.`actor_id`"
    " WHERE r_1.`film_id` = t0.`film_id`)"
)
PAGE = (
    "(SELECT k.`actor_id`, k_1.`film_id` AS link0 FROM `actors` k"
    " JOIN `film_actors` k_1 ON k.`actor_id` = k_1.`actor_id`"
    " WHERE k_1.`film_id` = %s ORDER BY k.`actor_id` LIMIT %s)"
)


@pytest.fixture
def compiler() -> Compiler:
    made = Compiler.of(SDL)
    fields = made.model.tables["Film"].fields
    actors = fields["actors"]
    assert isinstance(actors, ToMany)
    assert isinstance(fields, dict)
    fields["actors"] = actors = structs.replace(actors, path=LINKED)
    counted = made.model.tables["Film"].of_kind(Aggregate)["actorCount"]
    fields["actorCount"] = structs.replace(counted, relation=actors)
    return made


def test_facts_of_a_parent_go_through_the_link_table(compiler: Compiler) -> None:
    plan, values = compiler.bound("{ films { actorCount actors(first: 2) { totalCount } } }")
    (statement,) = compile_rows(plan, plan.batches[0], values)
    assert statement.text == (
        f"SELECT {COUNT}, t0.`film_id`, {COUNT} FROM `films` t0 ORDER BY t0.`film_id` LIMIT %s"
    )


@pytest.mark.parametrize(
    ("keys", "pages", "parameters"),
    [
        pytest.param([(1,)], PAGE, (1, 3, 3), id="one-parent"),
        pytest.param(
            [(1,), (2,)], f"{PAGE} UNION ALL {PAGE}", (1, 3, 2, 3, 6), id="several-parents"
        ),
    ],
)
def test_pages_bring_along_which_parent_a_row_is_of(
    compiler: Compiler, keys: list[ParentKey], pages: str, parameters: tuple[int, ...]
) -> None:
    plan, values = compiler.bound("{ films { actors(first: 2) { nodes { name } } } }")
    (statement,) = compile_rows(plan, plan.batches[1], values, keys)
    assert statement.text == (
        f"SELECT page.link0, t0.`name` FROM ({pages}) page"
        " JOIN `actors` t0 ON t0.`actor_id` = page.`actor_id`"
        " ORDER BY page.link0, t0.`actor_id` LIMIT %s"
    )
    assert statement.parameters == parameters
