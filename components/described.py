"""The plugin's schema with what Pulumi's analyser leaves out: descriptions, defaults, enums."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

import pulumi

from components.descriptions import describe
from components.limits import setting_key
from components.settings import StackSettings
from components.wire import plain_member

_SECTIONS = {kind: name for name, kind in typing.get_type_hints(StackSettings).items()}


class Described:
    """``schema`` of the package ``name``, completed piece by piece.

    ``settings``: descriptions of the settings, by their keys.
    """

    def __init__(self, schema: dict[str, Any], name: str, settings: Mapping[str, str]) -> None:
        self.schema = schema
        self._prefix = f"{name}:index:"
        self._settings = settings

    def component(self, component: type[pulumi.ComponentResource], args: type[Any]) -> None:
        """Complete a component: what it takes, and what it gives."""
        found = self.schema["resources"][self._prefix + component.__name__]
        self._fields(args, found["inputProperties"], with_defaults=True)
        for name in inspect.get_annotations(component):
            if not name.startswith("_"):
                text = describe(component.__name__, name)
                found["properties"][setting_key("", name)]["description"] = text

    def record(self, kind: type[Any], shape: str) -> None:
        """Complete a type that stands for the record ``kind``."""
        found = self.schema["types"].get(self._prefix + shape)
        if found is not None:
            found["description"] = (inspect.getdoc(kind) or "").partition("\n\n")[0]
            self._fields(kind, found["properties"], with_defaults=shape == kind.__name__)

    def open(self, shapes: Iterable[str]) -> None:
        """Let these types, and what is in them, be outputs: another component gives them."""
        tokens = {f"#/types/{self._prefix}{shape}" for shape in shapes}
        for kind, found in self.schema["types"].items():
            if f"#/types/{kind}" in tokens:
                _make_open(found.get("properties", {}))
        for found in self.schema["resources"].values():
            for written in found["inputProperties"].values():
                if {written.get("$ref"), written.get("items", {}).get("$ref")} & tokens:
                    _make_open(written)

    def _fields(self, kind: type[Any], properties: dict[str, Any], *, with_defaults: bool) -> None:
        hints = inspect.get_annotations(kind, eval_str=True)
        for field in dataclasses.fields(kind):
            written = properties[setting_key("", field.name)]
            hint = plain_member(hints[field.name])
            written["description"] = self._text(kind, field.name)
            if get_origin(hint) is Literal:
                del written["type"]
                written["$ref"] = self._enum(kind, field.name, get_args(hint))
            is_scalar = isinstance(field.default, bool | int | float | str)
            if with_defaults and is_scalar and field.default != "":
                written["default"] = field.default

    def _text(self, kind: type[Any], name: str) -> str:
        section = _SECTIONS.get(kind)
        if section is None or kind is StackSettings:
            return describe(kind.__name__, name)
        return self._settings[setting_key("" if section == "general" else section, name)]

    def _enum(self, kind: type[Any], name: str, words: tuple[str, ...]) -> str:
        token = f"{self._prefix}{kind.__name__}{setting_key('', f'_{name}')}"
        self.schema["types"][token] = {
            "type": "string",
            "description": self._text(kind, name),
            "enum": [{"value": word} for word in words],
        }
        return f"#/types/{token}"


def _make_open(written: Any) -> None:
    """Take ``plain`` away, from members, too."""
    if isinstance(written, dict):
        if written.get("plain") is True:
            del written["plain"]
        for member in written.values():
            _make_open(member)
