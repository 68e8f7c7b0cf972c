"""The components for programs in other languages, in the shape that Pulumi's component host reads.

Its analyser takes annotations as they stand, knows no ``Literal``, no ``tuple`` and no default, and
knows no output in a record. So each component gets a subclass whose annotations are computed from
those of the component and of its args: nothing is written twice, and the checks of the args run for
every language. ``wire`` reads the arguments, ``described`` completes the schema.

Source: pulumi.provider.experimental.analyzer of the Pulumi SDK.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NotRequired, Union, get_args, get_origin

import pulumi
from pulumi.errors import InputPropertyError
from pulumi.output import UNKNOWN
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.analyzer import ComponentDefinition
from pulumi.provider.experimental.component import ComponentProvider

from components.api_on_aurora import ApiOnAurora
from components.api_tier import ApiTier
from components.archive import Archive
from components.bucket import Bucket
from components.cache import Cache
from components.copied_backups import CopiedBackups
from components.data_tier import DataTier
from components.database import Database
from components.database_secret import DatabaseSecret
from components.described import Described
from components.domain import Domain
from components.encryption import Encryption
from components.firewall import Firewall
from components.function import Function
from components.gateway import Gateway
from components.identity import formerly
from components.ingest_store import IngestStore
from components.migration import Migration
from components.monitoring import Monitoring
from components.network import Network
from components.proxy import DatabaseProxy
from components.pruning import Pruning
from components.release import Release
from components.shifting import TrafficShift
from components.trail import Trail
from components.tunnel import Tunnel
from components.usage_plan import UsagePlan
from components.wire import UnknownStructureError, decode, encode, is_required, plain_member

Component = type[pulumi.ComponentResource]

COMPONENTS: Final[tuple[Component, ...]] = (
    ApiOnAurora,
    ApiTier,
    Bucket,
    Cache,
    CopiedBackups,
    DataTier,
    Database,
    DatabaseProxy,
    DatabaseSecret,
    Domain,
    Encryption,
    Firewall,
    Function,
    Gateway,
    IngestStore,
    Migration,
    Monitoring,
    Network,
    Pruning,
    Release,
    TrafficShift,
    Trail,
    Tunnel,
    UsagePlan,
)


class Host(ComponentProvider):
    """Serves the components. ``settings``: descriptions of the settings, by their keys."""

    def __init__(self, *, name: str, version: str, settings: Mapping[str, str]) -> None:
        taken, given = _Shapes(), _Shapes("Result")
        components = [_hosted(component, taken, given) for component in COMPONENTS]
        super().__init__(components, name, None, version)
        described = Described(json.loads(str(self.schema)), name, settings)
        for shapes in (taken, given):
            for kind, shape in shapes.items():
                described.record(kind, shape)
        for component in COMPONENTS:
            described.component(component, _args_type(component))
        records = {kind for kind, _ in given.items()}
        described.open(shape for kind, shape in taken.items() if kind in records)
        self.schema = json.dumps(described.schema)

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Any,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Construct a component, or only name it where a preview cannot know what is in it."""
        try:
            return super().construct(name, resource_type, inputs, options)
        except UnknownStructureError as unknown:
            if not pulumi.runtime.is_dry_run():
                raise InputPropertyError(unknown.path, f"{unknown.path} has no value") from None
            kind = resource_type.rpartition(":")[2]
            pulumi.log.warn(
                f"{name}: {unknown.path} is not known yet, so this preview does not show what "
                f"{kind} makes"
            )
            component = pulumi.ComponentResource(resource_type, name, None, formerly(kind, options))
            outputs = self._component_defs[kind].outputs
            return ConstructResult(
                component.urn, {output: pulumi.Output.from_input(UNKNOWN) for output in outputs}
            )

    def map_inputs(self, inputs: Any, component_def: ComponentDefinition) -> Any:
        """The component's arguments; the host's own mapping knows no outputs in records."""
        (component,) = (each for each in COMPONENTS if each.__name__ == component_def.name)
        try:
            return decode(_args_type(component), inputs)
        except InputPropertyError as error:
            raise InputPropertyError(
                error.property_path, f"{error.reason} on '{component_def.name}'"
            ) from error


