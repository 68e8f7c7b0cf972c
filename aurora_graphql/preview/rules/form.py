"""What AWS and the SDK accept: tags, names that fit, inputs that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi._types import input_type_types

from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.resource_types import facts_of
from aurora_graphql.preview.rules.rule import Problem, Rule
from aurora_graphql.preview.sdk import arguments_of, input_class


def _tagged(graph: Graph) -> Iterator[Problem]:
    for resource in graph.resources:
        if "tags" in (arguments_of(resource.typ) or {}):
            missing = {"project", "stack", "managed-by", "component"} - set(
                resource.inputs.get("tags") or {}
            )
            if missing:
                yield resource.name, f"has no tags {', '.join(sorted(missing))}"


_AUTOMATIC_SUFFIX: Final = 8
"""Characters that Pulumi appends to a logical name to make a physical one."""


def _names_fit(graph: Graph) -> Iterator[Problem]:
    for resource in graph.resources:
        named = facts_of(resource.typ).name
        if named is None:
            continue
        name, limit = named
        given = resource.inputs.get(name)
        if given == UNKNOWN:
            continue
        length = len(given) if given else len(resource.name) + _AUTOMATIC_SUFFIX
        if length > limit:
            yield resource.name, f"has a name of {length} characters, AWS accepts {limit}"
        physical = given or resource.name
        if resource.typ == "aws:ec2/securityGroup:SecurityGroup" and physical.startswith("sg-"):
            yield resource.name, "AWS keeps names that begin with sg- to itself"


def _known_to_the_sdk(graph: Graph) -> Iterator[Problem]:
    for resource in graph.resources:
        arguments = arguments_of(resource.typ)
        if arguments is not None:
            for path in _unknown_inputs("", resource.inputs, arguments):
                yield resource.name, f"has no input {path}"


def _unknown_inputs(
    path: str, inputs: Mapping[str, Any], arguments: Mapping[str, Any]
) -> Iterator[str]:
    for name, value in inputs.items():
        if name.startswith("__"):
            continue  # Pulumi's own, such as __defaults
        if name not in arguments:
            yield f"{path}{name}"
            continue
        nested = input_class(arguments[name])
        values = value if isinstance(value, list) else [value]
        for item in values:
            if nested is not None and isinstance(item, dict):
                yield from _unknown_inputs(f"{path}{name}.", item, input_type_types(nested))


RULES: Final = (
    Rule(
        id="tagged",
        holds="whatever can carry tags has those of its stack and of its component",
        why="Costs, owners and budgets are found by them.",
        remedy="merge the component's tags into those of args.tags",
        check=_tagged,
    ),
    Rule(
        id="names-fit",
        holds="every physical name, given or made by Pulumi, is one that AWS accepts",
        why="AWS would refuse it half-way through a deployment.",
        remedy="shorten it by naming.physical_name",
        check=_names_fit,
    ),
    Rule(
        id="known-to-the-sdk",
        holds="every input, nested ones included, exists in this version of the SDK",
        why="A mock accepts any input; the provider would ignore or refuse it.",
        remedy="use the SDK's ...Args classes, which mypy checks",
        check=_known_to_the_sdk,
    ),
)
