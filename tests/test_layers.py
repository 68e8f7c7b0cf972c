"""What each room of the repository must not know about, read from its imports and constants.

Late imports count, and so do those for type checking: what a signature names is known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.rooms import (
    ARCHITECTURE,
    BLOCK,
    ROOT,
    floors,
    imported,
    package_of,
    picture,
    read_rooms,
    reduced,
)

MOST_FLOORS = 9
DRIVERS = ("aiomysql", "pymysql", "redis")
AWS = ("boto3", "botocore", "pulumi", "pulumi_aws")
ROOMS = tuple(f"handler.{found.stem}" for found in (ROOT / "handler").iterdir())


# (files, modules they must not import, why)
RULES = [
    (
        "handler/**/*.py",
        ("components", "pulumi", "pulumi_aws", "aurora_graphql", "benchmarks"),
        "the Lambda library runs without infrastructure and without a developer's machine",
    ),
    (
        "components/**/*.py",
        ("handler", "aurora_graphql", "benchmarks"),
        "the infrastructure library is told everything by its arguments",
    ),
    ("components/subnets.py", ("pulumi", "pulumi_aws"), "pure arithmetic on address ranges"),
    ("components/naming.py", ("pulumi_aws",), "pure"),
    ("components/iam.py", ("pulumi_aws",), "makes policy documents and creates nothing"),
    (
        "components/network.py",
        (
            "components.database",
            "components.proxy",
            "components.cache",
            "components.function",
            "components.gateway",
            "components.data_tier",
            "components.api_tier",
        ),
        "the network knows none of those who live in it",
    ),
    (
        "components/data_tier.py",
        ("components.network", "components.function", "components.gateway", "components.api_tier"),
        "network -> data -> api has no cycle, and a tier receives no other tier's object",
    ),
    (
        "components/api_tier.py",
        ("components.network", "components.data_tier", "components.database", "components.proxy"),
        "plain outputs in, no tier object",
    ),
    (
        "aurora_graphql/gateway/**/*.py",
        (*AWS, "components", "aurora_graphql.dev", "aiohttp", "handler.app"),
        "API Gateway in small knows neither the server in front nor what runs the function",
    ),
    (
        "aurora_graphql/asgi.py",
        (*AWS, "components", "aurora_graphql.dev", "aiohttp", "uvicorn"),
        "a container has no developer's tools, and any ASGI server serves the app",
    ),
    ("aurora_graphql/dev/**/*.py", (*AWS, "components"), "the stack on one machine needs no AWS"),
    (
        "handler/errors.py",
        (*ROOMS, "orjson", *DRIVERS),
        "imports nothing of this library",
    ),
    (
        "handler/entry.py",
        ("handler.language", "handler.compiler", "handler.execution", "tartiflette", *DRIVERS),
        "the entry point holds the event loop and the App, no GraphQL",
    ),
    ("handler/app.py", ("handler.compiler", *DRIVERS), "the App wires; it has no SQL"),
    (
        "handler/http/**/*.py",
        ("handler.compiler", "handler.execution", "handler.stores", "tartiflette", *DRIVERS),
        "HTTP knows no SQL and no tables",
    ),
    (
        "handler/model/**/*.py",
        ("handler.settings", "asyncio", "os", "socket", "tartiflette", *DRIVERS),
        "the model is pure: what stands behind the SDL, no I/O",
    ),
    (
        "handler/language/**/*.py",
        (
            "handler.http",
            "handler.compiler",
            "handler.execution",
            "handler.stores",
            "asyncio",
            "socket",
            *DRIVERS,
        ),
        "the language is pure: stages below it and I/O are not its business",
    ),
    (
        "handler/scalars/**/*.py",
        ("handler.language", "asyncio", "os", "socket", *DRIVERS),
        "a scalar knows no document and no table, so that the language reads literals by it",
    ),
    (
        "handler/compiler/**/*.py",
        (
            "handler.http",
            "handler.execution",
            "handler.stores",
            "handler.settings",
            "asyncio",
            "os",
            "socket",
            "tartiflette",
            *DRIVERS,
        ),
        "the compiler is pure: no I/O",
    ),
    (
        "handler/compiler/sql.py",
        ("handler.language.ast", "handler.language.document"),
        "below the plan there is no node of a GraphQL document",
    ),
    (
        "handler/execution/**/*.py",
        ("handler.http", "handler.fields", "tartiflette", *DRIVERS),
        "execution is given a finished plan and talks to no driver",
    ),
    (
        "handler/stores/**/*.py",
        (
            "handler.http",
            "handler.language",
            "handler.compiler.plan",
            "handler.fields",
            "handler.execution",
            "handler.settings",
            "tartiflette",
        ),
        "the edges know statements, and no GraphQL",
    ),
    (
        "handler/access/**/*.py",
        ("handler.stores", "handler.execution", "aiomysql", "pymysql"),
        "access is decided without the database",
    ),
    (
        "handler/observe/**/*.py",
        ("handler.stores", "handler.execution", "handler.compiler", *DRIVERS),
        "logs and metrics never see a row or a parameter",
    ),
]

# (library, the only files that may import it)
OWNERS = [
    ("aiomysql", "handler/stores/"),
    ("tartiflette", "handler/resolvers/"),
    ("redis", "handler/stores/"),
    ("jwt", "handler/access/"),
    ("pulumi_aws", "components/"),
]

SQL = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE)\b|\b(FROM|WHERE|JOIN|ORDER BY)\b")


def is_within(module: str, rooms: Sequence[str]) -> bool:
    """Whether a module is one of the rooms or inside of one."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def constants(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every string that is no docstring, parts of f-strings included."""
    tree = ast.parse(source)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.lineno, node.value


