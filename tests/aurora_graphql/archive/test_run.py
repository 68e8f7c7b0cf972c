"""The archive, unzipped, in the Python that it was built for, on a real database.

That Python sees the standard library and the archive, as in Lambda, and none of the packages of
this machine.
"""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import certifi
import pytest

from aurora_graphql.archive.build import Built, build
from aurora_graphql.archive.bytecode import find_python
from aurora_graphql.archive.target import Target, this_architecture
from aurora_graphql.preview.program import run_program
from components.archive import CA_FILE
from handler.jobs.ingest import ingest
from handler.packed import FILE
from handler.stores.url import DatabaseUrl
from tests.archives import orders_options
from tests.aurora_graphql.archive.conftest import BuildArchive
from tests.domains.orders import PROJECT
from tests.integration.servers import ORDERS

# Takes a function out of the entry module as the runtime does, and calls it event by event.
DRIVER = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler.entry
function = getattr(handler.entry, sys.argv[2])
class Context:
    def get_remaining_time_in_millis(self):
        return 20_000
answers = [function(event, Context()) for event in json.load(sys.stdin)]
from handler.later import is_later
modules = sorted(name for name in sys.modules if not is_later(name))
with open(sys.argv[3], "w") as file:
    json.dump({"answers": answers, "modules": modules}, file)
"""
LINES = [
    {"orderId": "1", "customerId": "A", "productId": "p", "price": "2.50", "quantity": 2},
    {"orderId": "2", "customerId": "B", "productId": "p", "price": "2.50"},
]
OF_LAMBDA = {  # what Lambda sets itself
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AUTH": "on",  # what nobody sets
}
FORBIDDEN = {
    *("tartiflette", "lark", "cffi", "_cffi_backend", "pycparser"),
    *("boto3", "botocore", "cryptography", "jwt", "aws_lambda_powertools"),
    *("handler.jobs.migrate", "handler.jobs.ingest", "handler.resolvers.executor"),
}
UNUSED = {  # what reads documents and SDL, what plans them, and what this caller does not ask for
    *("handler.language.lexer", "handler.language.parser", "handler.language.validation"),
    *("handler.language.sdl", "handler.language.operation_size", "handler.fields.planner"),
    *("handler.model.builder", "handler.compiler.collect"),
    *("handler.language.introspection", "handler.http.graphiql", "handler.engine.cost_rate_limits"),
    *("redis", "ast", "dis", "tokenize", "zipfile", "handler.compiler.permissions"),
    *("inspect", "signal", "locale", "ipaddress", "stringprep", "pathlib", "pickle"),
    *("redis.typing", "msgspec.inspect", "handler.language.preparing"),
    "pymysql.optionfile",
}


def python_of(version: str) -> Path:
    found = find_python(Target.choose(version, this_architecture()))
    if found is None:
        pytest.skip(f"no python{version} on this machine")
    return found


def unzip(built: Built, folder: Path) -> None:
    with zipfile.ZipFile(built.archive) as packed:
        packed.extractall(folder)


def call(
    python: Path, task: Path, name: str, events: Sequence[dict[str, Any]], **environ: str
) -> tuple[list[Any], set[str]]:
    """The answers, and the modules that are loaded after them."""
    written = task.parent / "answers.json"
    done = subprocess.run(
        [python, "-I", "-S", "-B", "-c", DRIVER, task, name, written],
        cwd=task,
        env={"SDL_DIR": "sdl", "MIGRATIONS_DIR": "migrations", "AUTH": "off", **environ},
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(written.read_text())
    return found["answers"], set(found["modules"])


def post(document: str) -> dict[str, Any]:
    """The event of one request, as API Gateway sends it."""
    path = Path(__file__).parents[2] / "events" / "post.json"
    event: dict[str, Any] = json.loads(path.read_text())
    return {**event, "body": json.dumps({"query": document}), "isBase64Encoded": False}


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_the_archive_answers(
    version: str, archive_of: BuildArchive, unzipped: Path, database: DatabaseUrl
) -> None:
    python = python_of(version)
    unzip(archive_of(version, this_architecture()), unzipped)
    (migrated,), modules = call(
        python, unzipped, "migrate", [{"action": "migrate"}], DATABASE_URL=database.text()
    )
    assert migrated["applied"][0] == "0001_create_order_tables.sql"
    assert "handler.app" not in modules
    lines = "\n".join(map(json.dumps, LINES)).encode()
    asyncio.run(ingest(database, io.BytesIO(lines), ORDERS))

    events = [
        post('{ orders(customerId: "A") { nodes { orderId items { quantity } } } }'),
        post("{ products { nodes { productId } } }"),
    ]
    answers, modules = call(python, unzipped, "graphql", events, DATABASE_URL=database.text())
    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert [json.loads(answer["body"]) for answer in answers] == [
        {"data": {"orders": {"nodes": [{"orderId": "1", "items": [{"quantity": 2}]}]}}},
        {"data": {"products": {"nodes": [{"productId": "p"}]}}},
    ]
    assert modules & FORBIDDEN == set()


@pytest.mark.parametrize(
    ("variables", "used"),
    [
        pytest.param({}, set(), id="listed"),
        pytest.param({"PERSISTED_QUERIES": "safelist"}, set(), id="safelist"),
        # The library is imported without what it asks of inspect, whatever the cache answers.
        pytest.param({"CACHE_URL": "redis://127.0.0.1:1/0"}, {"redis"}, id="cache"),
    ],
)
def test_a_listed_operation_is_answered_without_being_read(
    variables: dict[str, str],
    used: set[str],
    native: Built,
    unzipped: Path,
    database: DatabaseUrl,
) -> None:
    """From the start to the answer nothing is loaded that reads documents or plans them.

    Nor is what asyncio, the drivers and others import and do not use.
    """
    python, environ = python_of("3.13"), {"DATABASE_URL": database.text()}
    unzip(native, unzipped)
    call(python, unzipped, "migrate", [{"action": "migrate"}], **environ)
    text = (unzipped / "sdl" / "operations" / "order.graphql").read_text()
    event = post(text)
    event["body"] = json.dumps({"query": text, "variables": {"orderId": "1"}})
    (answer,), modules = call(python, unzipped, "graphql", [event], **environ | variables)
    assert json.loads(answer["body"]) == {"data": {"order": None}}
    assert modules & UNUSED == used


# Imports every module of the handler: its names and its file, or why it cannot be imported here.
EVERYTHING = """
import importlib, json, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import handler.entry
found = {}
for _, name, _ in pkgutil.walk_packages(handler.__path__, "handler."):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        found[name] = [str(error)]
    else:
        found[name] = [module.__file__, *sorted(vars(module))]
