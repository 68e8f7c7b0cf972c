"""The documents of clients beside the SDL: what they are, and which mistakes are found where."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from handler.errors import SchemaError
from handler.language.limits import Limits
from handler.language.operations import KnownOperation, check_operations, load_operations
from handler.language.sdl import build_schema, load_schema
from tests.domains.orders import PROJECT

EXAMPLE = PROJECT / "sdl"
SCHEMA = build_schema({"a": "type Query { a(x: Int): Int b: Query }"})


def test_a_file_is_one_document_byte_for_byte(tmp_path: Path) -> None:
    text = "# of the shop's first page\nquery One { ...A }\r\nfragment A on Query { a }\n"
    (tmp_path / "operations" / "shop").mkdir(parents=True)
    (tmp_path / "operations" / "shop" / "one.graphql").write_bytes(text.encode())
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert load_operations(tmp_path, SCHEMA) == (
        KnownOperation("One", text, digest, "operations/shop/one.graphql"),
    )


def test_the_folder_is_no_sdl(tmp_path: Path) -> None:
    (tmp_path / "query.graphql").write_text("type Query { a: Int }")
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "one.graphql").write_text("query One { a }")
    assert load_schema(tmp_path) == build_schema({"query.graphql": "type Query { a: Int }"})


def test_without_the_folder_there_are_none(tmp_path: Path) -> None:
    assert load_operations(tmp_path, SCHEMA) == ()


def test_the_example_has_operations_in_the_order_of_their_files() -> None:
    found = load_operations(EXAMPLE, load_schema(EXAMPLE))
    assert [each.name for each in found] == [
        "CustomerOrders",
        "Order",
        "OrderPage",
        "Product",
        "ProductList",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "query A {\n  a(", "2:5: Syntax Error: Expected Name, found <EOF>", id="syntax"
        ),
        pytest.param("", "1:1: Syntax Error", id="empty"),
        pytest.param("query A {\n  c\n}", '2:3: Cannot query field "c"', id="no-such-field"),
        pytest.param("type Query { a: Int }", "1:1: ", id="sdl"),
        pytest.param(
            "{ a }", "1:1: The operation has no name; write `query SomeName`", id="no-name"
        ),
        pytest.param("query A { a }\nquery B { a }", "2:1: A second operation;", id="two"),
        pytest.param(
            "query A { b { b { b { a } } } }",
            '1:7: The operation "A" has a depth of 4; the limit is 3',
            id="too-deep",
        ),
        pytest.param("query A { a }" + " " * 90, "1:1: The document has 103 characters", id="long"),
        pytest.param(
            "query First { a }",
            '1:7: The operation "First" stands in operations/0.graphql, too',
            id="twice",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SchemaError) as refused:
        check_operations(
            {"operations/0.graphql": "query First { a }", "operations/x.graphql": text},
            SCHEMA,
            Limits(depth=3, characters=100),
        )
    assert str(refused.value).startswith(f"operations/x.graphql:{message}")


def test_versions_of_a_client_have_folders_of_their_own() -> None:
    sources = {
        "operations/a.graphql": "query A { a }",
        "operations/v1/a.graphql": "query A { b { a } }",
    }
    found = check_operations(sources, SCHEMA)
    assert [(each.name, each.file) for each in found] == [("A", file) for file in sources]


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "a.graphql").write_bytes(b"# caf\xe9\n")
    with pytest.raises(SchemaError, match=r"operations/a\.graphql: not UTF-8 at byte 5"):
        load_operations(tmp_path, SCHEMA)
