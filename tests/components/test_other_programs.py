"""The programs in examples/: those in Python run on mocks, the others against the plugin.

No command of Pulumi is at hand. TypeScript is run by Node on a module that notes what is made, YAML
is read; what either would send, outputs as the engine marks them, goes to the plugin over gRPC, and
is compared with its schema.
"""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest
import yaml

from aurora_graphql.preview.answers import data_sources
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import RecordingMocks, declare
from components.hosting import Host
from tests.components.engine import Provider, engine, provider
from tests.components.surroundings import SUBNET_IDS, VPC_ID, example_project
from tests.components.test_hosting import OUTPUT, ROOT
from tests.components.weaknesses import ON_PURPOSE, weaknesses

pytestmark = pytest.mark.slow

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
PACKAGE: Final = "aurora-graphql:index:"
REFERENCE: Final = re.compile(r"\$\{(\w+)\.(\w+)\}")

LOOKED_UP: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:ec2/getVpc:getVpc": {"id": VPC_ID},
    "aws:ec2/getSubnets:getSubnets": {"ids": list(SUBNET_IDS)},
    "aws:rds/getCluster:getCluster": {
        "endpoint": "writer.example",
        "readerEndpoint": "reader.example",
        "port": 3306,
        "clusterResourceId": "cluster-1",
        "dbSubnetGroupName": "group",
        "vpcSecurityGroupIds": ["sg-cluster"],
        "masterUserSecrets": [
            {"secretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-1"}
        ],
    },
    "aws:rds/getSubnetGroup:getSubnetGroup": {"vpcId": VPC_ID, "subnetIds": list(SUBNET_IDS)},
}


def run_python(name: str, folder: Path, *, outputs_known: bool) -> Graph:
    """An example beside an archive of its own."""
    example_project(folder)
    program = str(shutil.copy(EXAMPLES / name / "__main__.py", folder))
    config = {"aurora-graphql:cluster": "legacy", "aurora-graphql:database": "shop"}

    def build() -> None:
        pulumi.runtime.set_all_config(config)
        runpy.run_path(program, run_name="__main__")

    calls = {**data_sources("eu-central-1"), **LOOKED_UP}
    return declare(build, mocks=RecordingMocks(outputs_known=outputs_known, calls=calls))


@pytest.mark.parametrize("outputs_known", [True, False], ids=["up", "first-preview"])
@pytest.mark.parametrize("name", ["tiers_python", "existing_vpc", "existing_cluster"])
def test_example_in_python_makes_an_api(tmp_path: Path, name: str, outputs_known: bool) -> None:
    graph = run_python(name, tmp_path, outputs_known=outputs_known)
    assert len(graph.of_type("aws:apigateway/restApi:RestApi")) == 1
    made = {one.typ for one in graph.resources}
    assert ("aws:ec2/vpc:Vpc" in made) is (name == "tiers_python")
    assert ("aws:rds/cluster:Cluster" in made) is (name != "existing_cluster")
    assert {*weaknesses(graph)} - ON_PURPOSE - {"tagged"} == set()
    assert list(graph.exports) == ["url"]


def test_function_stands_in_the_subnets_that_were_found(tmp_path: Path) -> None:
    graph = run_python("existing_vpc", tmp_path, outputs_known=True)
    function = graph.named("shop-api-graphql", "aws:lambda/function:Function")
    assert function.inputs["vpcConfig"]["subnetIds"] == list(SUBNET_IDS)


@dataclass(frozen=True, kw_only=True)
class Made:
    """One component that a program makes. ``inputs`` name others' outputs as ``${name.output}``."""

    name: str
    component: str
    inputs: Mapping[str, Any]


NOTE: Final = """
const made = [];
const output = (text) => new Proxy({}, { get: (_, key) =>
  key === "toJSON" ? () => "${" + text + "}" : output(text + "." + String(key)) });
const module_of = (name) => new Proxy({}, { get: (_, kind) => name === "pulumi"
  ? () => "dev"
  : class { constructor(id, args) {
      made.push({ name: id, component: kind, inputs: args });
      return output(id); } } });
"""


def read_typescript() -> list[Made]:
    """By Node: the program has no types of its own, so that but for its edges it is JavaScript."""
    text = (EXAMPLES / "tiers_typescript/index.ts").read_text(encoding="utf-8")
    text = re.sub(r"^import \* as (\w+) from .*$", r'const \1 = module_of("\1");', text, flags=re.M)
    text = re.sub(r"^export const", "const", text, flags=re.M)
    script = f"{NOTE}{text}\nconsole.log(JSON.stringify(made));"
    done = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Made(**entry) for entry in json.loads(done.stdout)]


def read_yaml() -> list[Made]:
    program = yaml.safe_load((EXAMPLES / "tiers_yaml/Pulumi.yaml").read_text(encoding="utf-8"))
    text = json.dumps(program["resources"]).replace("${pulumi.stack}", "dev")
    return [
        Made(name=name, component=entry["type"].removeprefix(PACKAGE), inputs=entry["properties"])
        for name, entry in json.loads(text).items()
    ]


PROGRAMS: Final = {"typescript": read_typescript, "yaml": read_yaml}


