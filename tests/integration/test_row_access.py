"""Proof by exhaustion: every path of the schema gives every caller just the rows that it may see.

Every path up to a depth, in several forms, for every kind of caller, by every way that leads to an
answer; what has to come back says an oracle that shares no code with the compiler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aurora_graphql.dev.servers import MariaDb
from handler.app import App
from handler.cache.response_cache import ResponseCache
from handler.compiler.tables import Tables
from handler.compiler.visible import VisibleRows
from handler.engine.persisted_queries import sha256_of
from handler.jobs.migrate import migrate
from handler.settings import AUTOMATIC, Settings
from handler.sql.statement import Sql
from handler.stores.redis.cache import RedisCache
from tests.apis import NO_LIMITS, open_api
from tests.callers import ANONYMOUS, DEVELOPMENT, Caller, Oracle, token
from tests.documents import Document, documents
from tests.domains.database import insert_rows
from tests.domains.orders import PROJECT
from tests.domains.orders.rows import order_rows
from tests.domains.orders.values import fold, line_total
from tests.handler.http.events import post_event
from tests.integration.servers import MIGRATIONS, fresh_database
from tests.paths import PathWriter, cursor_of, longest_paths
from tests.proof import Proof, errors_of
from tests.reference import Reference

SDL = PROJECT / "sdl"
DEPTH, DEPTH_AT_NIGHT = 6, 9

READ, ALL = "orders:read", "orders:read:all"
CALLERS = (
    ANONYMOUS,
    token("no-scopes", customer_id="VINET"),
    token("one", READ, customer_id="VINET"),
    token("another-in-small-letters", READ, customer_id="vinet"),
    token("of-orders-without-a-customer", READ, customer_id="nobody"),
    token("of-no-rows", READ, customer_id="%"),
    token("without-the-claim", READ, customer="VINET"),
    token("with-an-empty-claim", READ, customer_id=""),
    token("padded", READ, customer_id="VINET "),
    token("all-but-may-not-read", ALL),
    token("sees-all", READ, ALL),
    token("sees-all-though-it-has-a-claim", READ, ALL, customer_id="VINET"),
    DEVELOPMENT,
)
by_caller = pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
FEW = tuple(CALLERS[number] for number in (2, 3, 5, 10))  # who sees some, others, none and all


@pytest.fixture(scope="module")
def shop(mariadb: MariaDb) -> Iterator[Proof]:
    with fresh_database(mariadb) as url:
        asyncio.run(migrate(url, MIGRATIONS))
        insert_rows(url, order_rows())
        sdl = (SDL / "orders.graphql").read_text()
        reference = Reference(url, sdl, {"OrderItem.lineTotal": line_total}, fold=fold)
        with open_api(url, SDL) as api:
            yield Proof(api, Oracle(reference), PathWriter(reference, openings(reference)))


def openings(reference: Reference) -> dict[str, list[dict[str, object]]]:
    """Arguments that lead to rows of one customer, of another, and to nothing."""
    rows = reference.all_rows
    ours, theirs, lost = (
        next(row["order_id"] for row in rows["orders"] if row["customer_id"] == customer)
        for customer in ("VINET", "vinet", "nobody")
    )
    orders = cursor_of(reference, "Query", "orders")
    of_customer = cursor_of(reference, "Customer", "orders")
    customers = cursor_of(reference, "Query", "customers")
    items = cursor_of(reference, "Product", "orderItems")
    return {
        "Query.product": [{"productId": id_} for id_ in ("notebook", "🎉", "none")],
        "Query.products": [{"first": 3}, {"last": 4}],
        "Query.customer": [{"customerId": id_} for id_ in ("VINET", "vinet", "O'Neil", "none")],
        "Query.customers": [{"first": 4}, {"first": 2, "after": customers(0)}],
        "Query.order": [{"orderId": id_} for id_ in (ours, theirs, lost, "none")],
        "Query.orders": [
            {"first": 3},
            {"last": 3},
            {"customerId": "VINET", "first": 2},
            {"customerId": "vinet"},
            {"first": 2, "after": orders(4)},
            {"last": 2, "before": orders(9)},
            {"from": "1996-07-04T00:00:00Z", "first": 4},
        ],
        "Query.orderItems": [{"orderId": id_} for id_ in (ours, theirs, lost, "lost", "none")],
        "Customer.orders": [{"first": 2}, {"first": 3, "after": of_customer(7)}],
        "Product.orderItems": [{"first": 3}, {"first": 2, "after": items(11)}],
    }


def test_the_rows_are_of_several_callers(shop: Proof) -> None:
    """What is proved below is about something."""
    seen = {caller.name: shop.oracle.rows(caller) for caller in CALLERS}
    orders = {name: {row["order_id"] for row in rows["orders"]} for name, rows in seen.items()}
    assert orders["one"]
    assert orders["another-in-small-letters"]
    assert orders["of-orders-without-a-customer"]
    assert not orders["one"] & orders["another-in-small-letters"]
    for nobody in ("anonymous", "of-no-rows", "without-the-claim", "with-an-empty-claim", "padded"):
        assert not orders[nobody]
    assert len(orders["sees-all"]) == 30
    assert all(len(rows["products"]) == 8 for rows in seen.values())
    assert len(longest_paths(shop.oracle.reference, DEPTH)) >= 90


@by_caller
def test_every_path_gives_what_the_caller_may_see(shop: Proof, caller: Caller) -> None:
    shop.check_paths(caller, DEPTH)


@pytest.mark.parametrize("alias", ["t0", "k", "r", "g1"])
def test_a_guard_left_out_anywhere_is_noticed(
    shop: Proof, alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of first tables, pages, counts and sums, and of the row that decides; a joined row cannot be
    one that the caller may not see, in this schema."""
    guards = Tables._guards

    def some(self: Tables, rows: VisibleRows, name: str) -> Iterator[Sql]:
        return iter(()) if name == alias else guards(self, rows, name)

    monkeypatch.setattr(Tables, "_guards", some)
    with pytest.raises(AssertionError):
        shop.check_paths(CALLERS[2], DEPTH)


