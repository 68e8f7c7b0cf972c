"""The claim on a folder: one program at a time runs the stack in it, and says where.

The claim is a lock on a file, so it ends with its process, whatever way that ends; nothing stale
can stay. Standard library only: `make reset` works without the virtual environment.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

from aurora_graphql.errors import ToolError


class ClaimedError(ToolError):
    """Another program holds the folder; ``notice`` is what it says of itself."""

    def __init__(self, folder: Path, notice: Mapping[str, str]) -> None:
        self.notice = notice
        process = f"process {notice['process']}" if "process" in notice else "another process"
        url = f" at {notice['url']}" if "url" in notice else ""
        super().__init__(
            f"the servers in {folder} are in use by {process}{url}; stop it there with Ctrl-C,"
            " or here with: kill " + notice.get("process", "PROCESS")
        )


class Claim:
    """Holds the folder from construction to ``release``; ``ClaimedError`` if another one does."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        # "a": opening must not wipe what the holder has written.
        self._file: IO[str] = (folder / "run.lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            text = self._file.read()
            self._file.close()
            raise ClaimedError(folder, json.loads(text) if text else {}) from None
        self.tell({})

    def tell(self, notice: Mapping[str, str]) -> None:
        """Write what others may know: addresses of the servers; readable by the owner only."""
        text = json.dumps({"process": str(os.getpid()), **notice})
        self._file.truncate(0)
        self._file.write(text)
        self._file.flush()

    def release(self) -> None:
        """Give the folder back."""
        self._file.truncate(0)
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
