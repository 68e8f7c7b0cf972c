"""The entry points: what each may import, how it starts, and what it says when it cannot.

Each start happens in a process of its own, as in Lambda. That cryptography is not imported is for
the tests of the archive: PyMySQL imports it wherever it is installed, and here it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "DATABASE_URL": "mysql://reader@127.0.0.1:1/orders",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
# What one function needs, the others must not pay for.
STAGES = {"handler.app", "handler.engine", "handler.compiler", "handler.execution"}
FORBIDDEN = {
    "graphql": {
        "tartiflette",
        "lark",
        "cffi",
        "pycparser",
        "boto3",
        "botocore",
        "redis",
        "jwt",
        "aws_lambda_powertools",
        "handler.migrate",
        "handler.ingest",
        "handler.stores.session",
        "handler.stores.objects",
        "handler.stores.secrets",
        "handler.resolvers.executor",
    },
    "migrate": STAGES
    | {"tartiflette", "lark", "cffi", "boto3", "botocore", "redis", "jwt", "handler.ingest"}
    | {"handler.stores.database", "handler.stores.objects"},
    "ingest": STAGES
    | {"tartiflette", "lark", "cffi", "boto3", "redis", "jwt", "handler.migrate"}
    | {"handler.stores.database"},
}


def run_python(program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def imported_by(statement: str, environ: Mapping[str, str]) -> set[str]:
    """All modules that are loaded after a statement in a fresh process."""
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = run_python(program, **environ)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", FORBIDDEN)
def test_an_entry_imports_only_what_it_needs(name: str) -> None:
    modules = imported_by(f"import handler.entry; handler.entry.{name}", ENVIRONMENT)
    assert "handler.settings" in modules  # it did start
    assert modules & FORBIDDEN[name] == set()


def test_to_import_the_module_starts_nothing() -> None:
    modules = imported_by("import handler.entry", {})
    assert {each for each in modules if each.startswith("handler")} == {
        "handler",
        "handler.entry",
        "handler.errors",
    }


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_mistake_in_the_settings_ends_the_start_with_its_name(name: str) -> None:
    done = run_python(f"import handler.entry; handler.entry.{name}")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("cannot start: DATABASE_URL is not set; write ")
    assert "Traceback" not in done.stderr


def test_a_mistake_in_the_sdl_ends_the_start_before_the_first_event(tmp_path: Path) -> None:
    (tmp_path / "shop.graphql").write_text("type Query { order: Order }\n")
    done = run_python(
        "import handler.entry; handler.entry.graphql", **ENVIRONMENT, SDL_DIR=str(tmp_path)
    )
    assert done.returncode == 1
    assert done.stderr.startswith("cannot start: shop.graphql:1:21: ")
    assert "Traceback" not in done.stderr


def test_a_bug_at_the_start_is_not_taken_for_a_missing_function() -> None:
    program = (
        "import handler.app, handler.entry\n"
        "async def broken(settings): return settings.nothing\n"
        "handler.app.App.start = broken\n"
        "handler.entry.graphql"
    )
    done = run_python(program, **ENVIRONMENT)
    assert done.returncode == 1
    assert "RuntimeError: cannot start: 'Settings' object has no attribute 'nothing'" in done.stderr


def test_a_function_is_started_once() -> None:
    program = "import handler.entry as e; print(e.migrate is e.migrate)"
    assert run_python(program, **ENVIRONMENT).stdout == "True\n"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_runtimes_own_client_finds_the_function(name: str) -> None:
    """awslambdaric is what runs in Lambda; it asks for the function before the first event."""
    program = (
        "from awslambdaric.bootstrap import _get_handler;"
        f"print(_get_handler('handler.entry.{name}').__qualname__)"
    )
    assert run_python(program, **ENVIRONMENT).stdout == f"_start_{name}.<locals>.{name}\n"


def test_garbage_is_collected_again_after_the_start() -> None:
    program = (
        "import gc, handler.entry as e; e.migrate;"
        "print(gc.isenabled(), gc.get_freeze_count() > 1000)"
    )
    assert run_python(program, **ENVIRONMENT).stdout == "True True\n"


def test_there_is_no_other_function() -> None:
    done = run_python("import handler.entry; handler.entry.delete", **ENVIRONMENT)
    assert "AttributeError: module 'handler.entry' has no attribute 'delete'" in done.stderr