@pytest.mark.nightly
@by_caller
def test_every_path_in_every_form_gives_what_the_caller_may_see(
    shop: Proof, caller: Caller
) -> None:
    for document in shop.all_documents(DEPTH_AT_NIGHT):
        shop.check(caller, document, shop.ask(caller, document))


def test_every_path_gives_the_same_by_tartiflette(shop: Proof) -> None:
    for document in list(shop.some_documents(DEPTH))[::9]:
        for caller in FEW:
            shop.check_by_executor(caller, document)


# ------------------------------------------------------------------------- through the cache


@pytest.fixture
def cache(shop: Proof, cache_url: str) -> Iterator[ResponseCache]:
    redis = RedisCache(cache_url, timeout_s=5.0)
    yield ResponseCache(redis, "shop")
    shop.api.loop.run_until_complete(redis.close())


def ask_in_turn(shop: Proof, cache: ResponseCache, callers: tuple[Caller, ...], text: str) -> None:
    """Each gets an answer of its own, whoever asked before; and the same once more."""
    for caller in (*callers, *callers):
        document = Document(text, {})
        shop.check(caller, document, shop.ask(caller, document, cache))


def test_kept_answers_go_to_nobody_else(shop: Proof, cache: ResponseCache) -> None:
    """In every order of callers; a name of its own makes each order start with nothing kept."""
    sample = [document.text for document in shop.some_documents(DEPTH)][::10]
    for number, callers in enumerate(permutations(FEW)):
        text = sample[number % len(sample)]
        ask_in_turn(shop, cache, callers, text.replace("query {", f"query Q{number} {{"))


@pytest.mark.nightly
def test_kept_answers_of_every_path_go_to_nobody_else(shop: Proof, cache: ResponseCache) -> None:
    for number, document in enumerate(shop.all_documents(DEPTH_AT_NIGHT)):
        turn = number % len(CALLERS)
        ask_in_turn(shop, cache, CALLERS[turn:] + CALLERS[:turn], document.text)


