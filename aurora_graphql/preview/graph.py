"""What a Pulumi program declared: resources, exports, and who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

UNKNOWN: Final = "[unknown]"
"""Stands in a recorded input for a value that only the provider can tell."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registered resource. ``inputs`` is plain: secrets unwrapped, unknowns as ``UNKNOWN``."""

    urn: str
    typ: str
    name: str
    inputs: Mapping[str, Any]
    custom: bool
    parent: str  # URN
    protect: bool
    retain_on_delete: bool
    dependencies: frozenset[str]  # URNs, from `depends_on` and from inputs
    property_dependencies: Mapping[str, frozenset[str]]  # input name -> URNs
    secret_inputs: frozenset[str]  # names of inputs that Pulumi keeps encrypted in the state
    ignore_changes: tuple[str, ...]
    aliases: tuple[str, ...]
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)  # operation -> duration


@dataclass(frozen=True, kw_only=True)
class Export:
    """One value the program exported."""

    value: Any
    known: bool
    secret: bool


@dataclass(frozen=True, kw_only=True)
class Graph:
    """What a program declared, in the order of registration (which may differ between runs)."""

    resources: tuple[Resource, ...]
    component_outputs: Mapping[str, Mapping[str, Any]]  # URN -> outputs
    exports: Mapping[str, Export] = field(default_factory=dict)
    secret_values: frozenset[str] = frozenset()  # what providers made and marked as secret

    def types_and_names(self) -> list[tuple[str, str]]:
        """Sorted identities: what a rename would replace."""
        return sorted((resource.typ, resource.name) for resource in self.resources)

    def of_type(self, typ: str) -> list[Resource]:
        """Resources of one type token, sorted by name."""
        found = [resource for resource in self.resources if resource.typ == typ]
        return sorted(found, key=lambda resource: resource.name)

    def named(self, name: str, typ: str | None = None) -> Resource:
        """The only resource with this logical name (and type)."""
        found = [
            resource
            for resource in self.resources
            if resource.name == name and typ in (None, resource.typ)
        ]
        if len(found) != 1:
            names = sorted(resource.name for resource in self.resources)
            raise AssertionError(f"{len(found)} resources named {name!r} ({typ}) among {names}")
        return found[0]

    def children(self, urn: str) -> list[Resource]:
        """Resources whose parent has this URN, sorted by name, then type: never by arrival."""
        found = [resource for resource in self.resources if resource.parent == urn]
        return sorted(found, key=lambda resource: (resource.name, resource.typ))

    def to_json(self) -> dict[str, Any]:
        """Resources and exports in JSON's types, in order of their URNs; no generated secret."""
        return {
            "resources": [
                {key: _plain(value) for key, value in asdict(resource).items()}
                for resource in sorted(self.resources, key=lambda resource: resource.urn)
            ],
            "exports": {key: asdict(export) for key, export in self.exports.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Graph:
        """What ``to_json`` gave."""
        return cls(
            resources=tuple(_resource(entry) for entry in values["resources"]),
            component_outputs={},
            exports={key: Export(**entry) for key, entry in values["exports"].items()},
        )


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _resource(entry: Mapping[str, Any]) -> Resource:
    sets = {"dependencies", "secret_inputs"}
    # A graph that an older revision wrote has no custom time-outs.
    values = {name.name: entry[name.name] for name in fields(Resource) if name.name in entry}
    values |= {name: frozenset(values[name]) for name in sets}
    values |= {name: tuple(values[name]) for name in ("ignore_changes", "aliases")}
    values["property_dependencies"] = {
        key: frozenset(urns) for key, urns in values["property_dependencies"].items()
    }
    return Resource(**values)
