"""Proof by exhaustion that no question tells of a row that its caller may not see.

Each answer is compared, byte by byte, with that of a database that never had such rows: over every
domain that has rules for rows, every field, and every use of each of its arguments: of what may
stand in a filter together all pairs, as ``tests.questions`` says. It takes no knowledge of what the
right answer is, and none of how it is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.compiler.tables import Tables
from handler.compiler.visible import VisibleRows
from handler.sql.statement import Sql
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.callers import ANONYMOUS, DEVELOPMENT, Caller, Oracle, token
from tests.domains.blog.rows import blog_rows
from tests.domains.clinic.rows import clinic_rows
from tests.domains.database import Tables as Rows
from tests.domains.database import insert_rows
from tests.domains.filled import fill_orders
from tests.domains.orders.rows import order_rows
from tests.domains.orders.values import fold
from tests.domains.press.rows import press_pools, press_rows
from tests.domains.site.rows import site_rows
from tests.hidden_rows import Twins
from tests.integration.servers import fresh_database, run_script
from tests.questions import Pools
from tests.reference import Reference

DOMAINS = Path(__file__).parents[1] / "domains"
Fill: TypeAlias = Callable[[DatabaseUrl, Path], tuple[Path, Reference]]


@dataclass(frozen=True)
class Domain:
    """Tables, the SDL over them, who asks, and values for arguments."""

    fill: Fill
    callers: tuple[Caller, ...]
    pools: Pools


def _of_folder(
    name: str, rows: Callable[[], Rows], fold: Callable[[str], str] = lambda text: text
) -> Fill:
    def fill(url: DatabaseUrl, folder: Path) -> tuple[Path, Reference]:
        domain = DOMAINS / name
        run_script(url, *(domain / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, rows())
        sdl = (domain / "sdl" / f"{name}.graphql").read_text()
        if name not in _RULES:
            return domain / "sdl", Reference(url, sdl, {}, fold=fold)
        (folder / "all.graphql").write_text(_RULES[name](sdl))
        return folder, Reference(url, _RULES[name](sdl), {}, fold=fold)

    return fill


def _orders(url: DatabaseUrl, folder: Path) -> tuple[Path, Reference]:
    filled = fill_orders(url)
    return filled.sdl, filled.reference


def _site_with_rules(sdl: str) -> str:
    """Members of one interface with rules of several kinds, and one without."""
    owner = 'unlessScopes: [["all"]]'
    for place, rule in (
        ("type Author ", f'@rowAccess(field: "name", claim: "title", {owner}) '),
        ('type Post implements Content @value(column: "post") ', '@rowAccess(through: "author") '),
        (
            'type Page implements Content @value(column: "page") ',
            f'@rowAccess(field: "menuOrder", claim: "order", {owner}) ',
        ),
        ("type Comment ", f'@rowAccess(field: "text", claim: "title", {owner}) '),
    ):
        assert sdl.count(place) == 1
        sdl = sdl.replace(place, place + rule)
    return sdl


_RULES: dict[str, Callable[[str], str]] = {"site": _site_with_rules}
READ = "orders:read"
RED = token("red", tenant="red", owner="ann")

ORDERS = [
    next(row["order_id"] for row in order_rows()["orders"] if row["customer_id"] == customer)
    for customer in ("VINET", "vinet", "nobody")
]
THIN = 11  # in places of a kind, see tests.questions
FEWER = 40  # where each kind of question is asked once
FEW = 10  # documents that may have no row to tell of
SOME = 40  # documents of a domain, of a dozen questions each

PROVED: dict[str, Domain] = {
    "press": Domain(
        _of_folder("press", press_rows),
        (RED, token("blue", tenant="blue", owner="x"), token("nobody"), ANONYMOUS),
        press_pools(),
    ),
    "orders": Domain(
        _orders,
        (token("one", READ, customer_id="VINET"), token("other", READ, customer_id="vinet")),
        {
            "ID": ["VINET", "vinet", "notebook", *ORDERS],
            "String": ["te", "tea", "Germany"],
            "DateTime": ["1996-07-04T00:00:00Z"],
            "Date": ["1996-07-01"],
            "Int": [1, 2],
            "Decimal": ["10", "100.5"],
        },
    ),
    "clinic": Domain(
        _of_folder("clinic", clinic_rows, lambda text: fold(text).rstrip(" ")),
        (
            token("ann", clinic="1", doctor="ann", page="1"),
            token("seven", "read", clinic="2", doctor="7"),
            token("one-page", "admin", page="2"),
        ),
        {
            "ID": ["p1-1", "p0-1", "1", "2", "10"],
            "Int": [1, 1950],
            "String": ["Bonn", "ann", "a"],
            "Decimal": ["10.5"],
        },
    ),
    "blog": Domain(
        _of_folder("blog", blog_rows),
        (token("a-team", team="a"), token("reader", "read", team="b"), ANONYMOUS),
        {"ID": ["1", "2", "5"], "Int": [1, 2], "String": ["a", "post"], "State": ["LIVE"]},
    ),
    "site": Domain(
        _of_folder("site", site_rows),
        (token("news", title="News", order="1"), token("about", title="About"), ANONYMOUS),
        {
            "ID": ["1", "3", "12"],
            "Int": [1],
            "String": ["News", "a"],
            "DateTime": ["2026-01-03T00:00:00Z"],
        },
    ),
}


@dataclass(frozen=True)
class Proved:
    """A domain in two databases, and its questions."""

    name: str
    twins: Twins
    documents: list[str]
    of_kinds: list[str]  # of each kind of question one


@pytest.fixture(scope="module", params=PROVED)
def proved(
    request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proved]:
    domain = PROVED[request.param]
    with fresh_database(mariadb) as url, fresh_database(mariadb) as bare_url:
        sdl, reference = domain.fill(url, tmp_path_factory.mktemp(request.param))
        with open_api(url, sdl) as full, open_api(bare_url, sdl) as bare:
            twins = Twins(full, bare, Oracle(reference), url, bare_url)
            twins.make()
            pools = _with_ids(domain.pools, twins)
            some = twins.questions(pools, thin=FEWER, kinds_only=True)
            questions = twins.questions(pools, thin=THIN)
            yield Proved(request.param, twins, list(questions.all()), list(some.all()))


def _with_ids(pools: Pools, twins: Twins) -> Pools:
    """The global ids of all rows, where a schema has them."""
    if "nodes" not in twins.full.engine.schema.object("Query").fields:
        return pools
    asked = "{ a: desks(first: 9) { nodes { id } } b: writers(first: 3) { nodes { id } } "
    asked += "c: articles(first: 20) { nodes { id } } d: notes(first: 20) { nodes { id } } "
    asked += "e: items(first: 30) { nodes { ... on Advert { id } } } }"
    data = twins.full.run(asked).data
    ids = [each["id"] for page in data.values() for each in page["nodes"] if each]
    return {**pools, "Query.node.id": ids, "Query.nodes.ids": ids}


def prove(proved: Proved, documents: Sequence[str], *, in_turn: bool) -> None:
    """That the two databases are one to each caller; ``in_turn``: each asks its share of all."""
    callers = PROVED[proved.name].callers
    for number, caller in enumerate(callers):
        assert proved.twins.hide(caller) > 10, "what is proved is about something"
        some = documents[number :: len(callers)] if in_turn else documents
        assert list(proved.twins.differing(caller, some)) == [], caller.name


def test_no_answer_tells_of_rows_that_the_caller_does_not_see(proved: Proved) -> None:
    """To each kind of question, by one caller or another."""
    prove(proved, proved.of_kinds, in_turn=True)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_no_answer_to_any_question_tells_of_them(proved: Proved) -> None:
    prove(proved, proved.documents, in_turn=False)


def test_most_questions_could_tell(proved: Proved) -> None:
    """To somebody who sees all rows the two databases are different."""
    proved.twins.hide(PROVED[proved.name].callers[0])
    some = proved.documents[:: 1 + len(proved.documents) // SOME]
    assert len(list(proved.twins.differing(DEVELOPMENT, some))) > len(some) * 0.5


@pytest.mark.parametrize("proved", ["press"], indirect=True)
def test_each_guard_left_out_would_tell(proved: Proved, monkeypatch: pytest.MonkeyPatch) -> None:
    """By some of the documents in whose statements it stands. In other domains some follow from
    others: whoever sees a customer sees its orders."""
    guards, used, unnoticed = Tables._guards, dict[str, list[str]](), dict[str, int]()
    caller = PROVED[proved.name].callers[0]
    proved.twins.hide(caller)
    for text in proved.documents[:: 1 + len(proved.documents) // (2 * SOME)]:
        names = set[str]()

        def noted(
            self: Tables, rows: VisibleRows, name: str, names: set[str] = names
        ) -> Iterator[Sql]:
            found = list(guards(self, rows, name))
            names |= {name} if found else set()
            return iter(found)

        monkeypatch.setattr(Tables, "_guards", noted)
        proved.twins.bare.run(text, principal=caller.principal)
        for name in names:
            used.setdefault(name, []).append(text)
    for left_out, documents in sorted(used.items()):

        def some(
            self: Tables, rows: VisibleRows, name: str, left_out: str = left_out
        ) -> Iterator[Sql]:
            return iter(()) if name == left_out else guards(self, rows, name)

        monkeypatch.setattr(Tables, "_guards", some)
        if next(iter(proved.twins.differing(caller, documents)), None) is None:
            unnoticed[left_out] = len(documents)
    assert {name: count for name, count in unnoticed.items() if count > FEW} == {}
    assert len(used) - len(unnoticed) > 4


RELEVANT = """{
  a: best(words: "WORDS", first: 40) { edges { cursor node { itemId } } }
  b: best(words: "WORDS", terms: "+mi* tea -neil", order: TERMS, last: 9) { edges { cursor } }
  c: bestOne(words: "WORDS") { itemId } }"""
SEARCHED = ("tea queso", "neil harbour mix", "queso mix tea neil", "+the tea", "zzz", "")


@pytest.mark.parametrize("proved", ["press"], indirect=True)
def test_relevance_tells_nothing_of_the_words_of_hidden_rows(proved: Proved) -> None:
    """A server's own number counts them all; whoever sees all rows sorts by that."""
    documents = [RELEVANT.replace("WORDS", words) for words in SEARCHED]
    for caller in (RED, ANONYMOUS):
        proved.twins.hide(caller)
        assert list(proved.twins.differing(caller, documents)) == []
    ordered = proved.twins.full.run(
        '{ best(words: "tea queso mix", first: 40) { nodes { title body } } }',
        principal=RED.principal,
    )
    counts = [
        sum(word in f"{each['title']} {each['body']}".split() for word in ("tea", "queso", "mix"))
        for each in ordered.data["best"]["nodes"]
    ]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 1
