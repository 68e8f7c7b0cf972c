"""The innermost failures: the exceptions that an error came from, and the places next to them.

An error may be a group of the failures of several tasks, be wrapped by Tartiflette, or be raised
from another one. Imported only once something has failed.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handler.errors import ClientError, HandlerError, RequestError, ResolverError
from handler.observe.damage import describe_damage

PLACES = 5  # of each package
CAUSES = 10  # of one failure
TEXT_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Cause:
    """One of the failures behind an error.

    ``error`` names our own error if there is one, because its text says what to do, else the
    innermost. ``at``: places in the packages asked for, and where it was raised, whoever's code
    that is, at the end.
    """

    error: str
    text: str  # of our making
    inner: str  # the type of the innermost exception, if that is another one
    at: tuple[str, ...]

    def fields(self) -> dict[str, object]:
        """As they stand in the log."""
        inner = {"cause": self.inner} if self.inner else {}
        return {"error": self.error, "text": self.text, **inner, "at": list(self.at)}


def find_causes(error: BaseException, packages: Sequence[str]) -> list[Cause]:
    """All failures behind an error, each once, ``CAUSES`` at most.

    ``packages``: whose frames are named; of others one, or several where there are none of these.
    """
    found = dict.fromkeys(_cause(chain, packages) for chain in _chains(error, []))
    return list(found)[:CAUSES]


def innermost(error: BaseException) -> BaseException:
    """The exception that the first failure behind an error began with."""
    return next(_chains(error, []))[-1]


def _chains(error: BaseException, above: list[BaseException]) -> Iterator[list[BaseException]]:
    """For each failure the exceptions from the outermost to the innermost."""
    chain = [*above, error]
    inner = [each for each in _behind(error) if each not in chain]
    for each in inner:
        yield from _chains(each, chain)
    if not inner:
        yield chain


def _behind(error: BaseException) -> Sequence[BaseException]:
    """What an exception came from: the members of a group, or the one that it stands for."""
    members = getattr(error, "exceptions", None)  # of groups, and of Tartiflette's
    if isinstance(members, list | tuple) and members:
        return [each for each in members if isinstance(each, BaseException)]
    original = getattr(error, "original_error", None)  # Tartiflette's
    if isinstance(original, BaseException):
        return [original]
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return [] if before is None else [before]


def _cause(chain: Sequence[BaseException], packages: Sequence[str]) -> Cause:
    # A cancellation is how a time limit reaches the place where it was waited for, and no reason.
    inner = next((each for each in reversed(chain) if isinstance(each, Exception)), chain[-1])
    named = next((each for each in chain if _has_text(each)), inner)
    texts = [str(named)] if _has_text(named) else [describe_damage(each) for each in chain]
    return Cause(
        type(named).__name__,
        next(filter(None, texts), "")[:TEXT_CHARACTERS],
        "" if inner is named else type(inner).__name__,
        tuple(_places(chain, packages)),
    )


def _has_text(error: BaseException) -> bool:
    """Whether its text is ours and repeats nothing of a caller: those for callers may."""
    return isinstance(error, HandlerError) and not isinstance(error, ClientError | RequestError)


def _places(chain: Sequence[BaseException], packages: Sequence[str]) -> list[str]:
    """The frames of the packages, from the outermost to the fault, which is named in any case."""
    frames: dict[str, str] = {}  # place -> package, the nearest first
    for error in reversed(chain):
        for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
            package = str(frame.f_globals.get("__name__")).partition(".")[0]
            frames.setdefault(f"{frame.f_code.co_filename}:{line}", package)
    kept = []
    for wanted in packages:
        kept += [place for place, package in frames.items() if package == wanted][:PLACES]
    fault = list(frames)[: 1 if kept else PLACES]
    places = [place for place in frames if place in kept or place in fault]
    # A value that does not fit is found out after its resolver has ended: no frame is there.
    given = [each.place for each in chain if isinstance(each, ResolverError) and each.place]
    places = [each for each in given if not _has_file(places, each)] + places
    return places[::-1]


def _has_file(places: Sequence[str], wanted: str) -> bool:
    file = wanted.rpartition(":")[0]
    return any(place.rpartition(":")[0] == file for place in places)
