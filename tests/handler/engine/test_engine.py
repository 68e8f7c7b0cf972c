"""The engine: what is cached, by what, and what a request is refused for."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from handler.access.principal import Principal
from handler.app import start_engine
from handler.engine import schema_views
from handler.engine.engine import Engine
from handler.engine.plans import CompiledPlan
from handler.errors import RequestError, SchemaError, SettingsError
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.conftest import SDL

NOWHERE = DatabaseUrl(user="u", database="d", unix_socket="/nowhere")


@pytest.fixture
def api() -> Iterator[Api]:
    """Without a database: nothing here reads rows."""
    with open_api(NOWHERE, SDL) as api:
        yield api


def compiled(api: Api, document: str, **variables: object) -> CompiledPlan:
    return api.engine.plan(
        api.engine.prepare(document, None, variables, api.development), api.development
    )


def test_plan_is_compiled_once_for_documents_that_differ_in_literals(api: Api) -> None:
    first = compiled(api, '{ orders(first: 1, customerId: "a") { totalCount } }')
    assert compiled(api, '{ orders(first: 2, customerId: "b") { totalCount } }') is first
    assert compiled(api, "{ orders(first: 1) { totalCount } }") is not first


def test_plan_is_compiled_once_for_each_shape(api: Api) -> None:
    text = "query ($a: Boolean!, $n: Int) { orders(first: $n) { totalCount @include(if: $a) } }"
    with_count = compiled(api, text, a=True, n=1)
    assert compiled(api, text, a=True, n=2) is with_count
    without = compiled(api, text, a=False)
    assert without is not with_count
    assert compiled(api, text, a=False, n=5) is without


def test_operations_of_one_document_have_plans_of_their_own(api: Api) -> None:
    text = "query A { orders { totalCount } } query B { products { totalCount } }"
    plans = [
        str(
            api.engine.plan(
                api.engine.prepare(text, name, {}, api.development), api.development
            ).plan
        )
        .splitlines()[1]
        .split()[0]
        for name in ("A", "B", "A")
    ]
    assert plans == ["orders", "products", "orders"]


@contextlib.contextmanager
def small_api(monkeypatch: pytest.MonkeyPatch, capacity_bytes: int) -> Iterator[Api]:
    monkeypatch.setattr(schema_views, "WHOLE_VIEW_BYTES", capacity_bytes)
    with open_api(NOWHERE, SDL) as api:
        yield api


def kept_documents(api: Api) -> dict[str, int]:
    """The texts that are kept, each with the number of its plans; their bytes are checked."""
    cache = api.engine._views.find(api.development.satisfied).documents._documents
    kept = list(cache.values())
    assert cache.currsize == sum(each.used_bytes + each.plan_bytes for each in kept)
    assert cache.currsize <= cache.maxsize
    return {each.text: sum(len(plans.plans) for plans in each.plans.values()) for each in kept}


def test_plans_and_documents_share_one_bound_and_go_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with small_api(monkeypatch, 100_000) as api:
        texts = [f"{{ a{n}: orders {{ totalCount }} }}" for n in range(20)]
        first = compiled(api, texts[0])
        assert compiled(api, texts[0]) is first
        for text in texts[1:]:
            compiled(api, text)
            kept = kept_documents(api)
            assert kept == dict.fromkeys(kept, 1)
        assert 5 < len(kept) < 15
        assert compiled(api, texts[0]) is not first, "the oldest went first"
        assert compiled(api, texts[-1]) is compiled(api, texts[-1])


def test_many_shapes_of_one_document_do_not_drive_out_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [f"v{n}" for n in range(6)]
    defined = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: totalCount @include(if: ${name})" for name in names)
    text = f"query ({defined}) {{ orders {{ {fields} }} }}"
    other = "{ products { totalCount } }"
    with small_api(monkeypatch, 400_000) as api:
        first = compiled(api, other)
        for chosen in range(2 ** len(names)):
            values = {name: bool(chosen >> n & 1) for n, name in enumerate(names)}
            plan = compiled(api, text, **values)
            assert compiled(api, text, **values) is plan
            kept = kept_documents(api)
            assert kept[other] == 1
            assert 1 <= kept[text] <= 4
        assert compiled(api, other) is first


def test_plan_larger_than_the_room_is_compiled_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with small_api(monkeypatch, 6_000) as api:
        text = "{ orders { totalCount } }"
        assert compiled(api, text).plan == compiled(api, text).plan
        assert kept_documents(api) == {text: 0}


@pytest.mark.parametrize(
    ("document", "variables", "code", "message"),
    [
        ("{ orders {", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED", 'Cannot query field "nothing"'),
        ("{ order { orderId } }", {}, "GRAPHQL_VALIDATION_FAILED", 'Argument "orderId" of type'),
        (
            "query ($id: ID!) { order(orderId: $id) { orderId } }",
            {},
            "BAD_USER_INPUT",
            'Variable "$id" of required type "ID!" was not provided.',
        ),
        (
            "{ orders(first: 201) { totalCount } }",
            {},
            "BAD_USER_INPUT",
            "Query.orders: first must be between 0 and 200, got 201",
        ),
        (
            '{ orders(after: "x") { totalCount } }',
            {},
            "BAD_USER_INPUT",
            "the cursor is not one of this list",
        ),
        (
            '{ orders(from: "yesterday") { totalCount } }',
            {},
            "GRAPHQL_VALIDATION_FAILED",
            "DateTime needs an RFC 3339 string",
        ),
    ],
)
def test_refused_request_has_no_data_and_asks_nothing(
    api: Api, document: str, variables: dict[str, object], code: str, message: str
) -> None:
    answer = api.run(document, variables)
    assert "data" not in answer.body
    assert answer.statements == ()
    error = answer.body["errors"][0]
    assert error["code"] == code
    assert message in error["message"]


def test_refused_argument_names_the_place_in_the_text_at_hand(api: Api) -> None:
    """The cached tree comes from another text, in which the field stood elsewhere."""
    api.engine.prepare("{ orders(first: 2) { totalCount } }", None, {}, api.development)
    answer = api.run("{\n\n   orders(first: 999) { totalCount } }")
    assert answer.body["errors"][0]["locations"] == [{"line": 3, "column": 4}]


NULL = " must not be null; leave it out to use the default."


@pytest.mark.parametrize(
    ("document", "name", "expected", "at"),
    [
        pytest.param(
            "query ($s: Boolean = true) { orders { totalCount } products @skip(if: $s)"
            " { totalCount } }",
            "s",
            "Boolean!",
            71,
            id="skip-at-the-root",
        ),
        pytest.param(
            "query ($s: Boolean = true) { orders { totalCount @include(if: $s) } }",
            "s",
            "Boolean!",
            63,
            id="include-below",
        ),
        pytest.param(
            "query ($s: Boolean = false) { orders { ...f @skip(if: $s) } }"
            " fragment f on OrderConnection { totalCount }",
            "s",
            "Boolean!",
            55,
            id="spread",
        ),
        pytest.param(
            "query ($s: Boolean = false) { ...f } fragment f on Query"
            " { orders { ... @include(if: $s) { totalCount } } }",
            "s",
            "Boolean!",
            86,
            id="inline-fragment-in-a-fragment",
        ),
        pytest.param(
            "query ($s: Boolean = false) { __schema { types { name @skip(if: $s) } } }",
            "s",
            "Boolean!",
            65,
            id="inside-of-introspection",
        ),
        pytest.param(
            'query ($n: String = "Order") { __type(name: $n) { name } }',
            "n",
            "String!",
            45,
            id="argument-of-introspection",
        ),
        pytest.param(
            'query ($n: ID = "1") { order(orderId: $n) { orderId } }',
            "n",
            "ID!",
            24,
            id="argument-which-is-placed-at-its-field",
        ),
    ],
)
def test_null_for_a_variable_with_a_default_is_refused_where_null_cannot_be(
    api: Api, document: str, name: str, expected: str, at: int
) -> None:
    answer = api.run(document, {name: None})
    assert answer.body == {
        "errors": [
            {
                "message": f'Variable "${name}" stands where the non-null type "{expected}" is'
                " expected and" + NULL,
                "locations": [{"line": 1, "column": at}],
                "code": "BAD_USER_INPUT",
            }
        ]
    }
    assert answer.statements == ()


def test_null_in_a_selection_that_is_skipped_is_never_looked_at(api: Api) -> None:
    """Its arguments are not coerced; the cost, which counts every selection, does not mind."""
    document = """
      query ($yes: Boolean!, $if: Boolean = true, $id: ID = "1", $first: Int = 5) {
        __typename
        order(orderId: $id) @skip(if: $yes) { orderId }
        orders(first: $first) @skip(if: $yes) { totalCount @include(if: $if) }
        ...f @skip(if: $yes)
      }
      fragment f on Query { __schema @include(if: $if) { queryType { name } } }
    """
    answer = api.run(document, {"yes": True, "if": None, "id": None, "first": None})
    assert answer.data == {"__typename": "Query"}


def test_schema_is_answered_without_a_database(api: Api) -> None:
    answer = api.run(
        '{ __typename __type(name: "Order") { name } x: __schema { queryType { name } } }'
    )
    assert answer.data == {
        "__typename": "Query",
        "__type": {"name": "Order"},
        "x": {"queryType": {"name": "Query"}},
    }
    assert answer.statements == ()


async def test_introspection_may_be_off() -> None:
    started = Engine.load(Settings(database_url=NOWHERE, sdl_dir=SDL))
    grant = started.access.grant(Principal.development())
    with pytest.raises(RequestError):
        started.prepare("{ __schema { queryType { name } } }", None, {}, grant)


async def test_mistake_in_the_sdl_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "bad.graphql").write_text("type Query {\n  a: A\n}\ntype A { name: String }")
    with pytest.raises(SchemaError) as caught:
        Engine.load(Settings(database_url=NOWHERE, sdl_dir=tmp_path))
    assert str(caught.value) == (
        f'{tmp_path}/bad.graphql:4:1: type A has no key; write @key(fields: "...") with the fields'
        " that identify a row, or add a field 'aId'\n    type A { name: String }\n    ^^^^^^"
    )


def test_an_answer_of_a_resolver_that_is_told_claims_depends_on_its_caller(tmp_path: Path) -> None:
    """A function may read any table, as the caller sees it: what stands at its field says less."""
    rule = '@rowAccess(field: "owner", claim: "sub")'
    sdl = """
        type Query { hello: String @public @resolver @cacheControl(maxAge: 60) own: [Own!]! }
        type Own @public @table(name: "own") RULE { ownId: ID! owner: String! }
    """
    for text, expected in ((rule, True), ("", False)):
        (tmp_path / "a.graphql").write_text(sdl.replace("RULE", text))
        engine = Engine.from_sdl(Settings(database_url=NOWHERE, sdl_dir=tmp_path))
        grant = engine.access.grant(Principal.anonymous())
        policy = engine.plan(engine.prepare("{ hello }", None, {}, grant), grant).policy
        assert policy is not None
        assert policy.depends_on_caller is expected


async def test_resolvers_without_a_module_stop_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that was built without them has no Tartiflette, either."""
    monkeypatch.setitem(sys.modules, "tartiflette", None)
    monkeypatch.delitem(sys.modules, "handler.resolvers.executor", raising=False)
    (tmp_path / "now.graphql").write_text("type Query { now: String @resolver }")
    with pytest.raises(SettingsError, match=r"the SDL has @resolver on Query\.now; set RESOLVERS"):
        await start_engine(Settings(database_url=NOWHERE, sdl_dir=tmp_path))
