"""Every way through a schema: documents made by walking it, for proofs by exhaustion.

A path is a chain of fields that give objects, from the query type on. Its document selects all
plain fields of every type that it comes through, so one document covers all shorter paths, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_required_argument

from tests.documents import Document
from tests.reference import Reference

Path: TypeAlias = tuple[str, ...]
Arguments: TypeAlias = Mapping[str, object]

FORMS = ("plain", "aliases", "fragments", "inline")


def longest_paths(reference: Reference, depth: int) -> list[Path]:
    """Every path that has ``depth`` fields or ends before."""
    query = reference.schema.query_type
    assert query is not None
    return list(_paths(query, depth))


def _paths(owner: GraphQLObjectType, depth: int) -> Iterator[Path]:
    inner = {
        name: found
        for name, field in owner.fields.items()
        if isinstance(found := get_named_type(field.type), GraphQLObjectType)
    }
    if not inner or depth == 0:
        yield ()
    for name, found in inner.items() if depth else ():
        for rest in _paths(found, depth - 1):
            yield (name, *rest)


@dataclass
class PathWriter:
    """Writes the documents of paths. ``openings``: arguments to try, by ``Type.field``."""

    reference: Reference
    openings: Mapping[str, Sequence[Arguments]]

    def document(self, path: Path, form: str, chosen: slice = slice(None)) -> Document:
        """The document of a path in one of ``FORMS``, opened in several ways at once."""
        query = self.reference.schema.query_type
        assert query is not None
        fragments: list[str] = []
        variables: dict[str, object] = {}
        root = path[0]
        parts = []
        for number, arguments in enumerate(self._openings(query, root)[chosen]):
            body = self._selections(self._given(query, root), path[1:], form, fragments, number)
            parts.append(f"r{number}: {root}{_written(arguments)} {body}")
        return Document("\n".join(["query {", *parts, "}", *fragments]), variables)

    def _given(self, owner: GraphQLObjectType, name: str) -> GraphQLObjectType:
        found = get_named_type(owner.fields[name].type)
        assert isinstance(found, GraphQLObjectType)
        return found

    def _openings(self, owner: GraphQLObjectType, name: str) -> Sequence[Arguments]:
        found = self.openings.get(f"{owner.name}.{name}")
        if found is not None:
            return found
        field = owner.fields[name]
        assert not any(map(is_required_argument, field.args.values())), f"no opening for {name}"
        return [{"first": 3}] if "first" in field.args else [{}]

    def _selections(
        self,
        owner: GraphQLObjectType,
        rest: Path,
        form: str,
        fragments: list[str],
        number: int,
    ) -> str:
        chosen = [name for name, field in owner.fields.items() if _is_plain(field)]
        written = [f"a_{name}: {name}" for name in chosen] if form == "aliases" else chosen
        if rest:
            name = rest[0]
            openings = self._openings(owner, name)
            arguments = openings[(number + len(rest)) % len(openings)]
            inner = self._selections(
                self._given(owner, name), rest[1:], form, fragments, number + 1
            )
            alias = f"b_{name}: " if form == "aliases" else ""
            written = [*written, f"{alias}{name}{_written(arguments)} {inner}"]
        body = "{ " + " ".join(written or ["__typename"]) + " }"
        if form == "fragments":
            fragment = f"F{len(fragments)}"
            fragments.append(f"fragment {fragment} on {owner.name} {body}")
            return "{ ..." + fragment + " }"
        if form == "inline":
            return f"{{ ... on {owner.name} {body} ... @include(if: true) {{ __typename }} }}"
        return body


def _is_plain(field: GraphQLField) -> bool:
    return not isinstance(get_named_type(field.type), GraphQLObjectType)


def _written(arguments: Arguments) -> str:
    if not arguments:
        return ""
    return f"({', '.join(f'{name}: {json.dumps(v)}' for name, v in arguments.items())})"


def cursor_of(reference: Reference, type_name: str, field_name: str) -> Callable[[int], str]:
    """The cursors of all rows in the order of a field, by number, whoever may see them."""
    owner = reference.schema.type_map[type_name]
    assert isinstance(owner, GraphQLObjectType)
    field = owner.fields[field_name]
    place = f"{type_name}.{field_name}"
    found = reference.all_cursors(field, reference.order(field, {}), place)
    return lambda number: found[number % len(found)]
