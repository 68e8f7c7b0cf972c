"""What README, the pages of docs/ and the packages' docstrings say is what the code does."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import re
from pathlib import Path

import orjson
import pytest

from aurora_graphql.check.finding import FEW_ROWS, MANY_ROWS, Kind
from aurora_graphql.cli import main
from aurora_graphql.settings import default_text
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.settings import VARIABLES
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.checked import checked
from tests.domains.orders import PROJECT
from tests.integration.servers import run_script

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(
    init.parent.relative_to(ROOT).as_posix()
    for top in ("handler", "components", "aurora_graphql")
    for init in (ROOT / top).rglob("__init__.py")
)


def blocks(file: str, kind: str) -> list[str]:
    """The fenced blocks of that kind, in order."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return re.findall(rf"^ *```{kind}\n(.*?)\n *```", text, re.DOTALL | re.MULTILINE)


def test_readme_shows_a_real_answer(northwind: Api) -> None:
    curl = next(block for block in blocks("README.md", "sh") if block.startswith("curl"))
    body = curl.partition("-d '")[2].removesuffix("'")
    document = json.loads(body)["query"]
    assert json.loads(blocks("README.md", "json")[0]) == northwind.run(document).body


EXISTING = "docs/existing-database.md"


def run_statements(url: DatabaseUrl, text: str) -> None:
    run_script(url, *(each for each in text.split(";") if each.strip()))


def test_tables_of_ones_own_fit_the_sdl_beside_them(tmp_path: Path, database: DatabaseUrl) -> None:
    sdl = next(block for block in blocks(EXISTING, "graphql") if "type Author" in block)
    (tmp_path / "books.graphql").write_text(sdl)
    run_statements(database, blocks(EXISTING, "sql")[1])
    assert checked(build_model(load_schema(tmp_path)), database).findings == ()


def test_existing_database_becomes_the_sdl_and_the_answer_that_are_shown(
    tmp_path: Path,
    database: DatabaseUrl,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_statements(database, blocks(EXISTING, "sql")[0])
    run_script(
        database,
        "INSERT INTO brand VALUES (1, 'Acme')",
        "INSERT INTO product VALUES (7, 1, 'Kettle', 9.5, 'on sale', '2026-01-01', NULL)",
        "INSERT INTO tag VALUES (3, 'kitchen')",
        "INSERT INTO product_tag VALUES (7, 3)",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.text())
    assert main(["sdl", "shop-sdl"]) == 0
    told = re.sub(r"^\S+ on \S+ [\d.]+:", "shop on MySQL 8.0:", capsys.readouterr().out)
    assert blocks(EXISTING, "text")[0] + "\n" == told
    written = (tmp_path / "shop-sdl" / "product.graphql").read_text()
    assert blocks(EXISTING, "graphql")[0] + "\n" == written
    curl = next(block for block in blocks(EXISTING, "sh") if block.startswith("curl"))
    document = json.loads(curl.partition("-d '")[2].removesuffix("'"))["query"]
    with open_api(database, tmp_path / "shop-sdl") as api:
        assert json.loads(blocks(EXISTING, "json")[0]) == api.run(document).body


def test_architecture_follows_a_real_request(northwind: Api) -> None:
    document = blocks("docs/architecture.md", "graphql")[0]
    answer = northwind.run(document)
    assert blocks("docs/architecture.md", "text") == [str(northwind.plan(document))]
    assert blocks("docs/architecture.md", "sql") == [each.text for each in answer.statements]
    assert orjson.dumps(orjson.loads(answer.text)).decode() == blocks(
        "docs/architecture.md", "json"
    )[0].removesuffix("\n")


def test_limits_names_every_limit_with_its_default() -> None:
    shown = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in shown.splitlines() if line.startswith("| ")]
    defaults = {row[3].split(",")[0].strip(" `"): row[2].strip() for row in rows if len(row) > 5}
    limiting = [each for each in VARIABLES if each.name.endswith("_MAX") or "_SIZE" in each.name]
    expected = {each.name: default_text(each) for each in limiting if each.name != "POOL_SIZE"}
    assert {name: defaults.get(name) for name in expected} == expected


def test_limits_names_every_code() -> None:
    shown = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", shown))
    used = set()
    for file in (ROOT / "handler").rglob("*.py"):
        used |= set(re.findall(r"code ?= ?\"([A-Z_]+)\"", file.read_text(encoding="utf-8")))
    assert used <= named


ONE_OF_A_KIND = {
    "handler/scalars",
    "aurora_graphql/cli",
}  # every module is one of what the package holds


NO_MODULES = ("__", "test_", "conftest")  # how their names begin


@pytest.mark.parametrize(
    "package", ["tests", *(each for each in PACKAGES if each not in ONE_OF_A_KIND)]
)
def test_a_package_names_all_its_modules(package: str) -> None:
    folder = ROOT / package
    told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    modules = {each.stem for each in folder.glob("*.py") if not each.stem.startswith(NO_MODULES)}
    modules |= {each.parent.name for each in folder.glob("*/__init__.py")}
    assert sorted(modules - set(re.findall(r"``(?:\w+[./])*(\w+)``", told))) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_names_no_module_that_it_has_not(package: str) -> None:
    folder = ROOT / package
    told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    modules = {each.stem for each in folder.glob("*.py")}
    modules |= {each.parent.name for each in folder.glob("*/__init__.py")}
    assert sorted(set(re.findall(r"``([a-z_]+)``", told)) - modules) == []