loaders = {
    name: type(vars(module)["__loader__"]).__module__
    for name, module in list(sys.modules.items())
    if str(vars(module).get("__file__")).startswith(sys.argv[1]) and name not in sys.argv
}
print(json.dumps([found, loaders]))
"""


def test_every_module_is_found_in_one_file_and_the_same_without(
    native: Built, unzipped: Path
) -> None:
    python = python_of("3.13")
    unzip(native, unzipped)

    def everything() -> tuple[dict[str, list[str]], dict[str, str]]:
        done = subprocess.run(
            [python, "-I", "-S", "-B", "-c", EVERYTHING, unzipped],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found, loaders = json.loads(done.stdout)
        return found, loaders

    packed, loaders = everything()
    others = {name for name, loader in loaders.items() if loader != "handler.packed"}
    in_c = {name for name in others if not name.startswith("handler")}
    assert others - in_c == {"handler", "handler.entry", "handler.packed"}  # the first ones
    assert {loaders[name] for name in in_c} == {"_frozen_importlib_external"}
    assert {name for name in in_c if list(unzipped.glob(f"{name.replace('.', '/')}.py"))} == set()
    assert len(packed) > 200

    (unzipped / FILE).unlink()
    found, loaders = everything()
    assert found == packed
    assert "handler.packed" not in loaders.values()


def test_the_bytecode_is_what_runs(native: Built, unzipped: Path) -> None:
    """With sources that cannot be compiled it still starts: nothing was compiled again."""
    python = python_of("3.13")
    unzip(native, unzipped)
    for source in (unzipped / "handler").rglob("*.py"):
        source.write_text("no python")
    _, modules = call(
        python, unzipped, "graphql", [], DATABASE_URL="mysql://reader@127.0.0.1:1/orders"
    )
    assert "handler.app" in modules


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_functions_start_as_their_stack_starts_them(
    stack: str, native: Built, unzipped: Path
) -> None:
    """The stack takes the archive, and the archive what the stack says, certificates included."""
    python = python_of("3.13")
    unzip(native, unzipped)
    graph = run_program(
        PROJECT, stack, changes={"functionArchiveDirectory": str(native.archive.parent)}
    )
    started = []
    for function in graph.of_type("aws:lambda/function:Function"):
        variables = function.inputs["environment"]["variables"]
        name = function.inputs["handler"].rpartition(".")[2]
        if name in ("graphql", "migrate", "ingest"):
            assert variables["DATABASE_CA_FILE"] == CA_FILE
        if name in ("ingest", "prune"):
            continue  # they need botocore, which is Lambda's
        call(python, unzipped, name, [], **{**OF_LAMBDA, **variables})
        started.append(name)
    assert sorted(started) == ["authorize", "graphql", "migrate"]


def test_an_api_whose_functions_give_objects_brings_tartiflette(
    tmp_path: Path, unzipped: Path, database: DatabaseUrl
) -> None:
    python = python_of("3.13")
    (tmp_path / "sdl").mkdir()
    (tmp_path / "sdl" / "shop.graphql").write_text(
        "schema { query: Query }\ntype Query { greeting(name: String!): Greeting @resolver }\n"
        "type Greeting { text: String }\n"
    )
    (tmp_path / "shop.py").write_text(
        "async def greeting(parent, arguments, context):\n"
        "    rows = await context.fetch('SELECT CONCAT(%s, %s) AS text', 'Hello ', "
        "arguments['name'])\n"
        "    return rows[0]\n"
        "RESOLVERS = {'Query.greeting': greeting}\n"
    )
    bundle = Path(certifi.where())
    built = build(
        orders_options(
            Target.choose("3.13", this_architecture()),
            tmp_path / "dist",
            sdl=tmp_path / "sdl",
            resolvers="shop",
            resolvers_root=tmp_path,
            rds_ca=bundle,
        )
    )
    assert built.manifest["resolvers"] == ["Query.greeting"]
    assert built.manifest["resolvers_module"] == "shop"
    assert {"tartiflette", "lark-parser", "cffi"} <= built.manifest["packages"].keys()
    assert built.notes == []
    unzip(built, unzipped)
    assert (unzipped / CA_FILE).read_bytes() == bundle.read_bytes()
    (library,) = unzipped.rglob("libgraphqlparser.so")
    assert b"archive-" not in library.read_bytes()  # the folder that it was compiled in
    (answer,), modules = call(
        python,
        unzipped,
        "graphql",
        [post('{ greeting(name: "Ada") { text } }')],
        DATABASE_URL=database.text(),
        RESOLVERS="shop",
    )
    assert json.loads(answer["body"]) == {"data": {"greeting": {"text": "Hello Ada"}}}
    assert {"tartiflette", "shop"} <= modules
    assert "boto3" not in modules
