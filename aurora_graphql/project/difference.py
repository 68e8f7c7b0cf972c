"""How the SDL that is there differs from the database: pure, by the model and the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.project.columns import scalar_of
from aurora_graphql.project.decide import Known
from aurora_graphql.project.description import Api, Relation, Type
from aurora_graphql.project.tables import LABELS
from handler.language.schema import Origin, Schema
from handler.model.column import Column, ColumnRef
from handler.model.directives import conventions_of
from handler.model.model import Model
from handler.model.relations import Hop
from handler.model.relations import Relation as ModelRelation
from handler.scalars import COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One sentence. ``name``: of what can be added; ``origin``: of what stands in the SDL."""

    told: str
    name: str = ""
    origin: Origin | None = None

    def __str__(self) -> str:
        place = ""
        if self.origin:
            at = self.origin.location
            place = f"{self.origin.file}:{at.line}:{at.column}: "
        return place + self.told + (f" (--add {self.name})" if self.name else "")


def known_of(schema: Schema, model: Model, left_out: Iterable[str], added: Iterable[str]) -> Known:
    """What the author's SDL says of tables, columns and names."""
    types: dict[str, str] = {}
    fields: dict[str, dict[str, str]] = {}
    for table in model.tables.values():
        types.setdefault(table.name, table.type_name)
        for each in table.of_kind(Column).values():
            if each.stored_name:
                own = fields.setdefault(table.type_name, {})
                own.setdefault(each.stored_name, each.field)
    names = {each.name: each for each in schema.types.values()}
    members = {name: tuple(getattr(found, "fields", ())) for name, found in names.items()}
    return Known(
        filters=bool(model.filter_inputs),
        conventions=conventions_of(schema),
        types=types,
        fields=fields,
        taken=tuple(names),
        taken_fields={**members, "Query": members.get(schema.query, ())},
        left_out=tuple(left_out),
        added=tuple(added),
    )


def compare(model: Model, live: Mapping[str, LiveTable], api: Api) -> list[Difference]:
    """What the SDL promises and the database has not, and then what it does not know of.

    ``api``: what would be written, decided in knowledge of the model.
    """
    return [*_broken(model, live), *_new(model, api)]


# ------------------------------------------------------------------------ what was there before


def _broken(model: Model, live: Mapping[str, LiveTable]) -> Iterator[Difference]:
    for table in model.tables.values():
        found = live.get(table.name)
        if found is None:
            yield Difference(
                told=f"table {table.name} of {table.type_name} is gone", origin=table.origin
            )
            continue
        for each in table.of_kind(Column).values():
            yield from _column(f"{table.type_name}.{each.field}", each, found)


def _column(name: str, field: Column, found: LiveTable) -> Iterator[Difference]:
    for part in field.parts:
        if isinstance(part, ColumnRef) and part.name not in found.columns:
            told = f"column {found.name}.{part.name} of {name} is gone"
            yield Difference(told=told, origin=field.origin)
            return
    if field.stored_name is None:
        return
    column = found.columns[field.stored_name]
    where = f"{found.name}.{column.name}"
    if field.enum_values is not None and column.values:
        known = set(field.enum_values.values())
        for label in column.values:
            if label not in known:
                told = f"{where} may be {label!r}, which {field.scalar} has not"
                yield Difference(told=told, origin=field.origin)
    elif not COLUMNS[field.scalar].takes(column.data_type, column.column_type):
        yield Difference(
            told=f"{name} is {field.scalar}, and {where} is {column.column_type} now: "
            f"write {_preferred(column)}",
            origin=field.origin,
        )
    elif COLUMNS[field.scalar].passes(column.data_type, column.column_type):
        yield Difference(
            told=f"{name} is {field.scalar}, and {where} is {column.column_type}, which holds "
            f"more: write {_preferred(column)}",
            origin=field.origin,
        )
    if not field.is_nullable and column.is_nullable:
        yield Difference(
            told=f"{name} must not be null, and {where} may be NULL: take the ! away",
            origin=field.origin,
        )


def _preferred(column: LiveColumn) -> str:
    if column.data_type in LABELS:
        return "an enum of its labels"
    return scalar_of(column) or "another type, for no scalar reads it"


def names_read(model: Model) -> set[str]:
    """Of the tables that the SDL reads, and of their columns, as ``table.column``."""
    return {
        name
        for table in model.tables.values()
        for field in table.of_kind(Column).values()
        for name in (table.name, *(f"{table.name}.{part}" for part in field.columns))
    }


# --------------------------------------------------------------------------------- what is new


def _new(model: Model, api: Api) -> Iterator[Difference]:
    known = {table.name for table in model.tables.values()}
    tables = {each.name: each.table for each in api.types}
    for each in api.types:
        if each.table not in known:
            yield Difference(told=f"table {each.table} is new", name=each.table)
            continue
        for column in new_columns(model, each):
            name = f"{each.table}.{column}"
            yield Difference(told=f"column {name} is new", name=name)
        for relation in new_relations(model, each, tables):
            if tables[relation.target] in known and not relation.is_list:
                name = f"{each.table}.{relation.name}"
                told = f"{each.table} leads to {tables[relation.target]} by {relation.name}"
                yield Difference(told=f"{told}, which is new", name=name)


def new_columns(model: Model, found: Type) -> list[str]:
    """The columns that no type over the table reads."""
    read = names_read(model)
    return [each.name for each in found.columns if f"{found.table}.{each.name}" not in read]


def new_relations(model: Model, found: Type, tables: Mapping[str, str]) -> Iterator[Relation]:
    """The relations of a type of which the SDL has neither this end nor the other."""
    known = {pairs for table in model.tables.values() for pairs in _pairs_of(model, table.name)}
    for relation in found.relations:
        if relation.through is not None:
            continue  # has come with its link table
        there = tables.get(relation.target, "")
        pairs = zip(relation.columns, relation.references, strict=True)
        if _pairs(found.table, there, pairs) not in known:
            yield relation


def _pairs_of(model: Model, name: str) -> Iterator[frozenset[frozenset[tuple[str, str]]]]:
    for table in model.tables.values():
        if table.name != name:
            continue
        for field in table.of_kind(ModelRelation).values():
            here = table.name
            for hop in field.path.hops:
                end = model.tables.get(hop.target)
                there = end.name if end else hop.target.strip("`")  # a link table
                yield _pairs(here, there, _of(hop))
                here = there


def _of(hop: Hop) -> Iterable[tuple[str, str]]:
    return zip(hop.columns, hop.references, strict=True)


def _pairs(
    here: str, there: str, columns: Iterable[tuple[str, str]]
) -> frozenset[frozenset[tuple[str, str]]]:
    """What both ends of a relation have in common."""
    return frozenset(frozenset(((here, own), (there, other))) for own, other in columns)
