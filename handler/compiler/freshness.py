"""How long the answer to a plan may be cached, for whom, and which tables end it.

Pure: from the plan and the hints of the model. What a field over rows says and what the type of its
rows says both hold, and the stricter one counts. A single value has only its own. If neither field
nor type says how long rows may be cached, the answer is not cached at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

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
from handler.model.caching import CacheHint
from handler.model.fields import Count, Sum
from handler.model.model import Model
from handler.model.relations import ToMany


class CachePolicy(Struct, frozen=True):
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


def find_policy(model: Model, plan: Plan) -> CachePolicy | None:
    """The policy of a plan's answer; None if it may not be cached."""
    hints: list[CacheHint] = []
    for hint in (*_hints(model, plan, plan.root.members), *_decisive_hints(model, plan)):
        if hint is None:
            return None
        hints.append(hint)
    timed = [hint for hint in hints if hint.max_age_s is not None]
    max_age_s = min((hint.max_age_s or 0 for hint in timed), default=0)
    if max_age_s <= 0:
        return None
    lifetime = Lifetime(
        max_age_s=max_age_s,
        stale_s=max(0, min(hint.stale_s for hint in timed)),
        error_s=max(0, min(hint.error_s for hint in timed)),
    )
    return CachePolicy(
        lifetime,
        tables=tuple(sorted(_tables(plan))),
        is_private=any(hint.is_private for hint in hints),
    )


def _hints(model: Model, plan: Plan, members: tuple[Member, ...]) -> Iterator[CacheHint | None]:
    """Everything that is said about what the members touch; None where nothing is, but has to."""
    for member in members:
        node = member.node
        own = _own_hint(model, member.field)
        inner: tuple[Member, ...] = ()
        match node:
            case RootNode() | ManyNode():
                batch = plan.batches[node.batch]
                yield from _of_rows(own, model, batch.rows.target)
                inner = batch.shape.members if batch.shape else ()
            case OneNode():
                yield from _of_rows(own, model, node.shape.type_name)
                inner = node.shape.members
            case ResolverNode():
                yield own
                for index in node.batches:
                    batch = plan.batches[index]
                    yield from _of_rows(own, model, batch.rows.target)
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
                counted = _counted_rows(model, member.field)
                if counted is not None:
                    field, target = counted
                    yield from _of_rows(_own_hint(model, field), model, target)
        yield from _hints(model, plan, inner)


def _decisive_hints(model: Model, plan: Plan) -> Iterator[CacheHint | None]:
    """Of the rows that are read only to find out which others the caller sees."""
    for rows in plan.all_read():
        for guard in rows.guards:
            if isinstance(guard, ThroughGuard):
                yield from _of_rows(None, model, guard.rows.table.type_name)


def _of_rows(own: CacheHint | None, model: Model, target: str) -> Iterator[CacheHint | None]:
    """What a field over rows and their type say."""
    said = [hint for hint in (own, model.cache_hints.get((target,))) if hint]
    if any(hint.max_age_s is not None for hint in said):
        yield from said
    else:
        yield None


def _counted_rows(model: Model, name: str) -> tuple[str, str] | None:
    """The field whose rows a count or sum is over, and the type of these rows."""
    type_name, _, field_name = name.partition(".")
    table = model.tables.get(type_name)
    found = table.fields.get(field_name) if table else None
    if table is None or not isinstance(found, Count | Sum):
        return None
    many = table.fields[found.of]
    assert isinstance(many, ToMany)
    return f"{type_name}.{found.of}", many.rows.target


def _own_hint(model: Model, name: str) -> CacheHint | None:
    """What a field says, or else the connection that it gives."""
    return model.cache_hints.get(tuple(name.split(".")))


def _tables(plan: Plan) -> set[str]:
    """Every table that a statement of the plan reads: subqueries and row rules included."""
    return {rows.table.name for rows in plan.all_read()}
