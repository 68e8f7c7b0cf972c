"""Scalars that an SDL names: each is in every respect like the one that its ``@scalar`` names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

# The same API twice: with names of its own, and with the scalars that they are like.
NAMES = {"URL": "String", "Money": "Decimal", "Place": "String", "Key": "ID", "Long": "BigInt"}
NAMES["Whole"] = "Int"
DECLARED = """
scalar URL @specifiedBy(url: "https://url.spec.whatwg.org/") @scalar(as: "String")
scalar Money @cost(weight: "3") @scalar(as: "Decimal")
scalar Place @scalar(as: "String")
scalar Key @scalar(as: "ID")
scalar Whole @scalar(as: "Int")
"A whole number."
scalar Long
extend scalar Long @scalar(as: "BigInt")
"""
SDL = """
type Query @public {
  site(id: Key!): Site
  sites(
    url: URL
    urls: [URL!] @filter(field: "url")
    prefix: URL @filter(field: "url", operator: PREFIX)
    from: Money = "0.5" @filter(field: "price", operator: GREATER_OR_EQUAL)
    tag: URL @filter(field: "tags", operator: HAS)
    orderBy: SiteOrder
    first: Int, after: Place, last: Int, before: Place
  ): SiteConnection!
}
type SiteConnection @public {
  edges: [SiteEdge!]! nodes: [Site!]! pageInfo: SitePage! totalCount: Whole!
}
type SiteEdge @public { cursor: Place! node: Site! }
type SitePage @public { hasNextPage: Boolean! startCursor: Place endCursor: Place }
enum SiteOrder { PRICE @orderBy(fields: ["price"]) ADDRESS @orderBy(fields: ["url DESC"]) }
type Site @public {
  id: Key! @column(integer: true)
  url: URL
  price: Money!
  tags: [URL!]
  views: Long
  place: Place! @cursor
  below: [Site!]! @relation(columns: ["id"], references: ["above_id"])
  above: Site @relation(columns: ["above_id"], references: ["id"])
  aboveId: Key @column(integer: true)
  total: Money! @sum(of: "below", field: "price")
  number: Long! @count(of: "below")
}
"""
TABLE = """
CREATE TABLE sites (id INT PRIMARY KEY, above_id INT, url VARCHAR(100),
  price DECIMAL(10, 2) NOT NULL, tags SET('a', 'b'), views BIGINT UNSIGNED,
  KEY (url), KEY (price), KEY (above_id))
"""
ROWS = """
INSERT INTO sites VALUES (1, NULL, 'https://a/', 1.5, 'a', 18446744073709551615),
  (2, 1, 'https://b/', 2, 'a,b', 0), (3, 1, NULL, 0.25, NULL, NULL), (4, 2, 'https://B/', 0, '', 7)
