"""A damaged file in the archive, under Lambda's real runtime client: what the log says of it."""

from __future__ import annotations

import json
import marshal
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.lambda_task import Task
from aurora_graphql.gateway.function import FunctionError
from handler.observe.damage import REMEDY
from handler.packed import FILE, HEAD_BYTES, LENGTH_BYTES
from handler.stores.url import DatabaseUrl
from tests.integration.front import Front, serve, settings_for
from tests.integration.test_runtime_client import ask

Damage = Callable[[Path], None]
NOWHERE = DatabaseUrl.parse("mysql://reader@127.0.0.1:1/orders")
DAMAGED = f"; the archive is damaged, or for another Python or CPU; {REMEDY}"
BUILT = f" (the SDL could be read when the archive was built; if yours is right, {REMEDY})"


@pytest.fixture
def copy(archive_task: Task, tmp_path: Path) -> Task:
    """The archive, unpacked, for this test to damage: its files are links, so replace them."""
    folder = tmp_path / "task"
    shutil.copytree(archive_task.folder, folder, copy_function=os.link)
    command = [part.replace(str(archive_task.folder), str(folder)) for part in archive_task.command]
    return Task(folder, command, archive_task.python)


def put(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


def cut(file: Path) -> None:
    content = file.read_bytes()
    put(file, content[: len(content) // 2])


def break_off(file: Path) -> None:
    """Cut an SDL before the name of a field, behind its description."""
    put(file, file.read_bytes().partition(b"orderRef")[0])


def garble(file: Path) -> None:
    """Keep the head, which says what kind of file it is."""
    content = file.read_bytes()
    put(file, content[:16] + bytes(byte ^ 0x5A for byte in content[16:]))


def overwrite(file: Path) -> None:
    put(file, b"\xff\x00 no such thing \xff" * 20)


def empty(file: Path) -> None:
    put(file, b"")


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def without_bytecode(damage: Damage) -> Damage:
    """As it is where the build found no Python of the target."""

    def both(source: Path) -> None:
        task = next(folder for folder in source.parents if (folder / FILE).exists())
        (task / FILE).unlink()
        for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc"):
            compiled.unlink()
        damage(source)

    return both


def bytecode_of(module: str, *, is_cut: bool = False) -> Damage:
    """Damage to the bytecode of one module, and if it is cut, to all that comes behind it."""

    def damage(file: Path) -> None:
        content = file.read_bytes()
        length = int.from_bytes(content[HEAD_BYTES - LENGTH_BYTES : HEAD_BYTES], "little")
        start = HEAD_BYTES + length
        places = marshal.loads(content[HEAD_BYTES:start])  # noqa: S302  # of our own archive
        offset, length, _ = places[module]
        begin, end = start + offset, start + offset + length
        rest = b"" if is_cut else bytes(0xFF for _ in range(length)) + content[end:]
        put(file, content[:begin] + rest)

    return damage


def cut_index(file: Path) -> None:
    put(file, file.read_bytes()[: HEAD_BYTES + 100])


def write_nonsense(source: Path) -> None:
    put(source, b"def x(:\n")


def damage_one(copy: Task, pattern: str, damage: Damage) -> None:
    (found,) = copy.folder.glob(pattern)
    damage(found)


def environ(**more: str) -> dict[str, str]:
    return settings_for(NOWHERE, CACHE_URL="redis://127.0.0.1:1/0", **more)


def refused(copy: Task, name: str = "graphql", **more: str) -> tuple[str, list[str]]:
    """What Lambda says of a start that fails, and the lines of the log."""
    with (
        pytest.raises(AssertionError) as caught,
        serve(copy, environ(**more), handler=f"handler.entry.{name}"),
    ):
        pass
    told, *lines = str(caught.value).replace(f"{copy.folder}/", "").splitlines()
    return told, lines


CODE = [
    pytest.param(
        FILE,
        bytecode_of("pymysql", is_cut=True),
        "pymysql",
        "ImportError: modules.bin is cut",
        id="bytecode-cut",
    ),
    pytest.param(
        FILE,
        bytecode_of("handler.app"),
        "handler.app",
        "ValueError: bad marshal data",
        id="bytecode-garbled",
    ),
    pytest.param(
        "handler/app.py",
        without_bytecode(write_nonsense),
        "handler/app.py",
        "SyntaxError: invalid syntax (app.py, line 1)",
        id="source-garbled",
    ),
    pytest.param(
        "handler/app.py",
        without_bytecode(overwrite),
        "what 'from handler.app import App' asks for",
        "SyntaxError: source code string cannot contain null bytes",
        id="source-overwritten",
    ),
    pytest.param(
        "handler/app.py",
        without_bytecode(empty),
        "handler.app",
        "ImportError: cannot import name 'App'",
        id="source-empty",
    ),
    pytest.param(
        "handler/app.py",
        without_bytecode(remove),
        "handler.app",
        "ModuleNotFoundError: No module named 'handler.app'",
        id="module-missing",
    ),
    pytest.param(
        "handler/compiler",
        without_bytecode(remove),
        "handler.compiler",
        "ModuleNotFoundError: ",
        id="package-missing",
    ),
    pytest.param(
        FILE,
        bytecode_of("aiomysql.connection"),
        "aiomysql.connection",
        "ValueError: bad marshal data",
        id="bytecode-of-a-dependency-garbled",
    ),
    pytest.param(
        "pymysql",
        without_bytecode(remove),
        "pymysql",
        "ModuleNotFoundError: No module named 'pymysql'",
        id="dependency-missing",
    ),
    pytest.param(
        "redis",
        without_bytecode(remove),
        "redis",
        "ModuleNotFoundError: No module named 'redis'",
        id="dependency-of-the-cache-missing",
    ),
    pytest.param(
        "orjson/orjson.*.so",
        overwrite,
        "orjson",
        "ImportError: orjson/orjson.",
        id="shared-object-overwritten",
    ),
    pytest.param(
        "hiredis/hiredis.*.so",
        empty,
        "hiredis",
        "ImportError: hiredis/hiredis.",
        id="shared-object-empty",
    ),
    pytest.param(
        "hiredis/hiredis.*.so",
        remove,
        "hiredis.hiredis",
        "ModuleNotFoundError: No module named 'hiredis.hiredis'",
        id="shared-object-missing",
    ),
    pytest.param(
        "handler/language/directives.graphql",
        without_bytecode(remove),  # with it, the SDL that was prepared is as it was
        "handler/language/directives.graphql",
        "FileNotFoundError: ",
        id="data-file-missing",
    ),
]


@pytest.mark.parametrize(("pattern", "damage", "named", "reason"), CODE)
def test_damaged_code_is_one_line_that_names_it_and_the_remedy(
    copy: Task, pattern: str, damage: Damage, named: str, reason: str
) -> None:
    damage_one(copy, pattern, damage)
    told, lines = refused(copy)
    assert told.endswith("Runtime.ExitError: Runtime exited with error: exit status 1")
    (line,) = lines
    assert line.startswith(f"cannot start: {named} cannot be loaded: {reason}")
    assert line.endswith(DAMAGED)


@pytest.mark.parametrize(
    ("name", "pattern", "named"),
    [
        pytest.param("authorize", "jwt", "jwt", id="authorize"),
        pytest.param("authorize", "cryptography", "jwt.algorithms", id="authorize-keys"),
        pytest.param("migrate", "pymysql", "pymysql", id="migrate"),
        pytest.param("ingest", "handler/jobs/ingest", "handler.jobs.ingest", id="ingest"),
    ],
)
def test_every_function_names_what_it_misses(
    copy: Task, name: str, pattern: str, named: str
) -> None:
    damage_one(copy, pattern, without_bytecode(remove))
    _, (line,) = refused(copy, name)
    assert line.startswith(f"cannot start: {named} cannot be loaded: ")
    assert line.endswith(DAMAGED)


@pytest.mark.parametrize(
    ("pattern", "damage", "line"),
    [
        pytest.param(
            "sdl/orders.graphql",
            break_off,
            f"sdl/orders.graphql:LINE: Syntax Error: Expected Name, found <EOF>.{BUILT}",
            id="broken-off",
        ),
        pytest.param(
            "sdl/orders.graphql",
            overwrite,
            f"orders.graphql: not UTF-8 at byte 0; save the file as UTF-8.{BUILT}",
            id="overwritten",
        ),
        pytest.param(
            "sdl/orders.graphql",
            remove,
            f"No *.graphql file under sdl; put the types of the API there.{BUILT}",
            id="missing",
        ),
        pytest.param(
            "sdl/prepared.bin", cut, f"sdl/prepared.bin is damaged; {REMEDY}", id="prepared-cut"
        ),
    ],
)
def test_damaged_sdl_is_told_by_name_line_and_remedy(
    copy: Task, pattern: str, damage: Damage, line: str
) -> None:
    damage_one(copy, pattern, damage)
    told = re.sub(r"graphql:\d+:\d+:", "graphql:LINE:", "\n".join(refused(copy)[1]))
    assert told == f"cannot start: {line}"


@pytest.mark.parametrize(
    ("pattern", "damage", "is_told"),
    [
        pytest.param(FILE, overwrite, False, id="bytecode-of-no-python"),
        pytest.param(FILE, remove, False, id="bytecode-missing"),
        pytest.param("handler/app.py", overwrite, False, id="source-beside-its-bytecode"),
        pytest.param("sdl/prepared.bin", overwrite, True, id="prepared-of-nothing"),
        pytest.param("sdl/prepared.bin", remove, False, id="prepared-missing"),
    ],
)
def test_what_can_be_made_again_is_made_again(
    copy: Task, pattern: str, damage: Damage, *, is_told: bool
) -> None:
    damage_one(copy, pattern, damage)
    with serve(copy, environ()) as front:
        assert front.invoke(ask("{ __typename }"))["body"] == '{"data":{"__typename":"Query"}}'
        warnings = [line["text"] for line in logged(front) if line["message"] == "warning"]
    assert ["build and deploy the archive again" in text for text in warnings] == [True] * is_told


def test_a_module_that_a_request_needs_first_is_named_in_its_failure(copy: Task) -> None:
    damage_one(copy, FILE, bytecode_of("handler.language.parser"))
    with serve(copy, environ()) as front:
        answer = front.invoke(ask("{ __typename }"))
        failures = [line["text"] for line in logged(front) if line["message"] == "failure"]
    assert answer["statusCode"] == 500
    assert "parser" not in answer["body"]
    (text,) = failures
    assert text.startswith("handler.language.parser cannot be loaded: ValueError: bad marshal data")
    assert text.endswith(DAMAGED)


def logged(front: Front) -> Iterator[dict[str, Any]]:
    """The lines of the handler's own log."""
    return map(json.loads, front.output.read_text().splitlines())


def test_a_module_that_a_migration_needs_last_is_named_in_its_error(
    copy: Task, database: DatabaseUrl
) -> None:
    damage_one(copy, FILE, bytecode_of("handler.jobs.api_account"))
    with (
        serve(copy, settings_for(database), handler="handler.entry.migrate") as front,
        pytest.raises(FunctionError) as caught,
    ):
        front.invoke({"action": "migrate", "api_user": "api"})
    text = str(caught.value)
    assert text.startswith(
        "RuntimeError: migrate: handler.jobs.api_account cannot be loaded: ValueError: bad marshal"
    )
    assert text.endswith(DAMAGED)


@pytest.mark.parametrize(
    ("pattern", "damage", "told"),
    [
        pytest.param(
            "handler",
            remove,
            "Runtime.ImportModuleError: Unable to import module 'handler.entry': "
            "No module named 'handler'",
            id="package-missing",
        ),
        pytest.param(
            "handler/entry.py",
            without_bytecode(remove),
            "Runtime.ImportModuleError: Unable to import module 'handler.entry': "
            "No module named 'handler.entry'",
            id="entry-missing",
        ),
        pytest.param(
            "handler/entry.py",
            without_bytecode(write_nonsense),
            "Runtime.UserCodeSyntaxError: Syntax error in module 'handler.entry': "
            "invalid syntax (entry.py, line 1)",
            id="entry-garbled",
        ),
        pytest.param(
            "handler/__pycache__/entry.*.pyc",
            cut,
            "EOFError: marshal data too short",
            id="entry-bytecode-cut",
        ),
        pytest.param(
            "handler/__pycache__/__init__.*.pyc",
            garble,
            "ValueError: bad marshal data (unknown type code)",
            id="package-bytecode-garbled",
        ),
        pytest.param(
            FILE,
            cut_index,
            "Runtime.ImportModuleError: Unable to import module 'handler.entry': "
            "modules.bin is cut",
            id="index-of-the-modules-cut",
        ),
        pytest.param(
            "handler/errors.py",
            without_bytecode(remove),
            "Runtime.ImportModuleError: Unable to import module 'handler.entry': "
            "No module named 'handler.errors'",
            id="errors-missing",
        ),
    ],
)
def test_of_a_damaged_entry_the_runtime_itself_tells(
    copy: Task, pattern: str, damage: Damage, told: str
) -> None:
    """docs/operations.md says what it means: no code of ours has run that could."""
    damage_one(copy, pattern, damage)
    assert refused(copy)[0] == f"the function does not start: {told}"


def test_of_a_shared_object_that_is_cut_lambda_itself_tells(copy: Task) -> None:
    """The kernel ends the process that touches what is missing of it: docs/operations.md."""
    damage_one(copy, "orjson/orjson.*.so", cut)
    told, _ = refused(copy)
    assert "Runtime.ExitError: Runtime exited with error: signal: " in told
