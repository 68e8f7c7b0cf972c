"""The command line ``aurora-graphql``: one module a command, all of them listed in ``commands``.

``chosen`` says which project a command is about and what it is told of it, ``errors`` tells what
went wrong. Exit status: 0 done; 1 done, and something is found or differs; 2 not done, the message
says why and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, of the words given or of those that this program was started with."""
    from aurora_graphql.cli.commands import build
    from aurora_graphql.cli.errors import telling

    return telling(lambda: build()(args=arguments))
