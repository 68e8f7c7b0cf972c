"""The example in TypeScript, by TypeScript's own compiler, on types made of the plugin's schema.

``pulumi package add`` makes an SDK of that schema; no Pulumi CLI is at hand, so that what it makes
of a class, a type and an enumeration is written here, and nothing else of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from components.hosting import Host
from tests.npm import environment, install

pytestmark = pytest.mark.nightly

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = ROOT / "examples/tiers_typescript/index.ts"
PULUMI: Final = """
export interface Output<T> { apply<U>(f: (value: T) => U): Output<U>; }
export type Input<T> = T | Output<T> | Promise<T>;
export function getStack(): string;
"""
OPTIONS: Final = {
    "compilerOptions": {
        "exactOptionalPropertyTypes": True,
        "module": "nodenext",
        "noEmit": True,
        "strict": True,
        "target": "es2022",
        "types": [],
    },
    "files": ["index.ts"],
}
WORDS: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def name_of(reference: str) -> str:
    return reference.rpartition(":")[2].rpartition("/")[2]


def type_of(entry: Mapping[str, Any], *, inputs: bool) -> str:
    """TypeScript for an entry of the schema."""
    if reference := entry.get("$ref"):
        if not reference.startswith("#/types/"):
            return "any"  # an archive or an asset of Pulumi's own
        found = name_of(reference)
    elif entry["type"] == "array":
        found = f"{type_of(entry['items'], inputs=inputs)}[]"
    elif entry["type"] == "object":
        member = entry.get("additionalProperties", {"type": "string"})
        found = f"Record<string, {type_of(member, inputs=inputs)}>"
    else:
        found = WORDS[entry["type"]]
    return f"pulumi.Input<{found}>" if inputs and not entry.get("plain") else found


def declarations(schema: Mapping[str, Any]) -> Iterator[str]:
    """The SDK's types."""
    yield 'import * as pulumi from "@pulumi/pulumi";'
    for token, kind in schema["types"].items():
        if "enum" in kind:
            words = " | ".join(json.dumps(word["value"]) for word in kind["enum"])
            yield f"export type {name_of(token)} = {words};"
            continue
        needed = set(kind.get("required", ()))
        yield f"export interface {name_of(token)} {{"
        for name, entry in kind["properties"].items():
            mark = "" if name in needed else "?"
            yield f"  {name}{mark}: {type_of(entry, inputs=True)};"
        yield "}"
    for token, resource in schema["resources"].items():
        needed = set(resource.get("requiredInputs", ()))
        yield f"export class {name_of(token)} {{"
        yield "  constructor(name: string, args: {"
        for name, entry in resource["inputProperties"].items():
            mark = "" if name in needed else "?"
            yield f"    {name}{mark}: {type_of(entry, inputs=True)};"
        yield "  });"
        for name, entry in resource["properties"].items():
            yield f"  readonly {name}: pulumi.Output<{type_of(entry, inputs=False)}>;"
        yield "}"


@pytest.fixture(scope="module")
def tool() -> Path:
    return install(Path(__file__).parent, "types")


def compiled(tool: Path, folder: Path, program: str) -> str:
    """What the compiler says of ``program``; nothing where it takes it."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    settings = {key: entry["description"] for key, entry in declared.items()}
    schema = json.loads(str(Host(name="aurora-graphql", version="0.0.0", settings=settings).schema))
    for name, text in (
        ("aurora-graphql", "\n".join(declarations(schema))),
        ("pulumi", PULUMI),
    ):
        package = folder / "node_modules/@pulumi" / name
        package.mkdir(parents=True)
        (package / "index.d.ts").write_text(text, encoding="utf-8")
        (package / "package.json").write_text('{"types": "index.d.ts"}', encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps(OPTIONS), encoding="utf-8")
    (folder / "index.ts").write_text(program, encoding="utf-8")
    node = shutil.which("node", path=environment()["PATH"])
    assert node is not None
    done = subprocess.run(
        [node, tool / "node_modules/typescript/bin/tsc", "--project", folder],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    return done.stdout + done.stderr


def test_example_in_typescript_has_the_types_of_the_plugin(tool: Path, tmp_path: Path) -> None:
    assert compiled(tool, tmp_path, PROGRAM.read_text(encoding="utf-8")) == ""


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        pytest.param("zoneCount: 3", 'zoneCount: "3"', "Type 'string' is not", id="kind"),
        pytest.param("zoneCount: 3", "zones_count: 3", "zones_count", id="member"),
        pytest.param('mode: "none"', 'mode: "off"', '"off"', id="word"),
        pytest.param("api.url", "api.uri", "'uri' does not exist", id="output"),
        pytest.param("network: network.access,", "", "'network' is missing", id="missing"),
    ],
)
def test_a_mistake_is_seen(tool: Path, tmp_path: Path, right: str, wrong: str, said: str) -> None:
    program = PROGRAM.read_text(encoding="utf-8")
    assert right in program
    assert said in compiled(tool, tmp_path, program.replace(right, wrong, 1))
