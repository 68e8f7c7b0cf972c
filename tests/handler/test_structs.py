"""What a ``msgspec.Struct`` does not do as a data class does it, in every class of the handler."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

import handler
from handler.errors import Hiding

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"password|secret_access|token$|sha256$|api_keys|cache_url")
PUBLIC = {"KnownOperation.sha256"}  # the identity of a document


def below(cls: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for each in cls.__subclasses__():
        yield each
        yield from below(each)


@pytest.fixture(scope="module")
def structs() -> list[type[msgspec.Struct]]:
    for module in pkgutil.walk_packages(handler.__path__, "handler."):
        if "__main__" not in module.name:
            importlib.import_module(module.name)
    found = [each for each in below(msgspec.Struct) if each.__module__.startswith("handler.")]
    assert len(found) > 150
    return found


def test_what_is_hidden_is_a_field(structs: list[type[msgspec.Struct]]) -> None:
    for each in structs:
        if issubclass(each, Hiding):
            assert set(each.HIDDEN) <= set(each.__struct_fields__), each


def test_no_secret_is_in_a_repr(structs: list[type[msgspec.Struct]]) -> None:
    shown = {
        f"{each.__name__}.{name}"
        for each in structs
        for name in each.__struct_fields__
        if SECRET.search(name) and name not in getattr(each, "HIDDEN", ())
    }
    assert shown == PUBLIC


def read_from_classes(source: str, fields: Mapping[str, set[str]]) -> list[str]:
    """Where a source reads a field from one of these classes and not from an object."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in fields.get(ast.unparse(node.value).rpartition(".")[2], set())
    ]


@pytest.mark.slow
def test_no_default_is_read_from_a_class(structs: list[type[msgspec.Struct]]) -> None:
    """There the class has a descriptor, which type checkers take for the value."""
    fields: dict[str, set[str]] = {}
    for each in structs:
        fields.setdefault(each.__name__, set()).update(each.__struct_fields__)
    assert read_from_classes("a = Settings.page_size", fields) == ["1: Settings.page_size"]
    listed = ["git", "ls-files", "handler", "aurora_graphql", "benchmarks", "tests"]
    files = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = {
        name: places
        for name in files.split()
        if name.endswith(".py") and (ROOT / name).exists()
        if (places := read_from_classes((ROOT / name).read_text(encoding="utf-8"), fields))
    }
    assert found == {}
