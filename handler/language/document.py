"""From the text of a request to a validated operation with its variables.

``DocumentCache`` caches validated documents by their normal text, which has placeholders for
literals: a client that writes values into its documents uses one entry for all of them. Literals of
another text are checked against the scalars of their positions, and those that must be equal, so
that fields can be merged, are compared. A document's plans are cached with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
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
from handler.language.cost_formula import Cost, Formula, Sizes
from handler.language.limits import Limits
from handler.language.literals import read_literal
from handler.language.prepared import NothingPrepared, Preparation
from handler.language.schema import Schema
from handler.language.strings import string_value
from handler.language.variables import coerce_variables, with_literals

if TYPE_CHECKING:
    from handler.language.cost import CostModel
    from handler.language.lexer import Tokens

# A bit more than measured with tracemalloc: 14 KB for a document of 78 tokens, formula included.
BYTES_PER_TOKEN = 200
BYTES_PER_ENTRY = 2_000


class Operation(Struct, frozen=True):
    """One operation of a validated document. Those with equal keys differ in literals only."""

    definition: ast.OperationDefinition
    fragments: dict[str, ast.FragmentDefinition]
    key: str  # hash of the normal text and the operation's name, equal in every process
    formula: Formula  # of its cost
    depth: int  # of fields, with fragments written out


class BoundOperation(Struct, frozen=True):
    """An operation with the values of one request, ready to be planned and run."""

    document: CheckedDocument
    operation: Operation
    variables: dict[str, Any]  # coerced
    literals: list[str]  # of the request's text; the nodes of the tree have their numbers
    locate: Callable[[int], Location]  # of a token, by its number, in the request's text
    cost: Cost
    page_size_max: int | None = None  # the caller's limit, for which the cost was computed

    def cost_error(self, limit: int, whose: str) -> LimitError:
        """The error for a cost over a limit; ``whose``: names it, such as "the limit"."""
        return self.operation.formula.refusal(
            self.cost.total, limit, whose, self.variables, self.literals, self.page_size_max
        )


class CheckedDocument(Struct):
    """A validated document, its operations by name, and the plans made for them."""

    text: str
    normal_text: str  # with placeholders for literals
    literals: list[str]
    tree: ast.Document
    literal_types: list[tuple[ast.Value, str]]  # literals, and the scalars of their positions
    equal_literals: list[tuple[int, int]]  # numbers of literals that must be equal
    operations: dict[str | None, Operation]
    used_bytes: int
    plans: dict[str, Any] = field(default_factory=dict)  # by the key of an operation
    # Of the operations without variables, with the literals of this text, by the same keys; none
    # is over the limit.
    costs: dict[str, Cost] = field(default_factory=dict)
    plan_bytes: int = 0


class _Documents(LRUCache[str, CheckedDocument]):
    """Documents by their normal texts, bounded in bytes, and the same ones by their texts."""

    def __init__(self, capacity_bytes: int) -> None:
        super().__init__(capacity_bytes, lambda found: found.used_bytes + found.plan_bytes)
        self.by_text: dict[str, CheckedDocument] = {}

    def __setitem__(self, normal_text: str, document: CheckedDocument) -> None:
        super().__setitem__(normal_text, document)
        self.by_text[document.text] = document

    def __delitem__(self, normal_text: str) -> None:
        del self.by_text[self[normal_text].text]
        super().__delitem__(normal_text)


class _Locator(Struct):
    """Scans the text again for the first error with a location; most requests have none."""

    text: str
    limits: Limits
    tokens: Tokens | None = None

    def __call__(self, at: int) -> Location:
        if self.tokens is None:
            from handler.language.lexer import scan

            self.tokens = scan(self.text, self.limits)
        return self.tokens.location(at)


class DocumentCache:
    """Validated documents, at most ``capacity_bytes`` of them; evicts the least recently used.

    ``introspection``: whether clients may ask for the schema; ``suggestions``: whether messages may
    name types and fields that the document does not. ``sizes``: of lists, for the cost; made when a
    document asks for them that was not validated before. ``preparation``: holds documents that were
    validated when the archive was built, against the same schema, limits and sizes.

    >>> from handler.language.sdl import build_schema
    >>> schema = build_schema({"api.graphql": "type Query { total(of: ID!): Int }"})
    >>> documents = DocumentCache(schema, Limits())
    >>> documents.prepare("query A($id: ID!) { total(of: $id) }", "A", {"id": 7}).variables
    {'id': '7'}
    """

    def __init__(
        self,
        schema: Schema,
        limits: Limits,
        *,
        introspection: bool = True,
        suggestions: bool = True,
        sizes: Callable[[], Sizes] = Sizes,
        capacity_bytes: int = 8 * 1024 * 1024,
        preparation: Preparation | None = None,
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.introspection = introspection
        self.suggestions = suggestions
        self._sizes = sizes
        self._preparation = preparation or NothingPrepared()
        self._documents = _Documents(capacity_bytes)

    @cached_property
    def costs(self) -> CostModel:
        """What documents cost; those that were validated with the archive know it."""
        from handler.language.cost import CostModel

        return CostModel(self.schema, self._sizes(), suggestions=self.suggestions)

    def prepare(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, Any],
        page_size_max: int | None = None,
    ) -> BoundOperation:
        """The operation that a request asks for, with its variables and its cost.

        ``page_size_max``: the largest page that this caller may ask for. Raises ``RequestError``
        for a document, an operation name, variables or a cost that are refused.
        """
        document, literals = self._document(text)
        operation = document.operations.get(operation_name) or self._operation(
            document, operation_name
        )
        locate = _Locator(text, self.limits)
        variables: dict[str, Any] = {}
        if operation.definition.variables:
            variables = coerce_variables(
                self.schema,
                operation.definition,
                raw_variables,
                literals=literals,
                locate=locate,
                suggestions=self.suggestions,
            )
        is_settled = (
            not operation.definition.variables
            and literals is document.literals
            and page_size_max is None
        )
        if is_settled and operation.key in document.costs:
            cost = document.costs[operation.key]
            return BoundOperation(document, operation, variables, literals, locate, cost)
        try:
            cost = operation.formula.evaluate(variables, literals, page_size_max)
        except InputError as error:
            raise RequestError([error]) from error
        prepared = BoundOperation(
            document, operation, variables, literals, locate, cost, page_size_max
        )
        if cost.total > self.limits.cost:
            raise RequestError([prepared.cost_error(self.limits.cost, "the limit")])
        if is_settled:
            document.costs[operation.key] = cost
        return prepared

    def operation(self, text: str, operation_name: str | None) -> tuple[CheckedDocument, Operation]:
        """A document and its operation, without variables. Raises ``RequestError``."""
        document, _ = self._document(text)
        return document, self._operation(document, operation_name)

    def make_room(self, document: CheckedDocument, plan_bytes: int) -> bool:
        """Reserve so many bytes for another of ``document.plans``; False if there is no room.

        Plans that take more than half of the capacity of the cache are dropped: a client has sent
        too many combinations of variables that shape a plan.
        """
        if document.plan_bytes + plan_bytes > self._documents.maxsize // 2:
            document.plans.clear()
            document.plan_bytes = 0
        most = self._documents.maxsize - document.used_bytes
        if self._documents.get(document.normal_text) is not document or plan_bytes > most:
            return False
        document.plan_bytes += plan_bytes
        # It is larger now, so that others may be evicted.
        self._documents[document.normal_text] = document
        return True

    def _document(self, text: str) -> tuple[CheckedDocument, list[str]]:
        found = self._documents.by_text.get(text)
        if found is not None:
            return self._documents[found.normal_text], found.literals
        try:
            return self._find(text)
        except ClientError as error:
            raise RequestError([error]) from error

    def _find(self, text: str) -> tuple[CheckedDocument, list[str]]:
        if len(text) <= self.limits.characters:
            known: CheckedDocument | None = self._preparation.find(_document_key(text))
            if known is not None:
                # It may differ from the prepared text in blanks at its ends. It equals no other
                # normal text than its own, so that it can serve as one.
                known.text = known.normal_text = text
                self._keep(known)
                return known, known.literals
        # Late: a function that gets prepared documents only needs no lexer.
        from handler.language.lexer import find_unsafe, normalize, scan

        if len(text) > self.limits.characters or find_unsafe(text):
            scan(text, self.limits)  # raises the error
        normal_text, literals = normalize(text)
        found = self._documents.get(normal_text)
        if found is None:
            found = self._check(text, normal_text)
            self._keep(found)
            return found, found.literals
        if _fits(found, literals):
            return found, literals
        # Raises for wrong literals. Equal ones that are written differently are valid.
        found = self._check(text, normal_text)
        return found, found.literals

    def _check(self, text: str, normal_text: str) -> CheckedDocument:
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
        used_bytes = BYTES_PER_ENTRY + BYTES_PER_TOKEN * tokens.count + 2 * len(text)
        return CheckedDocument(
            text,
            normal_text,
            tokens.literals,
            document,
            report.literal_types,
            report.equal_literals,
            {},
            used_bytes,
        )

    def _keep(self, document: CheckedDocument) -> None:
        if document.used_bytes <= self._documents.maxsize:
            # There may be one: the normal text of a text with comments may be a prepared text.
            self._documents.pop(document.normal_text, None)
            self._documents[document.normal_text] = document

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
        identity = f"{definition.name or ''}\x00{document.normal_text}".encode()
        found = document.operations[definition.name] = document.operations[name] = Operation(
            definition,
            document.tree.fragments,
            hashlib.blake2b(identity, digest_size=16).hexdigest(),
            self.costs.compile(definition, document.tree.fragments),
            measure(definition, document.tree.fragments).depth,
        )
        bare = replace(document, plans={}, costs={}, plan_bytes=0)
        self._preparation.made(_document_key(document.text), bare)
        return found


def _document_key(text: str) -> tuple[str, str]:
    """The key of a prepared document; editors end files with a line feed, clients send none."""
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
    """Whether a document is valid with other literals in the positions of its own."""
    if len(literals) != len(document.literals):
        return False
    for left, right in document.equal_literals:
        if literals[left] != literals[right]:
            return False
    try:
        for raw in literals:
            if "\\" in raw:
                string_value(raw)  # descriptions, too, which have no type
        for node, scalar in document.literal_types:
            if not (isinstance(node, ast.StringValue) and scalar in ("String", "ID")):
                read_literal(scalar, with_literals(node, literals))
    except (InputError, DocumentSyntaxError):
        return False
    return True
