"""Views of a schema: as few as there are kinds of callers, and never many."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.access.rules import AccessRules
from handler.compiler.permissions import Permissions
from handler.engine import schema_views
from handler.engine.schema_views import SchemaViews
from handler.language.cost_formula import Cost, Sizes
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.settings import Settings
from handler.stores.url import DatabaseUrl

FIELDS = "\n".join(f'f{n}: Int @requiresScopes(scopes: [["s{n}"]])' for n in range(12))
SDL = f"""
type Query {{ thing(thingId: ID!): Thing }}
type Thing @public @rowAccess(field: "thingId", claim: "x", unlessScopes: [["all"]]) {{
  thingId: ID!
  {FIELDS}
}}
"""
SCHEMA = build_schema({"api.graphql": SDL})
MODEL = build_model(SCHEMA)
RULES = AccessRules(MODEL.access)


def satisfied(*scopes: str) -> int:
    principal = Principal(kind=CallerKind.TOKEN, subject="ann", scopes=frozenset(scopes))
    return RULES.grant(principal).satisfied


def made(forbidden_fields: str) -> SchemaViews:
    permissions = Permissions(SCHEMA, MODEL, RULES)
    url = DatabaseUrl(user="reader", database="d", host="h", port=1)
    settings = Settings(database_url=url, forbidden_fields=forbidden_fields)
    return SchemaViews(SCHEMA, lambda: permissions, settings, Sizes)


def test_all_callers_see_one_schema_where_nothing_is_hidden() -> None:
    found = made("error")
    assert found.find(satisfied()) is found.find(0) is found.find(satisfied("s1"))
    assert found.find(0).documents.schema is SCHEMA


def test_a_view_is_shared_by_those_who_see_the_same() -> None:
    found = made("hidden")
    some = found.find(satisfied("s1"))
    assert found.find(satisfied("s1", "other")) is some
    assert found.find(satisfied("s1", "all")) is some, "rows are no part of a schema"
    assert found.find(satisfied("s2")) is not some
    assert set(some.documents.schema.object("Thing").fields) == {"thingId", "f1"}
    everything = found.find(satisfied(*(f"s{n}" for n in range(12))))
    assert everything is found.find(RULES.grant(Principal.development()).satisfied)
    assert everything.documents.schema is SCHEMA


def test_few_views_are_kept_and_those_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_views, "MAX_PARTIAL_VIEWS", 3)
    found = made("hidden")
    used = found.find(satisfied("s0"))
    rest = [
        found.find(satisfied(f"s{n}")) for n in range(1, 12) if found.find(satisfied("s0")) is used
    ]
    assert len(rest) == 11
    assert found.find(satisfied("s11")) is rest[-1]
    assert found.find(satisfied("s1")) is not rest[0]
    assert len(found._partial) == 3


def test_what_a_view_lacks_gives_no_size_to_its_lists() -> None:
    """The SDL names an argument and a field that these callers do not have."""
    schema = build_schema(
        {
            "api.graphql": """
            type Query @public {
              words(limit: Int @requiresScopes(scopes: [["s"]])): [Word!]!
                @resolver @listSize(slicingArguments: ["limit"])
              book: Book @resolver @listSize(sizedFields: ["pages", "notes"], assumedSize: 7)
              items(first: Int @requiresScopes(scopes: [["s"]])): [Item!]! @page(default: 30)
            }
            type Word @public { text: String }
            type Book @public {
              pages: [Word!]!
              notes: [Word!]! @requiresScopes(scopes: [["s"]])
            }
            type Item @public { itemId: ID! }
            """
        }
    )
    model = build_model(schema)
    rules = AccessRules(model.access)
    settings = Settings(
        database_url=DatabaseUrl(user="reader", database="d", host="h", port=1),
        forbidden_fields="hidden",
    )
    sizes = Sizes(stated=model.costs, rows=model.list_sizes("Query"), list=10)
    permissions = Permissions(schema, model, rules)
    found = SchemaViews(schema, lambda: permissions, settings, lambda: sizes)
    documents = found.find(rules.grant(Principal.anonymous()).satisfied).documents
    asked = "{ words { text } book { pages { text } } items { itemId } }"
    _, operation = documents.operation(asked, None)
    cost = operation.formula.evaluate({}, page_size_max=5)
    assert cost == Cost(types=1 + 10 + 1 + 7 + 5, fields=3 + 1)
