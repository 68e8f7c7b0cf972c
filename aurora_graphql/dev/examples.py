"""What GraphiQL opens with: a query of this API that answers, and the saved operations.

The query is made from the SDL: some list, or else a look-up, with scalars and one relation. It is
tried before it is shown. Values for variables that an operation cannot do without are those of
real rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from handler.access.grant import Grant
from handler.access.principal import Principal
from handler.engine.engine import Engine
from handler.errors import HandlerError
from handler.language.schema import (
    EnumType,
    FieldDef,
    ListOf,
    NonNull,
    RowsType,
    ScalarType,
    Schema,
    named,
    nullable,
)
from handler.model.model import Model
from handler.settings import Settings
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

_HEAVY: Final = frozenset(("Bytes", "GeoJSON", "JSON"))
_SCALARS: Final = 5  # of a row, and of the row beside it
_SCALARS_BESIDE: Final = 2
_ROWS: Final = 5
_ANY: Final = "{\n  __typename\n}\n"  # which every API answers
_TRY_S: Final = 10.0


async def page_facts(engine: Engine, database: Database, settings: Settings) -> dict[str, Any]:
    """The first query, the saved operations with values for their variables, and all scopes."""
    deadline = Deadline.after(_TRY_S)
    grant = engine.access.grant(Principal.development())
    values = _Values(engine, database, deadline, grant)
    try:
        saved = engine.list_operations()
    except HandlerError:  # said by ``check_saved``
        saved = ()
    operations = [
        {"name": each.name, "query": each.text, "variables": await values.of(each.text)}
        for each in saved
    ]
    found = await first_query(engine, database, settings, values, deadline, grant)
    return {"first": found, "operations": operations, "scopes": _scopes(engine)}


def check_saved(engine: Engine) -> dict[str, str]:
    """What is wrong with the saved operations, if anything is: ``error``, empty if nothing."""
    try:
        engine.list_operations()
    except HandlerError as error:
        return {"error": str(error)}
    return {"error": ""}


def _scopes(engine: Engine) -> list[str]:
    """All that the SDL names: a token with them opens everything but rows of others."""
    sets = [scopes for each in engine.access.requirements for scopes in each.alternatives]
    return sorted({scope for scopes in sets for scope in scopes})


async def first_query(
    engine: Engine,
    database: Database,
    settings: Settings,
    values: _Values,
    deadline: Deadline,
    grant: Grant,
) -> dict[str, str]:
    """A query that is answered without an error, with rows if some has them."""
    valid: dict[str, str] | None = None
    for text in candidates(engine.schema, engine.model):
        variables = await values.of(text)
        try:
            prepared = engine.prepare(text, None, orjson.loads(variables or "{}"), grant)
            if prepared.cost.total > settings.limits.cost:
                continue
            answer = await engine.execute(prepared, grant, database, deadline)
        except HandlerError:
            continue
        found = {"query": text, "variables": variables}
        if answer.rows and not answer.errors:
            return found
        if not answer.errors:
            valid = valid or found
    return valid or {"query": _ANY, "variables": ""}


def candidates(schema: Schema, model: Model) -> Iterator[str]:
    """Queries to try, the best first: lists without arguments, lists, look-ups.

    Each kind with a relation first, and then without.
    """
    roots = schema.object(schema.query).fields.values()
    known = [each for each in roots if each.name in model.roots and not each.deprecation_reason]
    for has_relation in (True, False):
        for is_free, is_many in ((True, True), (True, False), (False, False), (False, True)):
            for root in known:
                required = [each for each in root.arguments.values() if each.is_required]
                if is_free is bool(required) or is_many is not _is_many(schema, model, root):
                    continue
                text = _Writer(schema, model).document(root, has_relation=has_relation)
                if text:
                    yield text


def _is_many(schema: Schema, model: Model, field: FieldDef) -> bool:
    return isinstance(nullable(field.type), ListOf) or named(field.type) in model.connections


class _Writer:
    """Writes one query."""

    def __init__(self, schema: Schema, model: Model) -> None:
        self._schema = schema
        self._model = model

    def document(self, root: FieldDef, *, has_relation: bool) -> str:
        """Empty if the field has no row to show, or no relation where it should."""
        required = [each for each in root.arguments.values() if each.is_required]
        row = self._row(root)
        if row is None:
            return ""
        shown = self._scalars(row, _SCALARS)
        beside = self._relation(row) if has_relation else []
        if not shown or (has_relation and not beside):
            return ""
        declared = ", ".join(f"${each.name}: {each.type}" for each in required)
        given = [f"{each.name}: ${each.name}" for each in required]
        head = f"query {root.name[0].upper()}{root.name[1:]}" + (
            f"({declared})" if declared else ""
        )
        body = self._field(root, given, [*shown, *beside])
        return "\n".join([f"{head} {{", *(f"  {line}" for line in body), "}"]) + "\n"

    def _field(self, field: FieldDef, given: list[str], lines: list[str]) -> list[str]:
        """The field around the lines of its rows."""
        if "first" in field.arguments and not any(each.startswith("first:") for each in given):
            given = [*given, f"first: {_ROWS}"]
        head = field.name + (f"({', '.join(given)})" if given else "")
        connection = self._model.connections.get(named(field.type))
        if connection is not None:
            fields = self._schema.rows_type(connection.name).fields
            around = ["nodes"] if "nodes" in fields else ["edges", "node"]
            for name in reversed(around):
                lines = [f"{name} {{", *(f"  {line}" for line in lines), "}"]
            if "totalCount" in fields:
                lines = ["totalCount", *lines]
        return [f"{head} {{", *(f"  {line}" for line in lines), "}"]

    def _row(self, field: FieldDef) -> RowsType | None:
        """The type of the rows that a field gives, if they have a table."""
        name = named(field.type)
        connection = self._model.connections.get(name)
        name = connection.node if connection is not None else name
        if name not in self._model.tables:
            return None
        try:
            return self._schema.rows_type(name)
        except KeyError:  # a union
            return None

    def _scalars(self, row: RowsType, most: int) -> list[str]:
        found = []
        known = self._model.tables[row.name].fields
        for field in row.fields.values():
            kind = self._schema.types[named(field.type)]
            is_leaf = isinstance(kind, ScalarType | EnumType) and kind.name not in _HEAVY
            behind = known.get(field.name)
            if is_leaf and self._is_free(field) and behind is not None and not behind.is_resolved:
                found.append(field.name)
        return found[:most]

    def _relation(self, row: RowsType) -> list[str]:
        """A list below the row, which is a statement of its own, or else a row beside it."""
        ways: list[tuple[bool, list[str]]] = []
        for field in row.fields.values():
            target = self._row(field)
            behind = self._model.tables[row.name].fields.get(field.name)
            if target is None or not self._is_free(field) or behind is None or behind.is_resolved:
                continue
            if shown := self._scalars(target, _SCALARS_BESIDE):
                is_many = _is_many(self._schema, self._model, field)
                ways.append((is_many, self._field(field, [], shown)))
        return next((lines for is_many, lines in ways if is_many), ways[0][1] if ways else [])

    def _is_free(self, field: FieldDef) -> bool:
        is_asked = any(each.is_required for each in field.arguments.values())
        return not is_asked and not field.deprecation_reason


class _Values:
    """Finds values for the variables of operations; the catalogue is read once, if at all."""

    def __init__(
        self, engine: Engine, database: Database, deadline: Deadline, grant: Grant
    ) -> None:
        self._engine = engine
        self._database = database
        self._deadline = deadline
        self._grant = grant
        self._typical: Any = None

    async def of(self, text: str) -> str:
        """JSON for an editor; empty if the operation needs no variable, or none is known."""
        from aurora_graphql.check.live import read_live
        from aurora_graphql.check.typical import Typical, variables_of_plan

        engine = self._engine
        try:
            _, operation = engine.operation(text, self._grant.satisfied)
            needed = [
                each
                for each in operation.definition.variables
                if isinstance(each.type.ref, NonNull) and each.default is None
            ]
            if not needed:
                return ""
            if self._typical is None:
                live = await read_live(engine.model, self._database, self._deadline, 0)
                self._typical = Typical(engine.schema, live)
            variables: dict[str, Any] = {
                each.variable.name: self._typical.of_type(each.type.ref) for each in needed
            }
            prepared = engine.prepare(text, None, variables, self._grant)
            chosen, _ = await variables_of_plan(
                engine.plan(prepared, self._grant).plan, self._typical
            )
        except HandlerError:
            return ""
        return _json({name: chosen.get(name, each) for name, each in variables.items()})


def _json(values: Mapping[str, Any]) -> str:
    return orjson.dumps(values, option=orjson.OPT_INDENT_2).decode()
