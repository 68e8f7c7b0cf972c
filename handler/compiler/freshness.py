"""How long the answer to a plan may be cached, for whom, and which tables end it.

Pure: from the plan and the directives ``@cacheControl``. What a field over rows says and what the
type of its rows says both hold, and the stricter one counts. A single value has only its own. Rows
of which neither field nor type says how long: nothing is cached.
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.answer import Lifetime
from handler.compiler.plan import (
    EdgesNode,
    ForbiddenNode,
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
from handler.compiler.visible import ThroughGuard
from handler.language.schema import AppliedDirective, ObjectType, Schema, named
from handler.records import dataclass


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What the strictest ``@cacheControl`` of everything in an answer allows.

    >>> CachePolicy(Lifetime(60, stale_s=30), ("orders", "customers"))
    """

    lifetime: Lifetime
    tables: tuple[str, ...]  # a write to one of them ends the answer
    is_private: bool = False  # each caller has an answer of its own
    depends_on_caller: bool = False  # by rules or limits: others may be given another answer

    @property
    def is_shared(self) -> bool:
        """Whether caches that do not know the rules may give the answer to other callers."""
        return not (self.is_private or self.depends_on_caller)


def find_policy(schema: Schema, plan: Plan) -> CachePolicy | None:
    """The policy of a plan's answer; None if it may not be cached."""
    hints = [*_hints(schema, plan, plan.root.members), *_decisive_hints(schema, plan)]
    if any(hint is None for hint in hints):
        return None
    said = [hint.arguments for hint in hints if hint is not None]
    timed = [hint for hint in said if hint.get("maxAge") is not None]
    if not timed or min(hint["maxAge"] for hint in timed) <= 0:
        return None
    lifetime = Lifetime(
        max_age_s=min(hint["maxAge"] for hint in timed),
        stale_s=max(0, min(hint["staleWhileRevalidate"] for hint in timed)),
        error_s=max(0, min(hint["staleIfError"] for hint in timed)),
    )
    return CachePolicy(
        lifetime,
        tables=tuple(sorted(_tables(plan))),
        is_private=any(hint["scope"] == "PRIVATE" for hint in said),
    )


def _hints(
    schema: Schema, plan: Plan, members: tuple[Member, ...]
) -> Iterator[AppliedDirective | None]:
    """Everything that is said about what the members touch; None where nothing is, but has to."""
    for member in members:
        node = member.node
        own = _own_hint(schema, member.field)
        inner: tuple[Member, ...] = ()
        match node:
            case RootNode() | ManyNode():
                batch = plan.batches[node.batch]
                yield from _of_rows(own, schema, batch.rows.target)
                inner = batch.shape.members if batch.shape else ()
            case OneNode():
                yield from _of_rows(own, schema, node.shape.type_name)
                inner = node.shape.members
            case ResolverNode():
                yield own
                for index in node.batches:
                    batch = plan.batches[index]
                    yield from _of_rows(own, schema, batch.rows.target)
                    inner += batch.shape.members if batch.shape else ()
            case RowNode() | NodesNode():
                inner = node.shape.members
            case EdgesNode():
                inner = node.members
            case ForbiddenNode():
                pass  # where it stands is decided by others, and no answer with errors is cached
            case IntrospectionNode():
                yield None  # it costs a look-up as it is
            case _:
                if own is not None:
                    yield own
                counted = _counted_rows(schema, member.field)
                if counted is not None:
                    field, target = counted
                    yield from _of_rows(_own_hint(schema, field), schema, target)
        yield from _hints(schema, plan, inner)


def _decisive_hints(schema: Schema, plan: Plan) -> Iterator[AppliedDirective | None]:
    """Of the rows that are read only to find out which others the caller sees."""
    for rows in plan.all_read():
        for guard in rows.guards:
            if isinstance(guard, ThroughGuard):
                yield from _of_rows(None, schema, guard.rows.table.type_name)


def _of_rows(
    own: AppliedDirective | None, schema: Schema, target: str
) -> Iterator[AppliedDirective | None]:
    """What a field over rows and their type say."""
    said = [hint for hint in (own, schema.object(target).directive("cacheControl")) if hint]
    if any(hint.arguments.get("maxAge") is not None for hint in said):
        yield from said
    else:
        yield None


def _counted_rows(schema: Schema, name: str) -> tuple[str, str] | None:
    """The field whose rows a count or sum is over, and the type of these rows."""
    type_name, _, field_name = name.partition(".")
    owner = schema.types[type_name]
    if not isinstance(owner, ObjectType) or field_name not in owner.fields:
        return None
    field = owner.fields[field_name]
    found = field.directive("count") or field.directive("sum")
    if found is None:
        return None
    of = found.arguments["of"]
    target = schema.object(named(owner.fields[of].type))
    if _is_connection(target):
        edge = schema.object(named(target.fields["edges"].type))
        target = schema.object(named(edge.fields["node"].type))
    return f"{type_name}.{of}", target.name


def _is_connection(given: ObjectType) -> bool:
    return given.name.endswith("Connection") and "edges" in given.fields


def _own_hint(schema: Schema, name: str) -> AppliedDirective | None:
    """What a field says, or else the connection that it gives."""
    type_name, _, field_name = name.partition(".")
    owner = schema.types[type_name]
    if not isinstance(owner, ObjectType) or field_name not in owner.fields:
        return None
    field = owner.fields[field_name]
    found = field.directive("cacheControl")
    if found is None:
        given = schema.types[named(field.type)]
        if isinstance(given, ObjectType) and _is_connection(given):
            found = given.directive("cacheControl")
    return found


def _tables(plan: Plan) -> set[str]:
    """Every table that a statement of the plan reads: subqueries and row rules included."""
    return {rows.table.name for rows in plan.all_read()}
