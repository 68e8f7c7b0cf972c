"""What is prepared with the archive is what would be made anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.archive.prepare import known_grants, prepare, shapes
from handler.access.grant import Grant
from handler.compiler import collect
from handler.compiler.plan import Plan
from handler.compiler.sql import compile_facts, compile_rows
from handler.compiler.values import bind
from handler.engine.engine import Engine
from handler.engine.plans import CompiledPlan
from handler.errors import Location, RequestError, SchemaError
from handler.fields import planner
from handler.language import lexer, operations, parser, validation
from handler.language.document import BoundOperation
from handler.language.operations import load_operations
from handler.language.sdl import load_schema
from handler.settings import AUTOMATIC, HIDDEN, SAFELIST
from handler.sql.statement import Statement
from tests.aurora_graphql.archive.prepared import ROOT, settings_of
from tests.conftest import SDL as EXAMPLE

VALUES = {"first": 3, "orderId": "10248", "productId": "1", "customerId": "1"}
CLAIMS = {"customer_id": "VINET"}


def work(*given: object, **named: object) -> None:
    """Stands for what must not be done."""
    raise AssertionError("something was made that is prepared")


def statements(engine: Engine, plan: Plan, prepared: BoundOperation) -> list[Statement]:
    """All that a plan can ask the database, with some keys of parents."""
    literals, locate = prepared.literals, prepared.locate
    values = bind(plan, engine.schema, prepared.variables, literals, locate, CLAIMS)
    found: list[Statement] = []
    for batch in plan.batches:
        keys = None if batch.parent is None else [("k",) * len(batch.parent_slots)]
        if batch.reads_rows:
            found += compile_rows(plan, batch, values, keys)
        if batch.facts and batch.parent is None:
            found.append(compile_facts(plan, batch, values))
    return found


def ask_all(engine: Engine) -> list[tuple[str, Grant, BoundOperation, CompiledPlan]]:
    """Every listed operation for every known kind of caller and every shape; made by the engine."""
    found = []
    folder = EXAMPLE
    for known in load_operations(folder, load_schema(folder)):
        for satisfied in known_grants(engine):
            grant = Grant(satisfied, CLAIMS, "")
            try:
                document, operation = engine.operation(known.text, satisfied)
            except RequestError:
                continue  # hidden from this caller
            names = engine.plans(document, operation).variables
            wanted = {each.variable.name for each in operation.definition.variables}
            values = {name: value for name, value in VALUES.items() if name in wanted}
            for shape in shapes(engine.schema, operation, names):
                prepared = engine.prepare(known.text, None, values | dict(shape), grant)
                found.append((known.text, grant, prepared, engine.plan(prepared, grant)))
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"introspection": True},
        {"persisted_queries": AUTOMATIC},
        {"persisted_queries": SAFELIST},
        {"forbidden_fields": HIDDEN},
    ],
    ids=["default", "introspection", "automatic", "safelist", "hidden"],
)
def test_known_operations_are_as_if_made_anew(
    whole: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    settings = settings_of(whole, **changes)
    anew = Engine.from_sdl(settings)
    cases = ask_all(anew)
    listed = anew.list_operations()
    assert len({text for text, *_ in cases}) == len([*(EXAMPLE / "operations").iterdir()])
    assert len({grant.satisfied for _, grant, *_ in cases}) == len(known_grants(anew))
    for module, name in (
        (lexer, "scan"),
        (lexer, "normalize"),
        (parser, "parse_document"),
        (validation, "examine"),
        (planner, "compile_plan"),
        (collect, "shape_variables"),
        (operations, "load_operations"),
        (Engine, "from_sdl"),
    ):
        monkeypatch.setattr(module, name, work)
    engine = Engine.load(settings)
    assert (engine.schema, engine.model) == (anew.schema, anew.model)
    assert engine.list_operations() == listed
    for text, grant, expected, plan in cases:
        for sent in (text, text.strip()):
            prepared = engine.prepare(sent, None, expected.variables, grant)
            assert prepared.operation == expected.operation
            assert (prepared.literals, prepared.cost) == (expected.literals, expected.cost)
        found = engine.plan(prepared, grant)
        assert str(found.plan) == str(plan.plan)
        assert found.plan == plan.plan
        assert (found.key, found.policy, found.claims) == (plan.key, plan.policy, plan.claims)
        assert found.visibility.claims() == plan.visibility.claims()
        if not plan.plan.has_forbidden:
            asked = statements(engine, found.plan, prepared)
            assert asked == statements(anew, plan.plan, expected)
            assert asked


PRODUCTS_BY_NAME = (
    "SELECT t0.`product_id`, t0.`product_name`, t0.`price` FROM ("
    "(SELECT k.`product_id` FROM `products` k "
    "ORDER BY k.`product_name`, k.`product_id` LIMIT %s)) page "
    "JOIN `products` t0 ON t0.`product_id` = page.`product_id` "
    "ORDER BY t0.`product_name`, t0.`product_id` LIMIT %s"
)
PRODUCTS_BY_PREFIX = (
    "SELECT t0.`product_id`, t0.`product_name`, t0.`price` FROM ("
    "(SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id` FROM `products` k "
    "WHERE k.`product_name` LIKE %s ESCAPE '|' "
    "ORDER BY k.`product_name`, k.`product_id` LIMIT %s)) page "
    "JOIN `products` t0 ON t0.`product_id` = page.`product_id` "
    "ORDER BY t0.`product_name`, t0.`product_id` LIMIT %s"
)
COUNT_BY_NAME = "SELECT 0, (SELECT COUNT(*) FROM `products` r{})"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param(
            {"namePrefix": "C", "first": 3, "after": None},
            [
                Statement(PRODUCTS_BY_PREFIX, ("C%", 4, 4), 0),
                Statement(
                    COUNT_BY_NAME.format(" WHERE r.`product_name` LIKE %s ESCAPE '|'"), ("C%",), 0
                ),
            ],
            id="first-page-of-a-filtered-list-by-a-null-cursor",
        ),
        pytest.param(
            {"first": 3},
            [
                Statement(PRODUCTS_BY_NAME, (4, 4), 0),
                Statement(COUNT_BY_NAME.format(""), (), 0),
            ],
            id="all-that-may-be-left-out",
        ),
    ],
)
def test_a_prepared_plan_asks_what_the_operation_means(
    whole: Path, variables: dict[str, Any], expected: list[Statement]
) -> None:
    """By statements written by hand: both engines make theirs by the same code."""
    engine = Engine.load(settings_of(whole))
    grant = Grant(known_grants(engine)[-1], CLAIMS, "")
    text = (whole / "operations" / "product_list.graphql").read_text()
    prepared = engine.prepare(text, None, variables, grant)
    assert statements(engine, engine.plan(prepared, grant).plan, prepared) == expected


def test_blanks_and_comments_around_known_operations_use_up_no_cache(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its comment a text may be the very one that another entry stands under."""
    monkeypatch.setattr("handler.engine.schema_views.WHOLE_VIEW_BYTES", 200_000)
    engine = Engine.load(settings_of(whole))
    grant = Grant(known_grants(engine)[0], CLAIMS, "")
    text = (whole / "operations" / "product.graphql").read_text()
    documents = engine._views.find(grant.satisfied).documents

    def ask(document: str) -> BoundOperation:
        return engine.prepare(document, None, {"productId": "1"}, grant)

    for size in range(100):
        for sent in (f"{text}{' ' * size}#", f"{text}{' ' * size}"):
            ask(sent)
        cache = documents._documents
        kept = list(cache.values())
        assert cache.currsize == sum(each.used_bytes for each in kept) <= cache.maxsize
        assert set(map(id, cache.by_text.values())) == set(map(id, kept))
    assert ask(text).operation is ask(text).operation
    assert ask("{ products { totalCount } }").operation is not None
    assert len(documents._documents) > 20


