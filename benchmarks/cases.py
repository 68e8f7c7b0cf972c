"""The documents that the benchmarks ask for, with their variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from aurora_graphql.gateway.proxy_event import Request, build_event

DOCUMENTS = Path(__file__).with_name("documents")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One request. ``name`` is that of the file in ``folder``."""

    name: str
    title: str
    variables: Mapping[str, Any]
    folder: Path = DOCUMENTS

    @property
    def document(self) -> str:
        """The text of the document."""
        return (self.folder / f"{self.name}.graphql").read_text()

    def body(self) -> bytes:
        """That of a request."""
        return orjson.dumps({"query": self.document, "variables": self.variables})

    def event(self) -> dict[str, Any]:
        """The gateway's event for a POST of it."""
        body = self.body()
        headers = {
            "host": "api.example.com",
            "accept": "application/graphql-response+json, application/json;q=0.9",
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": "benchmark",
        }
        return build_event(
            Request(
                method="POST",
                target="/",
                headers=list(headers.items()),
                body=body,
                client="192.0.2.1",
                request_id="8f9b2b1c-7c0d-4f0e-9d0a-0b7f6f1f9a11",
                received=datetime(2026, 11, 23, tzinfo=UTC),
            )
        )


PAGE = Case(
    name="page",
    title="100 orders with customer, items and products",
    variables={"first": 100},
)
CASES = (
    PAGE,
    Case(
        name="nested",
        title="20 customers, 5 orders each, their items",
        variables={"customers": 20, "orders": 5},
    ),
    Case(name="totals", title="Counts and sums of 100 orders", variables={"first": 100}),
    Case(name="lookup", title="One order with its customer", variables={"orderId": "10643"}),
)
