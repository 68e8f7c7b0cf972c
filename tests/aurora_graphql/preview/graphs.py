"""Small graphs by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aurora_graphql.preview.graph import Graph, Resource


def resource(typ: str, name: str, *, parent: str = "", **values: Any) -> Resource:
    """A resource with ``inputs=...`` and whatever else of ``Resource`` matters."""
    custom = not typ.startswith("aurora-graphql:")
    inputs: Mapping[str, Any] = values.pop("inputs", {})
    known: dict[str, Any] = {
        "urn": f"urn:pulumi:dev::aurora-graphql::{typ}::{name}",
        "custom": custom,
        "protect": False,
        "retain_on_delete": False,
        "dependencies": frozenset(),
        "property_dependencies": {},
        "secret_inputs": frozenset(),
        "ignore_changes": (),
        "aliases": (),
        **values,
    }
    return Resource(typ=typ, name=name, inputs=inputs, parent=parent, **known)


def graph(*resources: Resource) -> Graph:
    """Only resources."""
    return Graph(resources=resources, component_outputs={})
