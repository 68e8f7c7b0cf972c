"""The graph in the shape of ``terraform show -json``, for tools that judge such plans.

Nothing of Terraform runs. Pulumi's AWS provider is made from Terraform's, so types and inputs have
the same meaning and, by a few rules, the same names: snake case, a block in the singular, and a
block that occurs once as a list of one.
Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pulumi._types import input_type_types

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.resource_types import facts_of
from aurora_graphql.preview.sdk import arguments_of, input_class

_MODULES: Final[Mapping[str, str]] = {
    "aws:apigateway": "aws_api_gateway",
    "aws:ec2": "aws",
    "random:index": "",
}
"""Where the beginning of the type is not the name of the module."""

_INPUTS: Final[Mapping[tuple[str, str], str]] = {
    ("aws_api_gateway_base_path_mapping", "restApi"): "api_id",
    ("aws_api_gateway_deployment", "restApi"): "rest_api_id",
    ("aws_api_gateway_method_settings", "restApi"): "rest_api_id",
    ("aws_api_gateway_stage", "deployment"): "deployment_id",
    ("aws_api_gateway_stage", "restApi"): "rest_api_id",
    ("aws_lambda_function", "code"): "filename",
    ("aws_lambda_function", "name"): "function_name",
    ("aws_lambda_permission", "function"): "function_name",
    ("aws_sns_topic_subscription", "topic"): "topic_arn",
}
"""(Terraform's type, Pulumi's input) -> Terraform's argument, where the rules do not give it."""

_PLURAL_BLOCKS: Final = {"apiStages", "ingress", "egress", "redactedFields"}
"""Blocks that Terraform itself names as Pulumi does."""


def terraform_type(typ: str) -> str:
    """``aws:ec2/flowLog:FlowLog`` -> ``aws_flow_log``."""
    if known := facts_of(typ).terraform:
        return known
    module, _, rest = typ.partition("/")
    prefix = _MODULES.get(module, module.replace(":", "_"))
    name = _snake(rest.partition(":")[0])
    return f"{prefix}_{name}" if prefix else name


def build_plan(graph: Graph) -> dict[str, Any]:
    """Every resource (no component) as one that is about to be created."""
    resources = sorted(
        (resource for resource in graph.resources if resource.custom),
        key=_address,
    )
    addresses = {resource.urn: _address(resource) for resource in resources}
    planned = [_planned(resource) for resource in resources]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [
            {
                **{key: entry[key] for key in ("address", "mode", "type", "name", "provider_name")},
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after": entry["values"],
                    "after_unknown": {},
                },
            }
            for entry in planned
        ],
        "configuration": {
            "root_module": {
                "resources": [_configured(resource, addresses) for resource in resources]
            }
        },
    }


def _address(resource: Resource) -> str:
    return f"{terraform_type(resource.typ)}.{resource.name}"


def _planned(resource: Resource) -> dict[str, Any]:
    typ = terraform_type(resource.typ)
    provider = "hashicorp/random" if typ.startswith("random_") else "hashicorp/aws"
    return {
        "address": _address(resource),
        "mode": "managed",
        "type": typ,
        "name": resource.name,
        "provider_name": f"registry.terraform.io/{provider}",
        "schema_version": 0,
        "values": _arguments(resource, typ),
    }


def _configured(resource: Resource, addresses: Mapping[str, str]) -> dict[str, Any]:
    """Which argument comes from which resource: the edges of the graph."""
    typ = terraform_type(resource.typ)
    expressions = {}
    for name, urns in sorted(resource.property_dependencies.items()):
        sources = sorted(addresses[urn] for urn in urns if urn in addresses)
        if sources:
            argument = _argument_name(typ, name, arguments_of(resource.typ) or {})
            references = [text for source in sources for text in (f"{source}.id", source)]
            expressions[argument] = {"references": references}
    return {
        "address": _address(resource),
        "mode": "managed",
        "type": typ,
        "name": resource.name,
        "provider_config_key": typ.partition("_")[0],
        "expressions": expressions,
    }


def _arguments(resource: Resource, typ: str) -> dict[str, Any]:
    known = arguments_of(resource.typ) or {}
    values = _converted(typ, resource.inputs, known)
    if isinstance(values.get("filename"), dict):
        values["filename"] = values["filename"]["file"]
    return values


def _converted(typ: str, values: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with Terraform's names and nesting; ``known``: input -> class, of the SDK."""
    converted = {}
    for name, value in values.items():
        if name.startswith("__"):
            continue  # Pulumi's own, such as __defaults
        nested = input_class(known.get(name))
        converted[_argument_name(typ, name, known)] = (
            value if nested is None else _blocks(value, input_type_types(nested))
        )
    return converted


def _blocks(value: Any, known: Mapping[str, Any]) -> list[Any]:
    """One block or several, as a list."""
    items = value if isinstance(value, list) else [value]
    return [_converted("", item, known) if isinstance(item, dict) else item for item in items]


def _argument_name(typ: str, name: str, known: Mapping[str, Any]) -> str:
    if (typ, name) in _INPUTS:
        return _INPUTS[typ, name]
    # Pulumi puts a block that may occur often into the plural, Terraform repeats it.
    repeated = "Sequence" in str(known.get(name)) and input_class(known.get(name)) is not None
    if repeated and name not in _PLURAL_BLOCKS:
        name = re.sub(r"(?<=alias)es$|s$", "", name)
    return _snake(name)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
