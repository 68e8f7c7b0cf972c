"""What is decided for a catalogue, written in short."""

from __future__ import annotations

from collections.abc import Mapping

from aurora_graphql.catalog import LiveTable
from aurora_graphql.project.decide import decide
from aurora_graphql.project.description import Api, Relation, Type
from aurora_graphql.project.printing import print_api
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from tests.aurora_graphql.project.catalogues import database

PAGE = ("first", "after", "last", "before", "orderBy")


def decided(
    *tables: LiveTable,
    views: Mapping[str, tuple[str, ...]] | None = None,
    is_mariadb: bool = False,
) -> Api:
    """What is decided; as SDL it starts."""
    api = decide(database(*tables), views, is_mariadb=is_mariadb)
    build_model(build_schema(print_api(api, "@public")))
    return api


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
