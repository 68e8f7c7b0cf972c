"""The list of documents that may run: what is on it, and that all else gets the same answer."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.engine.persisted_queries import SafelistedDocuments, sha256_of
from handler.http.errors import NotListedError
from handler.http.event import HttpRequest
from handler.http.graphql import GraphqlRequest
from handler.language.operations import KnownOperation
from handler.stores.deadline import Deadline

TEXTS = ("query One {\n  a\n}\n", "query Two { b }\n", "query Three($é: ID) { c(é: $é) }")
HTTP = HttpRequest(method="POST")


def known(text: str) -> KnownOperation:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return KnownOperation("Name", text, digest, "operations/name.graphql")


listed = SafelistedDocuments(known(text) for text in TEXTS)


def find(document: str = "", document_id: str | None = None) -> str:
    request = GraphqlRequest(document=document, document_id=document_id, http=HTTP)
    return asyncio.run(listed.find(request, Deadline.after(1)))


@pytest.mark.parametrize("text", TEXTS)
def test_a_listed_text_is_named_by_itself_and_its_hash(text: str) -> None:
    for asked in (
        find(text),
        find(text.strip()),
        find(f"\r\n {text} \r\n"),
        find(document_id=sha256_of(text)),
        find(document_id=sha256_of(text.strip())),
        find(text, sha256_of(text)),
        find(text.strip(), sha256_of(text)),
    ):
        assert asked == text


def strangers() -> Iterator[tuple[str, str | None]]:
    one, two, _ = TEXTS
    yield "query One{a}", None  # the same tokens, not the same characters
    yield one.replace("\n", "\r\n"), None
    yield "# \n" + one, None
    yield one + two, None
    yield one + "\0", None
    yield "\ufeff" + one, None
    yield one.upper(), None
    yield "{ __schema { types { name } } }", None
    yield "\ud800", None
    yield "{" * 100_000, None
    yield "", "0" * 64
    yield "", sha256_of(one).upper()
    yield "", "sha512:" + sha256_of(one)
    yield "", "Name"
    yield "", one
    yield one, sha256_of(two)
    yield one, "0" * 64
    yield "query Four { d }", sha256_of("query Four { d }")
    yield "query Four { d }", sha256_of(one)


@pytest.mark.parametrize(("document", "document_id"), list(strangers()))
def test_everything_else_is_refused_in_the_same_words(
    document: str, document_id: str | None
) -> None:
    with pytest.raises(NotListedError) as raised:
        find(document, document_id)
    assert (raised.value.message, raised.value.extensions) == (NotListedError().message, {})


@given(st.sampled_from(TEXTS), st.data())
def test_a_changed_character_makes_another_document(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters())
    changed = text[:at] + new + text[at + 1 :]
    if changed.strip() == text.strip():
        return
    with pytest.raises(NotListedError):
        find(changed)
