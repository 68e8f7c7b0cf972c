"""An API beside its oracle: every answer is what the caller may see, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from handler.cache.response_cache import ResponseCache
from tests.apis import Answer, Api
from tests.callers import Caller, Oracle
from tests.documents import Document
from tests.paths import FORMS, PathWriter, longest_paths


@dataclass(frozen=True)
class Proof:
    """One domain over rows that belong to several callers."""

    api: Api
    oracle: Oracle
    writer: PathWriter

    def ask(self, caller: Caller, document: Document, cache: ResponseCache | None = None) -> Answer:
        """Ask by the compiled way."""
        return self.api.run(
            document.text, document.variables, principal=caller.principal, cache=cache
        )

    def check(self, caller: Caller, document: Document, answer: Answer) -> None:
        """Compare with the oracle: data as bytes, errors by path and message."""
        expected = self.oracle.run(caller, document.text, document.variables)
        assert "data" in answer.body, (document, answer.body)
        assert answer.text == orjson.dumps(expected["data"]), (caller.name, document)
        assert errors_of(answer.body) == errors_of(expected)

    def check_paths(self, caller: Caller, depth: int) -> None:
        """Ask ``some_documents`` for a caller."""
        for document in self.some_documents(depth):
            self.check(caller, document, self.ask(caller, document))

    def some_documents(self, depth: int) -> Iterator[Document]:
        """Every path once: the form and two of its openings by the path's number."""
        for number, path in enumerate(longest_paths(self.oracle.reference, depth)):
            ways = len(self.writer.openings.get(f"Query.{path[0]}", ())) or 1
            first = min(number % ways, max(ways - 2, 0))
            form = FORMS[number % len(FORMS)]
            yield self.writer.document(path, form, slice(first, first + 2))

    def all_documents(self, depth: int) -> Iterator[Document]:
        """Every path in every form, with all openings."""
        for path in longest_paths(self.oracle.reference, depth):
            for form in FORMS:
                yield self.writer.document(path, form)


def errors_of(body: dict[str, Any]) -> list[str]:
    """Where errors are, and what they say."""
    return sorted(f"{error['path']}: {error['message']}" for error in body.get("errors", []))
