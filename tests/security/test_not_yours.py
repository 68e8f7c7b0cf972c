"""What is not yours cannot be told from what is not there: not by the answer, nor by its making.

The same statements are sent for both, as many and of the same shape, and the answers are the same
byte by byte. Times are compared at night.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import CallerKind, Principal
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.handler.http.events import GRAPHQL_RESPONSE, proxy_event
from tests.integration.servers import fetch_rows
from tests.security.victims import Victim, listen_to
from tests.security.wire import shape

ME, OTHER, NOBODY = "VINET", "HANAR", "XXXXX"
NO_ORDER = "99999"
CALLER = Principal(
    kind=CallerKind.TOKEN,
    subject="me",
    issuer="https://issuer.example",
    scopes=frozenset(("orders:read",)),
    claims={"customer_id": ME},
)
BY_ORDER = (
    "query ($id: ID!) { order(orderId: $id) { orderId } }",
    "query ($id: ID!) { order(orderId: $id) { total itemCount customer { name orderCount }"
    " items { lineTotal product { productName } order { orderRef } } } }",
    "query ($id: ID!) { orderItems(orderId: $id) { quantity product { productName } } }",
    "query ($id: ID!) { a: order(orderId: $id) { orderRef } b: orderItems(orderId: $id)"
    " { orderId } products(first: 2) { nodes { productName } totalCount } }",
)
BY_CUSTOMER = (
    "query ($id: ID!) { customer(customerId: $id) { name } }",
    "query ($id: ID!) { customer(customerId: $id) { orderCount orders(first: 2)"
    " { nodes { total items { quantity } } totalCount pageInfo { hasNextPage } } } }",
    "query ($id: ID!) { orders(customerId: $id, first: 3)"
    " { nodes { orderId } totalCount pageInfo { hasNextPage hasPreviousPage } } }",
    "query ($id: ID!) { orders(customerId: $id, last: 3) { edges { cursor } totalCount } }",
)


@pytest.fixture(scope="module", params=["without a cache", "with a cache"])
def api(
    request: pytest.FixtureRequest,
    mariadb: MariaDb,
    northwind_database: DatabaseUrl,
) -> Iterator[Victim]:
    cache_url = ""
    if request.param == "with a cache":
        cache_url = request.getfixturevalue("redis_server").url
    with listen_to(mariadb, northwind_database, sdl_dir=SDL, cache_url=cache_url) as api:
        yield api


@pytest.fixture(scope="module")
def not_my_order(northwind_database: DatabaseUrl) -> str:
    """An order that somebody else has placed."""
    question = "SELECT order_id FROM orders WHERE customer_id = %s ORDER BY order_id LIMIT 1"
    ((found,),) = fetch_rows(northwind_database, question, OTHER)
    return str(found)


def event_of(document: str, id_: str) -> dict[str, Any]:
    headers = {"Accept": GRAPHQL_RESPONSE, "Content-Type": "application/json"}
    event = proxy_event(headers=headers, body={"query": document, "variables": {"id": id_}})
    attested = {"principalId": CALLER.principal_id, **CALLER.context()}
    return event | {"requestContext": {**event["requestContext"], "authorizer": attested}}


def asked(api: Victim, document: str, id_: str) -> tuple[object, list[str]]:
    """The whole response, and the shapes of the statements in their order."""
    api.wire.take()
    work = api.app.handle(event_of(document, id_), budget_s=30.0)
    response = api.loop.run_until_complete(work)
    headers = response["headers"]
    # How long an answer is kept is drawn at random, so that not all end together.
    headers["cache-control"] = re.sub(r"max-age=\d+", "max-age", headers["cache-control"])
    return response, sorted(shape(each) for each in api.wire.take())


@pytest.mark.parametrize("document", BY_ORDER)
def test_order_of_somebody_else_is_as_one_that_does_not_exist(
    api: Victim, not_my_order: str, document: str
) -> None:
    for _ in range(2):  # the second time a cache may know
        theirs, sent_for_theirs = asked(api, document, not_my_order)
        none, sent_for_none = asked(api, document, NO_ORDER)
        assert theirs == none
        assert sent_for_theirs == sent_for_none


@pytest.mark.parametrize("document", BY_CUSTOMER)
def test_somebody_else_is_as_one_who_does_not_exist(api: Victim, document: str) -> None:
    for _ in range(2):
        theirs, sent_for_theirs = asked(api, document, OTHER)
        none, sent_for_none = asked(api, document, NOBODY)
        assert theirs == none
        assert sent_for_theirs == sent_for_none


@pytest.mark.parametrize("document", BY_CUSTOMER)
def test_my_own_is_another_answer(api: Victim, document: str) -> None:
    """So the comparison has something to tell apart."""
    assert asked(api, document, ME)[0] != asked(api, document, NOBODY)[0]


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("document", "there", "not_there"),
    [(BY_ORDER[1], None, NO_ORDER), (BY_CUSTOMER[1], OTHER, NOBODY)],
)
def test_times_do_not_tell_them_apart(
    api: Victim, not_my_order: str, document: str, there: str | None, not_there: str
) -> None:
    """The two differ by less than two requests for one and the same thing do.

    What is left is the server's: it reads a row and drops it, or finds none.
    """
    ids = {True: there or not_my_order, False: not_there}
    times: dict[bool, list[float]] = {True: [], False: []}
    chance = random.Random(3)
    for _ in range(50):
        for id_ in ids.values():
            asked(api, document, id_)
    for _ in range(3_000):
        which = chance.random() < 0.5
        event = event_of(document, ids[which])
        began = time.perf_counter()
        api.loop.run_until_complete(api.app.handle(event, budget_s=30.0))
        times[which].append(time.perf_counter() - began)
    (low, theirs, high), (other_low, none, other_high) = (
        statistics.quantiles(each, n=4) for each in times.values()
    )
    assert abs(theirs - none) < min(high - low, other_high - other_low) / 2
    assert abs(theirs - none) < none / 10
