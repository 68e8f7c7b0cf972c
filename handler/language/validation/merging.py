"""The rule that fields with the same response key can be merged.

The algorithm of the specification compares pairs, in quadratic time or worse. Here all selection
sets of one response path are merged, each field is compared with the first of its response key, and
a combination of selection sets is examined once, however many paths lead to it. The remaining work
is bounded by ``Limits.merge_steps``.

Source of the rule: https://spec.graphql.org/September2025/#sec-Field-Selection-Merging
Source of the idea: https://tech.new-work.se/graphql-overlapping-fields-can-be-merged-fast-ea6e92e0a01
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from handler.errors import ClientError, LimitError
from handler.language import ast
from handler.language.printer import print_value
from handler.language.schema import EnumType, Named, ObjectType, ScalarType, TypeRef
from handler.language.selections import walk
from handler.language.validation.facts import Facts, FieldUse


class _Member(Struct):
    """A field of a merged set, and the field whose selection set it comes from."""

    use: FieldUse
    origin: _Member | None


class _Conflict(Struct):
    left: _Member
    right: _Member
    reason: str


def overlapping_fields_can_be_merged(facts: Facts) -> Iterator[ClientError]:
    merger = _Merger(facts)
    # Conflicts in a fragment are found where it is spread; what remains are unused fragments.
    for scope in [*facts.operations, *facts.fragments.values()]:
        node = scope.node
        if isinstance(node, ast.FragmentDefinition) and node.name in merger.fragments:
            continue
        try:
            conflicts = merger.check([(node.selection_set, None)])
        except _StepsError:
            yield LimitError(
                "It takes more steps to prove that the fields of this document can be merged than"
                f" the limit of {facts.limits.merge_steps}."
            )
            return
        for conflict in conflicts:
            yield _error(facts, conflict)


def _error(facts: Facts, conflict: _Conflict) -> ClientError:
    """The error for a conflict, which begins with the outermost fields that lead to it."""
    left, right = conflict.left, conflict.right
    key, reason = left.use.node.response_key, conflict.reason
    lefts, rights = [left.use.node.at], [right.use.node.at]
    while left.origin is not None and right.origin is not None and left.origin is not right.origin:
        left, right = left.origin, right.origin
        if left.use.node is right.use.node:
            break
        reason = f'subfields "{key}" conflict because {reason}'
        key = left.use.node.response_key
        lefts.insert(0, left.use.node.at)
        rights.insert(0, right.use.node.at)
    return facts.error(
        f'Fields "{key}" conflict because {reason}. Use different aliases on the fields to fetch'
        " both if this was intentional.",
        *lefts,
        *rights,
    )


class _StepsError(Exception):
    """The limit of steps is reached."""


_Sets = list[tuple[ast.SelectionSet, _Member | None]]


class _Merger:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.steps = facts.limits.merge_steps
        self.done: set[tuple[frozenset[int], bool]] = set()
        self.fragments: set[str] = set()  # all that were looked into
        self.signatures: dict[int, tuple[str, ...]] = {}

    def check(self, roots: _Sets) -> list[_Conflict]:
        """The conflicts of these selection sets, merged, and of those below them."""
        found: list[_Conflict] = []
        pending: list[tuple[_Sets, bool]] = [(roots, True)]
        while pending:
            sets, same_answer = pending.pop()
            # A selection set is identified by its first token.
            key = (frozenset(each.at for each, _ in sets), same_answer)
            if key in self.done:
                continue
            self.done.add(key)
            for group in self.collect(sets).values():
                if len(group) > 1:
                    conflict = self.find_conflict(group, same_answer=same_answer)
                    if conflict is not None:
                        found.append(conflict)
                        continue
                pending.extend(self.below(group, same_answer=same_answer))
        return found

    def collect(self, sets: _Sets) -> dict[str, list[_Member]]:
        """The fields of merged selection sets by response key, each fragment once."""
        groups: dict[str, list[_Member]] = {}
        spread: set[str] = set()
        first = {node.at: (node, origin) for node, origin in reversed(sets)}  # each set once
        for node, origin in reversed(first.values()):
            for selection, _ in walk([node], self.facts.document.fragments, spread=spread):
                self.steps -= 1
                if self.steps < 0:
                    raise _StepsError
                if isinstance(selection, ast.Field):
                    member = _Member(self.facts.fields[selection.at], origin)
                    groups.setdefault(selection.response_key, []).append(member)
        self.fragments |= spread
        return groups

    def below(self, group: list[_Member], *, same_answer: bool) -> Iterator[tuple[_Sets, bool]]:
        """The selection sets that must be merged below the fields of one response key."""
        parts = _by_parent(group) if same_answer else [group]
        for part in parts:
            children = _children(part)
            if children:
                yield children, same_answer
        if len(parts) > 1:
            children = _children(group)
            if children:
                yield children, False

    def find_conflict(self, group: list[_Member], *, same_answer: bool) -> _Conflict | None:
        first = group[0]
        for member in group[1:]:
            reason = self.shape_conflict(first.use, member.use)
            if reason:
                return _Conflict(first, member, reason)
        if same_answer:
            for part in _by_parent(group):
                for member in part[1:]:
                    reason = self.answer_conflict(part[0].use, member.use)
                    if reason:
                        return _Conflict(part[0], member, reason)
        return None

    def shape_conflict(self, left: FieldUse, right: FieldUse) -> str:
        """Source: https://spec.graphql.org/September2025/#SameResponseShape()"""
        if left.definition is None or right.definition is None:
            return ""
        one: TypeRef = left.definition.type
        other: TypeRef = right.definition.type
        reason = "they return conflicting types" + self.facts.detail(f' "{one}" and "{other}"')
        while not (isinstance(one, Named) and isinstance(other, Named)):
            if isinstance(one, Named) or isinstance(other, Named) or type(one) is not type(other):
                return reason
            one, other = one.of, other.of
        types = self.facts.schema.types
        if one.name != other.name and any(
            isinstance(types[name], ScalarType | EnumType) for name in (one.name, other.name)
        ):
            return reason
        return ""

    def answer_conflict(self, left: FieldUse, right: FieldUse) -> str:
        if left.node.name != right.node.name:
            return f'"{left.node.name}" and "{right.node.name}" are different fields'
        if self.signature(left.node) != self.signature(right.node):
            return "they have differing arguments"
        if left.node is not right.node and left.node.arguments:
            self.facts.equal_literals.extend(
                zip(_literals(left.node), _literals(right.node), strict=True)
            )
        return ""

    def signature(self, node: ast.Field) -> tuple[str, ...]:
        """The arguments of a field as text: equal arguments have equal signatures."""
        known = self.signatures.get(node.at)
        if known is None:
            known = tuple(
                f"{argument.name}:{_canonical(argument.value)}"
                for argument in sorted(node.arguments, key=_argument_name)
            )
            self.signatures[node.at] = known
        return known


