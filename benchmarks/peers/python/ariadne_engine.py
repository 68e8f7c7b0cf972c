# mypy: disable-error-code="import-not-found"
# Its packages are in another virtual environment than mypy's.
"""Ariadne, schema first, with loaders by aiodataloader: a body of a request to one of a response.

Documents are parsed and validated once for each text, by the parameters that Ariadne has for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from aiodataloader import DataLoader
from ariadne import graphql, make_executable_schema
from ariadne.objects import ObjectType
from graphql import DocumentNode, parse, validate

from benchmarks.handwritten import OrderCursors
from benchmarks.peers.python.held import held
from benchmarks.resolvers import RESOLVERS, Shop

SDL = Path(__file__).parents[2] / "plain.graphql"


def start(pool: Any, cursors: OrderCursors) -> Callable[[str], Awaitable[bytes]]:
    """The engine, ready to be asked."""
    types = {owner: ObjectType(owner) for owner, _ in RESOLVERS}
    for (owner, field), resolve in RESOLVERS.items():

        def resolver(parent: Any, info: Any, resolve: Any = resolve, **given: Any) -> Any:
            return resolve(info.context, parent, given)

        types[owner].set_field(field, resolver)
    schema = make_executable_schema(SDL.read_text(), *types.values())
    documents: dict[str, DocumentNode] = {}
    checked: dict[int, list[Any]] = {}  # by the tree, which documents keeps

    def known(context: Any, data: Mapping[str, Any]) -> DocumentNode:
        text = data["query"]
        if text not in documents:
            documents[text] = parse(text)
        return documents[text]

    def errors(schema: Any, tree: DocumentNode, *others: Any, **named: Any) -> list[Any]:
        if id(tree) not in checked:
            checked[id(tree)] = validate(schema, tree, *others, **named)
        return checked[id(tree)]

    async def answer(body: str) -> bytes:
        shop = Shop(pool, cursors, loader)
        _, result = await graphql(
            schema,
            orjson.loads(body),
            context_value=shop,
            query_parser=known,
            query_validator=errors,
        )
        return orjson.dumps(result)

    return answer


def loader(fetch: Callable[[Sequence[Any]], Coroutine[Any, Any, Mapping[Any, Any]]]) -> Any:
    """A DataLoader over a function from keys to a mapping."""

    async def load(keys: list[Any]) -> list[Any]:
        found = await held(fetch(keys))
        return [found[key] for key in keys]

    return DataLoader(load)
