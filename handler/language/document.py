"""From a request's text to a checked operation with its variables.

``DocumentCache`` keeps what it has checked by the text with its literals taken out, so that a
client that pastes values into its query meets one entry. The other literals are checked against
the types of their places; what else the answer of the validation depended on is remembered, too.
The plans of later stages are kept in the entry of their document and go with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache
from msgspec import Struct, field
from msgspec.structs import replace

from handler.errors import (
    ClientError,
    DocumentSyntaxError,
    InputError,
    LimitError,
    Location,
    OperationNameError,
    RequestError,
)
from handler.language import ast
from handler.language.cost import CostModel
from handler.language.cost_formula import Cost, Formula, Sizes
from handler.language.limits import Limits
from handler.language.literals import read_literal
from handler.language.prepared import NothingPrepared, Preparation
from handler.language.schema import Schema
from handler.language.strings import string_value
from handler.language.variables import coerce_variables

if TYPE_CHECKING:
    from handler.language.lexer import Tokens

# A bit more than measured with tracemalloc: 14 KB for a document of 78 tokens, formula included.
BYTES_PER_TOKEN = 200
BYTES_PER_ENTRY = 2_000


class Operation(Struct, frozen=True):
    """One operation of a validated document. Equal ``key``s mean the same but for literals."""

    document: ast.Document
    definition: ast.OperationDefinition
    fragments: dict[str, ast.FragmentDefinition]
    key: str  # of the normal text and the name of the operation; the same in every process
    formula: Formula  # of the cost
    depth: int  # of fields, fragments followed


class BoundOperation(Struct, frozen=True):
    """What a request asks for, ready to be planned and run."""

    document: CheckedDocument
    operation: Operation
    variables: dict[str, Any]  # coerced
    literals: list[str]  # of the text at hand; the nodes of the tree number them
    locate: Callable[[int], Location]  # token number -> place in the text at hand
    cost: Cost
    page_size_max: int | None = None  # the caller's, which the cost knows

    def too_dear(self, limit: int, whose: str) -> LimitError:
        """The error for a cost over ``limit``; ``whose``: names it, such as "the limit"."""
        return self.operation.formula.refusal(
            self.cost.total, limit, whose, self.variables, self.literals, self.page_size_max
        )


class _Place(Struct):
    """A literal of a document and the scalar that it must fit."""

    node: type[ast.IntValue] | type[ast.FloatValue] | type[ast.StringValue]
    number: int
    scalar: str


class CheckedDocument(Struct):
    """A valid document, its operations by name, and what later stages keep with it."""

    text: str
    shape: str  # the text with its literals taken out
    literals: list[str]
    tree: ast.Document
    places: list[_Place]
    equal: list[tuple[int, int]]
    operations: dict[str | None, Operation]
    used_bytes: int
    plans: dict[str, Any] = field(default_factory=dict)  # by the key of an operation
    plan_bytes: int = 0


class _Documents(LRUCache[str, CheckedDocument]):
    """Documents by their shapes, bounded in bytes, and the same ones by their texts."""

    def __init__(self, capacity_bytes: int) -> None:
        super().__init__(capacity_bytes, lambda found: found.used_bytes + found.plan_bytes)
        self.by_text: dict[str, CheckedDocument] = {}

    def __setitem__(self, shape: str, document: CheckedDocument) -> None:
        super().__setitem__(shape, document)
        self.by_text[document.text] = document

    def __delitem__(self, shape: str) -> None:
        del self.by_text[self[shape].text]
        super().__delitem__(shape)


class _Locator:
    """Scans the text again for the first error that needs a place; most requests need none."""

    __slots__ = ("limits", "text", "tokens")

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.tokens: Tokens | None = None

    def __call__(self, at: int) -> Location:
        if self.tokens is None:
            from handler.language.lexer import scan

            self.tokens = scan(self.text, self.limits)
        return self.tokens.location(at)


class DocumentCache:
    """Prepares requests. Bounded by ``capacity_bytes``; the least recently used go first.

    ``introspection``: whether clients may ask for the schema; ``suggestions``: whether messages
    name what of it a request does not. ``sizes``: of lists, for the cost.
    ``preparation``: of documents that were checked before, against the same schema and with the
    same limits and sizes.
    """

    def __init__(
        self,
        schema: Schema,
        limits: Limits,
        *,
        introspection: bool = True,
        suggestions: bool = True,
        sizes: Sizes | None = None,
        capacity_bytes: int = 8 * 1024 * 1024,
        preparation: Preparation | None = None,
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.introspection = introspection
        self.suggestions = suggestions
        self.costs = CostModel(schema, sizes or Sizes(), suggestions=suggestions)
        self._preparation = preparation or NothingPrepared()
        self._documents = _Documents(capacity_bytes)

    def prepare(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, Any],
        page_size_max: int | None = None,
    ) -> BoundOperation:
        """Check a request. Raises ``RequestError`` for whatever refuses it before it runs.

        ``page_size_max``: the largest page for this caller.
        """
        document, literals = self._document(text)
        operation = self._operation(document, operation_name)
        locate = _Locator(text, self.limits)
        variables = coerce_variables(
            self.schema,
            operation.definition,
            raw_variables,
            literals=literals,
            locate=locate,
            suggestions=self.suggestions,
        )
        try:
            cost = operation.formula.evaluate(variables, literals, page_size_max)
        except InputError as error:
            raise RequestError([error]) from error
        prepared = BoundOperation(
            document, operation, variables, literals, locate, cost, page_size_max
        )
        if cost.total > self.limits.cost:
            raise RequestError([prepared.too_dear(self.limits.cost, "the limit")])
        return prepared

    def operation(self, text: str, operation_name: str | None) -> tuple[CheckedDocument, Operation]:
        """A checked operation of a document, without any variables. Raises ``RequestError``."""
        document, _ = self._document(text)
        return document, self._operation(document, operation_name)

    def make_room(self, document: CheckedDocument, plan_bytes: int) -> bool:
        """Count so many bytes more that are to be kept in ``document.plans``.

        False if nothing can be kept with this document. Where its plans take more than half of the
        room of all documents, those that are there go: a client has drawn too many shapes.
        """
        if document.plan_bytes + plan_bytes > self._documents.maxsize // 2:
            document.plans.clear()
            document.plan_bytes = 0
        most = self._documents.maxsize - document.used_bytes
        if self._documents.get(document.shape) is not document or plan_bytes > most:
            return False
        document.plan_bytes += plan_bytes
        self._documents[document.shape] = document  # it weighs more now: others may have to go
        return True

    def _document(self, text: str) -> tuple[CheckedDocument, list[str]]:
        try:
            return self._find(text)
        except ClientError as error:
            raise RequestError([error]) from error

    def _find(self, text: str) -> tuple[CheckedDocument, list[str]]:
        found = self._documents.by_text.get(text)
        if found is not None:
            return self._documents[found.shape], found.literals
        if len(text) <= self.limits.characters:
            known: CheckedDocument | None = self._preparation.find(_document_key(text))
            if known is not None:
                # Blanks at the ends make another text of the same tokens. No normal text is the
                # same as this one unless it is its own, so it serves as the shape, too.
                known.text = known.shape = text
                self._keep(known)
                return known, known.literals
        # Late: a function that is asked for listed operations alone reads no document.
        from handler.language.lexer import find_unsafe, normalize, scan

        if len(text) > self.limits.characters or find_unsafe(text):
            scan(text, self.limits)  # raises the error
        shape, literals = normalize(text)
        found = self._documents.get(shape)
        if found is None:
            found = self._check(text, shape)
            self._keep(found)
            return found, found.literals
        if _fits(found, literals):
            return found, literals
        # Wrong literals, and then this raises; or literals that are equal though written otherwise.
        found = self._check(text, shape)
        return found, found.literals

    def _check(self, text: str, shape: str) -> CheckedDocument:
        from handler.language.lexer import scan
        from handler.language.operation_size import find_excess, measure
        from handler.language.parser import parse_document
        from handler.language.validation import examine

        tokens = scan(text, self.limits)
        document = parse_document(tokens)
        excess: list[ClientError] = []
        for definition in document.operations:
            name = f'Operation "{definition.name}"' if definition.name else "The operation"
            excess += find_excess(measure(definition, document.fragments), self.limits, name)
        if excess:
            raise RequestError(excess[: self.limits.errors])
        report = examine(
            self.schema,
            document,
            tokens,
            suggestions=self.suggestions,
            introspection=self.introspection,
            limits=self.limits,
        )
        if report.errors:
            raise RequestError(report.errors)
        places = [
            _Place(type(node), node.literal, scalar)
            for node, scalar in report.literal_types
            if isinstance(node, ast.IntValue | ast.FloatValue | ast.StringValue)
        ]
        used_bytes = BYTES_PER_ENTRY + BYTES_PER_TOKEN * tokens.count + 2 * len(text)
        return CheckedDocument(
            text, shape, tokens.literals, document, places, report.equal_literals, {}, used_bytes
        )

    def _keep(self, document: CheckedDocument) -> None:
        if document.used_bytes <= self._documents.maxsize:
            # One may be here: a text with a comment leaves the normal text that is a prepared one.
            self._documents.pop(document.shape, None)
            self._documents[document.shape] = document

    def _operation(self, document: CheckedDocument, name: str | None) -> Operation:
        """Source: https://spec.graphql.org/September2025/#GetOperation()"""
        found = document.operations.get(name)
        if found is not None:
            return found
        candidates = document.tree.operations
        if name is not None:
            candidates = [each for each in candidates if each.name == name]
        if len(candidates) != 1:
            raise RequestError([_unknown_operation(document.tree, name)])
        from handler.language.operation_size import measure

        definition = candidates[0]
        identity = f"{definition.name or ''}\x00{document.shape}".encode()
        found = document.operations[definition.name] = document.operations[name] = Operation(
            document.tree,
            definition,
            document.tree.fragments,
            hashlib.blake2b(identity, digest_size=16).hexdigest(),
            self.costs.compile(definition, document.tree.fragments),
            measure(definition, document.tree.fragments).depth,
        )
        bare = replace(document, plans={}, plan_bytes=0)
        self._preparation.made(_document_key(document.text), bare)
        return found


