"""The recipes of docs/schema.md, by the real tools: types for TypeScript, a client for Python."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from aurora_graphql.asgi import Asgi
from aurora_graphql.schema.printing import public_schema
from handler.language.sdl import build_schema, load_schema
from handler.stores.url import DatabaseUrl
from tests.aurora_graphql.asgi_server import uvicorn_of
from tests.conftest import SDL
from tests.npm import ROOT, install, run

pytestmark = pytest.mark.usefixtures("in_project")

PAGE: Final = (ROOT / "docs/schema.md").read_text(encoding="utf-8")
ARIADNE: Final = "ariadne-codegen==0.19.0"
ADDRESS: Final = "http://127.0.0.1:8000/"
EVERY_SCALAR: Final = """
type Query { thing(thingId: ID!, at: DateTime, on: Date @filter(field: "on")): Thing }
type Thing @key(fields: "thingId") {
  thingId: ID!  price: Decimal  big: BigInt  at: DateTime  on: Date  hour: Time  code: UUID
  bytes: Bytes  json: JSON  place: GeoJSON
}
"""


def block(kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def codegen() -> Path:
    """The folder with graphql-codegen and TypeScript."""
    return install(Path(__file__).parent, "types")


def generated(tools: Path, name: str, schema: str, operations: dict[str, str]) -> Path:
    """A folder inside ``tools``, so that their packages are found, with the types."""
    folder = tools / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sdl" / "operations").mkdir(parents=True)
    (folder / "schema.graphql").write_text(schema)
    for operation, text in operations.items():
        (folder / "sdl" / "operations" / f"{operation}.graphql").write_text(text)
    (folder / "codegen.ts").write_text(block("ts"))
    node(folder, "@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.ts")
    return folder


def node(folder: Path, program: str, *arguments: str) -> None:
    run(folder.parent / "node_modules" / program, *arguments, folder=folder)


def compiled(folder: Path, program: str) -> None:
    """Check a program against the types."""
    (folder / "program.ts").write_text(program)
    node(folder, "typescript/bin/tsc", "--noEmit", "--strict", "program.ts")


def test_types_of_the_operations_are_those_of_the_recipe(codegen: Path) -> None:
    saved = {each.stem: each.read_text() for each in (SDL / "operations").glob("*.graphql")}
    folder = generated(codegen, "orders", public_schema(load_schema(SDL)), saved)
    compiled(
        folder,
        'import type { OrderQuery, OrderQueryVariables } from "./types";\n'
        'const asked: OrderQueryVariables = { orderId: "1" };\n'
        "const total = (found: OrderQuery): string | undefined => found.order?.total;\n"
        "// @ts-expect-error: an exact number is text\n"
        "const wrong = (found: OrderQuery): number | undefined => found.order?.total;\n"
        "export { asked, total, wrong };\n",
    )


def test_every_scalar_of_the_vocabulary_is_mapped(codegen: Path) -> None:
    schema = public_schema(build_schema({"a.graphql": EVERY_SCALAR}))
    document = (
        "query Thing($id: ID!) { thing(thingId: $id) { thingId price big at on hour code bytes json"
        " place } }"
    )
    folder = generated(codegen, "scalars", schema, {"Thing": document})
    text = (folder / "types.ts").read_text()
    assert ": any" not in text
    assert "Decimal: { input: string; output: string; }" in text
    compiled(folder, 'import type { ThingQuery } from "./types";\nexport type { ThingQuery };\n')


@pytest.fixture(scope="module")
def ariadne() -> Path:
    """A virtual environment with ariadne-codegen, made once."""
    folder = ROOT / ".local" / ARIADNE.replace("==", "-")
    if not (folder / "bin" / "ariadne-codegen").is_file():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install_it = [str(folder / "bin" / "pip"), "install", "--quiet", ARIADNE]
        subprocess.run(install_it, check=True, capture_output=True)
    return folder / "bin"


def program_of(binaries: Path, name: str, *arguments: str, folder: Path) -> str:
    """What a program of the virtual environment prints."""
    done = subprocess.run(
        [str(binaries / name), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_python_client_answers_as_the_page_shows(
    ariadne: Path, tmp_path: Path, northwind_database: DatabaseUrl
) -> None:
    (tmp_path / "schema.graphql").write_text(public_schema(load_schema(SDL)))
    shutil.copytree(SDL / "operations", tmp_path / "sdl" / "operations")
    (tmp_path / "pyproject.toml").write_text(block("toml"))
    await asyncio.to_thread(program_of, ariadne, "ariadne-codegen", folder=tmp_path)
    environ = {
        "DATABASE_URL": northwind_database.text(),
        "SDL_DIR": "sdl",
        "AUTH": "off",
        "STAGE": "local",
    }
    async with uvicorn_of(Asgi(environ)) as address:
        program = block("python").replace(ADDRESS, f"{address}/")
        told = await asyncio.to_thread(
            program_of, ariadne, "python", "-c", program, folder=tmp_path
        )
    assert told == PAGE.split("```text\n")[2].split("```")[0]
