"""The public schema as text, and what changed since another one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import graphql
import pytest

from aurora_graphql.schema.command import compared, main, report
from aurora_graphql.schema.difference import Change, Severity, compare
from aurora_graphql.schema.former import describe
from aurora_graphql.schema.printing import client_schema, public_schema
from handler.language.sdl import build_schema

SDL = '''
"""A choir sings songs."""
type Query {
  song(songId: ID!): Song
  songs(first: Int, after: String, where: SongFilter): SongConnection! @orderBy(fields: ["title"])
}

"One song."
type Song @key(fields: "songId") {
  songId: ID!
  title: String! @filterable
  price: Decimal!
  mood: Mood
  plays: Int @deprecated(reason: "Nobody counts.")
}

enum Mood { CALM LOUD @value(column: "l") }
'''


def folder(tmp_path: Path, name: str, sdl: str, **operations: str) -> Path:
    place = tmp_path / name
    (place / "operations").mkdir(parents=True)
    (place / "api.graphql").write_text(sdl)
    for operation, text in operations.items():
        (place / "operations" / f"{operation}.graphql").write_text(text)
    return place


def test_public_schema_is_expanded_and_holds_what_operations_meet() -> None:
    text = public_schema(build_schema({"a.graphql": SDL}))
    found = client_schema(text)
    assert {
        "SongConnection",
        "SongEdge",
        "PageInfo",
        "SongFilter",
        "StringFilter",
        "Decimal",
    } <= set(found.type_map)
    assert {each.name for each in found.directives} == {
        each.name for each in graphql.specified_directives
    }
    assert "TableNames" not in found.type_map
    assert "DateTime" not in found.type_map  # nothing is one
    assert "@key" not in text
    assert '"""One song."""' in text
    assert 'plays: Int @deprecated(reason: "Nobody counts.")' in text


def test_descriptions_can_be_left_out_and_directives_kept() -> None:
    schema = build_schema({"a.graphql": SDL})
    bare = public_schema(schema, descriptions=False)
    assert '"""' not in bare
    assert (
        graphql.build_schema(bare).type_map.keys()
        == client_schema(public_schema(schema)).type_map.keys()
    )
    full = public_schema(schema, directives=True, descriptions=False)
    assert 'type Song @key(fields: "songId") {' in full
    assert "  title: String! @filterable\n" in full
    assert 'LOUD @value(column: "l")' in full
    assert "directive @key(fields: String!) repeatable on" in full
    graphql.build_schema(full)  # everything that it uses is declared


def test_codegen_gets_no_directive_of_the_vocabulary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sdl = folder(tmp_path, "sdl", SDL)
    assert main(["--sdl", str(sdl), "--for", "codegen", "--directives"]) == 0
    text = capsys.readouterr().out
    assert "scalar Decimal" in text
    assert "@key" not in text


OLD = """
type Query { song(id: ID!, deep: Boolean = false): Song  node: Node  mood: Mood }
interface Node { id: ID! }
type Song implements Node { id: ID!  title: String  plays: Int  rank(of: Int): Int }
enum Mood { CALM LOUD }
"""
NEW = """
type Query { song(id: ID!, deep: Boolean = true): Song  node: Node  mood: Mood }
interface Node { id: ID! }
type Song implements Node { id: ID!  title: String!  rank(of: Int!): Int  price: Int }
enum Mood { CALM LOUD SAD }
"""
OPERATIONS = {
    "Titles": "query Titles { song(id: 1) { title plays } }",
    "Deep": "query Deep { song(id: 1, deep: true) { rank(of: 3) } }",
    "Mood": "query Mood { mood }",
    "Elsewhere": "query Elsewhere { nobody }",
}


