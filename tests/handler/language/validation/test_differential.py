"""Thousands of generated documents: every rule finds the same as graphql-core's, in one place."""

from __future__ import annotations

import random
from collections import Counter

import graphql
import pytest

from handler.errors import ClientError, DocumentSyntaxError, Location
from handler.language.lexer import scan
from handler.language.parser import parse_document
from handler.language.schema import Schema
from handler.language.sdl import build_schema
from handler.language.validation import RULES
from handler.language.validation.facts import Facts
from tests.handler.language.documents import random_document
from tests.handler.language.reference import (
    WIDE,
    reference_errors,
    reference_parse,
    reference_schema,
)
from tests.handler.language.schemas import ORDERS

pytestmark = pytest.mark.slow

DOCUMENTS = 1_500
MUTATIONS = 1_000
# graphql-core does not see a one-of input in a place that is not null; ours follows the text.
ONE_OF = "for OneOf"

Places = list[tuple[tuple[int, int], ...]]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema({"orders.graphql": ORDERS})


@pytest.fixture(scope="module")
def reference() -> graphql.GraphQLSchema:
    return reference_schema(ORDERS)


def own_places(errors: list[ClientError]) -> Places:
    return sorted(
        tuple((each.line, each.column) for each in error.locations)
        for error in errors
        if ONE_OF not in error.message
    )


def reference_places(errors: list[graphql.GraphQLError]) -> Places:
    return sorted(
        tuple((each.line, each.column) for each in error.locations or ())
        for error in errors
        if ONE_OF not in error.message
    )


def reference_refusal(text: str) -> tuple[Location, ...] | None:
    """Where graphql-core finds the text ungrammatical, or None."""
    try:
        reference_parse(text)
    except graphql.GraphQLSyntaxError as error:
        return tuple(Location(each.line, each.column) for each in error.locations or ())
    return None


def own_refusal(text: str) -> tuple[Location, ...] | None:
    try:
        parse_document(scan(text, WIDE))
    except DocumentSyntaxError as error:
        return error.locations
    return None


def compare(
    schema: Schema, reference: graphql.GraphQLSchema, text: str, hits: Counter[str]
) -> None:
    refusal = own_refusal(text)
    assert refusal == reference_refusal(text), text
    if refusal is not None:
        hits["syntax"] += 1
        return
    tokens = scan(text, WIDE)
    facts = Facts(schema, parse_document(tokens), tokens, limits=WIDE, suggestions=True)
    found = {rule.__name__: list(rule(facts)) for rule in RULES}
    expected = reference_errors(reference, reference_parse(text), found)
    for name, errors in found.items():
        theirs = expected[name]
        hits[name] += bool(theirs)
        ours, wanted = own_places(errors), reference_places(theirs)
        if name == "overlapping_fields_can_be_merged":
            # One error for a conflict here, there one for each pair.
            assert bool(ours) == bool(wanted), text
            known = {place for places in wanted for place in places}
            assert {place for places in ours for place in places} <= known, text
        elif name == "known_directives":
            # One error for all unknown directives here, there one for each.
            assert bool(ours) == bool(wanted), text
            assert sorted({place for places in ours for place in places}) == sorted(
                {place for places in wanted for place in places}
            ), text
        elif name == "values_of_correct_type" and found["unique_input_field_names"]:
            assert bool(wanted) <= bool(ours), text  # of two fields of one name it takes the last
        elif () in wanted:
            assert len(ours) == len(wanted), text  # it has lost the place of some values
        else:
            assert ours == wanted, f"{name}: {text}"
    hits["valid"] += not any(found.values())


def test_generated_documents_meet_the_same_rules_in_the_same_places(
    schema: Schema, reference: graphql.GraphQLSchema
) -> None:
    hits: Counter[str] = Counter()
    for seed in range(DOCUMENTS):
        compare(schema, reference, random_document(schema, seed), hits)
    # The documents must reach the rules, and some must be right, or this proves nothing.
    assert hits["valid"] > DOCUMENTS / 10
    never = [rule.__name__ for rule in RULES if not hits[rule.__name__]]
    assert never == ["single_field_subscriptions"]  # the schema has no subscriptions


WORDS = (
    *"{}()[]:!$=@|&",
    "...",
    "on",
    "query",
    "fragment",
    "null",
    "true",
    "1",
    "1.5",
    '"text"',
    "$v0",
    "@skip(if: true)",
    "id",
    "name",
    "Order",
    "Customer",
    "__typename",
    "F0",
)


def mutate(text: str, rng: random.Random) -> str:
    """The text with one to three of its tokens dropped, doubled, swapped or replaced."""
    tokens = scan(text, WIDE)
    words = tokens.texts[:-1]
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(words))
        match rng.randrange(4):
            case 0:
                del words[at]
            case 1:
                words.insert(at, words[at])
            case 2:
                other = rng.randrange(len(words))
                words[at], words[other] = words[other], words[at]
            case _:
                words[at] = rng.choice(WORDS)
    return " ".join(words)


def test_mutated_documents_meet_the_same_rules_in_the_same_places(
    schema: Schema, reference: graphql.GraphQLSchema
) -> None:
    hits: Counter[str] = Counter()
    for seed in range(MUTATIONS):
        rng = random.Random(seed)
        compare(schema, reference, mutate(random_document(schema, seed * 3), rng), hits)
    assert MUTATIONS / 4 < hits["syntax"] < MUTATIONS * 0.9
