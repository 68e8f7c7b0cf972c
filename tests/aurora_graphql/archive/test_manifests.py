"""Lists of operations as clients' tools write and read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora_graphql.archive.manifests import FILE, import_manifest, read_manifest, write_manifest
from handler.engine.persisted_queries import sha256_of
from handler.errors import SchemaError
from handler.language.operations import load_operations
from handler.language.sdl import load_schema
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL

ONE, TWO = "query PageOne {\n  a\n}", "query Two($x: Int) { b(x: $x) { a } } # ü\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "query.graphql").write_text("type Query { a: Int b(x: Int): Query }")
    url = DatabaseUrl.parse("mysql://nobody@localhost/none")
    return Settings(database_url=url, sdl_dir=tmp_path)


def apollo(*texts: str) -> bytes:
    listed = [
        {"id": sha256_of(text), "name": "Whatever", "type": "query", "body": text} for text in texts
    ]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": listed}
    return json.dumps(manifest).encode()


def relay(*texts: str) -> bytes:
    return json.dumps({sha256_of(text): text for text in texts}).encode()


def test_the_example_is_written_as_apollo_does() -> None:
    operations = load_operations(SDL, load_schema(SDL))
    manifest = json.loads(write_manifest(operations))
    assert {key: manifest[key] for key in ("format", "version")} == {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
    }
    assert [sorted(each) for each in manifest["operations"]] == [["body", "id", "name", "type"]] * 5
    for each in manifest["operations"]:
        assert each["id"] == sha256_of(each["body"])
        assert each["body"].startswith(f"{each['type']} {each['name']}(")


def test_what_was_written_can_be_read() -> None:
    operations = load_operations(SDL, load_schema(SDL))
    texts = [each.text for each in operations]
    assert read_manifest(write_manifest(operations), FILE) == texts


@pytest.mark.parametrize("write", [apollo, relay])
def test_a_list_becomes_files_byte_for_byte(
    settings: Settings, tmp_path: Path, write: object
) -> None:
    assert callable(write)
    (tmp_path / "list.json").write_bytes(write(ONE, TWO))
    written = import_manifest(tmp_path / "list.json", settings, "ios-1.4")
    folder = tmp_path / "operations" / "ios-1.4"
    assert written == [folder / "page_one.graphql", folder / "two.graphql"]
    assert [path.read_bytes().decode() for path in written] == [ONE, TWO]
    assert import_manifest(tmp_path / "list.json", settings, "ios-1.4") == written
    found = load_operations(tmp_path, load_schema(tmp_path))
    assert [each.sha256 for each in found] == [sha256_of(ONE), sha256_of(TWO)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", r"list\.json is not JSON"),
        (b"[]", "must be Apollo's manifest, or a map"),
        (b'{"format":"other","version":1}', "must have the format apollo-persisted-query-manifest"),
        (
            b'{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}',
            "the version 1",
        ),
        (b'{"format":"apollo-persisted-query-manifest","version":1}', "a list of objects"),
        (
            b'{"format":"apollo-persisted-query-manifest","version":1,"operations":[7]}',
            "a list of objects",
        ),
        (
            b'{"format":"apollo-persisted-query-manifest","version":1,"operations":[{}]}',
            "must be a text",
        ),
        (b'{"a":7}', "must be a text"),
        (b'{"0cc175b9c0f1b6a831c399e269772661":"query A { a }"}', "is not the sha256 of its doc"),
        (relay("query A { nothing }"), r'list\.json number 1:1:11: Cannot query field "nothing"'),
        (relay("query A { a }", "query A { b { a } }"), 'The operation "A" stands in list'),
        (relay("query AB { a }", "query Ab { a }"), "would hold two documents"),
    ],
)
def test_a_list_with_a_mistake_writes_nothing(
    settings: Settings, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "list.json").write_bytes(content)
    with pytest.raises(SchemaError, match=message):
        import_manifest(tmp_path / "list.json", settings)
    assert not (tmp_path / "operations").exists()


def test_another_version_needs_another_folder(settings: Settings, tmp_path: Path) -> None:
    for number, text in enumerate(("query A { a }", "query A { b { a } }")):
        (tmp_path / f"{number}.json").write_bytes(relay(text))
    import_manifest(tmp_path / "0.json", settings)
    with pytest.raises(SchemaError, match="name another folder for this client or version"):
        import_manifest(tmp_path / "1.json", settings)
    import_manifest(tmp_path / "1.json", settings, "v2")
    assert len(load_operations(tmp_path, load_schema(tmp_path))) == 2


@pytest.mark.parametrize("folder", ["..", "a/b", "/", ".hidden", "a b"])
def test_a_folder_stays_below_operations(settings: Settings, tmp_path: Path, folder: str) -> None:
    (tmp_path / "list.json").write_bytes(relay("query A { a }"))
    with pytest.raises(SchemaError, match="is no name of a folder"):
        import_manifest(tmp_path / "list.json", settings, folder)