def test_callers_who_see_the_same_share_what_is_kept(shop: Proof, cache: ResponseCache) -> None:
    text = "{ orders(first: 2) { nodes { orderId customer { name } } } }"
    again = token("another-token-of-the-same-customer", READ, customer_id="VINET", role="x")
    other = token("other", READ, customer_id="vinet")
    assert shop.ask(CALLERS[2], Document(text, {}), cache).statements
    assert not shop.ask(again, Document(text, {}), cache).statements
    assert shop.ask(other, Document(text, {}), cache).statements


def test_what_no_rule_limits_is_kept_for_every_claim(shop: Proof, cache: ResponseCache) -> None:
    text = "{ products(first: 2) { nodes { productName } } }"
    assert shop.ask(CALLERS[2], Document(text, {}), cache).statements
    assert not shop.ask(CALLERS[3], Document(text, {}), cache).statements


# ---------------------------------------------- through the whole App, by hash and by the cache


@pytest.fixture
def app(shop: Proof, cache_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """With automatic persisted queries and cached answers; callers are the authorizer's."""
    monkeypatch.setattr("handler.stores.deadline.CACHE_S", 25.0)
    monkeypatch.setattr("handler.cache.response_cache.WRITE_S", 5.0)
    monkeypatch.setattr("handler.engine.persisted_queries.WRITE_S", 5.0)
    options = Settings(
        database_url=shop.oracle.reference.url,
        sdl_dir=SDL,
        auth=True,
        persisted_queries=AUTOMATIC,
        limits=NO_LIMITS,
    )
    started = App(options, shop.api.engine, shop.api.database, RedisCache(cache_url, 5.0))
    yield started
    assert started.cache is not None
    shop.api.loop.run_until_complete(started.cache.close())


def ask_app(shop: Proof, app: App, caller: Caller, **body: Any) -> dict[str, Any]:
    principal = caller.principal
    event = post_event(body)
    authorizer = {"principalId": principal.principal_id, **principal.context()}
    event["requestContext"] = {**event["requestContext"], "authorizer": authorizer}
    response = shop.api.loop.run_until_complete(app.handle(event, budget_s=30))
    found: dict[str, Any] = orjson.loads(response["body"])
    return found


def test_documents_that_another_has_registered_show_ones_own_rows(shop: Proof, app: App) -> None:
    """One caller sends the document; all ask for it by its hash, twice: made, and kept."""
    known = tuple(caller for caller in CALLERS if caller is not DEVELOPMENT)
    for number, document in enumerate(list(shop.some_documents(DEPTH))[::13]):
        text = document.text
        hashed = {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(text)}}
        ask_app(shop, app, known[number % len(known)], query=text, extensions=hashed)
        for caller in (*known, *known):
            told = ask_app(shop, app, caller, extensions=hashed)
            expected = shop.oracle.run(caller, text, {})
            assert told["data"] == expected["data"], (caller.name, text)
            assert errors_of(told) == errors_of(expected)


# --------------------------------------------------------------------- cursors of other callers

PAGED = {
    "Query.orders": "orders({}) {{ {} }}",
    "Query.customers": "customers({}) {{ {} }}",
    "Customer.orders": 'customer(customerId: "VINET") {{ orders({}) {{ {} }} }}',
    "Product.orderItems": 'product(productId: "notebook") {{ orderItems({}) {{ {} }} }}',
}
SHOWN = (
    "totalCount edges {{ cursor node {{ {} }} }} "
    "pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}"
)


@pytest.mark.parametrize("name", PAGED)
def test_a_cursor_of_any_row_shows_only_what_the_caller_may_see(shop: Proof, name: str) -> None:
    """All rows of the table, whoever sees them; a cursor that nobody was given holds a position."""
    owner, _, field = name.partition(".")
    type_def = shop.oracle.reference.schema.type_map[owner]
    node = "name" if field == "customers" else "quantity" if "Items" in field else "orderRef"
    cursors = cursor_of(shop.oracle.reference, owner, field)
    count = len(set(map(cursors, range(200))))
    assert isinstance(type_def, GraphQLObjectType)
    takes_before = "before" in type_def.fields[field].args
    pages = ["first: 2, after", *(["last: 2, before"] if takes_before else [])]
    parts = [
        f"c{number}_{page[:4]}: "
        + PAGED[name].format(f'{page}: "{cursors(number)}"', SHOWN.format(node))
        for number in range(0, count, 3)
        for page in pages
    ]
    document = Document("{ " + " ".join(parts) + " }", {})
    for caller in FEW:
        answer = shop.ask(caller, document)
        shop.check(caller, document, answer)
        assert "errors" not in answer.body


