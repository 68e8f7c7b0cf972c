"""``__schema`` and ``__type``: answered from the schema before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from handler.compiler.hints import Hints
from handler.compiler.plan import Batch, Member, Node, Plan
from handler.fields.writing import Cells, Rows
from handler.model.model import Model

if TYPE_CHECKING:
    from handler.fields.building import Builder
    from handler.fields.planner import Planner, Selected
    from handler.language import ast


class IntrospectionNode(Node, frozen=True):
    """One of the two, with all that is selected below it."""

    field: ast.Field
    is_nullable = True  # a type of another name is none

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "introspection"

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """It is not cached: to make it anew costs no more than a look-up."""
        yield None

    def write(self, rows: Rows) -> Cells:
        answer = rows.writing.introspected[self.field.response_key]
        return Cells.finished([orjson.dumps(answer)])

    def build(self, builder: Builder, member: Member, place: Any, path: Any) -> Any:
        return builder.introspected[member.key]


def plan_introspection(planner: Planner, selected: Selected) -> Node:
    """One of the two fields of the query type."""
    return IntrospectionNode(selected.merged)
