"""Classes of plain data: ``dataclasses`` without its price at import.

``dataclasses.dataclass`` writes and compiles six methods for every class while its module is
imported, 0.2 to 0.5 ms for each class; with the two hundred classes of this package that was a
third of a cold start. Here ``__init__`` is compiled once a class has had ``EARLY`` objects, in most
starts never, and the other methods are the same for all classes. Whatever else ``dataclasses``
offers works on these classes, too, at the library's price, once for each class; ``names``,
``default_of`` and ``replace`` cost next to nothing. A test compares both, class by class.

Not for classes whose methods call ``super()`` without arguments, if they have slots.
"""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import FrozenInstanceError, field
from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, Final, TypeVar

__all__ = ["dataclass", "default_of", "field", "names", "replace"]

EARLY: Final = 16  # objects; compiling ``__init__`` takes as long as filling forty of them

_MISSING: Final[Any] = dataclasses.MISSING

Record = TypeVar("Record")


def names(record: object) -> tuple[str, ...]:
    """The names of the fields of a record or of its class, in their order."""
    return tuple(record.__record__.defaults)  # type: ignore[attr-defined]


def default_of(cls: type[Any], name: str) -> Any:
    """The default of a field, new where a factory makes it; ``MISSING`` if there is none."""
    return _default(cls.__record__.defaults[name])


def replace(record: Record, /, **changes: Any) -> Record:
    """Another record of the same class, with other values in some fields.

    Raises ``TypeError`` for a field that is not there or that objects cannot be made with.
    """
    taken = type(record).__record__.having("init")  # type: ignore[attr-defined]
    return type(record)(**{name: getattr(record, name) for name in taken} | changes)


class _Record:
    """What is known of one class. ``defaults``: by field, with ``MISSING`` and ``Field``s."""

    __slots__ = ("_setters", "defaults", "frozen", "keyword_only", "types")

    def __init__(self, *, frozen: bool) -> None:
        self.frozen = frozen
        self.defaults: dict[str, Any] = {}
        self.types: dict[str, str] = {}
        self.keyword_only: dict[str, bool] = {}
        self._setters: list[Any] = []  # of slots, once an object is read

    def setters(self, cls: Any) -> list[Any]:
        """How to fill the slots of a new object, whatever its class says about changes."""
        if not self._setters:
            self._setters = [getattr(cls, name).__set__ for name in self.defaults]
        return self._setters

    def inherit(self, base: _Record) -> None:
        """Take over the fields of a base."""
        self.defaults.update(base.defaults)
        self.types.update(base.types)
        self.keyword_only.update(base.keyword_only)

    def having(self, option: str) -> list[str]:
        """The fields with an option, which only a call of ``field`` can take away."""
        return [
            name
            for name, default in self.defaults.items()
            if not isinstance(default, dataclasses.Field) or getattr(default, option)
        ]


def _dataclass(
    cls: Any = None, /, *, frozen: bool = False, slots: bool = False, kw_only: bool = False
) -> Any:
    """What ``dataclasses.dataclass`` does, with three of its options."""
    if cls is None:
        return lambda found: _make(found, frozen=frozen, slots=slots, kw_only=kw_only)
    return _make(cls, frozen=frozen, slots=slots, kw_only=kw_only)


def _make(cls: Any, *, frozen: bool, slots: bool, kw_only: bool) -> Any:
    record = _Record(frozen=frozen)
    for base in cls.__mro__[:0:-1]:
        if (known := base.__dict__.get("__record__")) is not None:
            record.inherit(known)
    # As `inspect` finds them, which takes as long as all the rest; from Python 3.14 on it has to.
    own = cls.__dict__.get("__annotations__") or inspect.get_annotations(cls)  # noqa: RUF063
    for name, kind in own.items():
        record.types[name] = kind
        record.defaults[name] = cls.__dict__.get(name, _MISSING)
        record.keyword_only[name] = kw_only
    if slots:
        cls = _with_slots(cls, own)
    else:
        for name in own:
            _leave_default(cls, name, record.defaults[name])
    cls.__record__ = record
    cls.__init__ = _early_init(cls)
    given = cls.__dict__
    by_place = [name for name in record.having("init") if not record.keyword_only[name]]
    cls.__match_args__ = tuple(by_place)  # type: ignore[misc]  # mypy wants literals there
    if "__repr__" not in given:
        cls.__repr__ = _repr
    if "__eq__" not in given:
        cls.__eq__, hashed = _comparison(record.having("compare"))
        if "__hash__" not in given:
            cls.__hash__ = hashed if frozen else None
    if frozen:
        cls.__setattr__, cls.__delattr__ = _refuse_to_set, _refuse_to_delete
        if slots:
            cls.__getstate__, cls.__setstate__ = _get_state, _set_state
    cls.__dataclass_fields__ = _FromLibrary("__dataclass_fields__")
    cls.__dataclass_params__ = _FromLibrary("__dataclass_params__")
    return cls


def _with_slots(cls: Any, own: dict[str, str]) -> Any:
    """The class once more: slots cannot be added to one that is there."""
    namespace = dict(cls.__dict__)
    for name in (*own, "__dict__", "__weakref__"):
        namespace.pop(name, None)
    namespace["__slots__"] = tuple(own)
    namespace["__qualname__"] = cls.__qualname__
    return type(cls)(cls.__name__, cls.__bases__, namespace)


