"""The image, the services and the devcontainer, as far as they can be known without an engine.

The commands of the image and of the services run here from a folder that holds what the image
copies, on the servers of the tests: so what they need is copied, and they do what they should.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from handler.settings import VARIABLES, Settings
from handler.stores.url import DatabaseUrl
from tests.npm import ROOT, install, run
from tests.ports import free_port

TOOL: Final = Path(__file__).parent
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: Final = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Final[Mapping[str, Mapping[str, Any]]] = COMPOSE["services"]
DEVCONTAINER: Final = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())


def instructions(name: str) -> list[str]:
    """The arguments of each instruction of that name, lines joined."""
    joined = re.sub(r"\\\n", " ", DOCKERFILE)
    return re.findall(rf"^\s*{name} +(.+)$", joined, re.MULTILINE)


def copied() -> list[tuple[list[str], str]]:
    """What is copied from this folder: the sources, and the place."""
    found = [each.split() for each in instructions("COPY") if not each.startswith("--from")]
    return [(words[:-1], words[-1]) for words in found]


@pytest.fixture(scope="session")
def linter() -> Path:
    return install(TOOL, "containers") / "lint.mjs"


def findings(linter: Path, dockerfile: Path, compose: Path) -> list[str]:
    found: list[str] = json.loads(run(linter, dockerfile, compose))
    return found


def test_the_linters_find_nothing(linter: Path) -> None:
    assert findings(linter, ROOT / "Dockerfile", ROOT / "compose.yaml") == []


def test_the_linters_would_find_something(linter: Path, tmp_path: Path) -> None:
    dockerfile, compose = tmp_path / "Dockerfile", tmp_path / "compose.yaml"
    dockerfile.write_text(DOCKERFILE.replace("EXPOSE 8000", "EXPOSED 8000"))
    compose.write_text(
        (ROOT / "compose.yaml").read_text().replace("    image: mysql:8.4", "    image: mysql")
    )
    told = findings(linter, dockerfile, compose)
    assert [each.partition(":")[0] for each in told] == ["Dockerfile", "compose.yaml"]


def test_every_image_has_a_tag_that_says_a_version() -> None:
    stages = {each.partition(" AS ")[2] for each in instructions("FROM")}
    images = [each.partition(" AS ")[0] for each in instructions("FROM")]
    images += [each["image"] for each in SERVICES.values() if "image" in each]
    images.append(DEVCONTAINER["image"])
    named = [each for each in images if each not in stages]
    assert [each for each in named if not re.search(r":[a-z]*\d+(\.\d+)*", each)] == []


def test_nobody_in_the_image_or_beside_it_is_root() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\w+)$", last, re.MULTILINE) == ["api"]
    for name, service in SERVICES.items():
        if name != "mysql":  # its own entry point gives root away, and needs it for its volume
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["read_only"] is True, name


def test_no_setting_of_the_handler_is_in_the_image() -> None:
    names = {each.name for each in VARIABLES}
    told = " ".join((*instructions("ENV"), *instructions("ARG"), *instructions("LABEL")))
    assert [name for name in names if re.search(rf"\b{name}\b", told)] == []


def test_ports_of_services_are_open_to_this_machine_alone() -> None:
    ports = [port for each in SERVICES.values() for port in each.get("ports", ())]
    assert ports != []
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_engine_is_given_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    given = [each.removeprefix("!") for each in lines if each.startswith("!")]
    assert lines[lines.index("*") - 1].startswith("#")  # everything else is left out
    sources = [each for several, _ in copied() for each in several]
    assert [each for each in sources if not any(_within(each, of) for of in given)] == []
    assert [of for of in given if not any(_within(each, of) for each in sources)] == []
    assert [each for each in given if not (ROOT / each).exists()] == []


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/") or fnmatch.fnmatch(path, folder)


def test_services_write_settings_that_the_handler_knows() -> None:
    environment = SERVICES["api"]["environment"]
    assert environment.keys() - {each.name for each in VARIABLES} == set()
    filled = {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text) for name, text in environment.items()}
    settings = Settings.from_environ(filled, is_server=True)
    login = SERVICES["mysql"]["environment"]
    url = settings.database_url
    assert (url.host, url.database, url.user) == ("mysql", "orders", login["MYSQL_USER"])
    assert login["MYSQL_DATABASE"] == url.database


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder of the last stage, with what it copies from this one."""
    folder = tmp_path / "srv"
    folder.mkdir()
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    for sources, place in copied():
        if re.search(rf"^COPY {re.escape(' '.join(sources))} {place}$", last, re.MULTILINE):
            shutil.copytree(
                ROOT / sources[0], folder / place, ignore=shutil.ignore_patterns("__pycache__")
            )
    return folder


def environment_of(url: DatabaseUrl, cache_url: str) -> dict[str, str]:
    """That of the service, with the servers of the tests."""
    names = {each.name for each in VARIABLES}
    own = {name: value for name, value in os.environ.items() if name not in names}
    given = {**SERVICES["api"]["environment"], "DATABASE_URL": url.text(), "CACHE_URL": cache_url}
    return {**own, **given}


def command(words: list[str]) -> list[str]:
    """With this Python, which has uvicorn as well."""
    return [sys.executable, *(words[1:] if words[0] == "python" else ["-m", *words])]


@contextmanager
def started(words: list[str], folder: Path, environ: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command(words), cwd=folder, env=environ)
    try:
        yield
    finally:
        process.terminate()
        status = process.wait(30)
    assert status in (0, -15)


def answered(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body, once somebody listens."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    for _ in range(200):
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("nobody listens")


def test_the_commands_of_image_and_services_do_their_work(
    image: Path, database: DatabaseUrl, cache_url: str
) -> None:
    environ = environment_of(database, cache_url)
    for name in ("migrate", "load"):
        words = [
            f"{ROOT}{each}" if each.startswith("/data/") else each
            for each in SERVICES[name]["command"]
        ]
        subprocess.run(command(words), cwd=image, env=environ, check=True, capture_output=True)
    port = free_port()
    words = json.loads(instructions("CMD")[-1])
    words[words.index("--port") + 1] = str(port)
    words[words.index("--host") + 1] = "127.0.0.1"
    (check,) = (
        json.loads(each.partition("CMD ")[2])
        for each in instructions("HEALTHCHECK")
        if "CMD" in each
    )
    alive = [each.replace("8000", str(port)) for each in command(check)]
    assert subprocess.run(alive, check=False, capture_output=True).returncode != 0
    query = b'{"query":"{ order(orderId: \\"10248\\") { customer { name } } }"}'
    with started(words, image, environ):
        status, body = answered(f"http://127.0.0.1:{port}/graphql", query)
        assert (status, json.loads(body)) == (
            200,
            {"data": {"order": {"customer": {"name": "Vins et alcools Chevalier"}}}},
        )
        assert subprocess.run(alive, check=False, capture_output=True).returncode == 0
    closed = {name: value for name, value in environ.items() if name != "AUTH"}
    with started(words, image, closed):
        assert answered(f"http://127.0.0.1:{port}/graphql", query)[0] == 401
        assert subprocess.run(alive, check=False, capture_output=True).returncode == 0


def test_the_devcontainer_makes_what_the_makefile_has() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake (\S+)", DEVCONTAINER["postCreateCommand"]):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target
    for script in re.findall(r"\bsh (\S+)", DEVCONTAINER["postCreateCommand"]):
        assert (ROOT / script).is_file()
    assert DEVCONTAINER["forwardPorts"] == [8000]
