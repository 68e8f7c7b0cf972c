"""All commands, in the order in which the help shows them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from aurora_graphql.cli import (
    audit,
    check,
    dev,
    explain,
    ingest,
    load,
    migrate,
    new,
    package,
    preview,
    purge,
    rehearse,
    reset,
    schema,
    sdl,
    token,
    usage,
    within,
)
from aurora_graphql.cli.chosen import choose

_SERVE: Final = "Begin, serve and look"
_DATA: Final = "Tables and rows"
_DEPLOY: Final = "Deploy"

_PASSED_ON: Final[dict[str, Any]] = {"allow_extra_args": True, "ignore_unknown_options": True}
_ALL_PASSED_ON: Final[dict[str, Any]] = {**_PASSED_ON, "help_option_names": []}

COMMANDS: Final[Sequence[tuple[str, Callable[..., int], str, dict[str, Any]]]] = (
    ("new", new.new, _SERVE, {}),
    ("dev", dev.dev, _SERVE, {}),
    ("check", check.check, _SERVE, {}),
    ("explain", explain.explain, _SERVE, {}),
    ("token", token.token, _SERVE, {}),
    ("with", within.within, _SERVE, {**_PASSED_ON, "allow_interspersed_args": False}),
    ("reset", reset.reset, _SERVE, {}),
    ("schema", schema.schema, _SERVE, _ALL_PASSED_ON),
    ("usage", usage.usage, _SERVE, _ALL_PASSED_ON),
    ("load", load.load, _SERVE, _ALL_PASSED_ON),
    ("sdl", sdl.sdl, _DATA, {}),
    ("migrate", migrate.migrate, _DATA, {}),
    ("ingest", ingest.ingest, _DATA, _ALL_PASSED_ON),
    ("purge", purge.purge, _DATA, _ALL_PASSED_ON),
    ("package", package.package, _DEPLOY, {}),
    ("audit", audit.audit, _DEPLOY, {}),
    ("preview", preview.preview, _DEPLOY, {}),
    ("rehearse", rehearse.rehearse, _DEPLOY, {}),
)


def build() -> typer.Typer:
    """The program with all its commands."""
    app = typer.Typer(
        name="aurora-graphql",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
    )
    app.callback()(_program)
    for name, function, panel, settings in COMMANDS:
        app.command(name, rich_help_panel=panel, context_settings=settings)(_ending(function))
    return app


def _ending(function: Callable[..., int]) -> Callable[..., None]:
    """The command, whose result is the exit status."""

    @functools.wraps(function)
    def ending(*values: Any, **named: Any) -> None:
        raise typer.Exit(function(*values, **named))

    return ending


def _program(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="The project; else the folder of aurora-graphql.toml, from here upward.",
        ),
    ] = None,
    local: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="What the commands keep; else .local in the project."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Say which this is."),
    ] = False,
) -> None:
    """SDL files and SQL files in, a read-heavy GraphQL API out."""
    context.obj = choose(project, local)


def _tell_version(wanted: bool) -> None:
    if wanted:
        try:
            print(version("aurora-graphql"))
        except PackageNotFoundError:
            print("a checkout")
        raise typer.Exit
