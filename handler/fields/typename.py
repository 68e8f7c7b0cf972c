"""``__typename``."""

from __future__ import annotations

from typing import Any

import orjson

from handler.compiler.plan import Batch, Node, Plan


class TypenameNode(Node, frozen=True):
    """The name of the object's type."""

    name: str

    @property
    def constant(self) -> bytes:
        return orjson.dumps(self.name)

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return repr(self.name)

    def build(self, *_: Any) -> str:
        return self.name
