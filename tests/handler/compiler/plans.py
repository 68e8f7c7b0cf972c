"""Schemas, plans and statements for tests of pure stages: no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from handler.access.principal import Principal
from handler.access.rules import AccessRules
from handler.compiler.collect import shape_variables
from handler.compiler.permissions import Permissions
from handler.compiler.plan import Plan
from handler.compiler.sql import ParentKey, compile_rows
from handler.compiler.values import PlanValues, bind
from handler.compiler.visible import Visibility
from handler.fields.planner import compile_plan
from handler.language import ast
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document
from handler.language.schema import Schema
from handler.language.sdl import build_schema, load_schema
from handler.language.variables import coerce_variables
from handler.model.builder import build_model
from handler.model.list_pages import PageDefaults
from handler.model.model import Model
from handler.sql.statement import Statement
from tests.domains.orders import PROJECT

ORDERS_SDL = PROJECT / "sdl"

PAGE_INFO = """
type PageInfo {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}
"""

COMPOSITE_KEYS = """
type Query { as: [A!]! }
type A @key(fields: "x y") { x: ID! y: Int! bs: [B!]! }
type B @key(fields: "x y z") { x: ID! y: Int! z: Int! }
"""


@dataclass(frozen=True)
class Compiler:
    """One schema and its model."""

    schema: Schema
    model: Model

    @classmethod
    def of(cls, sdl: str, pages: PageDefaults | None = None) -> Compiler:
        """From the text of one file, ``test.graphql``."""
        schema = build_schema({"test.graphql": sdl})
        return cls(schema, build_model(schema, pages))

    @classmethod
    def orders(cls) -> Compiler:
        """The example API."""
        schema = load_schema(ORDERS_SDL)
        return cls(schema, build_model(schema))

    @cached_property
    def rules(self) -> AccessRules:
        """What the SDL says, in bits."""
        return AccessRules(self.model.access)

    @cached_property
    def permissions(self) -> Permissions:
        """What follows from the rules; it is made once a schema, as in an engine."""
        return Permissions(self.schema, self.model, self.rules)

    def parse(self, text: str) -> ast.Document:
        """A document."""
        return parse_document(scan(text, Limits(tokens=10_000, characters=100_000)))

    def bound(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        principal: Principal | None = None,
        page_size_max: int | None = None,
    ) -> tuple[Plan, PlanValues]:
        """The plan of a document and the values of its arguments, by default in development."""
        tokens = scan(text, Limits(tokens=10_000, characters=100_000))
        document = parse_document(tokens)
        operation = document.operations[0]
        given = coerce_variables(self.schema, operation, variables or {})
        names = shape_variables(self.model, operation, document.fragments)
        shape = {name: given.get(name) for name in names}
        rules, permissions = self.rules, self.permissions
        grant = rules.grant(principal or Principal.development())
        visibility = Visibility(
            self.model,
            lambda found: rules.is_met(rules.number(found), grant.satisfied),
            lambda name: not permissions.types[name] & ~grant.satisfied,
        )
        plan = compile_plan(
            self.schema,
            self.model,
            operation,
            document.fragments,
            shape,
            permissions,
            visibility,
            grant.satisfied,
        )
        return plan, bind(
            plan, self.schema, given, None, tokens.location, grant.claims, page_size_max
        )

    def plan(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        principal: Principal | None = None,
    ) -> Plan:
        """The plan of a document."""
        return self.bound(text, variables, principal)[0]


def statements(
    compiler: Compiler,
    text: str,
    variables: dict[str, Any] | None = None,
    keys: list[ParentKey] | None = None,
    batch: int = 0,
) -> list[Statement]:
    """The statements of one batch."""
    plan, values = compiler.bound(text, variables)
    return compile_rows(plan, plan.batches[batch], values, keys)
