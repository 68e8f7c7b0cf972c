"""How long the answer to a plan may be kept, for whom, and which tables end it.

Pure: from the plan and the directives ``@cacheControl``. A field over rows takes its own
directive, else that of the rows' type; a single value only one of its own. No directive on
anything that gives rows means that nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from handler.compiler.plan import (
    AggregateSlot,
    EdgesNode,
    FactSlot,
    IntrospectionNode,
    ManyNode,
    Member,
    NodesNode,
    OneNode,
    Plan,
    ResolverNode,
    RootNode,
    RowNode,
)
from handler.language.schema import AppliedDirective, ObjectType, Schema, named


@dataclass(frozen=True, slots=True)
class Policy:
    """What the strictest of everything in an answer allows."""

    max_age_s: int
    stale_s: int  # longer than that, while another request makes the answer anew
    is_private: bool
    tables: tuple[str, ...]  # a write to one of them ends the answer


def find_policy(schema: Schema, plan: Plan) -> Policy | None:
    """The policy of a plan's answer; None if it may not be kept."""
    hints = list(_hints(schema, plan, plan.root.members))
    if not hints or any(hint is None for hint in hints):
        return None
    given = [hint.arguments for hint in hints if hint is not None]
    ages = [hint["maxAge"] for hint in given if hint["maxAge"] is not None]
    if not ages or min(ages) <= 0:
        return None
    return Policy(
        max_age_s=min(ages),
        stale_s=min(hint["staleWhileRevalidate"] for hint in given),
        is_private=any(hint["scope"] == "PRIVATE" for hint in given),
        tables=tuple(sorted(_tables(plan))),
    )


def _hints(
    schema: Schema, plan: Plan, members: tuple[Member, ...]
) -> Iterator[AppliedDirective | None]:
    """One for each field over rows, None if nothing is said; and those of single values."""
    for member in members:
        node = member.node
        own = _own_hint(schema, member)
        inner: tuple[Member, ...] = ()
        match node:
            case RootNode() | ManyNode():
                batch = plan.batches[node.batch]
                yield own or schema.object(batch.rows.target).directive("cacheControl")
                inner = batch.shape.members if batch.shape else ()
            case OneNode():
                yield own or schema.object(node.shape.type_name).directive("cacheControl")
                inner = node.shape.members
            case ResolverNode():
                yield own
                if node.batch is not None:
                    shape = plan.batches[node.batch].shape
                    inner = shape.members if shape else ()
            case RowNode() | NodesNode():
                inner = node.shape.members
            case EdgesNode():
                inner = node.members
            case IntrospectionNode():
                yield None  # it costs a look-up as it is
            case _ if own is not None:
                yield own
        yield from _hints(schema, plan, inner)


def _own_hint(schema: Schema, member: Member) -> AppliedDirective | None:
    type_name, _, field_name = member.field.partition(".")
    owner = schema.types[type_name]
    if not isinstance(owner, ObjectType) or field_name not in owner.fields:
        return None
    field = owner.fields[field_name]
    found = field.directive("cacheControl")
    if found is None:
        connection = schema.types[named(field.type)]
        if connection.name.endswith("Connection"):
            found = connection.directive("cacheControl")
    return found


def _tables(plan: Plan) -> set[str]:
    """Every table that a statement of the plan reads, subqueries included."""
    found: set[str] = set()
    for batch in plan.batches:
        found.update(source.table.name for source in batch.sources)
        for slot in batch.slots:
            if isinstance(slot, AggregateSlot):
                found.add(slot.table.name)
            elif isinstance(slot, FactSlot):
                found.add(plan.batches[slot.batch].table.name)
    return found