def _leave_default(cls: Any, name: str, default: Any) -> None:
    """What ``field`` gave is no value for objects to see."""
    if isinstance(default, dataclasses.Field):
        if default.default is _MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, default.default)


def _default(given: Any) -> Any:
    """The value of a field that is not given; ``MISSING`` if it has to be."""
    if not isinstance(given, dataclasses.Field):
        return given
    factory: Any = given.default_factory
    return given.default if factory is _MISSING else factory()


def _early_init(cls: Any) -> Any:
    """``__init__`` of the first objects. Whatever does not fit is told by the compiled one."""
    left = EARLY

    def __init__(self: Any, /, *values: Any, **named: Any) -> None:  # noqa: N807
        nonlocal left
        left -= 1
        if left < 0 or not _fill(cls, self, values, named):
            cls.__init__ = _write_init(cls)
            cls.__init__(self, *values, **named)
        elif hasattr(cls, "__post_init__"):
            self.__post_init__()

    return __init__


def _fill(cls: Any, made: Any, values: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Set all fields of a new object; False if these are not the arguments for it."""
    record: _Record = cls.__record__
    by_place: tuple[str, ...] = cls.__match_args__
    given = dict(zip(by_place, values, strict=False))
    if len(values) > len(by_place) or given.keys() & named.keys():
        return False
    given |= named
    keep = object.__setattr__ if record.frozen else setattr
    for name, known in record.defaults.items():
        is_taken = not isinstance(known, dataclasses.Field) or known.init
        value = given.pop(name, _MISSING) if is_taken else _MISSING
        if value is _MISSING:
            value = _default(known)
        if value is not _MISSING:
            keep(made, name, value)
        elif is_taken:
            return False
    return not given


def _write_init(cls: Any) -> Any:
    """``__init__`` as one would write it, compiled."""
    record: _Record = cls.__record__
    known: dict[str, Any] = {"_MISSING": _MISSING}
    signature: dict[bool, list[str]] = {False: [], True: []}  # by whether only by keyword
    body = []
    for name, given in record.defaults.items():
        is_taken, factory, default = True, _MISSING, given
        if isinstance(given, dataclasses.Field):
            is_taken, factory, default = given.init, given.default_factory, given.default
        has_default = default is not _MISSING
        known[f"_default_{name}"], known[f"_make_{name}"] = default, factory
        value = name if is_taken else f"_default_{name}"
        if factory is not _MISSING:
            made = f"_make_{name}()"
            value = f"{made} if {name} is _MISSING else {name}" if is_taken else made
        elif not is_taken and not has_default:
            continue
        if is_taken:
            tail = f"=_default_{name}" if has_default or factory is not _MISSING else ""
            signature[record.keyword_only[name]].append(name + tail)
        body.append(_assignment(cls, name, value, known))
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    taken = ["self", *signature[False], *(["*"] if signature[True] else []), *signature[True]]
    text = f"def __init__({', '.join(taken)}):\n " + "\n ".join(body or ["pass"])
    exec(text, known)  # noqa: S102 # names of fields, which the source of a class holds
    init = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    return init


def _assignment(cls: Any, name: str, value: str, known: dict[str, Any]) -> str:
    """A line that sets a field; ``known`` takes the names that it uses."""
    if not cls.__record__.frozen:
        return f"self.{name} = {value}"
    slot = getattr(cls, name, None)
    if isinstance(slot, MemberDescriptorType):
        known[f"_set_{name}"] = slot.__set__
        return f"_set_{name}(self, {value})"
    known["_set"] = object.__setattr__
    return f"_set(self, {name!r}, {value})"


def _comparison(names: list[str]) -> tuple[Any, Any]:
    """``__eq__`` and ``__hash__``."""
    # Of one name it gives the value alone, which does as well.
    values = attrgetter(*names) if names else lambda _: ()

    def __eq__(self: Any, other: Any) -> Any:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return __eq__, __hash__


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name in self.__record__.having("repr"))
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__record__.defaults]


def _set_state(self: Any, state: list[Any]) -> None:
    # A start reads a thousand records, and this takes half the time of ``object.__setattr__``.
    for put, value in zip(self.__record__.setters(type(self)), state, strict=True):
        put(self, value)


class _FromLibrary:
    """An attribute that ``dataclasses`` looks for: it makes a twin of the class, once: 0.5 ms."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, cls: Any) -> Any:
        owner = next(each for each in cls.__mro__ if "__record__" in each.__dict__)
        twin = _twin(owner)
        for name in ("__dataclass_fields__", "__dataclass_params__"):
            setattr(owner, name, getattr(twin, name))
        return getattr(twin, self.name)


def _twin(cls: Any) -> Any:
    record: _Record = cls.__record__
    namespace: dict[str, Any] = {"__module__": cls.__module__, "__annotations__": record.types}
    for name, default in record.defaults.items():
        found = default if isinstance(default, dataclasses.Field) else field(default=default)
        found.kw_only = record.keyword_only[name]
        namespace[name] = found
    return dataclasses.dataclass(frozen=record.frozen)(type(cls.__name__, (), namespace))


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
