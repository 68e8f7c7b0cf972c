"""Records are dataclasses in everything but the time when their methods are made."""

# The decorator is a parameter of the tests, so mypy takes its classes for plain ones. One line:
# ruff: noqa: E501
# mypy: disable-error-code="arg-type, attr-defined, call-arg, call-overload, comparison-overlap, type-var"

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import handler
from handler import records
from handler.records import dataclass, field

Decorator = Callable[..., Any]


def all_records() -> Iterator[type]:
    """Every record of the package."""
    for found in pkgutil.walk_packages(handler.__path__, "handler."):
        if found.name.endswith("__main__") or found.name.startswith("handler.resolvers"):
            continue  # Tartiflette warns while it is imported
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            is_own = isinstance(value, type) and value.__module__ == module.__name__
            if is_own and "__record__" in value.__dict__:
                yield value


def compiled(**options: Any) -> Callable[[type], type]:
    """Our decorator, and ``__init__`` is compiled for the first object."""

    def decorate(cls: type) -> type:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(records, "EARLY", 0)
            return dataclass(**options)(cls)

    return decorate


def both(test: Callable[[Decorator], None]) -> Any:
    """Run a test on the library's classes and on ours: what it says holds for both."""
    decorators = [
        pytest.param(dataclasses.dataclass, id="library"),
        pytest.param(dataclass, id="records"),
        pytest.param(compiled, id="compiled"),
    ]
    return pytest.mark.parametrize("decorator", decorators)(test)


def test_every_record_takes_what_the_dataclass_would() -> None:
    count = 0
    for cls in all_records():
        count += 1
        twin = records._twin(cls)
        theirs = inspect.signature(twin)
        ours = inspect.signature(records._write_init(cls))
        expected = [
            (each.name, each.kind, _has_default(each)) for each in theirs.parameters.values()
        ]
        found = [(each.name, each.kind, _has_default(each)) for each in ours.parameters.values()]
        assert found[1:] == expected, cls
        assert cls.__match_args__ == twin.__match_args__, cls
        names = [each.name for each in dataclasses.fields(cls)]
        assert names == [each.name for each in dataclasses.fields(twin)], cls
        assert records.names(cls) == tuple(names), cls
        for each in dataclasses.fields(cls):
            if each.default_factory is dataclasses.MISSING:
                assert records.default_of(cls, each.name) is each.default, cls
            else:
                assert records.default_of(cls, each.name) == each.default_factory(), cls
    assert count > 100


def _has_default(parameter: inspect.Parameter) -> bool:
    return parameter.default is not inspect.Parameter.empty


def test_no_record_with_slots_calls_super_without_arguments() -> None:
    """Its functions would hold on to the class as it was without slots."""
    for cls in all_records():
        if "__slots__" in cls.__dict__:
            for value in cls.__dict__.values():
                function = value.fget if isinstance(value, property) else value
                if isinstance(function, types.FunctionType):
                    assert "__class__" not in function.__code__.co_freevars, cls


@both
def test_defaults_factories_and_order(decorator: Decorator) -> None:
    @decorator(slots=True)
    class Made:
        a: int
        b: int = 2
        c: list[int] = field(default_factory=list)
        d: str = field(default="secret", repr=False)
        e: int = field(init=False)
        f: int = field(init=False, default=6)

    one, other = Made(1), Made(1)
    assert (one.a, one.b, one.c, one.d, one.f) == (1, 2, [], "secret", 6)
    assert one.c is not other.c
    assert Made(1, 3, [4]).c == [4]
    one.e = other.e = 5
    assert one == other
    assert repr(one).endswith("Made(a=1, b=2, c=[], e=5, f=6)")
    assert Made.__match_args__ == ("a", "b", "c", "d")
    assert not hasattr(one, "__dict__")
    wrong: list[tuple[Any, ...]] = [(), (1, 2, [], "", 5)]
    for arguments in wrong:
        with pytest.raises(TypeError):
            Made(*arguments)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


@both
def test_frozen_means_frozen_and_hashable(decorator: Decorator) -> None:
    for slots in (True, False):

        @decorator(frozen=True, slots=slots)
        class Point:
            x: int
            y: int = 0

        assert {Point(1): "a", Point(1, 0): "b"} == {Point(1): "b"}
        assert Point(1) != Point(2)
        assert Point(1) != (1, 0)
        with pytest.raises(dataclasses.FrozenInstanceError):
            Point(1).x = 2
        with pytest.raises(dataclasses.FrozenInstanceError):
            del Point(1).x
        assert dataclasses.replace(Point(1), y=7) == Point(1, 7)
        assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 0}


