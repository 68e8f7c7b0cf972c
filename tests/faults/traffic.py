"""Mixed reads from several environments, each answer checked in every respect."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from handler.app import App
from handler.entry import RESERVE_S

SLACK_S = RESERVE_S  # over the budget: Lambda ends an environment that uses up its reserve as well
CODES = {"TIMEOUT", "UPSTREAM_FAILED"}
DOCUMENTS = (
    "{ products(first: 5) { nodes { productName exactPrice } totalCount } }",
    '{ order(orderId: "10248") { orderRef total items { quantity product { productName } } } }',
    "{ orders(first: 3) { nodes { orderId customer { name orderCount } items { lineTotal } } } }",
    '{ customer(customerId: "ALFKI") { name orders(first: 2) { nodes { orderRef itemCount } } } }',
    '{ order(orderId: "no such order") { orderRef } }',
)


def event(document: str) -> dict[str, Any]:
    """A POST as the gateway sends it."""
    return {
        "httpMethod": "POST",
        "path": "/graphql",
        "headers": {"content-type": "application/json", "accept": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "faults", "stage": "test"},
        "body": json.dumps({"query": document}),
        "isBase64Encoded": False,
    }


@dataclass
class Traffic:
    """Requests to the environments, and what came of them."""

    apps: Sequence[App]
    expected: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    lag_s: float = 0.0  # by which the loop itself was late: all environments share its processor

    async def ask(self, app: App, document: str, budget_s: float) -> bool:
        """One request, checked in every respect. Whether it was answered without an error."""
        began = time.monotonic()
        response = await app.handle(event(document), budget_s=budget_s)
        took_s = time.monotonic() - began
        late_s = took_s - budget_s - self.lag_s
        assert late_s <= SLACK_S, f"{took_s:.3f} s of {budget_s} s, lag {self.lag_s:.3f} s"
        answer = json.loads(response["body"])
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= CODES, answer
        assert "SELECT" not in response["body"]
        if codes:
            self.counts["errors"] += 1
            _check_partial(answer.get("data"), self.expected[document])
            return False
        assert answer["data"] == self.expected[document]
        self.counts["answers"] += 1
        return True

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[Self]:
        """Learn the right answers, and watch how late the loop is from then on."""
        for document in DOCUMENTS:
            response = await self.apps[0].handle(event(document), budget_s=20)
            self.expected[document] = json.loads(response["body"])["data"]
        watch = asyncio.create_task(self._watch_lag())
        try:
            yield self
        finally:
            watch.cancel()

    async def _watch_lag(self) -> None:
        """Keep the longest time by which a timer came late; lag of long ago fades."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.01
            await asyncio.sleep(0.01)
            self.lag_s = max(self.lag_s * 0.98, loop.time() - due)


def _check_partial(data: Any, whole: Any) -> None:
    """A field of a partial answer is null or right, never a part of its rows."""
    if data is None:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            _check_partial(value, whole[key])
    elif isinstance(data, list):
        assert len(data) == len(whole)
        for value, other in zip(data, whole, strict=True):
            _check_partial(value, other)
    else:
        assert data == whole