@pytest.mark.parametrize("package", ["handler/http", "handler/language"])
def test_examples_in_docstrings_are_true(package: str) -> None:
    found = 0
    for path in sorted((ROOT / package).glob("[a-z]*.py")):
        module = importlib.import_module(f"{package.replace('/', '.')}.{path.stem}")
        result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        assert result.failed == 0, path
        found += result.attempted
    assert found > 0


def test_the_language_package_is_used_as_its_readme_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(PROJECT)
    (example,) = blocks("handler/language/README.md", "python")
    exec(example, {})  # noqa: S102 - our own text
    assert capsys.readouterr().out.rstrip() == example.rpartition("# ")[2]


def test_the_language_packages_readme_names_all_its_modules() -> None:
    shown = (ROOT / "handler/language/README.md").read_text(encoding="utf-8")
    modules = {each.stem for each in (ROOT / "handler/language").glob("[a-z]*.py")}
    assert sorted(modules - set(re.findall(r"`(\w+)`", shown))) == []


def test_servers_names_tests_that_are_there() -> None:
    shown = (ROOT / "docs/servers.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)(?:::(test_\w+))?`", shown)
    assert len(named) > 20
    absent = [
        f"{file}::{test}"
        for file, test in named
        if not re.search(
            rf"^(?:async )?def {test}\(" if test else "", (ROOT / file).read_text(), re.M
        )
    ]
    assert absent == []


def test_every_difference_of_the_servers_stands_on_their_page() -> None:
    shown = (ROOT / "docs/servers.md").read_text(encoding="utf-8")
    file = "tests/integration/test_server_differences.py"
    tests = re.findall(r"^def (test_\w+)", (ROOT / file).read_text(), re.M)
    assert [test for test in tests if f"`{file}::{test}`" not in shown] == []


PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if path.name != "CHANGELOG.md"  # which tells the old names, too
)
ROOMS = {each.parent.name for each in (ROOT / "handler").rglob("*/__init__.py")}
TOPS = {"handler", "components", "aurora_graphql", "benchmarks", "plugin", "tests", "docs"}
GONE_OR_TO_COME = {
    "CONTRIBUTING.md": {"handler/scalars/duration.py"},  # that a reader would write
    "docs/testing.md": {"tests/test_choir.py", "tests/test_with_fixtures.py"},  # likewise
    "docs/adr/0010-records-for-data-classes.md": {"handler.records"},
    "docs/adr/0015-msgspec-for-plain-data.md": {"handler.records"},
}


def is_there(name: str) -> bool:
    """Whether a path leads to a file or folder of the repository or of ``handler/``.

    It may go on with a name that the module defines: ``language/document.DocumentCache``.
    """
    folders = (ROOT, ROOT / "handler")
    path, _, defined = name.rpartition(".")
    modules = [folder / f"{path}.py" for folder in folders]
    return any(
        any(folder.glob(f"{name}{end}")) for folder in folders for end in ("", ".py")
    ) or any(
        re.search(rf"\b{defined}\b", module.read_text(encoding="utf-8"))
        for module in modules
        if module.is_file()
    )


def absent_of(shown: str) -> set[str]:
    """What a text names that is not there."""
    files = set(re.findall(rf"(?<![\w/.-])((?:{'|'.join(TOPS | ROOMS)})/[\w*/.-]*\w)", shown))
    dotted = set(re.findall(rf"(?<![\w/.-])((?:{'|'.join(TOPS)})(?:\.[a-z]\w*)+)", shown))
    absent = {each for each in files if not is_there(each)}
    for each in dotted - {"handler.zip"}:
        package, _, last = each.replace(".", "/").rpartition("/")
        if not is_there(f"{package}/{last}") and not is_there(f"{package}.{last}"):
            absent.add(each)
    return absent


@pytest.mark.parametrize("page", PAGES)
def test_page_names_files_and_modules_that_are_there(page: str) -> None:
    shown = (ROOT / page).read_text(encoding="utf-8")
    assert absent_of(shown) == GONE_OR_TO_COME.get(page, set())


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)


def places(page: Path) -> set[str]:
    """What a link to a heading of the page may end in behind ``#``, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_links_lead_to_files_and_headings_that_are_there(page: str) -> None:
    broken = []
    for link in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", prose(ROOT / page)):
        file, _, place = link.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        if not target.exists() or (place and place not in places(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_headings_stand_between_blank_lines(page: str) -> None:
    lines = prose(ROOT / page).splitlines()
    beside = [
        line
        for before, line, after in zip(["", *lines], lines, [*lines[1:], ""], strict=False)
        if re.match(r"#+ ", line) and (before.strip() or after.strip())
    ]
    assert beside == []


@pytest.mark.parametrize("top", ["handler", "components", "aurora_graphql", "tests", "benchmarks"])
def test_docstrings_name_files_and_modules_that_are_there(top: str) -> None:
    absent = {}
    for file in sorted((ROOT / top).rglob("*.py")):
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        told = [ast.get_docstring(node) or "" for node in nodes if isinstance(node, documented)]
        if found := absent_of("\n".join(told)):
            absent[file.relative_to(ROOT).as_posix()] = found
    assert absent == {}


def test_check_page_names_every_kind_of_finding() -> None:
    page = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    table = page[page.index("## What it finds") : page.index("## Which indexes")]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert named == [kind.name.lower() for kind in Kind]
    assert f"over {MANY_ROWS:,} rows" in page
    assert f"over {FEW_ROWS:,} rows" in page
