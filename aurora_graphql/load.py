"""A short load test of saved operations against a URL: ``python -m aurora_graphql.load URL``.

So many callers ask one after the other, each the operations in turn, until the time is over. What
comes out are percentiles, a histogram and the errors. It shares the machine with whatever else runs
there: for numbers to publish use a tool on a machine of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from graphql import NonNullTypeNode, OperationDefinitionNode, parse

from handler.errors import HandlerError
from handler.language.operations import load_operations
from handler.language.sdl import load_schema

TIMEOUT_S = 30.0
CONCURRENCY_MAX = 1_000
BAR_CHARACTERS = 40
ROWS: Final = 12  # of the histogram
PERCENTILES: Final = (50, 90, 95, 99, 100)


class LoadError(HandlerError):
    """The test cannot run; says what is missing."""


@dataclass(frozen=True)
class Question:
    """One operation with its variables. ``token``: of all questions, or none."""

    name: str
    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Picture:
    """What a test has seen. ``latencies_s``: of answers without errors, by operation."""

    seconds: float = 0.0
    latencies_s: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        """Answers without errors."""
        return sum(map(len, self.latencies_s.values()))


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed (nearest rank)."""
    at = max(math.ceil(percent / 100 * len(sorted_values)), 1)
    return sorted_values[at - 1]


def histogram(sorted_values: Sequence[float], rows: int = ROWS) -> list[tuple[float, float, int]]:
    """Counts between bounds that grow evenly by their factor: low, high, how many."""
    if not sorted_values:
        return []
    low, high = max(sorted_values[0], 1e-6), max(sorted_values[-1], 1e-6)
    if high / low < 1.05:
        return [(low, high, len(sorted_values))]
    factor = (high / low) ** (1 / rows)
    bounds = [low * factor**at for at in range(rows)] + [high]
    counts = [0] * rows
    for value in sorted_values:
        at = int(math.log(max(value, low) / low) / math.log(factor))
        counts[min(at, rows - 1)] += 1
    return [(bounds[at], bounds[at + 1], counts[at]) for at in range(rows)]


async def run(
    url: str,
    questions: Sequence[Question],
    *,
    duration_s: float,
    concurrency: int,
    headers: Mapping[str, str] | None = None,
) -> Picture:
    """Ask for so long, so many at a time. Raises ``LoadError`` where nothing can be asked."""
    if not questions:
        raise LoadError("there is no operation to ask: save one in the folder operations")
    if not 1 <= concurrency <= CONCURRENCY_MAX:
        raise LoadError(f"concurrency is 1 to {CONCURRENCY_MAX}, got {concurrency}")
    if not duration_s > 0:
        raise LoadError(f"duration is more than 0 seconds, got {duration_s:g}")
    picture = Picture()
    turns = itertools.cycle(questions)
    began = time.perf_counter()
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector, headers=headers
    ) as session:

        async def ask_on() -> None:
            while time.perf_counter() - began < duration_s:
                await _ask(session, url, next(turns), picture)

        await asyncio.gather(*(ask_on() for _ in range(concurrency)))
    picture.seconds = time.perf_counter() - began
    return picture


async def _ask(
    session: aiohttp.ClientSession, url: str, question: Question, picture: Picture
) -> None:
    body = {
        "query": question.document,
        "operationName": question.name,
        "variables": dict(question.variables),
    }
    started = time.perf_counter()
    try:
        async with session.post(url, json=body) as response:
            content = await response.read()
            status = response.status
    except TimeoutError:
        picture.errors[f"{question.name}: no answer within {TIMEOUT_S:g} s"] += 1
        return
    except aiohttp.ClientError as error:
        picture.errors[f"{question.name}: {type(error).__name__}: {error}"] += 1
        return
    took_s = time.perf_counter() - started
    if problem := _problem(status, content):
        picture.errors[f"{question.name}: {problem}"] += 1
        return
    picture.latencies_s.setdefault(question.name, []).append(took_s)


