"""Which kind of field each directive makes: the one list of them.

Everything else about a kind is in its own file. A field without any of these directives is a column
if it is a single value, and a relation if it leads to rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from handler.language.schema import AppliedDirective, FieldDef, schema_error
from handler.model.aggregate_reader import read_aggregate
from handler.model.aggregates import FUNCTIONS
from handler.model.columns import read_column
from handler.model.cursor_field import read_cursor
from handler.model.field import ModelField
from handler.model.global_ids import read_global_id
from handler.model.groups import GROUP, refuse_key
from handler.model.relation_reader import read_relation
from handler.model.resolver_field import read_resolver

RESOLVER: Final = "resolver"
KINDS: Final[Mapping[str, Callable[..., ModelField]]] = {
    "column": read_column,
    "expression": read_column,
    "relation": read_relation,
    **dict.fromkeys(FUNCTIONS, read_aggregate),
    GROUP: refuse_key,
    "cursor": read_cursor,
    "globalId": read_global_id,
    RESOLVER: read_resolver,
}


def kind_of(owner: str, field_def: FieldDef) -> AppliedDirective | None:
    """The directive that says what stands behind a field; None where it goes by convention.

    Raises ``SchemaError`` for two of them, which exclude each other.
    """
    found = [used for used in field_def.directives if used.name in KINDS]
    if len(found) > 1:
        first, second = (f"@{used.name}" for used in found[:2])
        raise schema_error(
            field_def, f"{owner}.{field_def.name}: {first} and {second} exclude each other"
        )
    return found[0] if found else None


def is_resolved(owner: str, field_def: FieldDef) -> bool:
    """Whether a Python function answers a field."""
    used = kind_of(owner, field_def)
    return used is not None and used.name == RESOLVER
