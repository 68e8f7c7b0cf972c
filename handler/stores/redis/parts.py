"""The parts of redis-py that one server needs: its connections, without clients and commands.

``import redis`` loads everything that the library can do, which is a third of a cold start. Its
packages only gather names, so that two placeholders stand for them until somebody asks for such a
name; then they are filled with what the library puts there. ``import redis`` means the same for
everybody else, such as resolvers. ``tests/handler/stores/test_redis_parts.py`` fails when another
version of redis-py has other parts.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from types import FunctionType, ModuleType
from typing import Any, Final, NoReturn

from handler.later import import_later, is_later

# ``redis`` runs the second one first, as its ``__init__`` does. The last is read for the version of
# the library, which this package never sends.
_PACKAGES: Final = ("redis", "redis.asyncio")
_FILLED_IN_ORDER: Final = ("redis.asyncio", "redis")
_RARELY_NEEDED: Final = "importlib.metadata"
_ANNOTATIONS: Final = "redis.typing"  # has the names of types and classes that only clients need
_CO_COROUTINE: Final = 0x80  # https://docs.python.org/3/library/inspect.html#inspect.CO_COROUTINE


class _Annotations(ModuleType):
    """A module whose names stand in annotations alone."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Any


class _Placeholder(ModuleType):
    """A package whose ``__init__`` runs when a name is asked for that no module of it has."""

    def __getattr__(self, name: str) -> Any:
        module = f"{self.__name__}.{name}"
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
        _fill()
        return getattr(self, name)


def import_connections() -> ModuleType:
    """``redis.asyncio.connection``, with what it imports and no more."""
    if not any(name in sys.modules for name in _PACKAGES):
        for name in _PACKAGES:
            _place(name)
        import_later(_RARELY_NEEDED)
    with _without_inspect(), _without_annotations():
        return importlib.import_module("redis.asyncio.connection")


def _place(name: str) -> None:
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = sys.modules[name] = module_from_spec(spec)
    module.__class__ = _Placeholder
    _tell_parent(name, module)


def _fill() -> None:
    modules = [sys.modules[name] for name in _FILLED_IN_ORDER]
    for module in modules:
        module.__class__ = ModuleType
    for module in modules:
        assert module.__spec__ is not None
        assert module.__spec__.loader is not None
        module.__spec__.loader.exec_module(module)


@contextmanager
def _without_inspect() -> Iterator[None]:
    """Answer what is asked of ``inspect`` meanwhile: with all it needs it is 5 % of a start.

    Data classes ask for the annotations of a class, and where a class has no docstring for a
    signature to put there: such a class gets its name alone. Decorators ask what they decorate.
    """
    if not is_later("inspect"):
        yield
        return
    inspect = sys.modules["inspect"]
    vars(inspect).update(_ANSWERS)
    try:
        yield
    finally:
        if is_later("inspect"):  # else they are the library's own again
            for name in _ANSWERS:
                delattr(inspect, name)


@contextmanager
def _without_annotations() -> Iterator[None]:
    """Any type will do meanwhile; who imports the module afterwards gets the library's own."""
    if _ANNOTATIONS in sys.modules:
        yield
        return
    sys.modules[_ANNOTATIONS] = _Annotations(_ANNOTATIONS)
    try:
        yield
    finally:
        del sys.modules[_ANNOTATIONS]


def _annotations_of(of: type) -> dict[str, Any]:
    return dict(vars(of).get("__annotations__", {}))


def _is_coroutine_function(of: FunctionType) -> bool:
    return bool(of.__code__.co_flags & _CO_COROUTINE)


def _refuse_signature(of: object) -> NoReturn:
    raise ValueError("not asked for while redis-py is imported")


_ANSWERS: Final = {
    "get_annotations": _annotations_of,
    "iscoroutinefunction": _is_coroutine_function,
    "signature": _refuse_signature,
}


def _tell_parent(name: str, module: ModuleType) -> None:
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, module)
