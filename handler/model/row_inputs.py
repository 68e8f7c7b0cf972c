"""Input objects over the rows of a type, which lead to one another: those of filters and of sort
keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from handler.language.schema import InputValue, schema_error


class RowInput(Protocol):
    """What one input type means for rows of ``target``."""

    @property
    def target(self) -> str:
        """The type of the rows."""

    @property
    def members(self) -> Iterator[str]:
        """All that stand for something in these rows."""

    def below(self, member: str) -> str:
        """The input that a member holds, which is over other rows; empty for a single value."""

    def leads_to(self) -> Iterator[tuple[str, str]]:
        """The inputs below its members, each with the type of its rows."""


_Input = TypeVar("_Input", bound=RowInput)


def read_inputs(
    uses: Mapping[str, Sequence[tuple[str, InputValue]]],
    read: Callable[[str, str], _Input],
    verb: str,
    kind: str,
) -> dict[str, _Input]:
    """The inputs that arguments use, and all that these lead to, by name.

    ``uses``: by name the types whose rows they are for, each with an argument; ``read`` gives the
    input of a name for rows of a type; ``verb`` and ``kind``: what it does to them and what it is,
    for messages. Raises ``SchemaError`` for one that is used for two types.
    """
    found: dict[str, _Input] = {}
    waiting = [(name, target, at) for name, each in uses.items() for target, at in each]
    for name, target, at in waiting:
        known = found.get(name)
        if known is None:
            found[name] = read(name, target)
            waiting += [(below, there, at) for below, there in found[name].leads_to()]
        elif known.target != target:
            raise schema_error(
                at,
                f"{name} {verb} rows of {known.target}, and here of {target}; a {kind} input is "
                f"for one type: declare another one",
            )
    return found


def members_below(inputs: Mapping[str, _Input], name: str) -> Iterator[tuple[_Input, str]]:
    """Every member of an input and of those that it leads to, each with its input."""
    seen = {name}
    waiting = [name]
    while waiting:
        found = inputs[waiting.pop()]
        for member in found.members:
            yield found, member
            below = found.below(member)
            if below and below not in seen:
                seen.add(below)
                waiting.append(below)
