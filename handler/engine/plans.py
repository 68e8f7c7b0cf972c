"""The plans of checked operations, each compiled when first asked for and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from handler.access.rules import AccessRules
from handler.compiler.freshness import CachePolicy, find_policy
from handler.compiler.permissions import Permissions
from handler.compiler.plan import Plan
from handler.compiler.visible import Visibility
from handler.execution.encoder import Encoder
from handler.language.document import BoundOperation, Operation
from handler.language.prepared import Preparation
from handler.language.schema import Schema
from handler.model.model import Model

# A plan takes about 1 KB for each token of its document.
MAX_PLAN_TOKENS = 50_000
MAX_OPERATIONS = 2_000


class CompiledPlan(Struct, frozen=True):
    """A plan for all callers with the same bits of ``decisive``."""

    plan: Plan
    encoder: Encoder | None  # none where a resolver has to run, or a field is forbidden
    policy: CachePolicy | None
    visibility: Visibility  # what the callers see for whom the plan was made
    claims: tuple[str, ...]  # names of those whose values decide which rows it gives
    decisive: int  # of the bits of a grant those that decide; zero: every caller gets the same


class PlanCache:
    """Plans by operation and by what shapes it; the least used go first."""

    def __init__(
        self,
        schema: Schema,
        model: Model,
        access: AccessRules,
        permissions: Permissions,
        preparation: Preparation,
    ) -> None:
        self._schema = schema
        self._model = model
        self._access = access
        self._permissions = permissions
        self._preparation = preparation
        self._shapes: OrderedDict[Hashable, tuple[tuple[str, ...], int]] = OrderedDict()
        self._plans: OrderedDict[Hashable, tuple[CompiledPlan, int]] = OrderedDict()
        self._tokens = 0

    def find(self, prepared: BoundOperation, met: int) -> CompiledPlan:
        """The plan for callers who meet ``met``; it is the same for some others as well."""
        operation = prepared.operation
        names, decisive = self.shape(operation)
        shape = tuple(prepared.variables.get(name) for name in names)
        key = (operation.key, shape, met & decisive)
        known = self._plans.get(key)
        if known is not None:
            self._plans.move_to_end(key)
            return known[0]
        compiled = self._prepared(key, met, decisive)
        if compiled is None:
            given = dict(zip(names, shape, strict=True))
            compiled = self._compile(operation, given, met, decisive)
            parts = (compiled.plan, compiled.policy, compiled.claims)
            self._preparation.made(("plan", key), parts)
        weight = operation.document.token_count
        self._plans[key] = (compiled, weight)
        self._tokens += weight
        while self._tokens > MAX_PLAN_TOKENS and len(self._plans) > 1:
            _, (_, dropped) = self._plans.popitem(last=False)
            self._tokens -= dropped
        return compiled

    def shape(self, operation: Operation) -> tuple[tuple[str, ...], int]:
        """The variables and the bits of a grant that change the plan."""
        found = self._shapes.get(operation.key)
        if found is None:
            found = self._preparation.find(("shape", operation.key))
            if found is None:
                # Late, as in `_compile`: of listed operations this is known.
                from handler.compiler.collect import shape_variables

                definition, fragments = operation.definition, operation.fragments
                found = (
                    shape_variables(self._model, definition, fragments),
                    self._permissions.of_operation(definition, fragments),
                )
                self._preparation.made(("shape", operation.key), found)
            self._shapes[operation.key] = found
            if len(self._shapes) > MAX_OPERATIONS:
                self._shapes.popitem(last=False)
        return found

    def _compile(
        self, operation: Operation, shape: Mapping[str, Any], met: int, decisive: int
    ) -> CompiledPlan:
        # Late: the plans of listed operations were made with the archive.
        from handler.compiler.planner import compile_plan

        visibility = self._visibility(met)
        plan = compile_plan(
            self._schema,
            self._model,
            operation.definition,
            operation.fragments,
            shape,
            self._permissions,
            visibility,
            met,
        )
        policy = find_policy(self._model, plan)
        if policy is not None:
            policy = replace(policy, depends_on_caller=bool(decisive))
        # A function may read rows of every type.
        claims = visibility.claims() if plan.has_resolvers else plan.claims()
        return _complete(plan, policy, visibility, claims, decisive)

    def _prepared(
        self, key: tuple[Hashable, Hashable, int], met: int, decisive: int
    ) -> CompiledPlan | None:
        found = self._preparation.find(("plan", key))
        if found is None:
            return None
        plan, policy, claims = found
        return _complete(plan, policy, self._visibility(met), claims, decisive)

    def _visibility(self, met: int) -> Visibility:
        access = self._access
        return Visibility(self._model, lambda rule: access.is_met(access.number(rule), met))


def _complete(
    plan: Plan,
    policy: CachePolicy | None,
    visibility: Visibility,
    claims: tuple[str, ...],
    decisive: int,
) -> CompiledPlan:
    """With the functions that write its answers, which are made of the plan."""
    encoder = None if plan.has_resolvers or plan.has_forbidden else Encoder(plan)
    return CompiledPlan(plan, encoder, policy, visibility, claims, decisive)
