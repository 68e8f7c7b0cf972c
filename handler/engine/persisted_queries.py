"""Documents that are sent by their hash, and the list of those that may be sent at all.

``PERSISTED_QUERIES`` chooses one of three: ``off``, every request carries its document;
``automatic``, a document that was sent once with its hash may be asked for by the hash; and
``safelist``, the operations in the folder ``operations`` of the SDL run and nothing else does.
All of this is about texts: whatever text is found goes the same way as one that was sent.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from cachetools import LRUCache
from msgspec import Struct, field

from handler.errors import ClientError, SettingsError
from handler.http.errors import (
    NoHashesError,
    NotListedError,
    ParameterError,
    UnknownHashError,
)
from handler.http.graphql import GraphqlRequest
from handler.settings import AUTOMATIC, SAFELIST, Settings

if TYPE_CHECKING:
    from handler.engine.cost_rate_limits import Pay
    from handler.language.operations import KnownOperation
    from handler.stores.deadline import Deadline
    from handler.stores.redis.cache import Cache, RedisCache

PAID_BYTES = 100  # of a document that is kept for each unit of its caller's budget
KEPT_S = 86_400  # in the cache; a client that asks later sends the document once more
MAX_DOCUMENT_BYTES = 16_384  # of one that is kept; a larger one is sent each time
MAX_LOCAL_BYTES = 2_000_000  # of those that this process keeps
ENTRY_BYTES = 250  # of one of them beside its text
WRITE_S = 0.05  # longer than for an answer: a client that has to register twice loses more

_SHA256 = r"[0-9a-f]{64}"


class DocumentSource(Protocol):
    """Where the text of a request comes from. ``counts`` are its metrics."""

    @property
    def counts(self) -> Counter[str]:
        """What has happened how often, since the start."""

    async def find(self, request: GraphqlRequest, deadline: Deadline) -> str:
        """The document that the request asks to run.

        Raises ``HttpError`` or ``ParameterError`` where there is none.
        """

    async def keep(
        self, request: GraphqlRequest, deadline: Deadline, pay: Pay | None = None
    ) -> None:
        """The document of this request has run: it may be asked for by its hash.

        ``pay`` takes the price of keeping it out of the caller's budget, or raises
        ``ClientError``: then it is not kept, and the caller has its answer all the same.
        """


class SentDocuments(Struct):
    """Documents are sent, always."""

    counts: Counter[str] = field(default_factory=Counter)

    async def find(self, request: GraphqlRequest, deadline: Deadline) -> str:
        """See ``DocumentSource``."""
        if not request.document:
            raise NoHashesError
        return request.document

    async def keep(
        self, request: GraphqlRequest, deadline: Deadline, pay: Pay | None = None
    ) -> None:
        """See ``DocumentSource``."""


def _local_texts() -> LRUCache[str, bytes]:
    return LRUCache(MAX_LOCAL_BYTES, lambda raw: len(raw) + ENTRY_BYTES)


class AutomaticPersistedQueries(Struct):
    """Automatic persisted queries, in the cache and in this process.

    The cache is not believed: a text counts only if it has the hash that it stands under, so
    whoever writes into it can make a document unknown and nothing else. Without a cache, or with
    one that is away, a hash is known to the process that was sent the document.
    Source: https://www.apollographql.com/docs/apollo-server/performance/apq
    """

    cache: Cache | None
    counts: Counter[str] = field(default_factory=Counter)
    _local: LRUCache[str, bytes] = field(default_factory=_local_texts)  # by their hashes

    async def find(self, request: GraphqlRequest, deadline: Deadline) -> str:
        """See ``DocumentSource``."""
        digest = request.document_id
        if request.document:
            if digest is not None and digest != sha256_of(request.document):
                raise ParameterError("provided sha does not match query")
            return request.document
        if digest is None or not re.fullmatch(_SHA256, digest):
            raise UnknownHashError
        found = self._local.get(digest)
        if found is not None:
            self.counts["document local"] += 1
            return found.decode()
        text = await self._read(digest, deadline)
        if text is None:
            self.counts["document not found"] += 1
            raise UnknownHashError
        self.counts["document found"] += 1
        return text

    async def keep(
        self, request: GraphqlRequest, deadline: Deadline, pay: Pay | None = None
    ) -> None:
        """See ``DocumentSource``. ``find`` has compared the hash."""
        if not request.document or request.document_id is None:
            return
        raw = request.document.encode()
        if len(raw) > MAX_DOCUMENT_BYTES:
            self.counts["document too large"] += 1
            return
        if pay is not None and request.document_id not in self._local:
            try:
                await pay(math.ceil(len(raw) / PAID_BYTES), deadline)
            except ClientError:
                self.counts["document not paid"] += 1
                return
        self._local[request.document_id] = raw
        if self.cache is not None:
            # Also if it is there already: what stands there may be something else.
            entry = (_key(request.document_id), raw, KEPT_S * 1000)
            limit_s = min(WRITE_S, deadline.remaining_s() / 4)
            is_kept = await self.cache.finish(entry, [], limit_s)
            self.counts["document kept" if is_kept else "document not kept"] += 1

    async def _read(self, digest: str, deadline: Deadline) -> str | None:
        if self.cache is None:
            return None
        values = await self.cache.read([_key(digest)], deadline.cache_s())
        raw = values[0] if values else None
        if raw is None:
            return None
        if len(raw) > MAX_DOCUMENT_BYTES or hashlib.sha256(raw).hexdigest() != digest:
            self.counts["document broken"] += 1
            return None
        try:
            text = raw.decode()
        except UnicodeDecodeError:  # the hash of something that is no text
            self.counts["document broken"] += 1
            return None
        self._local[digest] = raw
        return text


class SafelistedDocuments:
    """The documents of a list and no others, by their hash or by their text.

    A sent text is on the list if it has the same characters as a listed one, white space at both
    ends aside: editors end a file with a new line, and clients do not send it. So a text has two
    hashes, with and without that, and both name it. What is not on the list is refused before
    anything reads it, with one answer for all reasons, after work that depends on its length only.
    """

    def __init__(self, operations: Iterable[KnownOperation]) -> None:
        self.counts: Counter[str] = Counter()
        self._by_id: dict[str, str] = {}
        for operation in operations:
            self._by_id[operation.sha256] = operation.text
            self._by_id[sha256_of(operation.text.strip())] = operation.text

    async def find(self, request: GraphqlRequest, deadline: Deadline) -> str:
        """See ``DocumentSource``."""
        asked = self._by_id.get(request.document_id) if request.document_id is not None else None
        sent = self._by_id.get(sha256_of(request.document.strip())) if request.document else None
        is_consistent = asked == sent or request.document_id is None or not request.document
        found = asked or sent
        if found is None or not is_consistent:
            self.counts["document refused"] += 1
            raise NotListedError
        return found

    async def keep(
        self, request: GraphqlRequest, deadline: Deadline, pay: Pay | None = None
    ) -> None:
        """See ``DocumentSource``. The list grows by a new archive only."""


def sha256_of(text: str) -> str:
    """The hash of a text in UTF-8, in lower case hexadecimal, as clients compute it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _key(digest: str) -> str:
    return f"aurora:document:{digest}"


def open_document_source(
    settings: Settings,
    list_operations: Callable[[], tuple[KnownOperation, ...]],
    cache: RedisCache | None,
) -> DocumentSource:
    """Where the texts of documents come from; ``list_operations`` is asked if it is the list.

    Raises ``SettingsError`` for an empty list.
    """
    if settings.persisted_queries == AUTOMATIC:
        return AutomaticPersistedQueries(cache)
    if settings.persisted_queries == SAFELIST:
        operations = list_operations()
        if not operations:
            from handler.language.files import OPERATIONS_FOLDER

            raise SettingsError(
                f"PERSISTED_QUERIES is safelist, and there is no document in the folder"
                f" {OPERATIONS_FOLDER} of SDL_DIR: nothing could be asked; write one, or set"
                f" PERSISTED_QUERIES to {AUTOMATIC} or off"
            )
        return SafelistedDocuments(operations)
    return SentDocuments()
