"""What functions give for types that are no scalars: objects as a whole, or keys of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field

from handler.errors import HandlerError
from handler.language.schema import Schema

_NO_OBJECTS: Final = (str, bytes, int, float, list, set, frozenset)


class MisgivenError(HandlerError):
    """What a function gave does not fit its field; the text goes on from "the resolver"."""


class GivenObject(Struct, eq=False):
    """An object as a function gave it, and what stands in it in place of keys of rows."""

    value: Any
    type_name: str
    below: dict[str, Any] = field(default_factory=dict)  # by response key


def type_name_of(value: Any) -> str:
    """The object type that a value says it is of: by a key, an attribute or its class."""
    if isinstance(value, GivenObject):
        return value.type_name
    for name in ("__typename", "_typename"):
        found = field_of(value, name)
        if isinstance(found, str):
            return found
    return type(value).__name__


def field_of(value: Any, name: str, default: Any = None) -> Any:
    """A field of an object that a function gave: of a mapping by key, else by attribute.

    Raises ``HandlerError`` where an attribute does, which may be code; ``MisgivenError`` for all
    else that it may raise.
    """
    try:
        is_mapping = isinstance(value, Mapping)
        found = value.get(name, default) if is_mapping else getattr(value, name, default)
    except HandlerError:
        raise
    except Exception as error:
        raise MisgivenError(
            f"gave a {type(value).__name__} whose {name} cannot be read: {type(error).__name__}"
        ) from error
    return list(found) if type(found) is tuple else found  # Tartiflette knows no other lists


def has_fields(value: Any) -> bool:
    """Whether it may be an object."""
    return not isinstance(value, _NO_OBJECTS)


def check_object(value: Any, type_name: str) -> None:
    """Raise ``MisgivenError`` for what has no fields."""
    if not has_fields(value):
        raise MisgivenError(
            f"gave a {type(value).__name__} as a {type_name}; give a mapping or an object with the"
            f" names of fields"
        )


def member_name(schema: Schema, type_name: str, value: Any) -> str:
    """The object type of a value where the field's type is ``type_name``.

    Raises ``MisgivenError`` for an object whose type is unknown, or none of those that it may be,
    and as ``field_of`` does.
    """
    possible = schema.possible_types[type_name]
    name = type_name if type_name in possible else type_name_of(value)
    if name not in possible:
        raise MisgivenError(
            f'gave an object of no type that {type_name} may be; say which by "__typename":'
            f" {' or '.join(sorted(possible))}"
        )
    return name
