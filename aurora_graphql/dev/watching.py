"""Watches the files of an API: its SDL and operations, migrations, resolvers and project file."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from watchfiles import DefaultFilter, awatch

from aurora_graphql.dev.console import Terminal
from aurora_graphql.dev.reloading import Reloading
from aurora_graphql.gateway.function import FunctionError

_SUFFIXES: Final = (".graphql", ".sql", ".py", ".toml")
_QUIET_MS: Final = 30  # of no change, after which those so far are one
_MOST_MS: Final = 300
_LOOK_MS: Final = 500  # between looks at whether a place is another one, which ends its watch


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Where the files are; None: there are none of the kind."""

    sdl: Path
    migrations: Path | None = None
    resolvers: Path | None = None
    project_file: Path | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str], project_file: Path | None = None) -> Watched:
        """By the settings of the function."""
        migrations = Path(environ.get("MIGRATIONS_DIR") or "migrations").resolve()
        return cls(
            sdl=Path(environ.get("SDL_DIR") or "sdl").resolve(),
            migrations=migrations if migrations.is_dir() else None,
            resolvers=_folder_of(environ.get("RESOLVERS", ""), environ.get("PYTHONPATH", "")),
            project_file=project_file if project_file and project_file.is_file() else None,
        )

    @property
    def paths(self) -> list[Path]:
        """What there is to watch at this moment."""
        return [each for each in self._places if each.exists()]

    @property
    def _places(self) -> list[Path]:
        found = [self.sdl, self.migrations, self.resolvers, self.project_file]
        return [each for each in found if each is not None]

    def identities(self) -> dict[Path, tuple[int, int] | None]:
        """Which files and folders the places are; None: there is none at this moment."""
        return {place: _identity(place) for place in self._places}

    def is_migration(self, path: Path) -> bool:
        """Whether a file is one of the migrations."""
        return self.migrations is not None and _below(path, self.migrations)

    def is_relevant(self, path: Path) -> bool:
        """Whether a change of it changes the API."""
        if path == self.project_file:
            return True
        if path.suffix not in _SUFFIXES or path.suffix == ".toml":
            return False
        if self.is_migration(path):
            return path.suffix == ".sql"
        return path.suffix == ".graphql" or (
            self.resolvers is not None and path.suffix == ".py" and _below(path, self.resolvers)
        )


@dataclass(frozen=True, kw_only=True)
class Reread:
    """What the project file says now. ``waits``: its keys that count at the next start only."""

    watched: Watched
    waits: Sequence[str] = ()


class Watcher:
    """Reloads at each change. ``migrate``: applies new migrations; None: nobody may here.

    ``reread``: takes the project file, which has changed, for what is made next. Both raise an
    error of ``failures``, whose text says what is wrong.
    """

    def __init__(
        self,
        watched: Watched,
        function: Reloading,
        terminal: Terminal,
        *,
        migrate: Callable[[], Awaitable[str]] | None,
        reread: Callable[[], Reread],
        failures: tuple[type[Exception], ...],
    ) -> None:
        self._watched = watched
        self._function = function
        self._terminal = terminal
        self._migrate = migrate
        self._reread = reread
        self._failures = failures

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            watched = self._watched
            async for paths in changes(watched):
                await self.change(paths)
                if self._watched != watched:  # the project file names other folders
                    break

    async def change(self, paths: Sequence[Path]) -> None:
        """Take what these files say now into service, or tell what is wrong with them."""
        await self._function.started.wait()
        began = time.monotonic()
        what = ", ".join(sorted(map(_shown, paths)))
        told_before = self._function.error
        try:
            if self._watched.project_file in paths:
                await self._take_project_file()
            if any(map(self._watched.is_migration, paths)):
                if self._migrate is None:
                    self._terminal.say(
                        f"{what}: left alone, the database is yours; apply it by `migrate`",
                        "yellow",
                    )
                else:
                    self._terminal.say(f"{what}: {await self._migrate()}")
            await self._function.reload()
        except FunctionError as error:
            self._terminal.error(f"{error}\nthe API goes on as it was before")
            return
        except self._failures as error:
            self._function.fail(str(error))
            self._terminal.error(f"{error}\nthe API goes on as it was before")
            return
        self._terminal.reloaded(what, time.monotonic() - began)
        if self._function.error:
            self._terminal.error(self._function.error)
        elif told_before:
            self._terminal.say("what was wrong is mended", "green")

    async def _take_project_file(self) -> None:
        found = self._reread()
        await self._function.drop_spare()
        self._watched = found.watched
        if found.waits:
            self._terminal.say(
                f"{', '.join(found.waits)} of the project file: read at the start, so stop this and"
                " start it again",
                "yellow",
            )


async def changes(watched: Watched) -> AsyncIterator[list[Path]]:
    """The files that have changed, all that change together at once."""

    class Relevant(DefaultFilter):
        """Beside what editors leave behind, which the base class knows."""

        def __call__(self, change: object, path: str) -> bool:
            return super().__call__(change, path) and watched.is_relevant(Path(path))  # type: ignore[arg-type] # its own enum

    known = watched.identities()
    waiting: set[Path] = set()  # for the watch of what is there now
    while True:
        ended = asyncio.Event()
        async for found in awatch(
            *watched.paths,
            watch_filter=Relevant(),
            debounce=_MOST_MS,
            step=_QUIET_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=ended,
        ):
            waiting |= {Path(path) for _, path in found}
            # A folder that was moved and one that took its place: git and editors do both.
            before, known = known, watched.identities()
            replaced = {place for place, identity in known.items() if identity != before[place]}
            if replaced:
                waiting |= replaced
                ended.set()
            elif waiting:
                yield sorted(waiting)
                waiting = set()
        if not ended.is_set():
            return


def _identity(place: Path) -> tuple[int, int] | None:
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _folder_of(module: str, paths: str) -> Path | None:
    """The folder of a package, or the file of a module; None without one.

    ``paths``: where the function looks for modules before anywhere else.
    """
    if not module:
        return None
    places = [*filter(None, paths.split(os.pathsep)), *sys.path]
    found = PathFinder.find_spec(module.partition(".")[0], places)
    if found is None:
        return None
    folders = list(found.submodule_search_locations or ())
    place = folders[0] if folders else found.origin
    return Path(place).resolve() if place else None


def _below(path: Path, place: Path) -> bool:
    return path == place or place in path.parents


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
