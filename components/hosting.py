"""The components for programs in other languages, in the shape that Pulumi's component host reads.

Its analyser takes annotations as they stand, knows no ``Literal``, no ``tuple`` and no default, and
hands a component its arguments as a dict. So each component gets a subclass whose annotations are
computed from those of the component and of its args: nothing is written twice, and the checks of
the args run for every language.

Source: pulumi.provider.experimental.analyzer of the Pulumi SDK.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NotRequired, Union, get_args, get_origin

import pulumi
from pulumi.output import Unknown
from pulumi.provider.experimental.util import camel_case

from components.api_on_aurora import ApiOnAurora
from components.api_tier import ApiTier
from components.bucket import Bucket
from components.cache import Cache
from components.copied_backups import CopiedBackups
from components.data_tier import DataTier
from components.database import Database
from components.database_secret import DatabaseSecret
from components.domain import Domain
from components.encryption import Encryption
from components.firewall import Firewall
from components.function import Function
from components.gateway import Gateway
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


def hosted_components() -> list[Component]:
    """One subclass per component, of the same name, for ``component_provider_host``."""
    taken, given = _Shapes(), _Shapes("Result")
    return [_hosted(component, taken, given) for component in COMPONENTS]


def _args_type(component: Component) -> type[Any]:
    """The dataclass of a component's arguments."""
    found: type[Any] = inspect.get_annotations(component.__init__, eval_str=True)["args"]
    return found


def decode(hint: Any, value: Any) -> Any:
    """``value``, as it came over the wire, as the type that ``hint`` names.

    Numbers come as floats and dataclasses as dicts. Outputs and unknowns pass as they are: only
    fields that take a ``pulumi.Input`` get one.
    """
    if value is None or isinstance(value, pulumi.Output | Unknown):
        return value
    hint = _plain_member(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        hints = inspect.get_annotations(typing.cast(type, hint), eval_str=True)
        return typing.cast(type, hint)(
            **{name: decode(hints[name], item) for name, item in value.items()}
        )
    if origin is tuple:
        return tuple(decode(arguments[0], item) for item in value)
    if origin in (list, Sequence):
        return [decode(arguments[0], item) for item in value]
    if origin in (dict, Mapping):
        return {key: decode(arguments[1], item) for key, item in value.items()}
    if hint is Path:
        return Path(value)
    if hint is int and isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"a whole number is needed, got {value}")
        return int(value)
    return value


def encode(value: Any, *, renamed: bool = True) -> Any:
    """An output with the records in it as maps, whose members the host reads by their names.

    It writes the names as the schema has them (``renamed``), but not of what stands in a list or a
    map; there they are written so here.
    """
    if dataclasses.is_dataclass(value):
        return {
            name if renamed else camel_case(name): encode(member, renamed=renamed)
            for name, member in vars(value).items()
            if member is not None
        }
    if isinstance(value, list | tuple):
        return [encode(item, renamed=False) for item in value]
    if isinstance(value, Mapping):
        return {key: encode(item, renamed=False) for key, item in value.items()}
    return value


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
            shape: Any = pulumi.Input[self.of(_plain_member(hint))]  # type: ignore[misc]  # as above
        else:
            (member,) = (member for member in members if member is not types.NoneType)
            shape = self.of(member)
        return shape | None if types.NoneType in members else shape

    def _of_dataclass(self, hint: Any) -> Any:
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
        given = (field.default, field.default_factory)
        required = all(default is dataclasses.MISSING for default in given)
        return self.of(hint) if required else NotRequired[self.of(hint)]

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


def _plain_member(hint: Any) -> Any:
    """The type in a union with None, outputs and awaitables; another hint as it is."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    (plain,) = (
        member
        for member in get_args(hint)
        if member is not types.NoneType
        and not isinstance(member, typing.ForwardRef)  # Output[T], as the SDK writes Input
        and get_origin(member) not in (Awaitable, pulumi.Output)
    )
    return plain


def _hosted(component: Component, taken: _Shapes, given: _Shapes) -> Component:
    args = _args_type(component)
    outputs = {
        name: given.of(hint)
        for name, hint in inspect.get_annotations(component, eval_str=True).items()
        if not name.startswith("_")
    }

    def init(
        self: Any, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        typing.cast(Any, component).__init__(self, name, decode(args, inputs), opts)
        for output in outputs:
            setattr(self, output, encode(getattr(self, output, None)))

    init.__annotations__ = {"args": taken.of(args)}
    return type(
        component.__name__,
        (component,),
        {"__annotations__": outputs, "__doc__": _description(component), "__init__": init},
    )


def _description(component: Component) -> str:
    """The docstring up to its example, which is one in Python."""
    return (inspect.getdoc(component) or "").partition("\n\nExample")[0]
