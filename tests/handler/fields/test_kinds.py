"""Every kind of field: whole, and none of it changed by those who use a plan."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from types import new_class
from typing import Any

import pytest
from msgspec import Struct

import handler.fields
from handler.compiler.plan import Batch, Member, Node, ObjectShape, Plan, Slot
from handler.fields.kinds import PAGE_KINDS, ROOT_KINDS, ROW_KINDS
from handler.fields.page_info import EndNode, SideNode
from handler.fields.rows import RowsNode
from handler.language import ast
from handler.model.aggregates import Aggregate, Function
from handler.model.field import ModelField
from handler.model.global_ids import ByIdField
from handler.model.groups import Facet, GroupsField
from handler.model.lists import RowsField
from handler.model.resolver_field import ResolverField
from handler.model.united import UnitedColumn, UnitedField
from tests.apis import Api

for _file in Path(handler.fields.__file__).parent.glob("*.py"):
    import_module(f"handler.fields.{_file.stem}")


def kinds_of(base: type[Any]) -> Iterator[type[Any]]:
    """The handler's classes below one that lack no abstract method."""
    for each in base.__subclasses__():
        yield from kinds_of(each)
        if each.__module__.startswith("handler.") and not isabstract(each):
            yield each


@pytest.mark.parametrize("kind", sorted(set(kinds_of(Node)), key=repr))
def test_a_kind_of_node_is_written_unless_it_is_a_constant(kind: type[Node]) -> None:
    assert (kind.write is not Node.write) != (kind.constant is not Node.constant)


@pytest.mark.parametrize("kind", sorted(set(kinds_of(Node)), key=repr))
def test_a_kind_of_node_has_its_text_unless_page_info_prints_it(kind: type[Node]) -> None:
    assert (kind.text is not Node.text) != (kind in {SideNode, EndNode})


def kind_with(base: type[Any], methods: set[str]) -> type[Any]:
    """A kind that has these methods."""
    own = {name: lambda *_: None for name in methods}
    return new_class("Incomplete", (base,), exec_body=lambda names: names.update(own))


@pytest.mark.parametrize(
    ("base", "methods"),
    [
        pytest.param(Node, {"build"}, id="node"),
        pytest.param(RowsNode, {"lists", "built"}, id="over-rows"),
        pytest.param(Slot, {"text", "sql"}, id="slot"),
        pytest.param(ModelField, {"field", "origin"}, id="field-of-the-model"),
        pytest.param(Function, {"of"}, id="function-over-rows"),
    ],
)
def test_an_incomplete_kind_cannot_be_made(base: type[Any], methods: set[str]) -> None:
    for missing in methods:
        kind = kind_with(base, methods - {missing})
        with pytest.raises(TypeError, match=f"abstract.*{missing}"):
            kind(*range(len(base.__struct_fields__)))
    whole = kind_with(base, methods)
    assert isinstance(whole(*range(len(base.__struct_fields__))), base)


def test_every_field_of_the_model_has_a_kind() -> None:
    fields = {each for each in kinds_of(ModelField) if getattr(each, "is_own", True)}  # no keys
    made = {Facet, UnitedColumn}  # beside a page, and of the rows of several types
    assert {*ROW_KINDS, *ROOT_KINDS, *made} == fields
    rows = {RowsField, GroupsField, UnitedField}
    assert set(ROOT_KINDS) == {ByIdField, *rows, Aggregate, ResolverField}
    assert set(PAGE_KINDS) == {"edges", "nodes", "pageInfo", "totalCount", "totalPages"}


def parts(value: object, seen: set[int]) -> Iterator[object]:
    """Everything that a plan is made of, down to the model and the document behind it."""
    if id(value) in seen:
        return
    seen.add(id(value))
    yield value
    inner: list[object] = []
    if isinstance(value, Plan | Batch | Member | ObjectShape | Node | Slot):
        inner = [getattr(value, name) for name in value.__struct_fields__]
    elif isinstance(value, tuple):
        inner = list(value)
    for each in inner:
        yield from parts(each, seen)


REQUESTS = [
    "{ orders(first: 3) { totalCount edges { cursor node { total items { quantity } } }"
    " pageInfo { hasNextPage endCursor } } }",
    "query ($after: String) { orders(first: 2, after: $after) { nodes { orderId }"
    " pageInfo { hasPreviousPage } } }",
    "{ customers(first: 2) { nodes { name orders(first: 2) { totalCount nodes { orderRef } } } } }",
    '{ order(orderId: "none") { orderId items { lineTotal product { price } } } }',
]


@pytest.mark.parametrize("document", REQUESTS)
def test_requests_change_nothing_in_a_cached_plan(northwind: Api, document: str) -> None:
    plan = northwind.plan(document)
    text, content = str(plan), pickle.dumps(plan)
    for _ in range(3):
        northwind.run(document)
    northwind.run_by_executor(document)
    assert northwind.plan(document) is plan
    assert (str(plan), pickle.dumps(plan)) == (text, content)


@pytest.mark.parametrize("document", REQUESTS)
def test_a_plan_is_frozen(northwind: Api, document: str) -> None:
    found = list(parts(northwind.plan(document), set()))
    assert [each for each in found if isinstance(each, list | set)] == []
    assert {
        type(each).__name__
        for each in found
        if isinstance(each, Struct) and not each.__struct_config__.frozen
    } <= {ast.Argument.__name__}