def misfits(schema: Mapping[str, Any], made: Made) -> Iterator[str]:
    """What of a component's inputs its schema does not know, and what it misses."""
    resource = schema["resources"][PACKAGE + made.component]
    missing = set(resource["requiredInputs"]) - set(made.inputs)
    yield from (f"{made.name}.{name} is missing" for name in sorted(missing))
    for name, value in made.inputs.items():
        entry = resource["inputProperties"].get(name)
        if entry is None:
            yield f"{made.name}.{name} is not known"
        else:
            yield from _misfits(schema, entry, value, f"{made.name}.{name}")


def _misfits(
    schema: Mapping[str, Any], entry: Mapping[str, Any], value: Any, path: str
) -> Iterator[str]:
    if isinstance(value, str) and REFERENCE.fullmatch(value):
        if entry.get("plain"):
            yield f"{path} takes no output"
        return
    if "$ref" in entry:
        kind = schema["types"][entry["$ref"].removeprefix("#/types/")]
        if "enum" in kind:
            if value not in [word["value"] for word in kind["enum"]]:
                yield f"{path} takes no {value}"
            return
        for name in sorted(set(kind.get("required", ())) - set(value)):
            yield f"{path}.{name} is missing"
        for name, member in value.items():
            if name not in kind["properties"]:
                yield f"{path}.{name} is not known"
            else:
                yield from _misfits(schema, kind["properties"][name], member, f"{path}.{name}")
        return
    python: Any = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }[entry["type"]]
    if not isinstance(value, python) or (python is int and isinstance(value, bool)):
        yield f"{path} is no {entry['type']}"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _misfits(schema, entry["items"], item, f"{path}[{number}]")


def sent(value: Any, outputs: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Any:
    """An input with the outputs that it names in it, as the engine sends them."""
    if isinstance(value, str) and (match := REFERENCE.fullmatch(value)):
        urn, given = outputs[match[1]]
        found = given[match[2]]
        known = {} if found == pulumi.runtime.rpc.UNKNOWN else {"value": found}
        return {**OUTPUT, **known, "dependencies": [urn]}
    if isinstance(value, dict):
        return {name: sent(member, outputs) for name, member in value.items()}
    return [sent(item, outputs) for item in value] if isinstance(value, list) else value


def play(
    running: Provider, program: Sequence[Made], archive: Path, *, preview: bool
) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Construct all, each with what the ones before gave: URNs and outputs by name."""
    outputs: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for made in program:
        inputs = sent(made.inputs, outputs)
        if "archive" in inputs:
            inputs["archive"] = str(archive)
        outputs[made.name.removeprefix("shop-")] = outputs[made.name] = running.construct(
            made.component, made.name, inputs, preview=preview
        )
    return outputs


@pytest.fixture(scope="module")
def schema() -> Mapping[str, Any]:
    """The plugin's, which takes seconds to derive; tests only read it."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    settings = {key: entry["description"] for key, entry in declared.items()}
    text = str(Host(name="aurora-graphql", version="0.0.0", settings=settings).schema)
    read: Mapping[str, Any] = json.loads(text)
    return read


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example_project(tmp_path_factory.mktemp("project")) / "dist"


@pytest.mark.parametrize("language", PROGRAMS)
@pytest.mark.parametrize("preview", [False, True], ids=["up", "first-preview"])
def test_example_in_another_language_makes_an_api(
    archive: Path, language: str, preview: bool
) -> None:
    program = [
        Made(name=made.name, component=made.component, inputs=_named(made.inputs))
        for made in PROGRAMS[language]()
    ]
    mocks = RecordingMocks(outputs_known=not preview)
    with engine(mocks) as (_, address), provider(address) as running:
        schema = json.loads(running.schema())
        assert [one for made in program for one in misfits(schema, made)] == []
        outputs = play(running, program, archive, preview=preview)
    graph = Graph(resources=tuple(mocks.resources), component_outputs={})
    assert [one.typ.removeprefix(PACKAGE) for one in graph.resources if one.name in outputs] == [
        made.component for made in program
    ]
    assert len(graph.of_type("aws:apigateway/restApi:RestApi")) == 1
    if not preview:
        assert outputs["api"][1]["url"].startswith("https://")
        assert {*weaknesses(graph)} - ON_PURPOSE - {"tagged"} == set()


def _named(inputs: Any) -> Any:
    """TypeScript's ``${shop-key.keyArn}`` as YAML has it: ``${key.keyArn}``."""
    return json.loads(json.dumps(inputs).replace("${shop-", "${"))


@pytest.mark.parametrize(
    ("inputs", "misfit"),
    [
        pytest.param({"settings": {"zonecount": 3}}, "n.settings.zonecount is not known", id="key"),
        pytest.param({"settings": {"nat": "two"}}, "n.settings.nat takes no two", id="word"),
        pytest.param(
            {"settings": {"zoneCount": "3"}}, "n.settings.zoneCount is no integer", id="kind"
        ),
        pytest.param({"settings": "${a.b}"}, "n.settings takes no output", id="plain"),
        pytest.param({"setting": {}}, "n.setting is not known", id="input"),
    ],
)
def test_a_mistake_in_a_program_is_seen(
    schema: Mapping[str, Any], inputs: Mapping[str, Any], misfit: str
) -> None:
    assert [*misfits(schema, Made(name="n", component="Network", inputs=inputs))] == [misfit]
