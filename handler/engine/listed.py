"""The listed operations before a request asks for them: as callers would, without their values.

When the archive is built each is planned for every shape that it may have, and what that gives is
kept; before a snapshot each is read from there, or planned, so that no environment has to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handler.access.grant import Grant
from handler.access.rules import AUTHENTICATED_BIT, CLOSED_BIT
from handler.engine.engine import Engine
from handler.errors import ClientError, Location, RequestError
from handler.language.cost_formula import Cost
from handler.language.document import BoundOperation, CheckedDocument, Operation


def every_scope(engine: Engine) -> int:
    """The bits of a caller who has every scope that fields ask for; the rules of rows apply."""
    return engine.permissions.decisive & ~CLOSED_BIT | AUTHENTICATED_BIT


def plan_shape(
    engine: Engine,
    document: CheckedDocument,
    operation: Operation,
    shape: Mapping[str, Any],
    satisfied: int,
) -> None:
    """Have the plan of an operation for callers with these bits.

    ``shape``: the values of the variables that change it. Raises ``ClientError`` and
    ``RequestError`` for values with which nobody may ask.
    """
    bound = BoundOperation(document, operation, dict(shape), [], nowhere, Cost(0, 0))
    engine.plan(bound, Grant(satisfied, {}, ""))


def warm(engine: Engine, satisfied: int) -> None:
    """Have all of them ready for callers with these bits.

    Each without variables: other shapes are planned when they are asked for. One that such a
    caller cannot run is left to the request that will be told so.
    """
    for known in engine.list_operations():
        try:
            document, operation = engine.operation(known.text, satisfied)
            shape = dict.fromkeys(engine.plans(document, operation).variables)
            plan_shape(engine, document, operation, shape, satisfied)
        except (ClientError, RequestError):
            continue


def nowhere(_: int) -> Location:
    """The place of what no client has written."""
    return Location(1, 1)
