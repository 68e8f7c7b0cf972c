"""Every command and program of docs/clients.md gives what stands below it."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from aurora_graphql.asgi import Asgi
from handler.stores.url import DatabaseUrl
from tests.aurora_graphql.asgi_server import uvicorn_of
from tests.npm import ROOT, install, run

pytestmark = pytest.mark.usefixtures("in_project")

PAGE: Final = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
EXAMPLES: Final = re.findall(
    r"^```(sh|js)\n(.*?)^```\n\n```(json|text)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
)
ADDRESS: Final = "http://127.0.0.1:8000/"


@pytest.fixture(scope="module")
def clients() -> Path:
    """The folder from which programs find the clients."""
    return install(Path(__file__).parent, "clients")


@pytest.mark.parametrize(
    ("kind", "program", "told", "expected"),
    EXAMPLES,
    ids=[f"{kind}-{number}" for number, (kind, *_) in enumerate(EXAMPLES)],
)
async def test_what_the_page_shows_happens(
    kind: str,
    program: str,
    told: str,
    expected: str,
    clients: Path,
    northwind_database: DatabaseUrl,
    cache_url: str,
) -> None:
    environ = {
        "DATABASE_URL": northwind_database.text(),
        "CACHE_URL": cache_url,
        "SDL_DIR": "sdl",
        "AUTH": "off",
        "STAGE": "local",
        "PERSISTED_QUERIES": "automatic",
    }
    async with uvicorn_of(Asgi(environ)) as address:
        output = await asyncio.to_thread(
            printed, kind, program.replace(ADDRESS, f"{address}/"), clients
        )
    if told == "json":
        assert json.loads(output) == json.loads(expected)
    else:
        assert output.strip() == expected.strip()


def printed(kind: str, program: str, clients: Path) -> str:
    if kind == "sh":
        done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
        return done.stdout
    script = clients / "program.mjs"
    script.write_text(program)
    return run(script)


def test_every_program_of_the_page_is_run() -> None:
    assert len(EXAMPLES) == len(re.findall(r"^```(?:sh|js)$", PAGE, re.MULTILINE)) == 6
