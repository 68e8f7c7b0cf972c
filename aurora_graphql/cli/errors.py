"""What went wrong, told once: a message that says what to do, and no traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from rich.console import Console

from aurora_graphql.errors import ToolError
from handler.errors import ClientError, HandlerError, RequestError, UpstreamError

NOT_DONE: Final = 2
SIGNALLED: Final = 128  # as shells have it, and the number of the signal
INTERRUPTED: Final = SIGNALLED + 2


def telling(program: Callable[[], object]) -> int:
    """Run the program; its exit status. Errors that are raised on purpose become messages."""
    try:
        program()
    except SystemExit as end:  # as typer ends every command
        return end.code if isinstance(end.code, int) else 0
    except (ToolError, HandlerError, OSError) as error:
        say(_text(error))
        return NOT_DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def say(message: str) -> None:
    """One error, on standard error: no colours where that is no terminal, or NO_COLOR is set."""
    console = Console(file=sys.stderr, soft_wrap=True, highlight=False)
    console.print("error:", style="bold red", end=" ")
    console.print(message, markup=False)


def _place(error: ClientError) -> str:
    """Line and column in the document, where the error is at one."""
    return "".join(f"{at.line}:{at.column}: " for at in error.locations[:1])


def _text(error: Exception) -> str:
    if isinstance(error, UpstreamError):
        return f"the database cannot be asked: {error}"
    if isinstance(error, RequestError):
        return "\n".join(f"{_place(each)}{each.message}" for each in error.errors)
    return str(error)
