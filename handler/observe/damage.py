"""What is damaged in the archive, found out from an error. Imported only once something has failed.

A damaged file shows itself by any error at all, often by one that names no file: bytecode that was
cut is "marshal data too short". So what is asked is whether something was being imported.
"""

from __future__ import annotations

import linecache
import os
import traceback
from types import FrameType
from typing import Final

REMEDY: Final = "build and deploy the archive again: aurora-graphql package"

_PACKAGE: Final = os.path.dirname(os.path.dirname(__file__))


def describe_damage(error: BaseException) -> str:
    """What cannot be loaded, why, and the remedy; empty if nothing was being loaded.

    It names modules and files and quotes what their import says: nothing of a request.
    """
    module, is_loading = "", isinstance(error, ImportError | SyntaxError)
    statement = ("", 0)  # the last one that is not Python's: where it stands
    for frame, line in traceback.walk_tb(error.__traceback__):
        # Python takes its own frames out of most errors, and leaves them where a file is no code.
        if _is_of_python(frame):
            is_loading, module = True, frame.f_locals.get("name") or module
            continue
        statement = (frame.f_code.co_filename, line)
        if frame.f_code.co_name == "<module>":
            is_loading, module = True, frame.f_globals["__name__"]
    if isinstance(error, ImportError):
        module = error.name or module
    elif isinstance(error, SyntaxError):
        # A source with zeros in it is an error that names no file.
        module = error.filename or f"what {linecache.getline(*statement).strip()!r} asks for"
    elif isinstance(error, OSError) and str(error.filename).startswith(_PACKAGE):
        is_loading, module = True, str(error.filename)
    if not is_loading:
        return ""
    return (
        f"{module or 'a module'} cannot be loaded: {describe_error(error)}; "
        f"the archive is damaged, or for another Python or CPU; {REMEDY}"
    )


def describe_error(error: BaseException) -> str:
    """Type, text and place on one line. For errors of a start: others may repeat values."""
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not _is_of_python(frame):
            place = f" (at {frame.f_code.co_filename}:{line})"
    return " ".join(f"{type(error).__name__}: {error}".split()) + place


def _is_of_python(frame: FrameType) -> bool:
    """Whether it is one of the import system's own, those that are frozen included."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "importlib"
