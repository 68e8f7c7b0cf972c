"""``@where`` and first rows together with row rules, for every caller on every path.

The domain has two types over one table, polymorphic comments, links that are hidden, texts by
language and attributes by name. The oracle takes hidden rows out of plain rows in Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.compiler.comparison import Compare
from handler.compiler.tables import Tables
from handler.compiler.visible import VisibleRows
from handler.sql.statement import Sql
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.callers import ANONYMOUS, DEVELOPMENT, Caller, Oracle, token
from tests.documents import Document
from tests.domains.blog.rows import blog_pools, blog_rows
from tests.domains.database import insert_rows
from tests.integration.servers import fresh_database, run_script
from tests.paths import PathWriter, cursor_of
from tests.proof import Proof
from tests.random_filters import RandomFilters
from tests.reference import Reference

BLOG = Path(__file__).parents[1] / "domains" / "blog"
DEPTH, DEPTH_AT_NIGHT = 3, 5

CALLERS = (
    ANONYMOUS,
    DEVELOPMENT,
    token("red", team="red"),
    token("blue", team="blue"),
    token("reader-of-red", "read", team="red"),
    token("admin", "admin", "read"),
)
RED = CALLERS[2]
by_caller = pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)


@pytest.fixture(scope="module")
def blog(mariadb: MariaDb) -> Iterator[Proof]:
    with fresh_database(mariadb) as url:
        run_script(url, *(BLOG / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, blog_rows())
        reference = Reference(url, (BLOG / "sdl" / "blog.graphql").read_text(), {})
        with open_api(url, BLOG / "sdl") as api:
            yield Proof(api, Oracle(reference), PathWriter(reference, openings(reference)))


def openings(reference: Reference) -> dict[str, list[dict[str, object]]]:
    """Arguments that lead to rows of both kinds and teams, and to nothing."""
    posts = cursor_of(reference, "Query", "posts")
    comments = cursor_of(reference, "Query", "comments")
    return {
        "Query.post": [{"postId": str(number)} for number in range(1, 41, 3)],
        "Query.page": [{"pageId": str(number)} for number in range(2, 41, 3)],
        "Query.posts": [
            {"first": 8},
            {"last": 6},
            {"first": 5, "after": posts(9)},
            {"last": 5, "before": posts(30)},
        ],
        "Query.drafts": [{"first": 3}],
        "Query.newest": [{}],
        "Query.users": [{"first": 3}],
        "Query.comments": [{"first": 30}, {"last": 20}, {"first": 9, "after": comments(40)}],
        "Query.latestComment": [{}, {"subject": "film"}, {"subject": "none"}],
        "Post.comments": [{"first": 2}, {"last": 1}],
        "Post.firstComment": [{}, {"text": "ada"}],
        "Post.tags": [{"first": 2}],
        "Post.text": [{}, {"languageId": 2}, {"languageId": None}],
        "User.posts": [{"first": 2}],
    }


def test_the_conditions_hide_rows_and_show_others(blog: Proof) -> None:
    """What is proved below is about something."""
    reference = blog.oracle.reference
    shown = {
        name: [row for row in reference.all_rows["entries"] if reference.is_row(found, row)]
        for name, found in reference.types.items()
        if name in ("Post", "Page")
    }
    assert {name: len(rows) for name, rows in shown.items()} == {"Post": 19, "Page": 9}
    links = reference.all_rows["entry_tags"]
    leading = [row for row in links if reference.is_link("entry_tags", row)]
    assert 0 < len(leading) < len(links)


@by_caller
def test_every_path_gives_what_the_caller_may_see(blog: Proof, caller: Caller) -> None:
    blog.check_paths(caller, DEPTH)


@pytest.mark.nightly
@by_caller
def test_every_longer_path_gives_what_the_caller_may_see(blog: Proof, caller: Caller) -> None:
    blog.check_paths(caller, DEPTH_AT_NIGHT)


FILTERED = """query ($p: PostFilter, $g: PageFilter, $u: UserFilter, $t: TagFilter) {
  posts(where: $p, first: 50) { totalCount nodes { postId } }
  pages(where: $g) { pageId }
  users(where: $u, first: 9) { totalCount nodes { userId } }
  tags(where: $t) { tagId }
  newest(where: $p) { postId place }
}"""


def check_filters(blog: Proof, caller: Caller, rounds: int) -> None:
    """Random filters choose by the rows alone that are there for the caller."""
    filters = RandomFilters(blog.oracle.reference, blog_pools(), rounds)
    kinds = {"p": "Post", "g": "Page", "u": "User", "t": "Tag"}
    for _ in range(rounds):
        variables = {name: filters.draw(kind) for name, kind in kinds.items()}
        document = Document(FILTERED, variables)
        blog.check(caller, document, blog.ask(caller, document))


@by_caller
def test_filters_choose_by_the_rows_that_are_there(blog: Proof, caller: Caller) -> None:
    check_filters(blog, caller, 20)


def leave_out(monkeypatch: pytest.MonkeyPatch, alias: str) -> None:
    """The conditions of the SDL are not written for the table with this alias."""
    guards = Tables._guards

    def some(self: Tables, rows: VisibleRows, name: str) -> Iterator[Sql]:
        if name != alias:
            return guards(self, rows, name)
        left = (g for g in rows.guards if not any(isinstance(e, Compare) for e in g.leaves()))
        return (guard.sql(self, name) for guard in left)

    monkeypatch.setattr(Tables, "_guards", some)


@pytest.mark.parametrize("alias", ["t0", "t1", "k", "r", "g1", "t0_1", "k_1", "r_1"])
def test_a_condition_left_out_anywhere_is_noticed(
    blog: Proof, alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of first tables, joined ones, pages, counts, of rows that decide, and of link tables."""
    leave_out(monkeypatch, alias)
    with pytest.raises(AssertionError):
        blog.check_paths(RED, DEPTH)


