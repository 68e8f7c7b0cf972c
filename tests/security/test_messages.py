"""Without introspection no message names what of the schema the request does not name itself.

Every name of this schema is one that no message has by chance and nobody guesses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from handler.errors import RequestError
from handler.language.cost_formula import Sizes
from handler.language.document import DocumentCache
from handler.language.introspection import IntrospectionCache
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document
from handler.language.sdl import build_schema
from handler.language.validation import RULES, fields
from handler.language.validation.facts import Facts
from handler.model.costs import read_costs

SDL = """
schema { query: QvRoot subscription: QvSub }
type QvRoot {
  qvOne(qvArg: QvInput! qvPlain: Int qvEnum: QvEnum qvKey: QvKey qvList: [Int!]): QvNode
  qvText(qvNeeded: String! qvOther: String): String
  qvScalars(
    qvI: Int qvF: Float qvS: String qvB: Boolean qvId: ID qvAt: DateTime qvDay: Date
    qvMoney: Decimal qvBig: BigInt qvAny: JSON
  ): Int
  qvEither: QvEither
  qvNode: QvNode
  qvOther: QvOther
  qvSized(qvFirst: Int qvLast: Int): [QvNode] @listSize(slicingArguments: ["qvFirst", "qvLast"])
}
type QvSub { qvNews: Int qvMore: Int }
interface QvFace { qvName: String }
type QvNode implements QvFace { qvName: String qvHidden: QvEnum qvNext(qvDepth: Int!): QvNode }
type QvOther implements QvFace { qvName: String qvHidden: Int }
union QvEither = QvNode | QvOther
enum QvEnum { QV_SECRET QV_OTHER }
input QvInput { qvField: Int! qvInner: QvInner qvTags: [QvEnum!] }
input QvInner { qvDeep: String! }
input QvKey @oneOf { qvById: ID qvByName: String }
"""
SCHEMA = build_schema({"a.graphql": SDL})
SIZES = Sizes(stated=read_costs(SCHEMA))
NAMES = frozenset(re.findall(r"\b[qQ][vV]\w*", SDL))
INPUT = "qvArg: {qvField: 1}"

DOCUMENTS = [
    "{ nothing }",
    "{ qvOnee }",
    "{ qvOne }",
    "{ qvNode { qvNme } }",
    "{ qvNode { qvName { a } } }",
    "{ qvNode }",
    "{ qvNode { qvHidden { QV } } }",
    "{ qvEither { qvName } }",
    "{ qvEither { ... on QvFace { qvHidden } } }",
    "{ qvText }",
    "{ qvText(qvneeded: 1) }",
    "{ qvText(qvNeeded: 1) }",
    "{ qvText(qvNeeded: null) }",
    '{ qvText(qvNeeded: "a", qvNeeded: "b") }',
    '{ qvText @skip qvNode @include(if: "x") { qvName } }',
    "{ qvOne { qvName } }",
    "{ qvOne(qvArg: 1) { qvName } }",
    "{ qvOne(qvArg: {}) { qvName } }",
    "{ qvOne(qvArg: {qvfield: 1}) { qvName } }",
    "{ qvOne(qvArg: {qvField: null}) { qvName } }",
    '{ qvOne(qvArg: {qvField: "x"}) { qvName } }',
    "{ qvOne(qvArg: {qvField: 1, qvField: 2}) { qvName } }",
    "{ qvOne(qvArg: {qvField: 1, qvInner: {}}) { qvName } }",
    "{ qvOne(qvArg: {qvField: 1, qvInner: {qvDep: 1}}) { qvName } }",
    "{ qvOne(qvArg: {qvField: 1, qvTags: [QV]}) { qvName } }",
    '{ qvOne(qvArg: {qvField: 1, qvTags: ["QV_SECRE", null]}) { qvName } }',
    f"{{ qvOne({INPUT} qvEnum: QV_SECRE) {{ qvName }} }}",
    f'{{ qvOne({INPUT} qvEnum: "QV_SECRE") {{ qvName }} }}',
    f"{{ qvOne({INPUT} qvKey: {{}}) {{ qvName }} }}",
    f"{{ qvOne({INPUT} qvKey: {{qvById: 1, qvByName: 1}}) {{ qvName }} }}",
    f"{{ qvOne({INPUT} qvKey: {{qvById: null}}) {{ qvName }} }}",
    f"{{ qvOne({INPUT} qvKey: 1) {{ qvName }} }}",
    f"{{ qvOne({INPUT} qvList: [null, a]) {{ qvName }} }}",
    "query ($a: Int) { qvOne(qvArg: {qvField: $a}) { qvName } }",
    "query ($a: ID) { qvOne(" + INPUT + " qvKey: {qvById: $a}) { qvName } }",
    "query ($a: String) { qvOne(qvArg: $a) { qvName } }",
    "query ($a: String) { qvText(qvNeeded: $a) }",
    "query ($a: QvNode) { qvText(qvNeeded: $a) }",
    "query ($a: Qvv) { qvText(qvNeeded: $a) }",
    "query ($a: Int, $a: Int) { qvText(qvNeeded: $b) }",
    "query ($a: Int = x) { qvOne(" + INPUT + " qvPlain: $a) { qvName } }",
    "{ qvNode { qvNext { qvName } } }",
    "{ qvNode { ... on QvOther { qvName } } }",
    "{ qvNode { ... on QvEnum { qvName } } }",
    "{ qvNode { ...F } } fragment F on QvOther { qvName }",
    "{ qvNode { ...F } } fragment F on QvEnum { qvName }",
    "{ qvNode { ...F } } fragment F on QvNode { qvNext(qvDepth: 1) { ...F } }",
    "{ qvNode { ...G } } fragment F on QvNode { qvName } fragment F on QvNode { qvName }",
    "{ qvEither { ... on QvNode { a: qvHidden } ... on QvOther { a: qvHidden } } }",
    "{ a: qvNode { qvName } a: qvOther { qvName } }",
    '{ qvText(qvNeeded: "a") qvText(qvNeeded: "b") }',
    "{ __schema { types { name } } }",
    '{ __type(name: "QvNode") { name } }',
    "mutation { qvNode }",
    "subscription { qvNews qvMore }",
    "subscription { __typename }",
    "subscription S { qvNews @skip(if: true) }",
    "query A { qvNode { qvName } } query A { qvNode { qvName } }",
    "query A { qvNode { qvName } } { qvNode { qvName } }",
    "type A { a: Int } query A { qvNode { qvName } }",
    "{ qvNode @qvUnknown { qvName } }",
    "{ qvNode @deprecated { qvName } }",
    "{ qvNode @table(name: 1) { qvName } }",
    "{ qvNode @skip(if: true) @skip(if: true) { qvName } }",
    "{ qvSized { qvName } }",
    "{ qvSized(qvFirst: 1, qvLast: 1) { qvName } }",
]
# Some of these are good.
LITERALS = [
    f"{{ qvScalars({name}: {value}) }}"
    for name in ("qvI", "qvF", "qvS", "qvB", "qvId", "qvAt", "qvDay", "qvMoney", "qvBig")
    for value in ('"x"', "x", "1.5", "[1]", "{a: 1}", "99999999999999999999", "true")
]
INPUTS: list[tuple[str, Any]] = [
    ("QvInput!", None),
    ("QvInput!", 1),
    ("QvInput!", {}),
    ("QvInput!", {"qvField": None}),
    ("QvInput!", {"qvField": "x", "qvfield": 1}),
    ("QvInput!", {"qvField": 1, "qvInner": {}}),
    ("QvInput!", {"qvField": 1, "qvInner": {"qvDeep": 7}}),
    ("QvInput!", {"qvField": 1, "qvTags": ["QV_SECRE", None, 1]}),
    ("QvInput!", {"qvField": 1, "qvTags": "x"}),
]


def messages(
    document: str, variables: Mapping[str, Any] | None = None, *, suggestions: bool = False
) -> list[str]:
    """Whatever is said about a document before it runs."""
    cache = DocumentCache(
        SCHEMA, Limits(), introspection=False, suggestions=suggestions, sizes=lambda: SIZES
    )
    try:
        prepared = cache.prepare(document, None, variables or {})
    except RequestError as error:
        return [each.message for each in error.errors]
    assert not prepared.variables
    return []


def learnt(told: list[str], request: str) -> list[str]:
    """Names of the schema in messages that the request does not hold."""
    known = set(re.findall(r"\w+", request))
    words = {word for message in told for word in re.findall(r"\w+", message)}
    return sorted((words & NAMES) - known)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_refused_document_teaches_no_name(document: str) -> None:
    told = messages(document)
    assert told, "the corpus is of documents that are refused"
    assert learnt(told, document) == [], told


@pytest.mark.parametrize("document", LITERALS)
def test_wrong_literal_teaches_no_name(document: str) -> None:
    assert learnt(messages(document), document) == []


@pytest.mark.parametrize(("kind", "value"), INPUTS)
def test_refused_variables_teach_no_name(kind: str, value: Any) -> None:
    document = f"query ($a: {kind}) {{ qvOne(qvArg: $a) {{ qvName }} }}"
    told = messages(document, {"a": value})
    assert told
    assert learnt(told, f"{document} {value}") == [], told


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(["QV_SECRE"], "does not exist in this enum", id="no such value"),
        pytest.param([7], "An enum cannot represent non-string value", id="no text"),
    ],
)
def test_enum_is_not_named(value: Any, expected: str) -> None:
    document = "query ($a: QvInput!) { qvOne(qvArg: $a) { qvName } }"
    (told,) = messages(document, {"a": {"qvField": 1, "qvTags": value}})
    assert expected in told


def test_every_rule_has_a_document_here() -> None:
    spoken = set()
    for text in DOCUMENTS:
        tokens = scan(text, Limits())
        facts = Facts(SCHEMA, parse_document(tokens), tokens, limits=Limits(), suggestions=False)
        for rule in (*RULES, fields.no_introspection):
            if next(rule(facts), None) is not None:
                spoken.add(rule.__name__)
    assert spoken == {rule.__name__ for rule in (*RULES, fields.no_introspection)}


def test_with_suggestions_the_same_messages_are_more_helpful() -> None:
    """So the corpus is able to show names, if they were told."""
    named = {
        name
        for document in DOCUMENTS
        for name in learnt(messages(document, suggestions=True), document)
    }
    assert {"QvRoot", "QvInput", "QvEnum", "qvOne", "qvNeeded", "qvField", "QV_SECRET"} <= named


def test_introspection_is_answered_only_where_it_is_on() -> None:
    document = "{ __schema { types { name } } }"
    assert "turned off" in messages(document)[0]
    cache = DocumentCache(SCHEMA, Limits())
    prepared = cache.prepare(document, None, {})
    node = prepared.operation.definition.selection_set.selections[0]
    answer = IntrospectionCache(SCHEMA).answer(node, {}, {}, ())  # type: ignore[arg-type]
    assert b"QvRoot" in answer
