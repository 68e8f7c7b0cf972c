"""The fields of the line that the log has for each request, in its order.

``docs/log.md`` is printed from them. A field that is unknown, or does not apply, is not in the
line. A field is added without notice; one that goes or changes its meaning changes ``format``.
"""

from __future__ import annotations

from typing import Final

REQUEST_FIELDS: Final[dict[str, str]] = {
    "level": "`INFO`",
    "stage": "The stack, as `STAGE` names it.",
    "release": "The version of the function that wrote it, where a stack names it.",
    "message": "`request`",
    "format": "2. It grows when a field is taken away or gets another meaning.",
    "requestId": "Of API Gateway: in its access log, in `x-request-id` of the response and in the"
    " other lines about this request.",
    "invocationId": "Of Lambda: in its own `REPORT` line, with memory and restore time.",
    "traceId": "Of X-Ray, or of the trace that the caller began.",
    "start": "`cold`, `restored` (from a snapshot) or `provisioned` for the first request of an"
    " environment, `warm` for all others.",
    "operation": "The name that the document gives it, 100 characters at most.",
    "operationHash": "Of the document without its literals, and of the name: the same for all"
    " values. Its first 12 characters are in the comment of each statement.",
    "client": "The program that asks, as its header `apollographql-client-name` or"
    " `graphql-client-name` says; nothing where that is no name of a program.",
    "clientVersion": "Likewise.",
    "caller": "`token`, `api-key`, `anonymous` or `development`; never who it is.",
    "status": "Of HTTP.",
    "codes": "`extensions.code` of the errors, each once.",
    "errors": "The first five kinds of them: `code`; `path`, the names of the fields that lead to"
    " it; `cause`, the class of the exception behind it. Text and places stand in the lines"
    " `failure` with the same `requestId`.",
    "cost": "Of the operation, computed before it runs.",
    "costLimit": "The most that this caller may ask for at once.",
    "cache": "`hit`, `local`, `stale`, `coalesced`: from the response cache. `miss`: computed and"
    " kept; `bypass`: computed, the cache being away; `off`: not to be cached.",
    "statements": "Sent to the database.",
    "rows": "Read from the database.",
    "bodyBytes": "Of the response, compressed and in Base64 where it is.",
    "durationMs": "From event to response.",
    "databaseMs": "While at least one statement was under way, waiting for a connection included.",
    "cacheMs": "In the response cache, or waiting for another request that makes the same answer.",
    "handlerMs": "All the rest.",
    "counts": "Of the cache, of persisted documents and budgets, by name.",
    "cacheFailure": "Why the cache has failed, if it has.",
}
