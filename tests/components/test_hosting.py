"""The components as a plugin: its schema, and components constructed through gRPC."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest
import yaml

from aurora_graphql.preview.answers import ZONES
from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.recording import RecordingMocks, declare
from components import hosting
from components.access import NetworkAccess
from components.api_on_aurora import ApiOnAurora, ApiOnAuroraArgs
from components.archive import Archive
from components.data_settings import CacheSettings, DatabaseSettings, NetworkSettings
from components.data_tier import DataTier, DataTierArgs
from components.hosting import COMPONENTS, decode, encode
from components.network import Network, NetworkArgs
from components.settings import StackSettings
from tests.components.engine import Provider, RpcError, engine, provider
from tests.components.surroundings import (
    KEY_ARN,
    LOCATION,
    SUBNET_IDS,
    TAGS,
    TWO_ZONES,
    VPC_ID,
    example_network,
    example_project,
)
from tests.components.weaknesses import weaknesses

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).resolve().parents[2]
WIRE_LOCATION: Final = {
    "partition": "aws",
    "dnsSuffix": "amazonaws.com",
    "region": "eu-central-1",
    "accountId": "123456789012",
}
NETWORK: Final = {
    "location": WIRE_LOCATION,
    "keyArn": KEY_ARN,
    "settings": {
        "zones": list(ZONES),
        "zoneCount": 3,
        "publicSubnets": True,
        "nat": "per-zone",
        "logRetentionDays": 30,
    },
    "tags": TAGS,
}
NETWORK_ARGS: Final = NetworkArgs(
    location=LOCATION,
    key_arn=KEY_ARN,
    settings=NetworkSettings(
        zones=ZONES, zone_count=3, public_subnets=True, nat="per-zone", log_retention_days=30
    ),
    tags=TAGS,
)
DATA: Final = {
    "location": WIRE_LOCATION,
    "identifier": "shop",
    "network": {
        "vpcId": VPC_ID,
        "subnetIds": list(SUBNET_IDS),
        "zones": list(TWO_ZONES),
        "s3PrefixListId": "pl-s3",
    },
    "keyArn": KEY_ARN,
    "database": {"readers": 1, "minCapacityAcu": 1.5},
    "cache": {"mode": "replication-group", "engineVersion": "8.1"},
    "tags": TAGS,
}


@pytest.fixture(scope="module")
def mocks() -> RecordingMocks:
    return RecordingMocks()


@pytest.fixture(scope="module")
def hosted(mocks: RecordingMocks) -> Iterator[Provider]:
    """The plugin in a process of its own; what it registers is in ``mocks``."""
    with engine(mocks) as (_, address), provider(address) as running:
        yield running


@pytest.fixture(scope="module")
def schema(hosted: Provider) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(hosted.schema())
    return parsed


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def resource(schema: dict[str, Any], component: type) -> dict[str, Any]:
    found: dict[str, Any] = schema["resources"][f"aurora-graphql:index:{component.__name__}"]
    return found


def test_schema_names_the_package_and_its_version(schema: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (schema["name"], schema["version"]) == (project["name"], project["version"])


def test_every_component_of_the_library_is_hosted() -> None:
    written = {
        name
        for path in (ROOT / "components").glob("*.py")
        for name in re.findall(
            r"^class (\w+)\(pulumi\.ComponentResource\)", path.read_text(encoding="utf-8"), re.M
        )
    }
    assert {component.__name__ for component in COMPONENTS} == written


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_schema_takes_every_argument_of_a_component(
    schema: dict[str, Any], component: type[pulumi.ComponentResource]
) -> None:
    fields = dataclasses.fields(hosting._args_type(component))
    without_default = {
        camel(field.name)
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    found = resource(schema, component)
    assert set(found["inputProperties"]) == {camel(field.name) for field in fields}
    assert set(found["requiredInputs"]) == without_default
    assert found["isComponent"] is True


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_schema_gives_every_output_of_a_component(
    schema: dict[str, Any], component: type[pulumi.ComponentResource]
) -> None:
    outputs = {camel(name) for name in component.__annotations__ if not name.startswith("_")}
    assert set(resource(schema, component)["properties"]) == outputs


def test_settings_have_their_own_kinds_in_the_schema(schema: dict[str, Any]) -> None:
    inputs = resource(schema, Network)["inputProperties"]
    assert inputs["keyArn"] == {"type": "string"}  # an output may arrive
    settings = "#/types/aurora-graphql:index:NetworkSettings"
    assert inputs["settings"] == {"$ref": settings, "plain": True}
    network = schema["types"]["aurora-graphql:index:NetworkSettings"]["properties"]
    assert network["nat"] == {"type": "string", "plain": True}
    assert network["logRetentionDays"] == {"type": "integer", "plain": True}
    texts = {"type": "array", "items": {"type": "string", "plain": True}, "plain": True}
    assert network["zones"] == texts
    database = schema["types"]["aurora-graphql:index:DatabaseSettings"]["properties"]
    assert database["minCapacityAcu"] == {"type": "number", "plain": True}


def test_types_share_no_name_with_what_an_sdk_makes_of_a_component(schema: dict[str, Any]) -> None:
    types = set(schema["types"])
    assert not types & set(schema["resources"])
    assert not [name for name in types if name.endswith("Args")]


def graph_of(mocks: RecordingMocks, urn: str) -> Graph:
    """What was registered below one component."""
    stem = urn.split("::")[3]
    return Graph(
        resources=tuple(one for one in mocks.resources if one.name.split("-")[0] == stem),
        component_outputs={
            key: value for key, value in mocks.component_outputs.items() if f"::{stem}" in key
        },
    )


def inputs_of(graph: Graph) -> dict[tuple[str, str], Any]:
    return {(one.typ, one.name): one.inputs for one in graph.resources}


def test_network_over_grpc_is_the_network_of_a_python_program(
    hosted: Provider, mocks: RecordingMocks
) -> None:
    urn, outputs = hosted.construct("Network", "remote", NETWORK)
    constructed = graph_of(mocks, urn)
    program = declare(partial(Network, "remote", NETWORK_ARGS))
    assert inputs_of(constructed) == inputs_of(program)
    assert weaknesses(constructed) == {}
    assert urn == "urn:pulumi:dev::aurora-graphql::aurora-graphql:index:Network::remote"
    assert len(outputs["access"]["subnetIds"]) == len(ZONES)
    assert outputs["access"]["interfaceEndpointIds"] == {
        "secretsmanager": "remote-secretsmanager-id"
    }


def test_data_tier_over_grpc_takes_settings_and_gives_members(
    hosted: Provider, mocks: RecordingMocks
) -> None:
    urn, outputs = hosted.construct("DataTier", "far", DATA)
    constructed = graph_of(mocks, urn)
    args = DataTierArgs(
        location=LOCATION,
        identifier="shop",
        network=example_network(),
        key_arn=KEY_ARN,
        database=DatabaseSettings(readers=1, min_capacity_acu=1.5),
        cache=CacheSettings(mode="replication-group", engine_version="8.1"),
        tags=TAGS,
    )
    assert inputs_of(constructed) == inputs_of(declare(partial(DataTier, "far", args)))
    assert weaknesses(constructed) == {}
    assert outputs["cache"]["port"] == 6379
    assert outputs["cache"]["host"].startswith("clustercfg.")
    assert outputs["access"]["port"] == 3306
    assert outputs["access"]["road"] == "proxy"


def test_what_one_component_gives_is_what_the_next_one_takes(
    hosted: Provider, mocks: RecordingMocks
) -> None:
    _, network = hosted.construct("Network", "first", NETWORK)
    urn, _ = hosted.construct("DataTier", "next", {**DATA, "network": network["access"]})
    group = graph_of(mocks, urn).named("next-database-subnets")
    assert group.inputs["subnetIds"] == network["access"]["subnetIds"]


def test_what_the_data_tier_gives_can_be_watched(hosted: Provider, mocks: RecordingMocks) -> None:
    _, data = hosted.construct("DataTier", "base", DATA)
    args = {"location": WIRE_LOCATION, "keyArn": KEY_ARN, "namespace": "shop", "tags": TAGS}
    watched = {"settings": {}, "data": data["watched"]}
    urn, _ = hosted.construct("Monitoring", "guard", {**args, **watched})
    named = {one.name for one in graph_of(mocks, urn).resources}
    nodes = {f"guard-cache-{number}-evictions" for number in (1, 2)}
    assert {"guard-database-replica-lag", "guard-proxy-borrow-latency", *nodes} <= named


def test_a_record_that_is_given_keeps_the_one_that_is_taken_plain(schema: dict[str, Any]) -> None:
    types = schema["types"]
    for name in ("NetworkAccess", "DatabaseAccess", "CacheAccess"):
        taken, given = (types[f"aurora-graphql:index:{name}{end}"] for end in ("", "Result"))
        assert set(taken["properties"]) == set(given["properties"])
        assert "plain" not in json.dumps(given)
    road = types["aurora-graphql:index:DatabaseAccess"]["properties"]["road"]
    assert road == {"type": "string", "plain": True}


def test_encode_writes_names_that_the_host_does_not() -> None:
    access = NetworkAccess(vpc_id="v", subnet_ids=("s",), s3_prefix_list_id="p")
    plain = {"subnet_ids": ["s"], "zones": [], "interface_endpoint_ids": {}}
    assert encode(access) == {"vpc_id": "v", "s3_prefix_list_id": "p", **plain}
    renamed = {"subnetIds": ["s"], "zones": [], "interfaceEndpointIds": {}}
    assert encode([access]) == [{"vpcId": "v", "s3PrefixListId": "p", **renamed}]


def test_whole_stack_over_grpc_is_the_stack_of_a_python_program(
    hosted: Provider, mocks: RecordingMocks, tmp_path: Path
) -> None:
    """In a folder that is not this repository's."""
    project = example_project(tmp_path)
    wire = {"folder": str(project), "stage": "dev", "settings": {"cache": {"mode": "none"}}}
    urn, outputs = hosted.construct("ApiOnAurora", "whole", {**wire, "tags": TAGS})
    settings = StackSettings(cache=CacheSettings(mode="none"))
    args = ApiOnAuroraArgs(folder=project, stage="dev", settings=settings, tags=TAGS)
    program = declare(partial(ApiOnAurora, "whole", args))
    constructed = graph_of(mocks, urn)
    assert inputs_of(constructed) == inputs_of(program)
    assert weaknesses(constructed) == {}
    assert outputs["url"].startswith("https://")
    named = {camel(name) for name in ApiOnAurora.__annotations__}
    assert set(outputs) == named - {"databaseTunnel"}  # there is none unless it is asked for


