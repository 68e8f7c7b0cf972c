"""Which kind of field stands behind what the model or the specification has: the one list of them.

Everything else about a kind is in its own file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from handler.compiler.plan import Node
from handler.fields.aggregate import plan_aggregate, plan_total
from handler.fields.connection import (
    plan_edges,
    plan_nodes,
    plan_total_count,
    plan_total_pages,
)
from handler.fields.cursor import plan_cursor
from handler.fields.global_id import plan_by_id, plan_global_id
from handler.fields.introspection import plan_introspection
from handler.fields.page_info import plan_page_info
from handler.fields.resolver import plan_resolver, plan_root_resolver
from handler.fields.to_many import plan_root_rows, plan_to_many
from handler.fields.to_one import plan_to_one
from handler.fields.value import plan_value
from handler.model.aggregates import Aggregate
from handler.model.column import Column
from handler.model.cursor_field import CursorField
from handler.model.global_ids import ByIdField, GlobalIdField
from handler.model.groups import GroupKey, GroupsField, GroupValue
from handler.model.lists import RowsField
from handler.model.relations import ToFirst, ToMany, ToOne
from handler.model.resolver_field import ResolverField
from handler.model.united import UnitedField

Kinds = Mapping[Any, Callable[..., Node]]

ROW_KINDS: Final[Kinds] = {
    Column: plan_value,
    GroupKey: plan_value,
    GroupValue: plan_value,
    ToOne: plan_to_one,
    ToMany: plan_to_many,
    ToFirst: plan_to_many,
    Aggregate: plan_aggregate,
    CursorField: plan_cursor,
    GlobalIdField: plan_global_id,
    ResolverField: plan_resolver,
}
ROOT_KINDS: Final[Kinds] = {
    RowsField: plan_root_rows,
    GroupsField: plan_root_rows,
    UnitedField: plan_root_rows,
    Aggregate: plan_total,
    ByIdField: plan_by_id,
    ResolverField: plan_root_resolver,
}
SCHEMA_FIELDS: Final[Kinds] = {"__schema": plan_introspection, "__type": plan_introspection}
PAGE_KINDS: Final[Kinds] = {
    "edges": plan_edges,
    "nodes": plan_nodes,
    "pageInfo": plan_page_info,
    "totalCount": plan_total_count,
    "totalPages": plan_total_pages,
}
