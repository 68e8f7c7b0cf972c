"""Two engines with resolvers, as their manuals show them: Tartiflette and graphql-core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import orjson
from graphql import GraphQLSchema, build_schema, execute, parse, validate
from tartiflette import Resolver, create_engine

from benchmarks.handwritten import OrderCursors
from benchmarks.resolvers import RESOLVERS, Shop

SDL = Path(__file__).with_name("plain.graphql")

# Document and variables -> response body. Loaders are made for each request, as they must be.
Engine: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[bytes]]


async def start_tartiflette(pool: Any, cursors: OrderCursors) -> Engine:
    """Plain Tartiflette; it caches parsed documents by their text by itself."""
    name = "benchmark"
    for (owner, field), resolve in RESOLVERS.items():

        async def resolver(
            parent: Any, args: Any, ctx: Any, info: Any, resolve: Any = resolve
        ) -> Any:
            return await resolve(ctx, parent, args)

        Resolver(f"{owner}.{field}", schema_name=name)(resolver)
    engine = await create_engine(str(SDL), schema_name=name)

    async def answer(document: str, variables: Mapping[str, Any]) -> bytes:
        shop = Shop(pool, cursors)
        return orjson.dumps(await engine.execute(document, context=shop, variables=dict(variables)))

    return answer


def start_graphql_core(pool: Any, cursors: OrderCursors) -> Engine:
    """graphql-core with its documents parsed and validated once for each text."""
    schema = build_schema(SDL.read_text())
    for (owner, field), resolve in RESOLVERS.items():

        def resolver(parent: Any, info: Any, resolve: Any = resolve, **given: Any) -> Any:
            return resolve(info.context, parent, given)

        schema.type_map[owner].fields[field].resolve = resolver  # type: ignore[attr-defined]
    documents: dict[str, Any] = {}

    async def answer(document: str, variables: Mapping[str, Any]) -> bytes:
        tree = documents.get(document)
        if tree is None:
            tree = documents[document] = _checked(schema, document)
        shop = Shop(pool, cursors)
        result: Any = execute(schema, tree, context_value=shop, variable_values=dict(variables))
        return orjson.dumps((await result).formatted)

    return answer


def _checked(schema: GraphQLSchema, document: str) -> Any:
    tree = parse(document)
    if errors := validate(schema, tree):
        raise errors[0]
    return tree