def sources(pattern: str) -> list[Path]:
    return sorted(ROOT.glob(pattern))


@pytest.mark.parametrize(
    ("pattern", "forbidden", "reason"), [pytest.param(*rule, id=rule[0]) for rule in RULES]
)
def test_a_room_does_not_import(pattern: str, forbidden: tuple[str, ...], reason: str) -> None:
    files = sources(pattern)
    assert files, f"no file matches {pattern}: correct the rule"
    found = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in files
        for module in imported(file.read_text(), package_of(file))
        if is_within(module, forbidden)
    ]
    assert found == [], reason


def test_imports_of_the_handler_go_down_a_house_of_few_floors() -> None:
    """A circle is an error of ``floors``, which names it."""
    found = floors(read_rooms())
    assert len(found) <= MOST_FLOORS, found


def test_architecture_shows_the_rooms_and_their_imports() -> None:
    """``python -m tests.rooms`` draws them anew."""
    assert BLOCK.findall(ARCHITECTURE.read_text(encoding="utf-8"))[:1] == [picture()]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        pytest.param({"a": {"b", "c"}, "b": {"c"}, "c": set()}, [["a"], ["b"], ["c"]], id="chain"),
        pytest.param({"a": {"c"}, "b": {"c"}, "c": set()}, [["a", "b"], ["c"]], id="beside"),
        pytest.param({"a": set(), "b": set()}, [["a", "b"]], id="apart"),
    ],
)
def test_floors_of_a_house(graph: dict[str, frozenset[str]], expected: list[list[str]]) -> None:
    assert floors(graph) == expected


def test_circle_is_named() -> None:
    graph = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("b")}
    with pytest.raises(ValueError, match="b -> c -> b"):
        floors(graph)


def test_imports_by_way_of_others_are_not_drawn() -> None:
    graph = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}
    assert reduced(graph) == {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset()}


def test_the_model_alone_reads_the_directives_of_the_sdl() -> None:
    """The language reads those of the specification, such as ``@deprecated``."""
    readers = {
        file.relative_to(ROOT).parts[1]
        for file in (*sources("handler/**/*.py"), *sources("aurora_graphql/**/*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "directive"
    }
    assert readers == {"language", "model"}


@pytest.mark.parametrize(("library", "owner"), OWNERS)
def test_a_library_has_one_owner(library: str, owner: str) -> None:
    rooms = [*sources("handler/**/*.py"), *sources("components/**/*.py")]
    users = {
        str(file.relative_to(ROOT))
        for file in rooms
        if any(
            is_within(module, (library,)) for module in imported(file.read_text(), package_of(file))
        )
    }
    assert [user for user in sorted(users) if not user.startswith(owner)] == []


def test_the_environment_is_read_by_the_settings_only() -> None:
    """``os.environ`` may be handed to ``from_environ`` as a whole, and nothing else."""
    found = []
    for file in [*sources("handler/**/*.py"), *sources("components/**/*.py")]:
        tree = ast.parse(file.read_text())
        handed = {
            id(argument)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "from_environ"
            for argument in node.args
        }
        found += [
            f"{file.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr in {"environ", "getenv", "environb"}
            and id(node) not in handed
        ]
    assert found == []


@pytest.mark.parametrize(
    "pattern",
    [
        "handler/app.py",
        "handler/engine/**/*.py",
        "handler/entry.py",
        "handler/execution/**/*.py",
        "handler/http/**/*.py",
        "handler/language/**/*.py",
        "handler/resolvers/**/*.py",
    ],
)
def test_a_room_writes_no_sql(pattern: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text[:60]!r}"
        for file in sources(pattern)
        for line, text in constants(file.read_text())
        if SQL.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import a.b, c", ["a.b", "c"], id="import"),
        pytest.param("from a.b import c", ["a.b", "a.b.c"], id="from"),
        pytest.param("from . import c", ["x.y", "x.y.c"], id="beside"),
        pytest.param("from ..b import c", ["x.b", "x.b.c"], id="above"),
        pytest.param("def f():\n    import a", ["a"], id="late"),
    ],
)
def test_every_form_of_import_is_seen(source: str, expected: list[str]) -> None:
    assert list(imported(source, "x.y")) == expected


@pytest.mark.parametrize(
    ("module", "within"),
    [("handler.stores", True), ("handler.stores.url", True), ("handler.storesroom", False)],
)
def test_a_room_holds_its_modules(module: str, *, within: bool) -> None:
    assert is_within(module, ("handler.stores",)) is within


def test_sql_is_seen_in_strings_and_not_in_docstrings() -> None:
    source = '"""SELECT"""\ndef f(x):\n    """WHERE"""\n    return f"SELECT {x}"'
    assert [line for line, text in constants(source) if SQL.search(text)] == [4]
