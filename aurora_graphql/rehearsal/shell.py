"""The edge of the rehearsal: commands, the API over HTTPS, the clock."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from aurora_graphql.errors import ToolError

_OUTPUTS: Final = {
    "goBack": "aws lambda update-alias --region REGION --function-name GRAPHQL --name live "
    "--function-version"
}
_ANSWERS: Final[Mapping[tuple[str, ...], str]] = {
    ("pulumi", "stack", "export"): json.dumps(
        {
            "deployment": {
                "resources": [
                    {"type": "aws:rds/cluster:Cluster", "outputs": {"clusterIdentifier": "CLUSTER"}}
                ]
            }
        }
    ),
    ("aws", "lambda", "get-alias"): "2",
    ("aws", "lambda", "list-versions-by-function"): "1 2",
    ("aws", "resourcegroupstaggingapi", "get-resources"): json.dumps(
        {"ResourceTagMappingList": []}
    ),
}
"""What a stack would say, where no account is asked: the beginning of a command -> its output."""

PROBE_S: Final = 1.0
ANSWER_S: Final = 30
QUERY: Final = "{ __typename }"
"""Without tables, which any API answers."""


class CommandError(Exception):
    """A command that failed; the text is its last words."""


class MissingToolError(ToolError):
    """A command that is not installed."""


@dataclass
class Watch:
    """How the API answered while something else was done."""

    answered: int = 0
    failures: list[str] = field(default_factory=list)


class World(Protocol):
    """What the rehearsal does to the account; a stand-in in tests."""

    def run(self, *command: str) -> str: ...

    def write(self, path: Path, text: str) -> None: ...

    def ask(self, url: str) -> str:
        """Empty if the API answered, else what came instead."""
        ...

    def watch(self, url: str) -> AbstractContextManager[Watch]: ...


class Shell:
    """The account itself, by the commands ``pulumi`` and ``aws`` in the project's folder."""

    def __init__(self, folder: Path, headers: Sequence[str] = (), *, query: str = QUERY) -> None:
        self._folder = folder
        self._question = json.dumps({"query": query}).encode()
        pairs = (header.partition(":") for header in headers)
        self._headers = {name.strip(): value.strip() for name, _, value in pairs}

    def run(self, *command: str) -> str:
        """The output. Raises ``CommandError``."""
        print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)
        try:
            done = subprocess.run(
                command, cwd=self._folder, check=False, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise MissingToolError(f"{command[0]} is not installed") from None
        if done.returncode != 0:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise CommandError(" / ".join(words[-5:]) or f"exit status {done.returncode}")
        return done.stdout.strip()

    def write(self, path: Path, text: str) -> None:
        """Another text for a file of the project."""
        path.write_text(text, encoding="utf-8")

    def ask(self, url: str) -> str:
        """Empty if the API answered the query without errors, else what came instead."""
        request = urllib.request.Request(  # noqa: S310 - the stack's own address
            url, data=self._question, headers={"content-type": "application/json", **self._headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as response:  # noqa: S310 - as above
                body = response.read()
        except urllib.error.HTTPError as error:
            return f"status {error.code}"
        except OSError as error:
            return str(error)
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        right = isinstance(answer, dict) and answer.get("data") and not answer.get("errors")
        return "" if right else f"no data: {body[:80]!r}"

    @contextmanager
    def watch(self, url: str) -> Iterator[Watch]:
        """Ask once a second until the block has ended."""
        watch, ended = Watch(), threading.Event()

        def probe() -> None:
            while not ended.wait(PROBE_S):
                problem = self.ask(url)
                if problem:
                    watch.failures.append(f"{time.strftime('%H:%M:%S')} {problem}")
                else:
                    watch.answered += 1

        thread = threading.Thread(target=probe)
        thread.start()
        try:
            yield watch
        finally:
            ended.set()
            thread.join()


class Pretended:
    """No account: it prints what would be done, and answers as a stack would."""

    def run(self, *command: str) -> str:
        """What comes of it is made up; a word in capitals stands for a name of the account."""
        print(f"   $ {' '.join(command)}")
        match command:
            case ("pulumi", "stack", "output", name, *_):
                return _OUTPUTS.get(name, name.upper())
            case ("pulumi", "config", "get", *_):
                raise CommandError("not set")
            case _:
                return _ANSWERS.get(command[:3], "")

    def write(self, path: Path, text: str) -> None:
        """No file is touched."""
        del text
        print(f"   write {path}")

    def ask(self, url: str) -> str:
        """It answers."""
        print(f"   ask {url}")
        return ""

    @contextmanager
    def watch(self, url: str) -> Iterator[Watch]:
        """It answers."""
        print(f"   ask {url} once a second, until this has ended:")
        yield Watch()
