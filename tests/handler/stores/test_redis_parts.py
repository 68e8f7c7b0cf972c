"""The parts of redis-py that are imported for one server, and that the rest is there when asked."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# What makes ``import redis`` expensive: no module of them may be needed for a connection.
HEAVY: tuple[str, ...] = (
    "redis.client",
    "redis.cluster",
    "redis.commands",
    "redis.connection",
    "redis.sentinel",
)
HEAVY += tuple(f"redis.asyncio.{name}" for name in ("client", "cluster", "sentinel"))
REMEDY = "another version of redis-py has other parts: see handler/stores/redis/parts.py"


def run(code: str) -> Any:
    """What a fresh interpreter prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{REMEDY}\n{done.stderr}"
    return json.loads(done.stdout)


# As a function starts; ``inspect`` comes later there.
PARTS = "import json, sys\nimport handler.entry\nimport handler.stores.redis.cache\n"


def test_a_cache_of_one_server_imports_no_clients_and_no_commands() -> None:
    found = run(f"{PARTS}print(json.dumps([name for name in sys.modules if 'redis' in name]))")
    assert [each for each in found if each.startswith(HEAVY)] == [], REMEDY
    assert "redis.asyncio.connection" in found


def test_inspect_is_itself_afterwards() -> None:
    show = "import inspect; print(json.dumps([str(inspect.signature(json.dumps))[:4], "
    show += "inspect.iscoroutinefunction(json.dumps), inspect.get_annotations(int)]))"
    assert run(PARTS + show) == ["(obj", False, {}]


def test_inspect_is_not_needed_to_import_it() -> None:
    """Asyncio of Python 3.11 runs it, so the stand-in is put back here as 3.12 and 3.13 keep it."""
    put_back = "del sys.modules['inspect']; from handler.later import import_later, is_later; "
    put_back += "import_later('inspect')\n"
    show = "import inspect; print(json.dumps([is_later('inspect'), sorted(vars(inspect).keys() "
    show += "& {'signature', 'get_annotations', 'iscoroutinefunction'})]))"
    code = (
        f"import json, sys, asyncio, handler.entry\n{put_back}import handler.stores.redis.cache\n"
    )
    assert run(code + show) == [True, []], REMEDY


def test_its_data_classes_are_as_always() -> None:
    show = """
import dataclasses, inspect
import redis.typing
from redis.driver_info import DriverInfo
found = [DriverInfo, *(each for each in vars(redis.typing).values() if isinstance(each, type))]
print(json.dumps([
    [each.__name__, [[f.name, str(f.type)] for f in dataclasses.fields(each)]]
    for each in found if dataclasses.is_dataclass(each)
]))
"""
    assert run(PARTS + show) == run(f"import json\n{show}"), REMEDY


@pytest.mark.parametrize("package", ["redis", "redis.asyncio"])
def test_both_packages_have_all_their_names_once_one_is_asked_for(package: str) -> None:
    show = f"""
import importlib, json
package = importlib.import_module({package!r})
package.Redis
print(json.dumps(sorted(name for name in vars(package) if not name.startswith('__'))))
"""
    # The parts that only ``parts`` imports are modules, of which a package knows those loaded.
    names, usual = run(PARTS + show), run(show)
    assert set(usual) - set(names) == set(), REMEDY


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("import redis; redis.Redis()", id="client"),
        pytest.param("from redis import Redis; Redis()", id="client-by-name"),
        pytest.param("from redis.asyncio import Redis; Redis()", id="asynchronous-client"),
        pytest.param("import redis.asyncio as r; r.RedisCluster", id="cluster"),
        pytest.param("import redis.cluster; redis.cluster.RedisCluster", id="module-of-a-cluster"),
        pytest.param("from redis.commands.search import Search", id="module-of-a-command"),
        pytest.param("import redis.asyncio.client", id="module-of-the-asynchronous-client"),
        pytest.param("import redis; assert redis.__version__[0].isdigit()", id="version"),
        pytest.param("from redis import *; Redis()", id="all-names"),
        pytest.param(
            "import importlib.metadata as m; assert m.version('redis')", id="version-of-a-package"
        ),
        pytest.param(
            "import importlib.metadata; assert importlib.metadata.version('redis')",
            id="module-by-its-package",
        ),
        pytest.param(
            "import msgspec.inspect; assert msgspec.inspect.type_info(int)",
            id="part-of-another-library",
        ),
        pytest.param(
            "from redis.asyncio.connection import Connection as C; import redis.asyncio as r;"
            " assert r.Connection is C",
            id="one-class-by-both-ways",
        ),
        pytest.param(
            "import redis\n"
            "try: redis.nothing\n"
            "except AttributeError as error: assert 'nothing' in str(error)\n"
            "else: raise SystemExit('no error')",
            id="name-that-is-none",
        ),
    ],
)
def test_others_find_the_library_as_it_is(use: str) -> None:
    assert run(f"{PARTS}\n{use}\nprint('1')") == 1


def test_types_that_are_left_out_stand_in_annotations_alone() -> None:
    """Other uses would get ``Any``."""
    loaded = f"{PARTS}print(json.dumps([m.__file__ for n, m in sys.modules.items()"
    files = run(f"{loaded} if n.startswith('redis.') and getattr(m, '__file__', None)]))")
    assert any(file.endswith("utils.py") for file in files)
    for file in files:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
        types = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and (node.module == "redis.typing" or (node.module == "typing" and node.level))
            for alias in node.names
        }
        annotated = {id(each) for each in _annotations(tree)}
        used = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id in types and id(node) not in annotated
        }
        assert used == set(), f"{REMEDY}: {file}"


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes within annotations."""
    for node in ast.walk(tree):
        for written in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if written is not None:
                yield from ast.walk(written)


def test_types_are_themselves_afterwards() -> None:
    show = "import redis.typing as t; from redis.typing import EncodableT as e; import redis\n"
    show += "print(json.dumps([str(e), redis.typing is t, t.__name__]))"
    assert run(PARTS + show) == run(f"import json\n{show}")