# ------------------------------------------------------------------- nothing tells rows apart


@pytest.mark.parametrize(
    "text",
    [
        '{ order(orderId: "ID") { orderRef total customer { name } items { quantity } } }',
        '{ orderItems(orderId: "ID") { quantity order { orderRef } } }',
        '{ customer(customerId: "ID") { name orderCount orders(first: 2) { totalCount } } }',
        '{ orders(customerId: "ID", first: 2) { totalCount nodes { items { quantity } } } }',
    ],
)
def test_not_found_and_not_yours_are_one_answer(shop: Proof, text: str) -> None:
    """The same bytes by the same statements; only the value asked for differs in them."""
    rows = shop.oracle.reference.all_rows["orders"]
    column = "customer_id" if "customerId" in text else "order_id"
    theirs = next(row[column] for row in rows if row["customer_id"] == "vinet")
    caller = CALLERS[2]
    asked = [text.replace("ID", value) for value in (str(theirs), "none")]
    not_yours, not_found = (shop.ask(caller, Document(each, {})) for each in asked)
    assert not_yours.text == not_found.text
    assert not_yours.body == not_found.body
    assert [s.text for s in not_yours.statements] == [s.text for s in not_found.statements]
    seen = [tuple(v for v in s.parameters if v != theirs) for s in not_yours.statements]
    assert seen == [tuple(v for v in s.parameters if v != "none") for s in not_found.statements]


def test_a_missing_claim_is_no_error_and_asks_the_same(shop: Proof) -> None:
    text = '{ order(orderId: "1") { orderRef } orders(first: 2) { totalCount } }'
    has, lacks = (shop.ask(CALLERS[number], Document(text, {})) for number in (5, 6))
    assert has.body == lacks.body
    assert [s.text for s in has.statements] == [s.text for s in lacks.statements]


def test_who_sees_all_asks_as_in_development(shop: Proof) -> None:
    for document in list(shop.some_documents(DEPTH))[::5]:
        statements = [shop.ask(CALLERS[number], document).statements for number in (10, 11, 12)]
        assert statements[0] == statements[1] == statements[2]


# -------------------------------------------------------------------------- random documents


@pytest.fixture(scope="module")
def drawn(shop: Proof) -> st.SearchStrategy[Document]:
    rows = shop.oracle.reference.all_rows
    orders = [*(row["order_id"] for row in rows["orders"]), "none"]
    customers = [*(row["customer_id"] for row in rows["customers"]), "nobody"]
    pools: dict[str, list[Any]] = {
        "Order.orderId": orders,
        "OrderItem.orderId": [*orders, "lost"],
        "Order.customerId": customers,
        "Customer.customerId": customers,
        "Product.productId": [*(row["product_id"] for row in rows["products"]), "none"],
        "Product.productName": ["", "t", "TE"],
        "Order.orderedAt": ["1996-07-04T00:00:00Z", "2026-11-23T08:30:00.123456Z"],
    }
    return documents(shop.oracle.reference, pools)


modest = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def check_drawn(shop: Proof, drawn: st.SearchStrategy[Document], data: st.DataObject) -> None:
    document = data.draw(drawn)
    caller = data.draw(st.sampled_from(CALLERS))
    shop.check(caller, document, shop.ask(caller, document))


@modest
@given(data=st.data())
def test_random_documents_give_what_the_caller_may_see(
    shop: Proof, drawn: st.SearchStrategy[Document], data: st.DataObject
) -> None:
    check_drawn(shop, drawn, data)


@pytest.mark.nightly
@settings(modest, max_examples=3_000)
@given(data=st.data())
def test_many_random_documents_give_what_the_caller_may_see(
    shop: Proof, drawn: st.SearchStrategy[Document], data: st.DataObject
) -> None:
    check_drawn(shop, drawn, data)
