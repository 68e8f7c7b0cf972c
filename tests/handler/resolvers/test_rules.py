"""Rules where Python functions answer: on the functions' fields, and inside of what they give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import CallerKind, Principal
from tests.apis import Api, open_api
from tests.handler.resolvers.pets import CALLS
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query {
  pets: [Pet!] @resolver @public
  cat: Cat @resolver
  first(why: String @requiresScopes(scopes: [["why"]])): Note @resolver
  notes: [Note!]!
}
interface Pet { name: String! friends: [Pet] }
union Animal = Cat | Dog
type Cat implements Pet @public {
  name: String!
  lives: Int @requiresScopes(scopes: [["lives"]])
  friends: [Pet]
}
type Dog implements Pet @requiresScopes(scopes: [["dogs"]]) {
  name: String!
  chip: String! @requiresScopes(scopes: [["chips"]])
  friends: [Pet]
}
type Note @table(name: "notes") @public {
  noteId: ID!
  text: String @requiresScopes(scopes: [["texts"]])
  shout(loud: Boolean @requiresScopes(scopes: [["loud"]])): String @resolver(requires: "text")
}
"""


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "pets.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE notes (note_id VARCHAR(9) COLLATE utf8mb4_bin PRIMARY KEY, text TEXT)",
            "INSERT INTO notes VALUES ('1', 'hush')",
        )
        with open_api(url, folder, resolvers="tests.handler.resolvers.pets") as api:
            CALLS.clear()
            yield api


def caller(scopes: str) -> Principal:
    found = frozenset(scopes.split())
    return Principal(kind=CallerKind.TOKEN, subject="ann", scopes=found) if found else NOBODY


NOBODY = Principal.anonymous()


@pytest.mark.parametrize(
    ("scopes", "document", "data", "errors"),
    [
        pytest.param(
            "",
            "{ pets { __typename ... on Cat { name } } }",
            {"pets": [{"__typename": "Cat", "name": "Tom"}, {"__typename": "Dog"}]},
            [],
            id="the-type-that-is-found-decides",
        ),
        pytest.param(
            "",
            "{ cat { name friends { __typename name } } }",
            {"cat": {"name": "Tom", "friends": [None, {"__typename": "Cat", "name": "Tom"}]}},
            ["UNAUTHENTICATED cat.friends.0.name Log in to read Dog.name."],
            id="a-field-of-the-interface",
        ),
        pytest.param(
            "dogs",
            "{ cat { friends { name } } }",
            {"cat": {"friends": [{"name": "Rex"}, {"name": "Tom"}]}},
            [],
            id="with-the-scope",
        ),
        pytest.param(
            "dogs",
            "{ pets { name ... on Dog { chip } } cat { lives name } }",
            {"pets": None, "cat": {"lives": None, "name": "Tom"}},
            [
                "FORBIDDEN cat.lives You may not read Cat.lives.",
                "FORBIDDEN pets.1.chip You may not read Dog.chip.",
            ],
            id="rules-of-fields",
        ),
        pytest.param(
            "",
            "{ notes { noteId text shout } }",
            {"notes": [{"noteId": "1", "text": None, "shout": "HUSH"}]},
            ["UNAUTHENTICATED notes.0.text Log in to read Note.text."],
            id="what-a-function-requires-is-the-servers-own-read",
        ),
        pytest.param(
            "",
            '{ first { noteId text } b: first(why: "x") { noteId } }',
            {"first": {"noteId": "1", "text": None}, "b": None},
            [
                "UNAUTHENTICATED b Log in to read Query.first.",
                "UNAUTHENTICATED first.text Log in to read Note.text.",
            ],
            id="rows-by-key-and-a-forbidden-argument",
        ),
        pytest.param(
            "loud",
            "{ notes { a: shout(loud: true) b: shout } }",
            {"notes": [{"a": "HUSH", "b": "HUSH"}]},
            [],
            id="an-argument-with-the-scope",
        ),
    ],
)
def test_answer(api: Api, scopes: str, document: str, data: Any, errors: list[str]) -> None:
    answer = api.run(document, principal=caller(scopes))
    told = [
        f"{error['code']} {'.'.join(map(str, error['path']))} {error['message']}"
        for error in answer.body.get("errors", [])
    ]
    assert (answer.body["data"], sorted(told)) == (data, errors)


def test_a_function_is_not_called_for_a_forbidden_field(api: Api) -> None:
    CALLS.clear()
    document = '{ first(why: "x") { noteId } notes { shout(loud: true) } }'
    answer = api.run(document, principal=NOBODY)
    assert answer.body["data"] == {"first": None, "notes": [{"shout": None}]}
    assert CALLS == []
