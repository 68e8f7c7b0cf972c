"""Arguments as they come over gRPC, as the records that components take, and outputs back.

Numbers come as floats and records as dicts with the names of the schema. Every value, a record's
members too, may be an output: known or not, secret or not, with the resources that it waits for.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import types
import typing
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import pulumi
from pulumi.errors import InputPropertyError
from pulumi.output import Unknown
from pulumi.provider.experimental.util import camel_case

from components.archive import Archive


class UnknownStructureError(Exception):
    """An argument that decides what is made is not known yet, as in a first preview."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def decode(hint: Any, value: Any, path: str = "") -> Any:
    """``value`` as the type that ``hint`` names.

    What is not known, secret or waits for resources stays an output where the type takes one.
    Raises ``InputPropertyError`` with the ``path`` of what is missing or unknown to the schema, and
    ``UnknownStructureError`` where a value is needed and not there yet.
    """
    if takes_output(hint):
        if plain_member(hint) in (str, bool, int, float) and isinstance(
            value, pulumi.Output | Unknown
        ):
            output: pulumi.Output[Any] = pulumi.Output.from_input(value)
            return output.apply(int) if plain_member(hint) is int else output
        plain, known = _opened(value)
        return _decode(hint, plain, path) if known else pulumi.Output.from_input(value)
    plain, known = _opened(value)
    if not known:
        raise UnknownStructureError(path)
    return _decode(hint, plain, path)


def _decode(hint: Any, value: Any, path: str) -> Any:
    """``value`` itself known, its members perhaps not."""
    if value is None:
        return None
    hint = plain_member(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Archive:
        return Archive.load(Path(value))
    if dataclasses.is_dataclass(hint):
        return _record(typing.cast(type, hint), value, path)
    if origin is tuple:
        return tuple(_items(arguments[0], value, path))
    if origin in (list, Sequence):
        return _items(arguments[0], value, path)
    if origin in (dict, Mapping):
        return {key: decode(arguments[1], item, _below(path, key)) for key, item in value.items()}
    if hint is Path:
        return Path(value)
    if hint is int and isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"{path}: a whole number is needed, got {value}")
        return int(value)
    return value


def _items(hint: Any, values: Sequence[Any], path: str) -> list[Any]:
    return [decode(hint, item, f"{path}[{number}]") for number, item in enumerate(values)]


def _record(kind: type[Any], value: Mapping[str, Any], path: str) -> Any:
    hints = inspect.get_annotations(kind, eval_str=True)
    names = {camel_case(field.name): field for field in dataclasses.fields(kind)}
    for name in value:
        if name not in names:
            known = ", ".join(names)
            raise InputPropertyError(
                _below(path, name),
                f"{_below(path, name)} is not known: {kind.__name__} has {known}",
            )
    given: dict[str, Any] = {}
    for name, field in names.items():
        if value.get(name) is not None:
            given[field.name] = decode(hints[field.name], value[name], _below(path, name))
        elif is_required(field):
            raise InputPropertyError(
                _below(path, name), f"Missing required input '{_below(path, name)}'"
            )
    return kind(**given)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Whether a record cannot be made without this field."""
    given = (field.default, field.default_factory)
    return all(default is dataclasses.MISSING for default in given)


def takes_output(hint: Any) -> bool:
    """Whether ``hint`` is a ``pulumi.Input``."""
    return get_origin(hint) in (Union, types.UnionType) and any(
        get_origin(member) in (Awaitable, pulumi.Output) for member in get_args(hint)
    )


def plain_member(hint: Any) -> Any:
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


def _opened(value: Any) -> tuple[Any, bool]:
    """What is in an output whose value has come, and whether it is known.

    Its members become outputs that wait for the same resources, so that nothing is lost.
    """
    if isinstance(value, Unknown):
        return value, False
    if not isinstance(value, pulumi.Output):
        return value, True
    data: Any = value._data
    if not isinstance(data, asyncio.Future) or not data.done():
        raise TypeError("an output over gRPC has its value when it comes")
    found = data.result()
    if isinstance(found.value, dict):
        return {key: _with(item, found) for key, item in found.value.items()}, True
    if isinstance(found.value, list):
        return [_with(item, found) for item in found.value], True
    return found.value, found.is_known and not isinstance(found.value, Unknown)


def _with(member: Any, whole: Any) -> Any:
    """``member`` of an output as an output, secret and waiting as ``whole`` is."""
    if isinstance(member, pulumi.Output) or member is None:
        return member
    known = not isinstance(member, Unknown)
    data: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
    data.set_result(dataclasses.replace(whole, value=member, is_known=known))
    return pulumi.Output._from_data(data)


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
