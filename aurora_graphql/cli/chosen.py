"""Which project a command is about, and what options and environment say of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import typer

from aurora_graphql.errors import ToolError
from aurora_graphql.project_file import FILE, Project

Sdl = Annotated[
    Path | None, typer.Option("--sdl", metavar="FOLDER", help="The SDL, with operations/ in it.")
]
Migrations = Annotated[
    Path | None, typer.Option("--migrations", metavar="FOLDER", help="The files NNNN_name.sql.")
]

HELP: Final = frozenset(("-h", "--help"))
_VARIABLES: Final = {"sdl": "SDL_DIR", "migrations": "MIGRATIONS_DIR"}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One project, and the environment with the options over it."""

    project: Project
    local: Path  # what the commands keep
    given: Mapping[str, str]

    def over(self, **folders: Path | None) -> Chosen:
        """The same with options of one command; None: not given."""
        own = {_VARIABLES[name]: str(each) for name, each in folders.items() if each is not None}
        return Chosen(project=self.project, local=self.local, given={**self.given, **own})

    def found(self) -> Chosen:
        """The same, if there is a project: its file, or an SDL. Raises ``ToolError``."""
        folder, sdl = self.project.folder, self.project.sdl_in_use(self.given)
        if (folder / FILE).is_file() or sdl.is_dir():
            return self
        raise ToolError(
            f"{folder} holds no project, neither {FILE} nor the SDL in {sdl}: go to the folder of"
            " one, or name it by --project; aurora-graphql new NAME makes one"
        )

    @property
    def environ(self) -> dict[str, str]:
        """The environment for the handler: what is given, and the project's folders."""
        return self.project.environ(self.given)

    @contextmanager
    def database(self, *, and_cache: bool = False) -> Iterator[Mapping[str, str]]:
        """The handler's environment with a database: that of DATABASE_URL; else the one which is
        served at the moment; else a private one that lives as long as the block.

        ``and_cache``: for commands that change what answers are of. It is that of CACHE_URL, else
        the one which is served at the moment.
        """
        # Late: it needs the servers' modules.
        from aurora_graphql.dev.stack import join_stack, served_cache
        from aurora_graphql.dev.steps import Steps

        given = dict(self.given)
        if and_cache and "CACHE_URL" not in given:
            given["CACHE_URL"] = served_cache(self.local) or ""
        if given.get("DATABASE_URL"):
            yield self.project.environ(given)
            return
        given.setdefault("CACHE_URL", "")
        with join_stack(self.project, self.local, given, Steps()) as stack:
            yield stack.environ


def choose(project: Path | None, local: Path | None) -> Chosen:
    """By the options of the program: a folder, or else the current one and those above it."""
    found = Project.of(project) if project is not None else Project.find(Path.cwd())
    return Chosen(project=found, local=local or found.local, given=dict(os.environ))


def named(context: typer.Context) -> Chosen:
    """What the program's own options chose; a project may be there or not."""
    found = context.obj
    assert isinstance(found, Chosen)
    return found


def passed_on(context: typer.Context) -> Chosen:
    """The project for a command that reads its words itself; its help needs none.

    An ``--sdl`` among the words counts as that of the other commands does.
    """
    if HELP.intersection(context.args):
        return named(context)
    folder = None
    for word, after in pairwise([*context.args, ""]):
        if word == "--sdl" or word.startswith("--sdl="):
            folder = word.partition("=")[2] or after
    return chosen(context, sdl=Path(folder) if folder else None)


def chosen(context: typer.Context, **folders: Path | None) -> Chosen:
    """A project that is there, with options of the command. Raises ``ToolError``."""
    return named(context).over(**folders).found()