def test_changes_are_told_by_severity_with_the_operations_that_use_them() -> None:
    found = compare(client_schema(OLD), client_schema(NEW), OPERATIONS)
    assert set(found.of(Severity.BREAKING)) == {
        Change(Severity.BREAKING, "Field Song.plays was removed.", ("Titles",)),
        Change(
            Severity.BREAKING,
            "Argument Song.rank(of:) has changed type from Int to Int!.",
            ("Deep",),
        ),
    }
    assert set(found.of(Severity.DANGEROUS)) == {
        Change(
            Severity.DANGEROUS,
            "Query.song(deep:) has changed defaultValue from false to true.",
            ("Deep",),
        ),
        Change(Severity.DANGEROUS, "Enum value Mood.SAD was added.", ("Mood",)),
    }
    assert set(found.of(Severity.SAFE)) == {
        Change(Severity.SAFE, "Song.price was added.", ()),
        Change(Severity.SAFE, "Song.title changed type from String to String!.", ("Titles",)),
    }
    assert list(found.refused) == ["Titles"]
    assert "Cannot query field 'plays' on type 'Song'." in found.refused["Titles"]
    assert found.exit_status() == 1


def test_field_by_an_interface_is_used_of_each_type() -> None:
    new = OLD.replace("id: ID!  title", "id: String!  title").replace(
        "Node { id: ID! }", "Node { id: String! }"
    )
    found = compare(client_schema(OLD), client_schema(new), {"Ids": "query Ids { node { id } }"})
    assert {each.text: each.operations for each in found.of(Severity.BREAKING)} == {
        "Field Node.id changed type from ID! to String!.": ("Ids",),
        "Field Song.id changed type from ID! to String!.": ("Ids",),
    }


@pytest.mark.parametrize(
    ("new", "fail_on", "status"),
    [
        pytest.param(OLD, Severity.DANGEROUS, 0, id="nothing"),
        pytest.param(
            OLD.replace("plays: Int", "plays: Int more: Int"), Severity.DANGEROUS, 0, id="s"
        ),
        pytest.param(OLD.replace("LOUD", "LOUD SAD"), Severity.BREAKING, 0, id="dangerous-allowed"),
        pytest.param(OLD.replace("LOUD", "LOUD SAD"), Severity.DANGEROUS, 1, id="dangerous"),
        pytest.param(OLD.replace("plays: Int", ""), Severity.BREAKING, 1, id="breaking"),
    ],
)
def test_exit_status_is_for_a_pipeline(new: str, fail_on: Severity, status: int) -> None:
    found = compare(client_schema(OLD), client_schema(new))
    assert found.exit_status(fail_on=fail_on) == status


def test_old_schema_is_a_folder_a_file_or_a_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = "query Prices { song(songId: 1) { price } }"
    sdl = folder(tmp_path, "sdl", SDL, Prices=operation)
    printed = tmp_path / "old.graphql"
    printed.write_text(public_schema(build_schema({"a.graphql": SDL})))
    source = tmp_path / "source.graphql"
    source.write_text(SDL)

    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    git("add", "sdl")
    git("commit", "-qm", "first")
    older = folder(tmp_path, "older", SDL)
    (sdl / "api.graphql").write_text(SDL.replace("  price: Decimal!\n", ""))
    (sdl / "operations" / "Prices.graphql").unlink()
    for old in (str(printed), str(source), str(older), "HEAD"):
        found = compared(old, sdl)
        assert "Field Song.price was removed." in {
            each.text for each in found.of(Severity.BREAKING)
        }
        assert list(found.refused) == (["Prices"] if old == "HEAD" else [])
    monkeypatch.chdir(tmp_path)
    assert main(["diff", "HEAD"]) == 1
    assert "  Field Song.price was removed. (used by Prices)" in capsys.readouterr().out
    assert main(["diff", "no-such-thing"]) == 2
    assert "'no-such-thing' is no file, no folder and no revision" in capsys.readouterr().err


def test_same_schema_has_no_difference(tmp_path: Path) -> None:
    sdl = folder(tmp_path, "sdl", SDL)
    found = compared(str(sdl), sdl)
    assert list(report(found)) == ["nothing changed for clients"]
    assert describe(sdl).operations == {}


def test_operations_that_a_change_breaks_are_named_and_do_not_end_the_comparison(
    tmp_path: Path,
) -> None:
    """A folder whose saved operations do not fit any more is what a diff is asked about."""
    query = "query Broken { gone }"
    old = folder(tmp_path, "old", SDL.replace("type Query {", "type Query { gone: Int @resolver"))
    new = folder(tmp_path, "new", SDL, broken=query, unreadable="query {")
    found = compared(str(old), new)
    assert list(found.refused) == ["Broken"]
    assert found.exit_status() == 1
    assert describe(new).operations == {"Broken": query}
