"""From a request's text to a checked operation with its variables.

``DocumentCache`` keeps what it has checked by the text with its literals taken out, so that a
client that pastes values into its query meets one entry. The other literals are checked against
the types of their places; what else the answer of the validation depended on is remembered, too.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

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


class _Entry(Struct):
    text: str
    shape: str
    literals: list[str]
    document: ast.Document
    places: list[_Place]
    equal: list[tuple[int, int]]
    operations: dict[str | None, Operation]
    used_bytes: int


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
    """Prepares requests. Bounded by ``capacity_bytes``; the least recently used entries go first.

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
        self.capacity_bytes = capacity_bytes
        self.used_bytes = 0
        self._preparation = preparation or NothingPrepared()
        self._by_shape: OrderedDict[str, _Entry] = OrderedDict()
        self._by_text: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._by_shape)

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
        entry, literals = self._entry(text)
        operation = self._operation(entry, operation_name)
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
        prepared = BoundOperation(operation, variables, literals, locate, cost, page_size_max)
        if cost.total > self.limits.cost:
            raise RequestError([prepared.too_dear(self.limits.cost, "the limit")])
        return prepared

    def operation(self, text: str, operation_name: str | None) -> Operation:
        """A checked operation, without any variables. Raises ``RequestError``."""
        return self._operation(self._entry(text)[0], operation_name)

    def _entry(self, text: str) -> tuple[_Entry, list[str]]:
        try:
            return self._find(text)
        except ClientError as error:
            raise RequestError([error]) from error

    def _find(self, text: str) -> tuple[_Entry, list[str]]:
        entry = self._by_text.get(text)
        if entry is not None:
            self._by_shape.move_to_end(entry.shape)
            return entry, entry.literals
        if len(text) <= self.limits.characters:
            known: _Entry | None = self._preparation.find(_document_key(text))
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
        entry = self._by_shape.get(shape)
        if entry is None:
            entry = self._check(text, shape)
            self._keep(entry)
            return entry, entry.literals
        if _fits(entry, literals):
            self._by_shape.move_to_end(shape)
            return entry, literals
        # Wrong literals, and then this raises; or literals that are equal though written otherwise.
        entry = self._check(text, shape)
        return entry, entry.literals

    def _check(self, text: str, shape: str) -> _Entry:
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
        return _Entry(
            text, shape, tokens.literals, document, places, report.equal_literals, {}, used_bytes
        )

    def _keep(self, entry: _Entry) -> None:
        if entry.used_bytes > self.capacity_bytes:
            return
        # One may be here: a text with a comment leaves the normal text that is a prepared one.
        self._drop(self._by_shape.get(entry.shape))
        self._by_shape[entry.shape] = self._by_text[entry.text] = entry
        self.used_bytes += entry.used_bytes
        while self.used_bytes > self.capacity_bytes:
            self._drop(next(iter(self._by_shape.values())))

    def _drop(self, entry: _Entry | None) -> None:
        """The one way out: an entry leaves both maps, and its bytes are given back."""
        if entry is not None:
            del self._by_shape[entry.shape]
            del self._by_text[entry.text]
            self.used_bytes -= entry.used_bytes

    def _operation(self, entry: _Entry, name: str | None) -> Operation:
        """Source: https://spec.graphql.org/September2025/#GetOperation()"""
        found = entry.operations.get(name)
        if found is not None:
            return found
        candidates = entry.document.operations
        if name is not None:
            candidates = [each for each in candidates if each.name == name]
        if len(candidates) != 1:
            raise RequestError([_unknown_operation(entry.document, name)])
        from handler.language.operation_size import measure

        definition = candidates[0]
        identity = f"{definition.name or ''}\x00{entry.shape}".encode()
        found = entry.operations[definition.name] = entry.operations[name] = Operation(
            entry.document,
            definition,
            entry.document.fragments,
            hashlib.blake2b(identity, digest_size=16).hexdigest(),
            self.costs.compile(definition, entry.document.fragments),
            measure(definition, entry.document.fragments).depth,
        )
        self._preparation.made(_document_key(entry.text), entry)
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


def _fits(entry: _Entry, literals: Sequence[str]) -> bool:
    """Whether other literals in the places of the entry's own are valid, too."""
    if len(literals) != len(entry.literals):
        return False
    for left, right in entry.equal:
        if literals[left] != literals[right]:
            return False
    try:
        for raw in literals:
            if "\\" in raw:
                string_value(raw)  # descriptions have no place below, but may have bad escapes
        for place in entry.places:
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