def _by_parent(group: list[_Member]) -> list[list[_Member]]:
    """The parts of a group that may be fields of one object; those of abstract types are in all."""
    shared: list[_Member] = []
    objects: dict[str, list[_Member]] = {}
    for member in group:
        parent = member.use.parent
        if isinstance(parent, ObjectType):
            objects.setdefault(parent.name, []).append(member)
        else:
            shared.append(member)
    if len(objects) == 0:
        return [shared]
    return [shared + part for part in objects.values()]


def _children(group: list[_Member]) -> _Sets:
    return [
        (member.use.node.selection_set, member)
        for member in group
        if member.use.node.selection_set is not None
    ]


def _argument_name(argument: ast.Argument) -> str:
    return argument.name


def _field_name(field: ast.ObjectField) -> str:
    return field.name


def _canonical(node: ast.Value) -> str:
    """A value as text, with the fields of objects sorted by name."""
    match node:
        case ast.ListValue():
            return "[" + ",".join(_canonical(each) for each in node.values) + "]"
        case ast.ObjectValue():
            fields = sorted(node.fields, key=_field_name)
            return "{" + ",".join(f"{each.name}:{_canonical(each.value)}" for each in fields) + "}"
        case ast.StringValue(block=True):
            return f"block {print_value(node)}"
    return print_value(node)


def _literals(node: ast.Field) -> list[int]:
    """The numbers of the literals in a field's arguments, in the order of its signature."""
    found: list[int] = []
    pending = [
        argument.value for argument in sorted(node.arguments, key=_argument_name, reverse=True)
    ]
    while pending:
        value = pending.pop()
        match value:
            case ast.IntValue() | ast.FloatValue() | ast.StringValue():
                found.append(value.literal)
            case ast.ListValue():
                pending.extend(reversed(value.values))
            case ast.ObjectValue():
                members = sorted(value.fields, key=_field_name, reverse=True)
                pending.extend(member.value for member in members)
    return found
