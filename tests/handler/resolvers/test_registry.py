"""The module of resolvers and the SDL have to agree, before the first request."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from handler.errors import SchemaError, SettingsError
from handler.resolvers.registry import load_resolvers
from tests.handler.compiler.plans import Compiler

MODEL = Compiler.of(
    "type Query { a(id: ID!): A now: String @resolver } type A { id: ID! risk: Float @resolver }"
).model


async def answer(*_: object) -> None:
    """A resolver."""


def not_awaited(*_: object) -> None:
    """Not a resolver."""


Put = Callable[[object], str]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts a module with these RESOLVERS in place; returns its name."""

    def put(resolvers: object) -> str:
        module = ModuleType("pretended_resolvers")
        if resolvers is not None:
            module.RESOLVERS = resolvers  # type: ignore[attr-defined]  # what is tested
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return module.__name__

    return put


def test_functions_are_found(put: Put) -> None:
    functions = {"Query.now": answer, "A.risk": answer}
    assert load_resolvers(put(functions), MODEL) == functions


@pytest.mark.parametrize(
    ("resolvers", "error", "message"),
    [
        pytest.param(
            None,
            SettingsError,
            "module 'pretended_resolvers' has no mapping RESOLVERS from 'Type.field' to functions",
            id="no-mapping",
        ),
        pytest.param(
            [answer],
            SettingsError,
            "module 'pretended_resolvers' has no mapping RESOLVERS from 'Type.field' to functions",
            id="a-list",
        ),
        pytest.param(
            {"Query.now": answer},
            SchemaError,
            "no function for A.risk; add it to RESOLVERS in 'pretended_resolvers', or take "
            "@resolver out of the SDL",
            id="missing",
        ),
        pytest.param(
            {"Query.now": answer, "A.risk": answer, "A.id": answer},
            SchemaError,
            "RESOLVERS in 'pretended_resolvers' has A.id, which the SDL does not have with "
            "@resolver",
            id="too-many",
        ),
        pytest.param(
            {"Query.now": answer, "A.risk": not_awaited},
            SchemaError,
            "the resolver of A.risk must be an 'async def' function",
            id="not-async",
        ),
    ],
)
def test_disagreement_is_told_at_start(
    put: Put, resolvers: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        load_resolvers(put(resolvers), MODEL)
    assert str(caught.value) == message


def test_setting_has_to_name_a_module() -> None:
    with pytest.raises(SettingsError) as caught:
        load_resolvers("", MODEL)
    assert str(caught.value) == (
        "the SDL has @resolver on A.risk, Query.now; "
        "set RESOLVERS to the module with their functions"
    )
    with pytest.raises(
        SettingsError, match=r"RESOLVERS names 'no\.such', which cannot be imported"
    ):
        load_resolvers("no.such", MODEL)
