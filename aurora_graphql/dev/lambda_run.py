"""`make run-lambda`: what can be chosen, and the function made of it.

The defaults are those of the stack's settings; a test compares.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from aurora_graphql.dev.lambda_environment import Configuration
from aurora_graphql.dev.lambda_function import LambdaFunction
from aurora_graphql.dev.stack import StackError
from aurora_graphql.dev.variables import switch, whole
from aurora_graphql.gateway.authorizer import TIMEOUT_S, Authorizer
from aurora_graphql.gateway.gateway import TIMEOUT_S as GATEWAY_S
from aurora_graphql.gateway.throttle import Throttle

AUTHORIZER_MEMORY_MB = 512
_KEYS = frozenset(  # that Lambda puts beside the variables of a function
    {
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    }
)


_OF_THE_ARCHIVE: Mapping[str, str] = {
    "SDL_DIR": "sdl",
    "MIGRATIONS_DIR": "migrations",
    "GRAPHIQL_DIR": "graphiql",
}


@dataclass(frozen=True, kw_only=True)
class LambdaOptions:
    """``archive``: one of ``aurora-graphql package``; without it the checkout is run."""

    archive: Path | None = None
    timeout_s: int = 15
    memory_mb: int = 1769
    freezes: bool = True
    snapstart: bool = False
    throttle_rate: int = 100  # requests per second
    throttle_burst: int = 200  # requests
    authorizer_cache_s: int = 300  # without anonymous callers; 0 asks for every request

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """From the environment; ``StackError`` for what cannot be."""
        return cls(
            archive=Path(given["ARCHIVE"]).absolute() if given.get("ARCHIVE") else None,
            timeout_s=whole(given, "FUNCTION_TIMEOUT_S", cls.timeout_s, 1, 900),
            memory_mb=whole(given, "FUNCTION_MEMORY_MB", cls.memory_mb, 32, 10_240),
            freezes=switch(given, "FREEZE", default=cls.freezes),
            snapstart=switch(given, "SNAPSTART", default=cls.snapstart),
            throttle_rate=whole(given, "THROTTLE_RATE", cls.throttle_rate, 1, 10_000),
            throttle_burst=whole(given, "THROTTLE_BURST", cls.throttle_burst, 1, 5_000),
            authorizer_cache_s=whole(given, "AUTHORIZER_CACHE_S", cls.authorizer_cache_s, 0, 3_600),
        )

    def adapt(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """The settings, without GraphiQL where the archive does not hold it."""
        if self.archive is None or environ.get("GRAPHIQL") != "on":
            return environ
        with suppress(OSError, ValueError):  # ``open`` says what is wrong with it
            manifest = json.loads((self.archive.parent / "manifest.json").read_bytes())
            if manifest.get("graphiql") is not True:
                _tell("  the archive holds no GraphiQL: a browser gets none")
                return {**environ, "GRAPHIQL": "off"}
        return environ

    @property
    def gateway_timeout_s(self) -> float:
        """How long the gateway waits: a second more than the function has, within its own limit."""
        return min(GATEWAY_S, self.timeout_s + 1.0)

    def throttle(self) -> Throttle:
        """The throttle of the stage."""
        return Throttle(self.throttle_rate, self.throttle_burst)

    @contextmanager
    def open_authorizer(
        self, handler: str, environ: Mapping[str, str], *, anonymous: bool
    ) -> Iterator[Authorizer]:
        """The authorizer in an environment of its own; the stack gives it no SnapStart either.

        It has a cache as the stack's has: not where callers may come without a token.
        """
        own = replace(
            self, snapstart=False, timeout_s=int(TIMEOUT_S), memory_mb=AUTHORIZER_MEMORY_MB
        )
        with own.open(handler, 1, environ) as function:
            yield Authorizer(function, cache_s=0 if anonymous else self.authorizer_cache_s)

    @contextmanager
    def open(
        self, handler: str, concurrency: int, environ: Mapping[str, str]
    ) -> Iterator[LambdaFunction]:
        """The function; its unpacked archive is removed at the end."""
        # Late: `make run` does not need it.
        from aurora_graphql.dev.lambda_task import TaskError, checkout, unpack

        with ExitStack() as opened:
            try:
                if self.archive is None:
                    task = checkout()
                else:
                    folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="lambda-"))
                    task = unpack(self.archive, Path(folder))
            except TaskError as error:
                raise StackError(str(error)) from error
            own = _OF_THE_ARCHIVE if self.archive else {}
            configuration = Configuration(
                handler=handler,
                environ={**_given(environ, task.variables), **own},
                folder=task.folder,
                command=task.command,
                python=task.python,
                timeout_s=self.timeout_s,
                memory_mb=self.memory_mb,
                freezes=self.freezes,
                snapstart=self.snapstart,
            )
            yield LambdaFunction(configuration, concurrency, _tell)


def _given(environ: Mapping[str, str], variables: frozenset[str] | None) -> Mapping[str, str]:
    """What the function gets of this shell's environment: nothing that it would miss on AWS."""
    if variables is None:
        return environ
    return {name: text for name, text in environ.items() if name in variables | _KEYS}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
