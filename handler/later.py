"""Modules that run when something of them is asked for; patterns and makers that wait as well.

Python's own and other people's modules import some that a start hardly ever uses. ``import`` finds
a stand-in for these, which becomes the module itself at the first look at one of its names.
``importlib.util.LazyLoader`` is not the same: it wants the packages above to be imported first, and
runs a module when it is imported for a second time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from threading import RLock, get_ident
from types import ModuleType
from typing import Any, Final


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):  # ``import`` looks for these where there may be none
            with _RUNNING:
                if self.__name__ not in _BEGUN:
                    self._run()
            if not isinstance(self, _Later):
                return getattr(self, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def _run(self) -> None:
        _BEGUN.add(self.__name__)
        try:
            spec = _find(self.__name__)
            assert spec.loader is not None
            vars(self).update(vars(module_from_spec(spec)))  # what a module knows of itself
            spec.loader.exec_module(self)
        except BaseException:
            _BEGUN.remove(self.__name__)
            raise
        self.__class__ = ModuleType  # type: ignore[assignment]  # as its documentation allows


_RUNNING: Final = RLock()  # other threads wait until a module has run
_BEGUN: Final[set[str]] = set()  # to run; those that have ended it are no stand-ins any more


def import_later(*names: str) -> None:
    """Put stand-ins where modules are not imported yet. They must be no packages."""
    for name in names:
        if name in sys.modules:
            continue
        module = sys.modules[name] = _Later(name)
        package, _, last = name.rpartition(".")
        if package in sys.modules:  # which has a module's name only where that is imported anew
            setattr(sys.modules[package], last, module)


def is_later(name: str) -> bool:
    """Whether a module is a stand-in, so that none of its names has been asked for."""
    return name not in _BEGUN and isinstance(sys.modules.get(name), _Later)


def _find(name: str) -> ModuleSpec:
    """Raises ``ModuleNotFoundError``."""
    package = name.rpartition(".")[0]
    path = sys.modules[package].__path__ if package else None
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path)
        if spec is not None:
            return spec
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class _LaterPattern:
    """What ``re.compile`` gives, compiled at the first look at it."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        self._of = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_compile(*self._of), name)  # which keeps the last of them


_compile: Final[Any] = re.compile


@contextmanager
def patterns_later() -> Iterator[None]:
    """Regular expressions of modules that are imported meanwhile are compiled when they are used,
    those of other threads at once.

    For other people's modules, of which a start uses few: some take a millisecond.
    """
    before, importing = re.compile, get_ident()

    def compile_later(pattern: Any, flags: int = 0) -> Any:
        return (_LaterPattern if get_ident() == importing else before)(pattern, flags)

    re.compile = compile_later
    try:
        yield
    finally:
        re.compile = before


@contextmanager
def called_later(module: str, name: str) -> Iterator[None]:
    """A class that modules take meanwhile by ``from module import name``, and only call, is
    imported at the call. Whoever imports the module afterwards gets the module itself.

    ``import_later`` does not help there: to take a name out of a stand-in is to run the module.
    """
    if module in sys.modules:
        yield
        return

    def make(*values: Any, **named: Any) -> Any:
        return getattr(import_module(module), name)(*values, **named)

    stand_in = sys.modules[module] = ModuleType(module)
    setattr(stand_in, name, make)
    try:
        yield
    finally:
        if sys.modules.get(module) is stand_in:
            del sys.modules[module]
