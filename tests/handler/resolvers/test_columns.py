"""Whose fields functions are asked for: those of every row that an answer shows, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from aurora_graphql.dev.servers import MariaDb
from handler.answer import Lifetime
from handler.compiler.freshness import find_policy
from handler.resolvers.registry import Batched, batched
from tests.apis import NO_LIMITS, Api, open_api
from tests.handler.compiler.plans import Compiler
from tests.handler.resolvers import market
from tests.integration.servers import fresh_database, run_script


@pytest.fixture(scope="module")
def calls() -> list[tuple[str, list[Any]]]:
    """Each call: the field, and the parents by their numbers."""
    return []


@pytest.fixture(scope="module")
def api(
    mariadb: MariaDb,
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[tuple[str, list[Any]]],
) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "market.graphql").write_text(market.SDL)
    counted: dict[str, Any] = {}
    for name, function in market.RESOLVERS.items():
        counted[name] = counting(name, function, calls)
    with pytest.MonkeyPatch.context() as patch, fresh_database(mariadb) as url:
        run_script(url, *market.TABLES)
        patch.setattr(market, "RESOLVERS", counted)
        limits = replace(NO_LIMITS, cost=10**40)
        with open_api(url, folder, limits=limits, resolvers=market.__name__) as api:
            yield api


def counting(name: str, function: Any, calls: list[tuple[str, list[Any]]]) -> Any:
    if isinstance(function, Batched):

        @batched
        async def all_of(parents: Any, *others: Any) -> Any:
            calls.append((name, [market.number(each) for each in parents]))
            return await function(parents, *others)

        return all_of

    async def one(parent: Any, *others: Any) -> Any:
        calls.append((name, [market.number(parent)]))
        return await function(parent, *others)

    return one


def asked(api: Api, calls: list[tuple[str, list[Any]]], document: str) -> list[Any]:
    calls.clear()
    api.run(document)
    return sorted(calls)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param("{ goods { each } }", [("Good.each", [1, 2, 3, 4, 5, 6, 7])], id="a-list"),
        pytest.param(
            "{ page(first: 2) { nodes { each } pageInfo { hasNextPage } } }",
            [("Good.each", [1, 2])],
            id="not-the-row-that-tells-of-a-next-page",
        ),
        pytest.param(
            "{ page(last: 2) { edges { node { each } } pageInfo { hasPreviousPage } } }",
            [("Good.each", [6, 7])],
            id="a-page-from-the-end",
        ),
        pytest.param(
            "{ page(first: 4, last: 2) { nodes { each } } }",
            [("Good.each", [3, 4])],
            id="the-last-of-the-first",
        ),
        pytest.param(
            "{ shops { page(first: 1) { nodes { each } } goods { each } } }",
            [("Good.each", [1, 2, 3, 6, 7]), ("Good.each", [1, 3])],
            id="nested-lists-at-two-places",
        ),
        pytest.param(
            "{ goods { shop { moods { level } } } }",
            [("Shop.moods", [1, 1, 2, 2, 2])],
            id="to-one-for-each-row-and-not-where-there-is-none",
        ),
        pytest.param(
            '{ a: good(goodId: "404") { each } b: good(goodId: "1") { each again: each } }',
            [("Good.each", [1]), ("Good.each", [1])],
            id="not-of-a-row-that-is-not-there",
        ),
        pytest.param(
            "{ goods { near { each } } }",
            [("Good.each", [1, 2, 3, 5, 6, 7]), ("Good.near", [1, 2, 3, 4, 5, 6, 7])],
            id="rows-by-key-once-each",
        ),
        pytest.param(
            "{ goods { score } }",
            [("Good.score", [number]) for number in range(1, 8)],
            id="one-that-is-not-batched-for-each",
        ),
        pytest.param(
            "{ shops { moods { all { level } } } }",
            [("Mood.all", [0, 4, 5, 6]), ("Shop.moods", [1, 2, 3])],
            id="all-objects-of-a-kind-below-objects",
        ),
    ],
)
def test_functions_are_asked_for_what_is_shown(
    api: Api, calls: list[tuple[str, list[Any]]], document: str, expected: list[Any]
) -> None:
    found = asked(api, calls, document)
    assert [(name, sorted(parents)) for name, parents in found] == [
        (name, sorted(parents)) for name, parents in sorted(expected)
    ]


TYPED = """
type Query { contents: [Content!]! links: [Link!]! }
interface Content @table(name: "posts") @key(fields: "id") @discriminator(column: "kind") {
  id: ID! title: String!
}
type Page implements Content @value(column: "page") {
  id: ID! title: String! score: Int! @resolver(requires: "title")
}
type Post implements Content @value(column: "post") {
  id: ID! title: String! score: String @resolver(requires: "id")
}
type Link @table(name: "links") @key(fields: "linkId") { linkId: ID! content: Content }
"""
PARENTS: list[Any] = []


@batched
async def score(parents: Any, *_: Any) -> Any:
    """How long the titles are, or no number for want of one."""
    PARENTS.append(parents)
    return [len(each["title"]) if "title" in each else f"no {each['id']}" for each in parents]


RESOLVERS = {"Page.score": score, "Post.score": score}


def test_a_function_of_one_type_is_asked_for_the_rows_of_that_type(
    mariadb: MariaDb, tmp_path: Path
) -> None:
    (tmp_path / "typed.graphql").write_text(TYPED)
    document = """{
      contents { title ... on Page { score } }
      links { content { title ... on Page { n: score } ... on Post { t: score } } }
    }"""
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE posts (id INT PRIMARY KEY, title VARCHAR(9) NOT NULL, kind VARCHAR(9))",
            "CREATE TABLE links (link_id INT PRIMARY KEY, content_id INT)",
            "INSERT INTO posts VALUES (1, 'one', 'page'), (2, 'two', 'post'), (3, 'x', 'page'),"
            " (4, 'none', 'other')",
            "INSERT INTO links VALUES (1, 1), (2, 2), (3, NULL), (4, 404), (5, 3), (6, 4)",
        )
        with open_api(url, tmp_path, resolvers=__name__) as api:
            whole = api.run_by_executor(document)
            PARENTS.clear()
            answer = api.run(document)
            assert answer.text == whole.text
            assert answer.data == {
                "contents": [
                    {"title": "one", "score": 3},
                    {"title": "two"},
                    {"title": "x", "score": 1},
                ],
                "links": [
                    {"content": {"title": "one", "n": 3}},
                    {"content": {"title": "two", "t": "no 2"}},
                    {"content": None},
                    {"content": None},
                    {"content": {"title": "x", "n": 1}},
                    {"content": None},
                ],
            }
    pages = [{"title": "one"}, {"title": "x"}]
    assert sorted(PARENTS, key=str) == [[{"id": "2"}], pages, pages]


def test_rows_by_key_are_read_by_one_statement_for_all_parents(api: Api) -> None:
    statements = api.run("{ goods { near { name } } shops { things { ... on Good { name } } } }")
    read = [each.text.partition(" FROM `")[2].partition("`")[0] for each in statements.statements]
    assert sorted(read) == ["goods", "goods", "goods", "shops"]


def test_what_a_function_requires_is_read_once_though_it_is_selected_too(api: Api) -> None:
    (statement,) = api.run("{ goods { goodId each score } }").statements
    assert statement.text == (
        "SELECT t0.`good_id`, t0.`price` FROM `goods` t0 ORDER BY t0.`good_id` LIMIT %s"
    )


@pytest.mark.parametrize(
    ("marks", "max_age_s"),
    [
        pytest.param(("", ""), None, id="nothing-said"),
        pytest.param(("@cacheControl(maxAge: 60)", ""), None, id="not-of-the-function-below"),
        pytest.param(
            ("@cacheControl(maxAge: 60)", "@cacheControl(maxAge: 30)"), 30, id="the-stricter-one"
        ),
    ],
)
def test_functions_say_how_long_their_answer_holds(
    marks: tuple[str, str], max_age_s: int | None
) -> None:
    compiler = Compiler.of(
        f"type Query {{ mood: Mood @resolver {marks[0]} }}"
        f" type Mood {{ name: String next: Mood @resolver {marks[1]} }}"
    )
    policy = find_policy(compiler.model, compiler.plan("{ mood { name next { name } } }"))
    assert (policy and policy.lifetime) == (max_age_s and Lifetime(max_age_s))
