"""Who asks, and the oracle that says what each of them may see.

The oracle reads the directives by graphql-core and looks at plain rows in Python: a row that a
caller may not see is taken out of the tables before the reference answers, and a field that it may
not read raises an error there. It shares no code with the compiler and knows no SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import graphql
from graphql import GraphQLError, GraphQLField, GraphQLObjectType, get_named_type

from handler.access.principal import CallerKind, Principal
from tests.directives import Link, aggregate, directive, group_keys, way
from tests.domains.database import RawRow
from tests.kinds import FieldedType
from tests.reference import Reference
from tests.reference_groups import source_name
from tests.reference_where import hides_rows


def _is_page(found: FieldedType) -> bool:
    return bool(found.name.endswith("Connection"))


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
            kind=CallerKind.TOKEN,
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
        self._asking = DEVELOPMENT.principal
        query = reference.schema.query_type
        assert query is not None
        facets = [
            found
            for found in reference.schema.type_map.values()
            if isinstance(found, GraphQLObjectType) and _is_page(found)
        ]
        for owner in (query, *reference.types.values(), *facets):
            for name, field in owner.fields.items():
                if owner in facets and source_name(get_named_type(field.type)) is None:
                    continue
                field.resolve = self._refusing(owner, name, field)

    def run(self, caller: Caller, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The answer that the caller has to get."""
        self._asking = caller.principal
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
                if source_name(found) is None
            }
        return self._seen[caller.name]

    def _refusing(
        self, owner: GraphQLObjectType, name: str, field: GraphQLField
    ) -> Callable[..., Any]:
        """The resolver of a field, for those who may read it."""
        resolve, needs = field.resolve, self._needs(owner, field)
        assert resolve is not None

        def answer(source: Any, info: Any, **arguments: Any) -> Any:
            principal = self._asking
            if not all(_is_met(principal, scopes) for scopes in needs):
                helps = principal.kind is CallerKind.ANONYMOUS and all(needs)
                said = "Log in to read" if helps else "You may not read"
                raise GraphQLError(f"{said} {owner.name}.{name}.")
            return resolve(source, info, **arguments)

        return answer

    def _needs(self, owner: FieldedType, field: GraphQLField) -> list[list[list[str]]]:
        """Scopes as in ``@requiresScopes``, one of each list; an empty list is nobody's."""
        target = get_named_type(field.type)
        said = [*_said(owner), *_said(field)]
        groups: list[list[list[str]]] = []
        if isinstance(target, GraphQLObjectType):
            rows = self.reference.rows_field(field).target
            said += _said(rows)
            for key in group_keys(rows):
                groups += self._of_groups(rows, key)
        if source_name(owner) is not None:
            name = next(name for name, each in owner.fields.items() if each is field)
            needs = [scopes for scopes in said if scopes is not None] if said else [[]]
            return [*needs, *self._of_groups(owner, name)]
        _, counted = aggregate(field) or ("", {})
        is_told = said or _is_page(owner) or (counted and owner is self.reference.schema.query_type)
        needs = [scopes for scopes in said if scopes is not None] if is_told else [[]]
        needs += groups
        if counted:
            steps = way(self.reference.schema, owner, counted["of"])
            needs += [each for step in steps for each in self._needs(*step)]
        return needs

    def _of_groups(self, owner: FieldedType, name: str) -> list[list[list[str]]]:
        """What the rows of a group need, and the fields that one of the group's is made of."""
        source = self.reference.types[source_name(owner) or ""]
        needs = [scopes for scopes in _said(source) if scopes is not None]
        field = owner.fields[name]
        _, used = aggregate(field) or ("", directive(field.ast_node, "group") or {})
        said = used.get("field") or used.get("distinct")
        if said is None and directive(field.ast_node, "group") is not None:
            said = name
        for each in said.split(".") if said else ():
            needs += self._needs(source, source.fields[each])
            if isinstance(get_named_type(source.fields[each].type), GraphQLObjectType):
                source = self.reference.rows_field(source.fields[each]).target
        return needs

    def _is_seen(self, principal: Principal, owner: GraphQLObjectType, row: RawRow) -> bool:
        return all(self._passes(principal, owner, rule, row) for rule in _rules(principal, owner))

    def _hides(self, principal: Principal, owner: GraphQLObjectType) -> bool:
        """Whether there can be rows of that type that the caller does not see."""
        return hides_rows(owner) or any(
            "claim" in rule
            or self._hides(
                principal, self.reference.rows_field(owner.fields[rule["through"]]).target
            )
            for rule in _rules(principal, owner)
        )

    def _passes(
        self, principal: Principal, owner: GraphQLObjectType, rule: Mapping[str, Any], row: RawRow
    ) -> bool:
        reference = self.reference
        if "claim" in rule:
            claim = principal.claims.get(rule["claim"], "")
            return claim != "" and row[reference.column(owner, rule["field"])] == claim
        field = owner.fields[rule["through"]]
        target = reference.rows_field(field).target
        if not self._hides(principal, target) and not hides_rows(field):
            return True  # also what leads to no row at all
        relation = reference.relation(owner, field)
        far = reference.all_rows[reference.table(target)]
        reached: Sequence[RawRow]
        if not isinstance(relation, Link):
            reached = reference.equal(row, far, relation)
        else:
            over = [t for t in reference.types.values() if reference.table(t) == relation.table]
            reached = [
                other
                for link in reference.equal(row, reference.all_rows[relation.table], relation.here)
                if all(self._is_seen(principal, each, link) for each in over)
                and reference.is_link(relation.table, link)
                for other in reference.equal(link, far, relation.there)
            ]
        return any(
            self._is_seen(principal, target, other)
            and reference.is_row(target, other)
            and reference.is_shown(field, target, other)
            for other in reached
        )


def _said(element: FieldedType | GraphQLField) -> list[list[list[str]] | None]:
    """The rules that stand at a type or a field; None is ``@public``."""
    node = element.ast_node
    found: list[list[list[str]] | None] = []
    for used in (node.directives if node else None) or ():
        if used.name.value == "public":
            found.append(None)
        elif used.name.value == "authenticated":
            found.append([[]])
        elif used.name.value == "requiresScopes":
            found.append(graphql.value_from_ast_untyped((used.arguments or ())[0].value))
    return found


def _is_met(principal: Principal, alternatives: Sequence[Sequence[str]]) -> bool:
    if principal.kind is CallerKind.DEVELOPMENT:
        return True
    is_known = principal.kind is not CallerKind.ANONYMOUS
    return is_known and any(set(each) <= principal.scopes for each in alternatives)


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
            if not _is_met(principal, rule.get("unlessScopes") or []):
                found.append(rule)
    return found