def _problem(status: int, content: bytes) -> str | None:
    """What is wrong with an answer: its status, or the first error in it."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if isinstance(body, dict) and body.get("errors"):
        first = body["errors"][0]
        code = first.get("extensions", {}).get("code", "") if isinstance(first, dict) else ""
        message = first.get("message", "") if isinstance(first, dict) else str(first)
        return f"{status} {code} {message}".replace("  ", " ")
    if status != 200 or not isinstance(body, dict):
        return f"status {status}"
    return None


def questions_of(
    folder: Path, names: Sequence[str] = (), variables: Mapping[str, Any] | None = None
) -> list[Question]:
    """Saved operations of a folder of SDL, or the named ones, with these variables.

    ``variables``: by operation, or one object for all. Raises ``LoadError`` and ``SchemaError``.
    """
    saved = {each.name: each.text for each in load_operations(folder, load_schema(folder))}
    if unknown := [name for name in names if name not in saved]:
        known = ", ".join(saved) or "none"
        raise LoadError(f"there is no saved operation {', '.join(unknown)}; saved are {known}")
    given = variables or {}
    is_by_name = bool(given) and given.keys() <= saved.keys()
    return [
        Question(name, text, given.get(name, {}) if is_by_name else given)
        for name, text in saved.items()
        if not names or name in names
    ]


def without_values(questions: Sequence[Question]) -> dict[str, list[str]]:
    """Which variables of which operations must have a value and have none."""
    found = {}
    for each in questions:
        (definition,) = (
            node
            for node in parse(each.document).definitions
            if isinstance(node, OperationDefinitionNode)
        )
        found[each.name] = [
            variable.variable.name.value
            for variable in definition.variable_definitions or ()
            if isinstance(variable.type, NonNullTypeNode)
            and variable.default_value is None
            and each.variables.get(variable.variable.name.value) is None
        ]
    return {name: missing for name, missing in found.items() if missing}


def askable(questions: Sequence[Question], *, all_of_them: bool) -> Iterator[Question]:
    """Those whose variables have values; the others are told on standard error.

    ``all_of_them``: somebody has named them. Raises ``LoadError`` where that or nothing cannot be.
    """
    lacking = without_values(questions)
    told = [
        f"{name} needs {', '.join(f'${each}' for each in missing)}"
        for name, missing in lacking.items()
    ]
    if told and (all_of_them or len(lacking) == len(questions)):
        example = json.dumps({name: dict.fromkeys(each, "...") for name, each in lacking.items()})
        raise LoadError(f"{'; '.join(told)}: give values, --variables '{example}'")
    for line in told:
        sys.stderr.write(f"load: left out, {line}; --variables gives values\n")
    return (each for each in questions if each.name not in lacking)


def show(picture: Picture) -> None:
    """Print the picture: a table, a histogram, the errors."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    total = picture.answered + picture.errors.total()
    rate = picture.answered / picture.seconds if picture.seconds else 0.0
    console.print(
        f"{total:,} requests in {picture.seconds:.1f} s: {picture.answered:,} answered "
        f"({rate:,.0f}/s), {picture.errors.total():,} failed"
    )
    table = Table("operation", "answers", *(f"p{each}" for each in PERCENTILES[:-1]), "max")
    for name, values in sorted(picture.latencies_s.items()):
        ordered = sorted(values)
        cells = (f"{percentile(ordered, each) * 1000:.1f} ms" for each in PERCENTILES)
        table.add_row(name, f"{len(values):,}", *cells)
    if picture.latencies_s:
        console.print(table)
    ordered = sorted(itertools.chain.from_iterable(picture.latencies_s.values()))
    rows = histogram(ordered)
    most = max((count for _, _, count in rows), default=0)
    for low, high, count in rows:
        bar = "█" * round(count / most * BAR_CHARACTERS)
        console.print(f"{low * 1000:9.1f} to {high * 1000:9.1f} ms {count:>8,} {bar}")
    for problem, count in picture.errors.most_common():
        console.print(f"{count:,} x {problem}", markup=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 1 where a request failed, 2 where none could be made."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not re.match(r"https?://[^/]", options.url):
        parser.error(f"{options.url} is no address: write http://... or https://...")
    folder = Path(options.sdl or os.environ.get("SDL_DIR") or "sdl")
    headers = {"authorization": f"Bearer {options.token}"} if options.token else {}
    try:
        variables = json.loads(options.variables) if options.variables else None
        saved = questions_of(folder, options.operation, variables)
        questions = [*askable(saved, all_of_them=bool(options.operation))]
        picture = asyncio.run(
            run(
                options.url,
                questions,
                duration_s=options.duration,
                concurrency=options.concurrency,
                headers=headers,
            )
        )
    except (HandlerError, ValueError) as error:
        sys.stderr.write(f"load: {error}\n")
        return 2
    show(picture)
    return 1 if picture.errors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aurora-graphql load",
        description="Ask the saved operations of an API for a while and show how long it took.",
    )
    add = parser.add_argument
    add("url", metavar="URL")
    add("--operation", action="append", default=[], metavar="NAME", help="default: all saved ones")
    add("--variables", metavar="JSON", help="of all operations, or an object of them by name")
    add("--duration", type=float, default=10.0, metavar="SECONDS")
    add("--concurrency", type=int, default=4, metavar="N", help="callers at a time")
    add("--token", metavar="TOKEN", help="for the header Authorization")
    add("--sdl", metavar="FOLDER", help="where the operations are; default: SDL_DIR, or sdl")
    return parser


if __name__ == "__main__":
    sys.exit(main())
