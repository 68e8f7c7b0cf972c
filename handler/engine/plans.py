"""The plans of checked operations, each compiled when first asked for.

A plan is kept in the entry of its document, under what it depends on: the operation, the values of
the variables that change its shape, and the requirements that decide. It has one key for all that,
made when it is compiled, from which the keys of its answers are made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from handler.access.rules import AccessRules
from handler.compiler.finished import FinishedStatements
from handler.compiler.freshness import CachePolicy, find_policy
from handler.compiler.plan import Plan
from handler.compiler.values import Settled
from handler.compiler.visible import Visibility
from handler.engine.schema_views import SchemaViews
from handler.fields.introspection import IntrospectionNode
from handler.language import ast
from handler.language.document import BoundOperation, CheckedDocument, Operation
from handler.language.prepared import Preparation
from handler.language.schema import InputObjectType, ListOf, Schema, TypeRef, named, nullable
from handler.model.lists import Shape
from handler.model.model import Model
from handler.sql.comment import comment_of

if TYPE_CHECKING:
    from handler.compiler.permissions import Permissions

PlanKey: TypeAlias = tuple[str, tuple[Any, ...], int]  # operation, shape, decisive bits

BYTES_PER_TOKEN = 1_000  # about what a plan takes for each token of its document


class CompiledPlan(Struct, frozen=True):
    """A plan for all callers with the same bits of ``decisive``."""

    key: str  # the same in every process: of schema, sizes, operation, shape and decisive bits
    plan: Plan
    policy: CachePolicy | None
    visibility: Visibility  # what the callers see for whom the plan was made
    claims: tuple[str, ...]  # names of those whose values decide which rows it gives
    comment: bytes  # names the operation in its statements
    introspections: tuple[tuple[str, ast.Field], ...]  # keys and fields that ask for the schema
    look_ups: tuple[int, ...]  # numbers of the batches that give one row or none
    finished: FinishedStatements  # those of the plan that have been written before
    settled: dict[int, Settled | None] = field(default_factory=dict)
    """What batches want that depends on no variable, by number, see ``bind``."""


class OperationPlans(Struct):
    """The plans of one operation by their shapes and bits, and what these depend on."""

    variables: tuple[str, ...]  # names of those whose values change the plan
    decisive: int  # of the bits of a grant those that decide; zero: every caller gets the same
    is_nested: bool = False  # some of the variables are lists or objects
    plans: dict[Hashable, CompiledPlan] = field(default_factory=dict)


class Planner(Struct, eq=False):
    """Finds and compiles plans."""

    _schema: Schema
    _model: Model
    _access: AccessRules
    _permissions: Callable[[], Permissions]  # made when first asked for
    _views: SchemaViews  # they keep the plans
    _preparation: Preparation
    _identity: Hashable  # of the schema and the sizes of lists

    def find(self, prepared: BoundOperation, satisfied: int) -> CompiledPlan:
        """The plan for callers with these bits; it is the same for some others as well."""
        operation = prepared.operation
        known = prepared.document.plans.get(operation.key) or self.of_operation(
            prepared.document, operation
        )
        shape = tuple(map(prepared.variables.get, known.variables))
        if known.is_nested:
            shape = _hashable(shape)
        bits = satisfied & known.decisive
        found = known.plans.get((shape, bits))
        if found is not None:
            return found
        key = (operation.key, shape, bits)
        found = self._prepared(key, operation, satisfied)
        if found is None:
            given = {name: prepared.variables.get(name) for name in known.variables}
            found = self._compile(key, operation, given, satisfied, known.decisive)
            parts = (found.plan, found.policy, found.claims)
            self._preparation.made(("plan", key), parts)
        plan_bytes = BYTES_PER_TOKEN * prepared.document.tree.token_count
        if self._views.find(satisfied).documents.make_room(prepared.document, plan_bytes):
            known = self.of_operation(prepared.document, operation)
            known.plans[shape, bits] = found
        return found

    def of_operation(self, document: CheckedDocument, operation: Operation) -> OperationPlans:
        """The plans of an operation of that document."""
        known: OperationPlans | None = document.plans.get(operation.key)
        if known is None:
            found = self._preparation.find(("shape", operation.key))
            if found is None:
                # Late, as in `_compile`: of listed operations this is known.
                from handler.compiler.collect import shape_variables, types_of

                definition, fragments = operation.definition, operation.fragments
                names = shape_variables(self._model, definition, fragments)
                found = (
                    names,
                    self._permissions().of_operation(definition, fragments),
                    any(map(self._is_nested, types_of(definition, names))),
                )
                self._preparation.made(("shape", operation.key), found)
            known = document.plans[operation.key] = OperationPlans(*found)
        return known

    def _is_nested(self, ref: TypeRef) -> bool:
        found = self._schema.types[named(ref)]
        return isinstance(nullable(ref), ListOf) or isinstance(found, InputObjectType)

    def _compile(
        self,
        key: PlanKey,
        operation: Operation,
        shape: Mapping[str, Any],
        satisfied: int,
        decisive: int,
    ) -> CompiledPlan:
        # Late: the plans of listed operations were made with the archive.
        from handler.fields.planner import compile_plan

        visibility = self._visibility(satisfied)
        plan = compile_plan(
            self._schema,
            self._model,
            operation.definition,
            operation.fragments,
            shape,
            self._permissions(),
            visibility,
            satisfied,
        )
        policy = find_policy(self._model, plan)
        if policy is not None:
            policy = replace(policy, depends_on_caller=bool(decisive))
        # A function may read rows of every type.
        claims = visibility.claims() if plan.resolvers else plan.claims()
        return self._complete(key, operation, plan, policy, visibility, claims)

    def _prepared(self, key: PlanKey, operation: Operation, satisfied: int) -> CompiledPlan | None:
        found = self._preparation.find(("plan", key))
        if found is None:
            return None
        plan, policy, claims = found
        visibility = self._visibility(satisfied)
        return self._complete(key, operation, plan, policy, visibility, claims)

    def _visibility(self, satisfied: int) -> Visibility:
        access = self._access
        return Visibility(
            self._model,
            lambda rule: access.is_met(access.number(rule), satisfied),
            lambda name: not self._permissions().types[name] & ~satisfied,
        )

    def _complete(
        self,
        key: PlanKey,
        operation: Operation,
        plan: Plan,
        policy: CachePolicy | None,
        visibility: Visibility,
        claims: tuple[str, ...],
    ) -> CompiledPlan:
        """With what is the same for all requests that it answers."""
        text = repr((self._identity, key)).encode("utf-8", "surrogatepass")
        digest = blake2b(text, digest_size=20).hexdigest()
        comment = comment_of(operation.definition.name or "", operation.key)
        introspections = tuple(
            (member.key, member.node.field)
            for member in plan.root.members
            if isinstance(member.node, IntrospectionNode)
        )
        look_ups = tuple(batch.index for batch in plan.batches if batch.rows.shape is Shape.OBJECT)
        finished = FinishedStatements(plan, claims)
        return CompiledPlan(
            digest, plan, policy, visibility, claims, comment, introspections, look_ups, finished
        )


def _hashable(value: Any) -> Any:
    """A coerced value as one that a dictionary may have as a key."""
    if isinstance(value, dict):
        return tuple([(name, _hashable(each)) for name, each in value.items()])
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
