"""The functions behind ``@resolver``: what the module of the setting ``RESOLVERS`` offers.

The module has a mapping ``RESOLVERS`` from ``"Type.field"`` to a coroutine function::

    async def stock(parent, arguments, context):
        text = "SELECT pieces FROM stock WHERE product_id = %s LIMIT 1"
        rows = await context.fetch(text, parent["productId"])
        return rows[0]["pieces"] if rows else None

    RESOLVERS = {"Product.stock": stock}

One that takes all parents at once is marked by ``batched``.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from handler.compiler.tables import ResolverSqlError, compile_text
from handler.compiler.visible import Visibility
from handler.errors import SchemaError, SettingsError
from handler.model.model import Model
from handler.sql.tokens import end_of_select
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database


class ResolverContext(Struct, frozen=True):
    """What a resolver may use while one request is served."""

    database: Database
    deadline: Deadline
    visibility: Visibility
    claims: Mapping[str, str]  # of the caller

    async def fetch(self, text: str, *parameters: Any) -> list[dict[str, str | None]]:
        """Run one ``SELECT`` with ``%s`` parameters within the request's deadline.

        Every other ``%`` is a percent sign, and within quotes there is no parameter. ``{Order} o``
        stands for the rows of that type that the caller sees; tables that have row rules can be
        read in no other way. Returns rows by column name, values as the text that the server sends.
        Bound it with a ``LIMIT``: nothing else does. Raises ``ResolverSqlError``.
        """
        if end_of_select(text) is None:  # nothing else has a limit of time on every server
            raise ResolverSqlError(
                "a resolver's SQL is one SELECT, which may stand in parentheses or behind WITH"
            )
        statement = compile_text(text, parameters, self.visibility, self.claims)
        found = await self.database.fetch(statement, self.deadline)
        try:
            return [
                {
                    name: None if value is None else value.decode()
                    for name, value in zip(found.names, row, strict=True)
                }
                for row in found.rows
            ]
        except UnicodeDecodeError:
            raise ResolverSqlError(
                "a resolver's SQL reads bytes that are no text; select HEX(...) of them"
            ) from None

    def remaining_s(self) -> float:
        """Seconds that the request has left."""
        return self.deadline.remaining_s()


Parent: TypeAlias = Mapping[str, Any]
"""The required fields of a row by name, as JSON values; of the query type nothing. A field of what
another function gave has that object as its parent."""

Resolver: TypeAlias = Callable[[Any, Mapping[str, Any], ResolverContext], Awaitable[Any]]
"""``(parent, arguments, context)``: whose field it is; the coerced arguments; what to work with.
Gives the field's value: for a type that has a table the key fields of a row or of rows, for any
other type a mapping or an object by field names; where the field's type is an interface or a union,
also ``__typename``. See docs/resolvers.md."""

BatchedResolver: TypeAlias = Callable[
    [Sequence[Any], Mapping[str, Any], ResolverContext], Awaitable[Sequence[Any]]
]
"""The same for all parents of a field at once: as many values, in the same order. An exception in
place of a value is the error of that one."""


class Batched(Struct, frozen=True):
    """A function that answers a field for all parents at once; made by ``batched``."""

    function: BatchedResolver

    def __call__(
        self, parents: Sequence[Any], arguments: Mapping[str, Any], context: ResolverContext
    ) -> Awaitable[Sequence[Any]]:
        """Call it, as a test does."""
        return self.function(parents, arguments, context)


def batched(function: BatchedResolver) -> Batched:
    """Mark a function that takes all parents of a field at once.

    >>> @batched
    ... async def label(parents, arguments, context):
    ...     return [f"{parent['name']}!" for parent in parents]
    """
    return Batched(function)


AnyResolver: TypeAlias = Resolver | Batched


def load_resolvers(module_name: str, model: Model) -> dict[str, AnyResolver]:
    """The functions for every ``@resolver`` of the SDL.

    Raises ``SettingsError`` if the module cannot be imported or lacks ``RESOLVERS``, and
    ``SchemaError`` if a function is missing, is none of the SDL's, or is no coroutine function.
    """
    if not module_name:
        names = ", ".join(sorted(model.resolvers))
        raise SettingsError(
            f"the SDL has @resolver on {names}; set RESOLVERS to the module with their functions"
        )
    try:
        module = importlib.import_module(module_name)
    except Exception as exc:  # of code that is not ours
        from handler.observe.damage import describe_error

        raise SettingsError(
            f"RESOLVERS names {module_name!r}, which cannot be imported: {describe_error(exc)}"
        ) from exc
    found = getattr(module, "RESOLVERS", None)
    if not isinstance(found, Mapping):
        raise SettingsError(
            f"module {module_name!r} has no mapping RESOLVERS from 'Type.field' to functions"
        )
    missing = model.resolvers - set(found)
    if missing:
        raise SchemaError(
            f"no function for {', '.join(sorted(missing))}; "
            f"add it to RESOLVERS in {module_name!r}, or take @resolver out of the SDL"
        )
    unknown = set(found) - model.resolvers
    if unknown:
        raise SchemaError(
            f"RESOLVERS in {module_name!r} has {', '.join(sorted(unknown))}, which the SDL does "
            f"not have with @resolver"
        )
    for name, function in found.items():
        called = function.function if isinstance(function, Batched) else function
        if not inspect.iscoroutinefunction(called):
            raise SchemaError(f"the resolver of {name} must be an 'async def' function")
    return dict(found)
