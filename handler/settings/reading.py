"""Read variables of the table and make sections of them; knows none of the sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from handler.errors import SettingsError
from handler.settings.variables import VARIABLES, Variable
from handler.stores.url import DEFAULT_PORT


def read_values(
    environ: Mapping[str, str], variables: Iterable[Variable]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The values that are set, by section ("" is ``Settings`` itself), and the mistakes in them."""
    values: dict[str, dict[str, Any]] = {}
    mistakes: list[str] = []
    for variable in variables:
        text = environ.get(variable.name, "").strip()
        if not text:
            continue
        section, _, name = variable.field.rpartition(".")
        try:
            values.setdefault(section, {})[name] = variable.kind.parse(text)
        except SettingsError as error:
            mistakes.append(str(error))
        except ValueError as error:
            shown = "***" if variable.secret else repr(text)
            mistakes.append(f"{variable.name} is {shown}: {error}; write {variable.kind.accepts}")
    return values, mistakes


def assemble(
    owner: type[Struct], values: dict[str, dict[str, Any]], mistakes: list[str]
) -> dict[str, Any]:
    """The fields of ``owner`` that are set, each section made of its defaults and its values.

    Raises ``SettingsError`` with these mistakes and those of the sections.
    """
    chosen = values.pop("", {})
    for section, inner in values.items():
        try:
            chosen[section] = replace(default_of(owner, section), **inner)
        except ValueError as error:
            mistakes.append(_renamed(str(error), section))
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return chosen


def default_of(owner: type[Struct], path: str) -> Any:
    """The default of a field of ``owner`` or of a field of one of its sections."""
    name, _, rest = path.partition(".")
    if name == "database_url":  # has no default; what its parts are without it
        return {"port": DEFAULT_PORT}.get(rest, "")
    position = owner.__struct_fields__.index(name) - len(owner.__struct_fields__)
    value = owner.__struct_defaults__[position]
    return getattr(value, rest) if rest else value


def _renamed(message: str, section: str) -> str:
    """A section's message begins with the name of its field; a person set a variable."""
    first, _, rest = message.partition(" ")
    names = {variable.field: variable.name for variable in VARIABLES}
    return f"{names.get(f'{section}.{first}', first)} {rest}"
