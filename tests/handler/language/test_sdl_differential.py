"""Broken schemas: nothing is accepted that graphql-core refuses, and what both accept is equal."""

from __future__ import annotations

import random

import graphql
import pytest

from handler import scalars
from handler.errors import SchemaError
from handler.language.lexer import scan
from handler.language.printer import print_schema
from handler.language.schema import Schema
from handler.language.sdl import build_schema
from tests.handler.language.reference import VOCABULARY, WIDE

pytestmark = pytest.mark.slow

MUTATIONS = 800
SDL = """
schema { query: Query mutation: M }
interface Node { id: ID! a(x: Int): Node }
interface Named implements Node { id: ID! a(x: Int): Node name: String @deprecated }
type A implements Node & Named {
  id: ID! a(x: Int, y: String = "q"): A name: String @deprecated(reason: "x") }
type B implements Node { id: ID! a(x: Int): Named }
union U = A | B
enum E { X Y @deprecated }
scalar S @specifiedBy(url: "u")
input I { a: Int = 1 b: [E!] = [X] c: J d: I }
input J @oneOf { a: Int b: I }
directive @d(a: Int! = 3, e: E) repeatable on OBJECT | FIELD_DEFINITION
type Query @d(a: 1) @d(e: X) { a: A u: U e(i: I = {a: 2}, j: J): E s: S f: Float b: Boolean }
type M { x: Int }
extend type A @d { z: [E!]! }
extend enum E { Z }
extend union U = Query
"""
WORDS = scan(SDL, WIDE).texts[:-1]
OTHERS = [*WORDS, "on", "@deprecated", "null", '"t"', "Strin", "__x", "extend", "1.5", "true"]


def mutate(seed: int) -> str:
    """The SDL with a token or two dropped, doubled, swapped or replaced."""
    rng = random.Random(seed)
    words = list(WORDS)
    for _ in range(rng.choice((0, 1, 1, 2))):
        at, other = rng.randrange(len(words)), rng.randrange(len(words))
        match rng.randrange(4):
            case 0:
                del words[at]
            case 1:
                words.insert(at, words[at])
            case 2 if other < len(words):
                words[at], words[other] = words[other], words[at]
            case _:
                words[at] = rng.choice(OTHERS)
    return " ".join(words)


def build(text: str) -> Schema | None:
    try:
        return build_schema({"a.graphql": text})
    except SchemaError:
        return None


def reference_build(text: str) -> graphql.GraphQLSchema | None:
    """The schema of graphql-core, without its own directives, or None."""
    try:
        schema = graphql.build_schema(text + VOCABULARY.read_text(encoding="utf-8") + scalars.sdl())
        return None if graphql.validate_schema(schema) else schema
    except (TypeError, graphql.GraphQLError):
        return None  # its validation of default values may raise, too


def test_broken_schemas_are_refused_and_the_others_read_alike() -> None:
    accepted = 0
    for seed in range(MUTATIONS):
        text = mutate(seed)
        schema, reference = build(text), reference_build(text)
        # The reference does not check the values of directives in SDL, so it may accept more.
        assert schema is None or reference is not None, text
        if schema is not None and reference is not None:
            accepted += 1
            ours = graphql.print_schema(graphql.build_schema(print_schema(schema)))
            wanted = graphql.print_schema(reference)
            assert sorted(ours.split("\n\n")) == sorted(wanted.split("\n\n")), text
    assert MUTATIONS / 10 < accepted < MUTATIONS / 2
