"""Commands of the Makefile: ``python -m aurora_graphql.dev`` run, run-lambda, reset or with.

``with`` runs a command with DATABASE_URL and CACHE_URL of the stack: the one that ``make run``
serves at the moment, or else one that lives as long as the command.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from aurora_graphql.dev.claim import ClaimedError

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 with a message if it cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "reset":
            return _reset(options.folder)
        return _with_environment(options)
    except ClaimedError as error:
        print(f"local: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aurora_graphql.dev", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".local", help="what the servers keep (.local)"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, how in (("run", ""), ("run-lambda", ", by Lambda's runtime client and rules")):
        run = commands.add_parser(name, help=f"serve the API until Ctrl-C{how}")
        run.add_argument("--function", default="handler.entry.graphql", help="the Lambda function")
    commands.add_parser("reset", help="remove the data of run")
    within = commands.add_parser("with", help="run a command with the stack's addresses")
    within.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")
    return parser


def _reset(folder: Path) -> int:
    from aurora_graphql.dev.reset import reset

    removed = reset(folder)
    print("removed " + ", ".join(map(str, removed)) if removed else "there is no data")
    return 0


def _with_environment(options: argparse.Namespace) -> int:
    # Late: `reset` must work on a machine without the virtual environment.
    from aurora_graphql.dev.run import run
    from aurora_graphql.dev.servers import ServerError
    from aurora_graphql.dev.stack import StackError, join_stack
    from aurora_graphql.dev.steps import Steps
    from aurora_graphql.gateway.function import FunctionError
    from handler.errors import HandlerError

    try:
        if options.command in ("run", "run-lambda"):
            like_lambda = options.command == "run-lambda"
            run(options.folder, os.environ, function=options.function, like_lambda=like_lambda)
            return 0
        with join_stack(options.folder, os.environ, Steps()) as stack:
            return subprocess.run(options.words, env=dict(stack.environ), check=False).returncode
    except (StackError, ServerError, FunctionError, HandlerError) as error:
        print(f"local: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
