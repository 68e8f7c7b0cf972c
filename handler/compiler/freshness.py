"""How long the answer to a plan may be cached, for whom, and which tables end it.

Pure: from the plan and the hints of the model. What a field over rows says and what the type of its
rows says both hold, and the stricter one counts. A single value has only its own. If neither field
nor type says how long rows may be cached, the answer is not cached at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from handler.answer import Lifetime
from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Member, Plan
from handler.compiler.visible import ThroughGuard
from handler.model.caching import CacheHint
from handler.model.model import Model


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
    for hint in (*hints_of_members(model, plan, plan.root.members), *_decisive_hints(model, plan)):
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
        tables=tuple(sorted({rows.table.name for rows in plan.all_read()})),
        is_private=any(hint.is_private for hint in hints),
    )


def hints_of_members(model: Model, plan: Plan, members: Sequence[Member]) -> Hints:
    """Everything that is said about what the members touch; None where nothing is, but has to."""
    for member in members:
        yield from member.node.hints(model, plan, member)
        below, _ = member.node.below(plan)
        yield from hints_of_members(model, plan, below)


def _decisive_hints(model: Model, plan: Plan) -> Hints:
    """Of the rows that are read only to find out which others are given."""
    for rows in plan.all_read():
        for guard in rows.leaves():
            if isinstance(guard, ThroughGuard):
                yield from hints_of_rows(None, model, guard.rows.table.type_name)
    for key in plan.made_keys():
        for step in key.made.way:
            own = own_hint(model, f"{step.owner}.{step.field}")
            yield from hints_of_rows(own, model, step.target)
    for each in plan.inputs.values():
        for member, path in each.paths.items():
            own = own_hint(model, f"{each.input.target}.{member}")
            yield from hints_of_rows(own, model, path.target.table.type_name)
