"""What is decided for a catalogue, written in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aurora_graphql.catalog import LiveTable
from aurora_graphql.project.decide import decide
from aurora_graphql.project.description import Api, Relation, Type
from aurora_graphql.project.operations import print_operations
from aurora_graphql.project.printing import print_api
from handler.language.operations import check_operations
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.model.relations import Relation as ModelRelation
from tests.aurora_graphql.project.catalogues import database

PAGE = ("first", "after", "last", "before", "orderBy")


def decided(
    *tables: LiveTable,
    views: Mapping[str, tuple[str, ...]] | None = None,
    is_mariadb: bool = False,
) -> Api:
    """What is decided; as SDL it starts with its documents, and leads by the same columns."""
    api = decide(database(*tables), views, is_mariadb=is_mariadb)
    schema = build_schema(print_api(api, "@public"))
    model = build_model(schema)
    check_operations(print_operations(api), schema)
    for found in api.types:
        for each in found.relations:
            field = model.tables[found.name].of_kind(ModelRelation)[each.field]
            hops = [(hop.columns, hop.references) for hop in field.path.hops]
            assert hops == list(hops_of(each)), f"{found.name}.{each.field}"
    return api


def hops_of(relation: Relation) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """The columns of each way from table to table."""
    columns = relation.columns
    if relation.through:
        yield columns, relation.through.columns
        columns = relation.through.references
    yield columns, relation.references


def type_of(api: Api, table_name: str) -> Type:
    return next(each for each in api.types if each.table == table_name)


def fields(found: Type) -> dict[str, str]:
    """Types with their marks by field, of columns and of relations."""
    columns = {each.field: each.type + "!" * each.is_required for each in found.columns}
    return columns | {each.field: shown(each) for each in found.relations}


def shown(relation: Relation) -> str:
    if relation.is_list:
        return f"[{relation.target}] {', '.join(relation.references)}"
    return f"{relation.target}{'!' * relation.is_required} {', '.join(relation.columns)}"


def roots(found: Type) -> list[str]:
    return [
        f"{root.field}({', '.join(each.name for each in root.arguments if each.name not in PAGE)})"
        for root in found.roots
    ]


def reasons(api: Api) -> dict[str, str]:
    return {each.name: each.reason for each in api.left_out}