@both
def test_fields_of_bases_come_first_and_keywords_stay_keywords(decorator: Decorator) -> None:
    @decorator(kw_only=True)
    class Base:
        name: str
        note: str = ""

    @decorator(kw_only=True)
    class Derived(Base):
        size: int
        note: str = "none"

    assert repr(Derived(name="a", size=1)).endswith("Derived(name='a', note='none', size=1)")
    assert [each.name for each in dataclasses.fields(Derived)] == ["name", "note", "size"]
    assert Derived.__match_args__ == ()
    assert Base(name="a") != Derived(name="a", size=1)
    with pytest.raises(TypeError):
        Derived("a", 1)


@both
def test_the_class_may_check_itself(decorator: Decorator) -> None:
    @decorator(frozen=True)
    class Checked:
        size: int

        def __post_init__(self) -> None:
            if self.size < 1:
                raise ValueError("size")

    assert Checked(1).size == 1
    with pytest.raises(ValueError, match="size"):
        Checked(0)


@both
def test_own_methods_stay(decorator: Decorator) -> None:
    @decorator(frozen=True)
    class Own:
        a: int

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert repr(Own(1)) == "own"
    assert Own(1) == Own(2)
    assert hash(Own(1)) == 7


@given(
    values=st.lists(st.integers(), max_size=5),
    named=st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "f"]), st.integers()),
)
@pytest.mark.parametrize("options", [{}, {"frozen": True, "slots": True}, {"kw_only": True}])
def test_the_first_objects_take_what_the_others_take(
    options: dict[str, bool], values: list[int], named: dict[str, int]
) -> None:
    def make(decorator: Decorator) -> type:
        @decorator(**options)
        class Made:
            a: int
            b: int = 2
            c: list[int] = field(default_factory=list)
            d: int = field(init=False, default=4)
            e: int = field(init=False)

        return Made

    outcomes = []
    for decorator in (dataclasses.dataclass, dataclass, compiled):
        try:
            made = make(decorator)(*values, **named)
        except TypeError as error:
            outcomes.append(str(error).partition(".__init__")[2])
        else:
            outcomes.append(str([getattr(made, name, None) for name in "abcde"]))
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_init_is_compiled_after_some_objects_and_once() -> None:
    @dataclass(slots=True)
    class Made:
        a: int

    for number in range(records.EARLY):
        assert Made(number).a == number
    assert Made.__init__.__closure__ is not None
    assert Made(7).a == 7
    written = Made.__init__
    assert written.__closure__ is None
    assert Made(8).a == 8
    assert Made.__init__ is written


@both
def test_others_like_it_can_be_made(decorator: Decorator) -> None:
    @decorator(frozen=True)
    class Point:
        x: int
        y: int = 0
        z: int = field(init=False, default=3)

    for replace in (
        dataclasses.replace,
        *([records.replace] if "__record__" in Point.__dict__ else []),
    ):
        assert replace(Point(1, 2), y=5) == Point(1, 5)
        assert replace(Point(1, 2)) == Point(1, 2)
        with pytest.raises(TypeError):
            replace(Point(1), w=5)
        with pytest.raises((TypeError, ValueError), match="z"):
            replace(Point(1), z=5)


@dataclass(frozen=True, slots=True)
class Kept:
    a: int
    b: tuple[int, ...] = ()


def test_records_can_be_pickled_before_and_after_the_first_was_made() -> None:
    for _ in range(2):
        found = pickle.loads(pickle.dumps(Kept(1, (2,))))  # noqa: S301 # our own bytes
        assert found == Kept(1, (2,))
    program = (
        "import pickle, sys; from tests.handler.test_records import Kept;"
        "kept = pickle.loads(sys.stdin.buffer.read()); assert kept.b == (2,); print(kept)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(Kept(1, (2,))),
        capture_output=True,
        check=False,
    )
    assert done.stdout == b"Kept(a=1, b=(2,))\n", done.stderr


def test_a_dataclass_may_build_on_a_record() -> None:
    @dataclasses.dataclass(frozen=True)
    class More(Kept):
        c: int = 3

    assert More(1, (), 4) == More(1, c=4)
    assert [each.name for each in dataclasses.fields(More)] == ["a", "b", "c"]
