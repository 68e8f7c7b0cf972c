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

    def check_by_executor(self, caller: Caller, document: Document) -> None:
        """The same by Tartiflette, which goes on beside a null that rises, and so may tell more
        errors below that null."""
        expected = self.oracle.run(caller, document.text, document.variables)
        answer = self.api.run_by_executor(document.text, document.variables, caller.principal)
        assert answer.text == orjson.dumps(expected["data"]), (caller.name, document)
        told = answer.body.get("errors", [])
        wanted = errors_of(expected)
        assert set(wanted) <= set(errors_of(answer.body))
        more = [error for error in told if not set(errors_of({"errors": [error]})) <= set(wanted)]
        assert all(is_below_null(answer.body["data"], error["path"]) for error in more)

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


def is_below_null(data: Any, path: list[str | int]) -> bool:
    """Whether a null above the path hides what happened there."""
    for part in path[:-1]:
        if data is None:
            return True
        data = data[part]
    return data is None


def errors_of(body: dict[str, Any]) -> list[str]:
    """Where errors are, and what they say."""
    return sorted(f"{error['path']}: {error['message']}" for error in body.get("errors", []))
