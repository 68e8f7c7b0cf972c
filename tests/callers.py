"""Who asks, and the oracle that says which rows each of them may see.

The oracle reads ``@rowAccess`` by graphql-core and looks at plain rows in Python: a row that a
caller may not see is taken out of the tables before the reference answers. It shares no code with
the compiler and knows no SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import graphql
from graphql import GraphQLObjectType

from handler.access.principal import Kind, Principal
from tests.domains.database import RawRow
from tests.reference import Reference


@dataclass(frozen=True)
class Caller:
    """A principal with a name for the test's id."""

    name: str
    principal: Principal


def token(name: str, *scopes: str, **claims: str) -> Caller:
    """Somebody with a token that has these scopes and claims."""
    return Caller(
        name,
        Principal(
            kind=Kind.TOKEN,
            subject=name,
            issuer="https://issuer.test",
            scopes=frozenset(scopes),
            claims=claims,
        ),
    )


ANONYMOUS = Caller("anonymous", Principal.anonymous())
DEVELOPMENT = Caller("development", Principal.development())


class Oracle:
    """What the SDL of a reference allows to each caller."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self._seen: dict[str, dict[str, list[RawRow]]] = {}

    def run(self, caller: Caller, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The answer that the caller has to get."""
        return self.reference.run(document, variables, self.rows(caller))

    def rows(self, caller: Caller) -> dict[str, list[RawRow]]:
        """By table, the rows that a caller may see."""
        if caller.name not in self._seen:
            self._seen[caller.name] = {
                self.reference.table(found): [
                    row
                    for row in self.reference.all_rows[self.reference.table(found)]
                    if self._is_seen(caller.principal, found, row)
                ]
                for found in self.reference.types.values()
            }
        return self._seen[caller.name]

    def _is_seen(self, principal: Principal, owner: GraphQLObjectType, row: RawRow) -> bool:
        return all(self._passes(principal, owner, rule, row) for rule in _rules(principal, owner))

    def _passes(
        self, principal: Principal, owner: GraphQLObjectType, rule: Mapping[str, Any], row: RawRow
    ) -> bool:
        reference = self.reference
        if "claim" in rule:
            claim = principal.claims.get(rule["claim"], "")
            return claim != "" and row[reference.column(owner, rule["field"])] == claim
        field = owner.fields[rule["through"]]
        target = reference.rows_field(field).target
        if not _rules(principal, target):
            return True
        return any(
            self._is_seen(principal, target, other)
            for other in reference.all_rows[reference.table(target)]
            if all(
                row[here] is not None and row[here] == other[there]
                for here, there in reference.relation(owner, field)
            )
        )


def _rules(principal: Principal, owner: GraphQLObjectType) -> Sequence[Mapping[str, Any]]:
    """The row rules of a type that hold for a caller."""
    node = owner.ast_node
    found = []
    for used in (node.directives if node else None) or ():
        if used.name.value == "rowAccess":
            rule = {
                each.name.value: graphql.value_from_ast_untyped(each.value)
                for each in used.arguments or ()
            }
            lifted_by = rule.get("unlessScopes") or []
            is_known = principal.kind is not Kind.ANONYMOUS
            is_lifted = is_known and any(set(each) <= principal.scopes for each in lifted_by)
            if not is_lifted and principal.kind is not Kind.DEVELOPMENT:
                found.append(rule)
    return found
