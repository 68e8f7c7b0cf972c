"""The types of which functions give whole objects, and their schema as Tartiflette reads it.

It has a root with a list of each of them, and no arguments. Every scalar and enum is a scalar that
writes our values; a field that may hold rows is a scalar, too: its rows are finished JSON.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from handler.language.schema import (
    FieldDef,
    ListOf,
    NonNull,
    ObjectType,
    Schema,
    TypeRef,
    named,
    schema_error,
)
from handler.model.model import Model

LEAF_PREFIX: Final = "Leaf_"
ROWS: Final = "Rows_"
ROOT: Final = "Given_"
_NO_NAMES: Final = ("true", "false", "null")  # to Tartiflette's parser of SDL


class GivenTypes(Struct, frozen=True):
    """What functions may give as a whole: object types, interfaces and unions of them alone."""

    schema: Schema
    names: tuple[str, ...]

    @classmethod
    def of(cls, schema: Schema, model: Model) -> GivenTypes:
        """Those that the functions' fields lead to."""
        row_types = frozenset(name for name, table in model.tables.items() if table.is_given_by_key)
        found: dict[str, None] = {}
        waiting = [
            named(schema.object(owner).fields[name].type)
            for owner, _, name in (each.partition(".") for each in sorted(model.resolvers))
        ]
        while waiting:
            name = waiting.pop()
            possible = schema.possible_types.get(name, frozenset())
            whole = possible - row_types
            if whole == possible and possible:
                whole |= {name}
            for each in sorted(whole - found.keys()):
                found[each] = None
                type_def = schema.types[each]
                if isinstance(type_def, ObjectType):
                    waiting += [named(one.type) for one in type_def.fields.values()]
        return cls(schema, tuple(sorted(found)))

    @property
    def objects(self) -> list[str]:
        """The object types among them."""
        return [name for name in self.names if isinstance(self.schema.types[name], ObjectType)]

    @property
    def leaves(self) -> list[str]:
        """The scalars and enums that their fields have."""
        objects = [self.schema.object(name) for name in self.objects]
        names = {named(each.type) for found in objects for each in found.fields.values()}
        return sorted(names - self.schema.possible_types.keys())

    def sdl(self) -> str:
        """The schema, as SDL that Tartiflette reads. Raises ``SchemaError``."""
        lines = [f"schema {{ query: {ROOT} }}", f"scalar {ROWS}"]
        lines += [f"scalar {LEAF_PREFIX}{name}" for name in self.leaves]
        lines.append(f"type {ROOT} {{ {' '.join(f'{name}: [{name}]' for name in self.objects)} }}")
        for name in self.names:
            found = self.schema.types[name]
            if isinstance(found, ObjectType):
                fields = [self._field(name, each) for each in found.fields.values()]
                lines.append(f"type {name} {{ {' '.join(fields)} }}")
            else:  # documents name object types alone, so an interface is no more than a union
                lines.append(f"union {name} = {' | '.join(self.schema.possible_types[name])}")
        return "\n".join(lines)

    def _field(self, owner: str, field_def: FieldDef) -> str:
        if field_def.name in _NO_NAMES:
            raise schema_error(
                field_def,
                f"{owner}.{field_def.name}: a type that functions give has no field of that name; "
                f"call it otherwise",
            )
        return f"{field_def.name}: {self._ref(field_def.type)}"

    def _ref(self, ref: TypeRef) -> str:
        name = named(ref)
        is_leaf = name not in self.schema.possible_types
        if not is_leaf and name not in self.names:
            return ROWS + ("!" if isinstance(ref, NonNull) else "")
        if isinstance(ref, NonNull):
            return self._ref(ref.of) + "!"
        if isinstance(ref, ListOf):
            return f"[{self._ref(ref.of)}]"
        return LEAF_PREFIX + name if is_leaf else name