@pytest.mark.parametrize("alias", ["f1", "f2", "f1_1"])
def test_a_condition_left_out_of_a_filter_is_noticed(
    blog: Proof, alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out(monkeypatch, alias)
    with pytest.raises(AssertionError):
        check_filters(blog, CALLERS[5], 150)


def test_some_paths_give_the_same_by_tartiflette(blog: Proof) -> None:
    for document in list(blog.some_documents(DEPTH))[::7]:
        for caller in (RED, DEVELOPMENT):
            blog.check_by_executor(caller, document)


# ---------------------------------------------------------------------------- Python resolvers

RESOLVED = """
  told: [Post] @resolver @public
  counted: Int @resolver @public
"""


async def told(parent: Mapping[str, Any], arguments: Mapping[str, Any], context: Any) -> Any:
    """Keys of rows, of whatever kind."""
    return [{"postId": str(number)} for number in range(1, 41)]


async def counted(parent: Mapping[str, Any], arguments: Mapping[str, Any], context: Any) -> int:
    """Rows that are there."""
    rows = await context.fetch("SELECT COUNT(*) AS n FROM {Page} p LIMIT 1")
    return int(rows[0]["n"])


RESOLVERS = {"Query.told": told, "Query.counted": counted}


@by_caller
def test_python_gives_and_reads_the_rows_that_are_there(
    blog: Proof, caller: Caller, tmp_path: Path
) -> None:
    sdl = (BLOG / "sdl" / "blog.graphql").read_text()
    (tmp_path / "blog.graphql").write_text(
        sdl.replace("type Query {", "type Query {" + RESOLVED, 1)
    )
    reference, rows = blog.oracle.reference, blog.oracle.rows(caller)
    shown = {
        name: {row["entry_id"] for row in rows["entries"] if reference.is_row(found, row)}
        for name, found in reference.types.items()
        if name in ("Post", "Page")
    }
    url: DatabaseUrl = reference.url
    with open_api(url, tmp_path, resolvers="tests.integration.test_where") as api:
        answer = api.run("{ told { postId } counted }", {}, principal=caller.principal)
    assert answer.body["data"] == {
        "told": [
            {"postId": str(number)} if str(number) in shown["Post"] else None
            for number in range(1, 41)
        ],
        "counted": len(shown["Page"]),
    }