"""


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        run_script(url, TABLE, ROWS)
        yield url


@pytest.fixture(scope="module")
def named(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("named")
    (folder / "sites.graphql").write_text(DECLARED + SDL)
    with open_api(url, folder) as api:
        yield api


@pytest.fixture(scope="module")
def plain(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("plain")
    (folder / "sites.graphql").write_text(unnamed(SDL))
    with open_api(url, folder) as api:
        yield api


def unnamed(text: str) -> str:
    for name, like in NAMES.items():
        text = text.replace(f": {name}", f": {like}").replace(f"[{name}!]", f"[{like}!]")
    return text


ALL = "{ nodes { id url price tags views total number below { id } above { id } } totalCount }"


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        pytest.param(f"{{ sites(from: null) {ALL} }}", {}, id="every-field"),
        pytest.param(f"{{ sites {ALL} }}", {}, id="default-of-an-argument"),
        pytest.param("query ($i: Key!) { site(id: $i) { url } }", {"i": 2}, id="key-by-a-number"),
        pytest.param('{ site(id: "3") { url } }', {}, id="key-by-a-literal"),
        pytest.param('{ site(id: "x") { url } }', {}, id="key-of-no-row"),
        pytest.param(
            f"query ($u: URL) {{ sites(url: $u, from: null) {ALL} }}",
            {"u": "https://b/"},
            id="equal",
        ),
        pytest.param(
            f'{{ sites(urls: ["https://a/", "https://b/"]) {ALL} }}', {}, id="one-of-several"
        ),
        pytest.param(
            f'query ($p: URL = "https://") {{ sites(prefix: $p) {ALL} }}', {}, id="prefix"
        ),
        pytest.param(f"query ($m: Money) {{ sites(from: $m) {ALL} }}", {"m": 1.75}, id="range"),
        pytest.param(f'{{ sites(tag: "b", from: 0) {ALL} }}', {}, id="item-of-a-list"),
        pytest.param("query ($m: Money) { sites(from: $m) { totalCount } }", {"m": "x"}, id="no"),
        pytest.param("query ($u: URL) { sites(url: $u) { totalCount } }", {"u": 7}, id="no-text"),
        pytest.param("{ sites(url: 7) { totalCount } }", {}, id="no-text-of-a-literal"),
        pytest.param("{ sites(urls: [[]]) { totalCount } }", {}, id="list-for-an-item"),
        *(
            pytest.param(
                f"{{ sites(from: null, first: 2{order}) {{ edges {{ cursor node {{ place id }} }}"
                " pageInfo { startCursor endCursor } } }",
                {},
                id=f"cursors{order}",
            )
            for order in ("", ", orderBy: PRICE", ", orderBy: ADDRESS")
        ),
    ],
)
def test_a_named_scalar_answers_as_what_it_is_like(
    named: Api, plain: Api, document: str, variables: dict[str, Any]
) -> None:
    found = named.run(document, variables)
    expected = plain.run(unnamed(document), variables)
    assert (found.text, found.statements) == (expected.text, expected.statements)
    assert [error["message"] for error in found.body.get("errors", ())] == [
        error["message"] for error in expected.body.get("errors", ())
    ]
    if "errors" not in found.body:
        assert named.run_by_executor(document, variables).text == found.text


@pytest.mark.parametrize("order", ["", "orderBy: PRICE", "orderBy: ADDRESS"])
def test_pages_go_on_at_a_cursor_of_a_name_of_its_own(named: Api, order: str) -> None:
    whole = [node["id"] for node in pages(named, order, 4)]
    assert sorted(whole) == ["1", "2", "3", "4"]
    assert [node["id"] for node in pages(named, order, 1)] == whole


def pages(api: Api, order: str, size: int) -> Iterator[dict[str, Any]]:
    place, more = None, True
    while more:
        found = api.run(
            f"query ($p: Place) {{ sites(from: null, first: {size}, after: $p, {order})"
            " { nodes { id place } pageInfo { hasNextPage } } }",
            {"p": place},
        ).data["sites"]
        yield from found["nodes"]
        place, more = found["nodes"][-1]["place"], found["pageInfo"]["hasNextPage"]


def test_introspection_shows_the_names(named: Api) -> None:
    names = ["URL", "Money", "Long"]
    answer = named.run(
        "{"
        + " ".join(
            f'{name}: __type(name: "{name}") {{ kind name description specifiedByURL }}'
            for name in names
        )
        + ' site: __type(name: "Site") { fields { type { name ofType { name } } } } }'
    ).data
    assert [answer[name] for name in names] == [
        {
            "kind": "SCALAR",
            "name": "URL",
            "description": None,
            "specifiedByURL": "https://url.spec.whatwg.org/",
        },
        {"kind": "SCALAR", "name": "Money", "description": None, "specifiedByURL": None},
        {
            "kind": "SCALAR",
            "name": "Long",
            "description": "A whole number.",
            "specifiedByURL": None,
        },
    ]
    shown = [field["type"]["name"] or field["type"]["ofType"]["name"] for field in
             answer["site"]["fields"]]  # fmt: skip
    assert shown[:5] == ["Key", "URL", "Money", None, "Long"]
