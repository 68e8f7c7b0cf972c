"""What serves with comfort on a developer's machine: reloading, request lines, the plan pane.

``run`` gives the stack and the gateway; this puts the function, the terminal and GraphiQL's desk
together, for an API that is called in plain processes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from aurora_graphql.dev.console import Terminal, exchange_of
from aurora_graphql.dev.desk import Desk
from aurora_graphql.dev.environment import Environments
from aurora_graphql.dev.graphiql import Build
from aurora_graphql.dev.reloading import Reloading
from aurora_graphql.dev.stack import Stack, migrate
from aurora_graphql.dev.variables import switch
from aurora_graphql.dev.watching import Reread, Watched, Watcher
from aurora_graphql.errors import ToolError
from aurora_graphql.gateway.proxy_event import Request, Response
from aurora_graphql.project_file import FILE, Project

FUNCTION: Final = "aurora_graphql.dev.local_app.graphql"
Token = Callable[[Sequence[str]], str]


@dataclass(frozen=True, kw_only=True)
class LocalOptions:
    """What the command line chooses."""

    watch: bool = True
    with_sql: bool = False
    as_json: bool = False  # of the log

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The function's environment, which says the same."""
        log, statements = "json" if self.as_json else "text", "on" if self.with_sql else "off"
        return {**environ, "LOCAL_LOG": log, "LOCAL_SQL": statements}


@dataclass(frozen=True)
class Local:
    """The parts, for ``run`` to start and stop."""

    function: Reloading
    terminal: Terminal
    desk: Desk | None
    watcher: Watcher | None

    @classmethod
    def build(
        cls,
        stack: Stack,
        options: LocalOptions,
        bundle: Build,
        *,
        function: str,
        count: int,
        project: Project,
        of_project: Callable[[Project], Stack],
        token: Token | None = None,
    ) -> Self:
        """``count``: of processes; ``token``: makes one for GraphiQL, where tokens are asked.

        ``of_project``: the same stack with what the project file says now.
        """
        file = project.folder / FILE
        environ = options.environ(stack.environ)
        reloading = Reloading(
            lambda: Environments(function, count, environ), has_local_events=function == FUNCTION
        )
        terminal = Terminal(sys.stderr, as_json=options.as_json, with_sql=options.with_sql)
        watched = Watched.of(environ, file)
        desk = None
        if switch(environ, "GRAPHIQL", default=False):
            desk = Desk(
                reloading,
                files=environ["GRAPHIQL_DIR"],
                files_made=bundle.wait,
                project=str(watched.sdl),
                token=token,
            )

        async def apply() -> str:
            return await asyncio.to_thread(migrate, stack)

        def reread() -> Reread:
            found = Project.of(project.folder)
            now = options.environ(of_project(found).environ)
            environ.clear()
            environ.update(now)
            waits = [
                name
                for name in ("name", "migrations", "data")
                if getattr(found, name) != getattr(project, name)
            ]
            return Reread(watched=Watched.of(environ, file), waits=waits)

        watcher = Watcher(
            watched,
            reloading,
            terminal,
            migrate=apply if stack.is_private else None,
            reread=reread,
            failures=(ToolError,),
        )
        return cls(reloading, terminal, desk, watcher if options.watch else None)

    def observe(self, request: Request, response: Response, took_s: float) -> None:
        """Print the line of an answered request."""
        record = self.function.take_record(request.request_id)
        self.terminal.exchange(exchange_of(request, response, took_s, record))

    def tell_first_error(self) -> None:
        """What was wrong with the files when they were first read, if anything was."""
        if self.function.error:
            self.terminal.error(self.function.error)

    async def watch(self) -> None:
        """Reload at each change, until it is cancelled."""
        if self.watcher is None:
            await asyncio.Event().wait()
        else:
            await self.watcher.run()
