"""What a function gives of a type that has a table is read from there, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import CallerKind, Principal
from handler.errors import LimitError, SchemaError
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.resolvers.given_types import GivenTypes
from tests.apis import Api, open_api
from tests.handler.compiler.plans import Compiler
from tests.handler.resolvers.zoo import SDL
from tests.integration.servers import fresh_database, run_script


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "zoo.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE owners (owner_id INT PRIMARY KEY, name VARCHAR(20))",
            "CREATE TABLE cats (cat_id INT PRIMARY KEY, name VARCHAR(20), lives INT,"
            " secret VARCHAR(20), owner_id INT)",
            "CREATE TABLE dogs (dog_id VARCHAR(9) COLLATE utf8mb4_bin PRIMARY KEY,"
            " name VARCHAR(20), keeper VARCHAR(20) COLLATE utf8mb4_bin)",
            "INSERT INTO owners VALUES (1, 'Ann')",
            "INSERT INTO cats VALUES (1, 'Tom', 9, 'hush', 1), (2, 'Kit', 7, NULL, NULL)",
            "INSERT INTO dogs VALUES ('a', 'Rex', 'ann')",
        )
        with open_api(url, folder, resolvers="tests.handler.resolvers.zoo") as api:
            yield api


def caller(scopes: str = "", **claims: str) -> Principal:
    found = frozenset(scopes.split())
    return Principal(kind=CallerKind.TOKEN, subject="ann", scopes=found, claims=claims)


ANN = caller(keeper="ann")
BOB = caller(keeper="bob")
FIELDS = (
    """{ __typename name ... on Cat { lives owner { name } } ... on Robot { owner { name } } }"""
)
TOM = {"__typename": "Cat", "name": "Tom", "lives": 9, "owner": {"name": "Ann"}}
KIT = {"__typename": "Cat", "name": "Kit", "lives": 7, "owner": None}
REX = {"__typename": "Dog", "name": "Rex"}
R2 = {"__typename": "Robot", "name": "R2", "owner": {"name": "Ann"}}
C3 = {"__typename": "Robot", "name": "C3", "owner": None}


@pytest.mark.parametrize(
    ("principal", "document", "expected", "statements"),
    [
        pytest.param(
            ANN,
            f"{{ animals {FIELDS} }}",
            {"animals": [TOM, R2, None, REX, KIT, TOM, None, C3]},
            {"cats": 1, "dogs": 1, "owners": 1},
            id="members-with-and-without-tables-a-statement-for-each-type",
        ),
        pytest.param(
            BOB,
            f"{{ animals {FIELDS} }}",
            {"animals": [TOM, R2, None, None, KIT, TOM, None, C3]},
            {"cats": 1, "dogs": 1, "owners": 1},
            id="a-row-that-the-caller-does-not-see-is-null",
        ),
        pytest.param(
            ANN,
            f'{{ cat: animal(which: "cat") {FIELDS} no: animal(which: "no row") {{ name }}'
            ' x: animal(which: "no number") { name } n: animal(which: "null key") { name }'
            ' nothing: animal(which: "?") { name } }',
            {"cat": TOM, "no": None, "x": None, "n": None, "nothing": None},
            {"cats": 3},
            id="one-and-the-keys-of-no-row",
        ),
        pytest.param(
            ANN,
            '{ animal(which: "robot") { n: name friends { name friends { __typename } } } }',
            {
                "animal": {
                    "n": "R2",
                    "friends": [
                        {
                            "name": "Tom",
                            "friends": [{"__typename": "Dog"}, {"__typename": "Robot"}],
                        },
                        {"name": "Rex", "friends": []},
                        None,
                    ],
                }
            },
            {"cats": 1, "dogs": 2},
            id="inside-of-what-is-given-and-below-the-rows",
        ),
        pytest.param(
            ANN,
            "{ things { ... on Cat { lives } ... on Owner { name cats { name } }"
            " ... on Robot { name owner { ownerId } } } }",
            {
                "things": [
                    [{"lives": 9}],
                    [],
                    None,
                    [
                        {"name": "Ann", "cats": [{"name": "Tom"}]},
                        {"name": "R2", "owner": {"ownerId": "1"}},
                    ],
                ]
            },
            {"cats": 2, "owners": 2},
            id="a-union-in-lists-of-lists",
        ),
        pytest.param(
            ANN,
            "{ page { edges { cursor node { name owner { name } } } } }",
            {
                "page": {
                    "edges": [
                        {"cursor": "1", "node": {"name": "Tom", "owner": {"name": "Ann"}}},
                        {"cursor": "2", "node": {"name": "Kit", "owner": None}},
                    ]
                }
            },
            {"cats": 1},
            id="a-connection",
        ),
        pytest.param(
            ANN,
            "{ animals { ...a } } fragment a on Animal { ...c ... on Dog { k: keeper } }"
            " fragment c on Cat { l: lives name: catId }",
            {
                "animals": [
                    {"l": 9, "name": "1"},
                    {},
                    None,
                    {"k": "ann"},
                    {"l": 7, "name": "2"},
                    {"l": 9, "name": "1"},
                    None,
                    {},
                ]
            },
            {"cats": 1, "dogs": 1},
            id="fragments-for-each-type-with-aliases",
        ),
    ],
)
def test_rows_are_read(
    api: Api,
    principal: Principal,
    document: str,
    expected: dict[str, Any],
    statements: dict[str, int],
) -> None:
    answer = api.run(document, principal=principal)
    assert answer.data == expected
    read = [
        statement.text.partition(" FROM `")[2].partition("`")[0] for statement in answer.statements
    ]
    assert {name: read.count(name) for name in sorted(set(read))} == statements


def test_rules_of_fields_hold_in_rows_of_members(api: Api) -> None:
    document = '{ animal(which: "cat") { name ... on Cat { secret } } }'
    answer = api.run(document, principal=ANN)
    assert answer.body["data"] == {"animal": {"name": "Tom", "secret": None}}
    assert [(each["code"], each["path"]) for each in answer.body["errors"]] == [
        ("FORBIDDEN", ["animal", "secret"])
    ]
    data = api.run(document, principal=caller("secrets")).data
    assert data == {"animal": {"name": "Tom", "secret": "hush"}}


def test_types_that_only_a_function_leads_to_have_tables(api: Api) -> None:
    assert set(api.engine.model.tables) == {"Cat", "Dog", "Owner"}


def test_a_type_over_a_table_needs_a_key_wherever_it_is_given() -> None:
    with pytest.raises(SchemaError, match="type Cat has no key"):
        Compiler.of(
            "type Query { all: [All] @resolver } union All = Cat | Dog"
            ' type Dog { name: String } type Cat @table(name: "cats") { name: String }'
        )


@pytest.mark.parametrize("name", ["true", "false", "null"])
def test_a_field_whose_name_tartiflette_cannot_read_is_refused_with_its_place(name: str) -> None:
    sdl = f"type Query {{ found: Answer @resolver }}\ntype Answer {{ {name}: Int }}"
    schema = build_schema({"a.graphql": sdl})
    types = GivenTypes.of(schema, build_model(schema))
    with pytest.raises(SchemaError) as told:
        types.sdl()
    assert str(told.value) == (
        f"a.graphql:2:15: Answer.{name}: a type that functions give has no field of that name; "
        "call it otherwise"
    )


@pytest.mark.slow
def test_types_that_lead_to_each_other_make_no_endless_plan() -> None:
    """Each of two types has fields of its own at every level, which doubles the places there."""
    compiler = Compiler.of(
        "type Query { any: Any @resolver } interface Any { next: Any }"
        " type One implements Any { next: Any } type Two implements Any { next: Any }"
        ' type Row implements Any @table(name: "rows") { id: ID! next: Any @resolver }'
    )

    def chain(depth: int) -> str:
        return "{ next " * depth + "{ __typename }" + " }" * depth if depth else "{ __typename }"

    def document(depth: int) -> str:
        text = "{ __typename }"
        for level in range(depth):
            text = (
                f"{{ next {text} ... on One {{ next {chain(level)} }}"
                f" ... on Two {{ next {chain(level)} }} }}"
            )
        return f"{{ any {text} }}"

    plan, _ = compiler.bound(document(3))
    assert len(plan.batches) < 100
    with pytest.raises(LimitError, match="more than 1000 combinations of types"):
        compiler.bound(document(14))