def test_construction_works_in_a_first_preview() -> None:
    mocks = RecordingMocks(outputs_known=False)
    with engine(mocks) as (_, address), provider(address) as running:
        urn, outputs = running.construct("Network", "remote", NETWORK, preview=True)
    program = declare(partial(Network, "remote", NETWORK_ARGS))
    assert graph_of(mocks, urn).types_and_names() == program.types_and_names()
    assert outputs["access"]["vpcId"] == pulumi.runtime.rpc.UNKNOWN


def test_lists_that_are_not_known_yet_are_taken() -> None:
    """Those of a VPC that the same program makes."""
    unknown = pulumi.runtime.rpc.UNKNOWN
    network = {**DATA["network"], "subnetIds": unknown, "zones": unknown}  # type: ignore[dict-item]  # a dict
    mocks = RecordingMocks(outputs_known=False)
    with engine(mocks) as (_, address), provider(address) as running:
        urn, _ = running.construct("DataTier", "later", {**DATA, "network": network}, preview=True)
    group = graph_of(mocks, urn).named("later-database-subnets")
    assert group.inputs["subnetIds"] == UNKNOWN


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"cidr": "8.8.0.0/16"}, "must be private addresses", id="limit"),
        pytest.param({"nat": "some"}, "networkNat must be one of none, one, per-zone", id="choice"),
        pytest.param({"logRetentionDays": 30.5}, "a whole number is needed, got 30.5", id="number"),
    ],
)
def test_wrong_argument_is_refused_in_the_words_of_its_check(
    hosted: Provider, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(RpcError, match=message):
        hosted.construct("Network", "wrong", {**NETWORK, "settings": change})


def test_missing_argument_is_named(hosted: Provider) -> None:
    with pytest.raises(RpcError) as raised:
        hosted.construct("Network", "wrong", {"location": WIRE_LOCATION})
    (details,) = (pair.value for pair in raised.value.trailing_metadata())
    assert b"Missing required input 'keyArn' on 'Network'" in details


def test_decode_makes_dataclasses_of_dicts_and_leaves_outputs_alone() -> None:
    key_arn = pulumi.Output.from_input("arn:k")
    args = decode(
        NetworkArgs,
        {
            "location": dataclasses.asdict(LOCATION),
            "key_arn": key_arn,
            "settings": {"log_retention_days": 30.0, "zones": ["eu-central-1a", "eu-central-1b"]},
        },
    )
    assert args == NetworkArgs(
        location=LOCATION,
        key_arn=key_arn,
        settings=NetworkSettings(log_retention_days=30, zones=("eu-central-1a", "eu-central-1b")),
    )
    assert type(args.settings.log_retention_days) is int


def test_decode_reads_the_path_of_an_archive() -> None:
    archive = decode(
        Archive,
        {
            "path": "dist/handler.zip",
            "sha256": "c2hh",
            "runtime": "python3.13",
            "architecture": "arm64",
            "sdl_sha256": "0" * 64,
            "migrations_sha256": "0" * 64,
            "handler_sha256": "0" * 64,
        },
    )
    assert archive.path == Path("dist/handler.zip")


def test_plugin_installs_what_the_components_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "plugin/requirements.txt").read_text(encoding="utf-8").splitlines()
    required = [line for line in lines if line and not line.startswith("#")]
    assert required == project["optional-dependencies"]["infra"]


def test_plugin_file_names_the_package() -> None:
    plugin = yaml.safe_load((ROOT / "plugin/PulumiPlugin.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert plugin["name"] == project["name"]
    assert plugin["runtime"]["name"] == "python"
