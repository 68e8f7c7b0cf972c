"""A real uvicorn on a free port of this machine, in the event loop of the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from aurora_graphql.asgi import Asgi


@asynccontextmanager
async def uvicorn_of(app: Asgi) -> AsyncIterator[str]:
    """The address of the app, until the end of the block."""
    config = uvicorn.Config(app, lifespan="on", log_level="error", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            while not server.started:
                assert not serving.done(), "uvicorn has ended; its words are above"
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
