"""How deep, dear and large each caller may ask, through the App, on a real database."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.app import App
from handler.errors import SettingsError
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.integration.limited import (
    ANN,
    ANONYMOUS,
    KEY,
    PAGE,
    Start,
    ask,
    codes,
    event,
    patient,
    start,
)

__all__ = ["patient", "start"]  # fixtures

READER = Principal(
    kind=CallerKind.TOKEN,
    issuer="https://login",
    subject="ann",
    scopes=frozenset({"orders:read", "orders:read:all"}),
)


async def test_each_caller_has_its_own_depth_and_cost(start: Start) -> None:
    app = await start(
        "anonymous depth=2 cost=10", "token depth=3", "scope:orders:read depth=6 cost=200"
    )
    deep = "{ products(first: 1) { nodes { productName } } }"
    status, body = await ask(app, deep)
    assert (status, codes(body)) == (400, ["LIMIT_EXCEEDED"])
    (error,) = body["errors"]
    assert error["message"] == "The operation has a depth of 3; the limit of this caller is 2."
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "depth": 3, "limit": 2}
    assert (await ask(app, deep, ANN))[0] == 200
    assert (await ask(app, deep, KEY))[0] == 200  # no row meets it
    deeper = "{ orders(first: 1) { nodes { items { orderId } } } }"
    assert codes((await ask(app, deeper, ANN))[1]) == ["LIMIT_EXCEEDED"]
    assert (await ask(app, deeper, READER))[0] == 200
    dear = "{ orders(first: 150) { nodes { customer { name } } } }"
    _, body = await ask(app, dear, READER)
    (error,) = body["errors"]
    assert error["extensions"] == {
        "code": "LIMIT_EXCEEDED",
        "cost": 454.0,
        "limit": 200,
        "heaviest": [
            {"path": ["orders", "nodes", "customer"], "cost": 300.0},
            {"path": ["orders", "nodes"], "cost": 151.0},
            {"path": ["orders"], "cost": 2.0},
        ],
    }
    assert "a smaller first at orders, where it is 150" in error["message"]


async def test_a_page_that_is_smaller_for_a_caller_costs_that_caller_less(start: Start) -> None:
    app = await start("anonymous page_size=20", "token cost=50")
    document = "{ products { nodes { productName } } }"
    for who, cost in ((ANONYMOUS, 24), (KEY, 54)):
        _, body = await ask(app, document, who, cost=True)
        assert body["extensions"]["cost"]["cost"] == cost
    assert codes((await ask(app, document, ANN))[1]) == ["LIMIT_EXCEEDED"]


async def test_no_row_goes_over_what_holds_for_everybody(start: Start) -> None:
    app = await start(
        "anonymous depth=90 cost=1000000 page_size=9999",
        DOCUMENT_DEPTH_MAX="2",
        DOCUMENT_COST_MAX="20",
        PAGE_SIZE_MAX="50",
    )
    for document, code in (
        ("{ products(first: 1) { nodes { productName } } }", "LIMIT_EXCEEDED"),
        ("{ products(first: 21) { totalCount nodes { __typename } } }", "LIMIT_EXCEEDED"),
        ("{ products(first: 51) { totalCount } }", "BAD_USER_INPUT"),
    ):
        assert codes((await ask(app, document))[1]) == [code]


async def test_a_page_is_refused_in_the_words_of_the_general_limit(start: Start) -> None:
    app = await start("anonymous page_size=20", "token page_size=500")
    for first, who, largest in ((21, ANONYMOUS, 20), (201, ANN, 200)):
        for name in ("first", "last"):
            document = f"{{ products({name}: {first}) {{ totalCount }} }}"
            status, body = await ask(app, document, who)
            assert (status, codes(body)) == (400, ["BAD_USER_INPUT"])
            expected = f"Query.products: {name} must be between 0 and {largest}, got {first}"
            assert body["errors"][0]["message"] == expected
        allowed = f"{{ products(first: {largest}) {{ totalCount }} }}"
        assert (await ask(app, allowed, who))[0] == 200


async def test_a_page_without_a_size_is_no_larger_and_no_caller_gets_anothers(
    start: Start,
) -> None:
    app = await start("anonymous page_size=3", "token page_size=5")
    for who in (ANN, ANONYMOUS, KEY, ANONYMOUS, ANN, KEY):
        _, body = await ask(app, PAGE, who)
        expected = {ANONYMOUS.kind: 3, ANN.kind: 5, KEY.kind: 50}[who.kind]
        assert len(body["data"]["products"]["nodes"]) == expected


async def test_callers_with_the_same_page_share_an_answer(start: Start) -> None:
    app = await start("anonymous page_size=60", "token page_size=70")
    assert app._responses is not None
    for who in (ANONYMOUS, ANN, KEY):
        assert (await ask(app, PAGE, who))[0] == 200
    assert (app._responses.counts["miss"], app._responses.counts["hit"]) == (1, 2)


PUBLIC = ("public, max-age=300, stale-while-revalidate=300", False)
PRIVATE = ("private, max-age=300, stale-while-revalidate=300", True)


@pytest.mark.parametrize(
    ("rows", "document", "expected"),
    [
        pytest.param((), PAGE, PUBLIC, id="no-limits"),
        pytest.param(("anonymous page_size=50",), PAGE, PUBLIC, id="page-that-all-may-have"),
        pytest.param(("anonymous page_size=49",), PAGE, PRIVATE, id="default-is-cut-for-some"),
        pytest.param(
            ("token page_size=80", "scope:big page_size=49"), PAGE, PRIVATE, id="for-others"
        ),
        pytest.param(
            ("token page_size=20",),
            "{ products(first: 20) { totalCount nodes { productName } } }",
            PUBLIC,
            id="small-page",
        ),
        pytest.param(
            ("token page_size=20",),
            "{ products(last: 21) { nodes { productName } } }",
            PRIVATE,
            id="page-that-some-are-refused",
        ),
        pytest.param(
            ("token page_size=1",), '{ product(productId: "1") { productName } }', PUBLIC, id="row"
        ),
        pytest.param(("token depth=3",), PAGE, PUBLIC, id="as-deep-as-all-may-ask"),
        pytest.param(("token depth=2",), PAGE, PRIVATE, id="deeper"),
        pytest.param(("token cost=60",), PAGE, PUBLIC, id="as-dear-as-all-may-ask"),
        pytest.param(("token cost=20",), PAGE, PRIVATE, id="dearer"),
        pytest.param(("anonymous cost_per_minute=1000",), PAGE, PUBLIC, id="a-budget-is-no-answer"),
    ],
)
@pytest.mark.parametrize("who", [ANONYMOUS, ANN], ids=["anonymous", "token"])
async def test_what_some_callers_get_otherwise_is_for_no_shared_cache(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    rows: tuple[str, ...],
    document: str,
    expected: tuple[str, bool],
    who: Principal,
) -> None:
    """Whoever gets it first: a cache that stands in front would give it to the others."""
    monkeypatch.setattr("handler.cache.response_cache.JITTER", 0.0)
    app = await start(*rows)
    for _ in range(2):  # computed, and kept here
        response = await app.handle(event(document, who), budget_s=20)
        if response["statusCode"] != 200:
            assert response["headers"]["cache-control"] == "no-store"
            assert expected == PRIVATE
            return
        policy = response["headers"]["cache-control"]
        varies = "authorization" in response["multiValueHeaders"]["vary"]
        assert (policy, varies) == expected


async def test_answers_are_for_all_where_nobody_is_asked(start: Start) -> None:
    app = await start("anonymous page_size=1 depth=1 cost=1", AUTH="off", STAGE="local")
    response = await app.handle(event(PAGE), budget_s=20)
    assert response["headers"]["cache-control"] == PUBLIC[0]


async def test_nobody_is_limited_where_nobody_is_asked(start: Start) -> None:
    app = await start(
        "anonymous depth=1 cost=1 page_size=1 cost_per_minute=1",
        "token depth=1 cost=1 page_size=1 cost_per_minute=1",
        "api-key depth=1 cost=1 page_size=1 cost_per_minute=1",
        AUTH="off",
        STAGE="local",
    )
    for _ in range(3):
        _, body = await ask(app, PAGE)
        assert len(body["data"]["products"]["nodes"]) == 50


async def test_rows_that_cannot_be_kept_stop_the_start(northwind_database: DatabaseUrl) -> None:
    environ = {"DATABASE_URL": northwind_database.text(), "SDL_DIR": str(SDL)}
    # The programs that have no cache, such as migrate, are given the same settings.
    without_cache = Settings.from_environ({**environ, "CALLER_LIMITS": "token cost_per_minute=5"})
    with pytest.raises(SettingsError, match="cost_per_minute, which is counted in the cache"):
        await App.start(without_cache)
    with pytest.raises(SettingsError, match="CALLER_LIMITS number 1 names 'nobody'"):
        Settings.from_environ({**environ, "CALLER_LIMITS": "nobody cost=5"})
