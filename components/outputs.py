"""Outputs of a component: declared once, by the annotations of its class."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

import pulumi


def register(component: pulumi.ComponentResource) -> None:
    """Register with Pulumi what the class of ``component`` declares, and end its construction.

    An output is an annotation of the class that begins with no underscore. Records become maps with
    the names of their fields. What a program adds in a class of its own over the component, it sets
    later.
    """
    component.register_outputs(
        {name: as_map(getattr(component, name)) for name in declared(component)}
    )


def declared(component: pulumi.ComponentResource) -> list[str]:
    """Names of the outputs of ``component``, in the order of its class."""
    lineage = type(component).__mro__
    declaring = lineage[lineage.index(pulumi.ComponentResource) - 1]
    return [name for name in inspect.get_annotations(declaring) if not name.startswith("_")]


def as_map(value: Any) -> Any:
    """``value`` with every record in it as a map, which Pulumi can write."""
    if dataclasses.is_dataclass(value):
        return {name: as_map(item) for name, item in vars(value).items()}
    if isinstance(value, list | tuple):
        return [as_map(item) for item in value]
    if isinstance(value, Mapping):
        return {key: as_map(item) for key, item in value.items()}
    return value