def test_a_mistake_in_a_known_operation_has_its_place(whole: Path) -> None:
    engine = Engine.load(settings_of(whole))
    text = (whole / "operations" / "order.graphql").read_text()
    grant = Grant(known_grants(engine)[0], {}, "")
    with pytest.raises(RequestError) as raised:
        engine.prepare("\n" + text, None, {}, grant)
    (error,) = raised.value.errors
    assert "orderId" in error.message
    assert error.locations[0].line == 2


def test_an_operation_that_cannot_run_is_refused(folder: Path) -> None:
    (folder / "operations" / "bad.graphql").write_text("query Bad { nothing }")
    with pytest.raises(SchemaError, match=r"bad\.graphql:1:13"):
        prepare(settings_of(folder))


def test_the_place_of_a_literal_is_that_of_the_text_at_hand(whole: Path) -> None:
    engine = Engine.load(settings_of(whole))
    grant = Grant(known_grants(engine)[0], {}, "")
    text = (whole / "operations" / "product.graphql").read_text()
    prepared = engine.prepare(f"\n\n  {text}", None, {"productId": "1"}, grant)
    assert prepared.locate(0) == Location(3, 3)


def test_known_operations_load_no_module_that_checks_or_plans(whole: Path) -> None:
    program = """
import asyncio, json, sys
from pathlib import Path
from handler.access.principal import Principal
from handler.engine.engine import Engine
from handler.settings import Settings
from handler.stores.url import DatabaseUrl

folder = Path(sys.argv[1])
url = DatabaseUrl(user="u", database="d", host="127.0.0.1")
engine = Engine.load(Settings(database_url=url, sdl_dir=folder))
grant = engine.access.grant(Principal.anonymous())
document = (folder / "operations" / "product.graphql").read_text()
engine.plan(engine.prepare(document, None, {"productId": "1"}, grant), grant)
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, whole], cwd=ROOT, capture_output=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert "handler.language.document" in loaded
    assert not loaded & {
        "handler.fields.building",
        "handler.fields.planner",
        "handler.language.introspection",
        "handler.language.parser",
        "handler.language.sdl",
        "handler.language.validation",
        # Of the standard library, each of some milliseconds.
        "importlib.metadata",
        "tempfile",
        "zipfile",
        "zoneinfo",
    }


def test_of_a_list_of_sort_keys_none_is_planned_before_a_request(whole: Path) -> None:
    engine = Engine.from_sdl(settings_of(whole))
    text = (
        "query($s: [OrderSort!], $o: Boolean!) { orders(sort: $s) { totalCount @include(if: $o) } }"
    )
    document, operation = engine.operation(text, max(known_grants(engine)))
    names = engine.plans(document, operation).variables
    assert list(shapes(engine.schema, operation, names)) == [
        {"o": True, "s": None},
        {"o": False, "s": None},
    ]