def records() -> set[type[Any]]:
    """Every record that a component takes."""
    taken = _Shapes()
    for component in COMPONENTS:
        taken.of(_args_type(component))
    arguments = {_args_type(component) for component in COMPONENTS}
    return {kind for kind, _ in taken.items()} - arguments


def _args_type(component: Component) -> type[Any]:
    """The dataclass of a component's arguments."""
    found: type[Any] = inspect.get_annotations(component.__init__, eval_str=True)["args"]
    return found


class _Shapes:
    """Types that the analyser reads, by the dataclass that they stand for.

    What a component takes may be plain, what it gives is an output; the analyser says so of a type
    as a whole. A record that one component gives and another takes is therefore two types, of which
    the one that is given has a ``suffix``.
    """

    def __init__(self, suffix: str = "") -> None:
        self._suffix = suffix
        self._by_type: dict[Any, Any] = {}
        self._names: set[str] = set()

    def items(self) -> Iterator[tuple[type[Any], str]]:
        """Records and the names of their types."""
        return ((kind, shape.__name__) for kind, shape in self._by_type.items())

    def of(self, hint: Any) -> Any:
        """``hint`` in the analyser's words."""
        origin, arguments = get_origin(hint), get_args(hint)
        if dataclasses.is_dataclass(hint):
            return self._of_dataclass(hint)
        if origin is pulumi.Output:
            return pulumi.Output[self.of(arguments[0])]  # type: ignore[misc]  # computed, as all here
        if origin in (Union, types.UnionType):
            return self._of_union(hint)
        if origin is Literal:
            return type(arguments[0])
        if origin in (tuple, list, Sequence):
            return list[self.of(arguments[0])]  # type: ignore[misc]  # as above
        if origin in (dict, Mapping):
            return dict[str, self.of(arguments[1])]  # type: ignore[misc]  # as above
        return str if hint is Path else hint

    def _of_union(self, hint: Any) -> Any:
        """``T | None``, ``Input[T]``, ``Input[T] | None``, or ``Output[T] | None``."""
        members = get_args(hint)
        if any(get_origin(member) is Awaitable for member in members):
            shape: Any = pulumi.Input[self.of(plain_member(hint))]  # type: ignore[misc]  # as above
        else:
            (member,) = (member for member in members if member is not types.NoneType)
            shape = self.of(member)
        return shape | None if types.NoneType in members else shape

    def _of_dataclass(self, hint: Any) -> Any:
        if hint is Archive:
            return str  # its folder
        if hint not in self._by_type:
            fields = inspect.get_annotations(hint, eval_str=True)
            shape = typing.TypedDict(  # type: ignore[misc]  # its fields are computed
                self._name(hint),
                {
                    field.name: self._of_field(field, fields[field.name])
                    for field in dataclasses.fields(hint)
                },
            )
            shape.__doc__ = hint.__doc__
            self._by_type[hint] = shape
        return self._by_type[hint]

    def _of_field(self, field: dataclasses.Field[Any], hint: Any) -> Any:
        return self.of(hint) if is_required(field) else NotRequired[self.of(hint)]

    def _name(self, hint: type) -> str:
        """All types of a schema share one module; the second of a name gets its own module's.

        Generated SDKs call a component's own arguments ``<Component>Args``, so that no other type
        may end in it.
        """
        name = hint.__name__ + self._suffix
        if name.endswith("Args"):
            name = name.removesuffix("Args") + "Definition"
        if name in self._names:
            module = hint.__module__.rpartition(".")[2]
            name = "".join(word.capitalize() for word in module.split("_")) + name
        self._names.add(name)
        return name


def _hosted(component: Component, taken: _Shapes, given: _Shapes) -> Component:
    outputs = {
        name: given.of(hint)
        for name, hint in inspect.get_annotations(component, eval_str=True).items()
        if not name.startswith("_")
    }

    def init(self: Any, name: str, args: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        typing.cast(Any, component).__init__(self, name, args, opts)
        for output in outputs:
            setattr(self, output, encode(getattr(self, output, None)))

    init.__annotations__ = {"args": taken.of(_args_type(component))}
    return type(
        component.__name__,
        (component,),
        {"__annotations__": outputs, "__doc__": description(component), "__init__": init},
    )


def description(component: Component) -> str:
    """The docstring up to its example, which is one in Python."""
    return (inspect.getdoc(component) or "").partition("\n\nExample")[0]
