"""The entry points: what each may import, how it starts, and what it says when it cannot.

Each start happens in a process of its own, as in Lambda.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import certifi
import pytest

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "DATABASE_URL": "mysql://reader@127.0.0.1:1/orders",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
# What one function needs, the others must not pay for.
STAGES = {"handler.app", "handler.engine.engine", "handler.compiler", "handler.execution"}
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
        "handler.jobs.authorize",
        "handler.observe.damage",
        "handler.jobs.migrate",
        "handler.jobs.ingest",
        "handler.stores.mysql.session",
        "handler.stores.aws.objects",
        "handler.stores.aws.secrets",
        "handler.resolvers.executor",
    },
    "authorize": STAGES
    | {"tartiflette", "lark", "aiomysql", "pymysql", "boto3", "botocore", "redis"}
    | {"aws_lambda_powertools", "handler.http.event", "handler.language.parser"}
    | {
        "handler.jobs.migrate",
        "handler.jobs.ingest",
        "handler.resolvers",
        "handler.stores.mysql.database",
    },
    "migrate": STAGES
    | {"tartiflette", "lark", "cffi", "boto3", "botocore", "redis", "jwt", "handler.jobs.ingest"}
    | {"handler.stores.mysql.database", "handler.stores.aws.objects"},
    "purge": {"tartiflette", "lark", "cffi", "boto3", "botocore", "aiomysql", "jwt", "redis"}
    | {"handler.model.model", "handler.jobs.ingest", "handler.jobs.migrate"},
    "ingest": STAGES
    | {"tartiflette", "lark", "cffi", "boto3", "redis", "jwt", "handler.jobs.migrate"}
    | {"handler.stores.mysql.database"},
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


def test_the_api_does_not_pay_for_cryptography(tmp_path: Path) -> None:
    """It is in the archive for the authorizer, and PyMySQL would import it for 13 ms."""
    certificates = tmp_path / "rds-ca.pem"
    certificates.write_text(Path(certifi.where()).read_text())
    environ = {
        "DATABASE_HOST": "proxy.example",
        "DATABASE_NAME": "orders",
        "DATABASE_USER": "graphql_api",
        "DATABASE_AUTH": "iam",
        "DATABASE_CA_FILE": str(certificates),
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "key",
    }
    modules = imported_by("import handler.entry; handler.entry.graphql", environ)
    assert "pymysql" in modules
    assert modules & {"cryptography", "jwt", "_cffi_backend"} == set()
    # A resolver that needs it finds it all the same.
    later = "import handler.entry; handler.entry.graphql; import cryptography"
    assert "cryptography" in imported_by(later, environ)


def test_a_login_without_encryption_finds_cryptography() -> None:
    """MySQL's caching_sha2_password encrypts the password by itself then."""
    program = (
        "import handler.entry; handler.entry.graphql; import pymysql._auth as auth;"
        "print(auth._have_cryptography)"
    )
    assert run_python(program, **ENVIRONMENT).stdout == "True\n"


def test_to_import_the_module_starts_nothing() -> None:
    modules = imported_by("import handler.entry", {})
    assert {each for each in modules if each.startswith("handler")} == {
        "handler",
        "handler.entry",
        "handler.errors",
        "handler.later",
        "handler.packed",
    }


@pytest.mark.parametrize("name", sorted(FORBIDDEN.keys() - {"authorize"}))
def test_a_mistake_in_the_settings_ends_the_start_with_its_name(name: str) -> None:
    done = run_python(f"import handler.entry; handler.entry.{name}")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("cannot start: DATABASE_URL is not set; write ")
    assert "Traceback" not in done.stderr


def test_the_authorizer_needs_no_database_and_names_its_own_mistakes() -> None:
    assert "handler.jobs.authorize" in imported_by("import handler.entry as e; e.authorize", {})
    done = run_python("import handler.entry as e; e.authorize", AUTH_ALGORITHMS="none")
    assert done.returncode == 1
    assert done.stderr.startswith("cannot start: AUTH_ALGORITHMS holds none; write some of RS256,")


def test_a_mistake_in_the_sdl_ends_the_start_before_the_first_event(tmp_path: Path) -> None:
    (tmp_path / "shop.graphql").write_text("type Query { order: Order }\n")
    done = run_python(
        "import handler.entry; handler.entry.graphql", **ENVIRONMENT, SDL_DIR=str(tmp_path)
    )
    assert done.returncode == 1
    assert done.stderr == (
        f'cannot start: {tmp_path}/shop.graphql:1:21: Unknown type "Order".\n'
        "    type Query { order: Order }\n"
        "                        ^^^^^\n"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("def x(:\n", "SyntaxError: invalid syntax (shop.py, line 1)", id="syntax"),
        pytest.param("import cart_of_theirs\n", "No module named 'cart_of_theirs'", id="import"),
        pytest.param("PRICES['tea']\n", "NameError: name 'PRICES' is not defined", id="bug"),
    ],
)
def test_a_mistake_in_own_resolvers_is_not_taken_for_a_damaged_archive(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "shop.graphql").write_text("type Query { hello: String @resolver }\n")
    (tmp_path / "shop.py").write_text(text)
    done = run_python(
        f"import sys; sys.path.append({str(tmp_path)!r}); import handler.entry as e; e.graphql",
        **ENVIRONMENT,
        SDL_DIR=str(tmp_path),
        RESOLVERS="shop",
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("cannot start: RESOLVERS names 'shop', which cannot be imported: ")
    assert told in line
    assert "archive" not in line


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


def test_to_import_the_module_collects_nothing() -> None:
    program = (
        "import gc; found = []; gc.callbacks.append(lambda phase, _: found.append(phase));"
        "before = len(found); import handler.entry; [[] for _ in range(100)];"
        "print(len(found) - before, gc.isenabled())"
    )
    assert run_python(program).stdout == "0 True\n"


def test_there_is_no_other_function() -> None:
    done = run_python("import handler.entry; handler.entry.delete", **ENVIRONMENT)
    assert "AttributeError: module 'handler.entry' has no attribute 'delete'" in done.stderr


def test_what_asyncio_imports_and_does_not_use_is_there_when_it_is_asked_for() -> None:
    program = """
import handler.entry, inspect
from inspect import iscoroutinefunction
async def work(a, b=1): ...
print(iscoroutinefunction(work), inspect.signature(work), hasattr(inspect, "nothing"), inspect)
"""
    done = run_python(program, **ENVIRONMENT)
    assert done.stderr == ""
    assert done.stdout.startswith("True (a, b=1) False <module 'inspect' from ")