def _document_key(text: str) -> tuple[str, str]:
    """Of a prepared document. Editors end a file with a new line, which clients do not send."""
    return ("document", text.strip(" \t\r\n"))


def _unknown_operation(document: ast.Document, name: str | None) -> OperationNameError:
    if not document.operations:
        return OperationNameError("Must provide an operation.")
    if name is None:
        return OperationNameError(
            "Must provide operation name if query contains multiple operations."
        )
    return OperationNameError(f'Unknown operation named "{name[:100]}".')


def _fits(document: CheckedDocument, literals: Sequence[str]) -> bool:
    """Whether other literals in the places of the document's own are valid, too."""
    if len(literals) != len(document.literals):
        return False
    for left, right in document.equal:
        if literals[left] != literals[right]:
            return False
    try:
        for raw in literals:
            if "\\" in raw:
                string_value(raw)  # descriptions have no place below, but may have bad escapes
        for place in document.places:
            raw = literals[place.number]
            if place.node is ast.StringValue:
                if place.scalar in ("String", "ID"):
                    continue
                node: ast.Value = ast.StringValue(string_value(raw), 0, place.number)
            elif place.node is ast.IntValue:
                node = ast.IntValue(raw, 0, place.number)
            else:
                node = ast.FloatValue(raw, 0, place.number)
            read_literal(place.scalar, node)
    except (InputError, DocumentSyntaxError):
        return False
    return True
