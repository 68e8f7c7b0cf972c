"""The components as a plugin: its schema, and components constructed through gRPC."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import json
import re
import tomllib
import typing
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import pulumi
import pytest
import yaml
from pulumi.runtime import rpc

from aurora_graphql.preview.answers import ZONES
from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.recording import RecordingMocks, declare
from components import hosting
from components.access import NetworkAccess
from components.api_on_aurora import ApiOnAurora, ApiOnAuroraArgs
from components.archive import Archive
from components.data_settings import CacheSettings, DatabaseSettings, NetworkSettings
from components.data_tier import DataTier, DataTierArgs
from components.hosting import COMPONENTS
from components.network import Network, NetworkArgs
from components.settings import StackSettings
from components.wire import decode, encode, plain_member
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
    schema = copy.deepcopy(schema)
    inputs = resource(schema, Network)["inputProperties"]
    key = inputs["keyArn"]
    assert (key["type"], "plain" in key) == ("string", False)  # an output may arrive
    settings = "#/types/aurora-graphql:index:NetworkSettings"
    assert (inputs["settings"]["$ref"], inputs["settings"]["plain"]) == (settings, True)
    network = schema["types"]["aurora-graphql:index:NetworkSettings"]["properties"]
    nat = "aurora-graphql:index:NetworkSettingsNat"
    described = {name: entry.pop("description") for name, entry in network.items()}
    assert described["logRetentionDays"] == "Days to keep the flow log"
    assert network["nat"] == {"$ref": f"#/types/{nat}", "plain": True, "default": "none"}
    words = [word["value"] for word in schema["types"][nat]["enum"]]
    assert words == ["none", "one", "per-zone"]
    assert network["logRetentionDays"] == {"type": "integer", "plain": True, "default": 365}
    texts = {"type": "array", "items": {"type": "string", "plain": True}, "plain": True}
    assert network["zones"] == texts
    database = schema["types"]["aurora-graphql:index:DatabaseSettings"]["properties"]
    del database["minCapacityAcu"]["description"]
    assert database["minCapacityAcu"] == {"type": "number", "plain": True, "default": 0.5}


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


def test_a_record_that_a_component_gives_may_be_an_output_where_it_is_taken(
    schema: dict[str, Any],
) -> None:
    types = schema["types"]
    for name in ("NetworkAccess", "DatabaseAccess", "CacheAccess", "WatchedApi", "WatchedData"):
        taken, given = (types[f"aurora-graphql:index:{name}{end}"] for end in ("", "Result"))
        assert set(taken["properties"]) == set(given["properties"])
        assert "plain" not in json.dumps([given, taken])
    taken = resource(schema, DataTier)["inputProperties"]["network"]
    assert "plain" not in taken


def hints(kind: type) -> dict[str, Any]:
    return inspect.get_annotations(kind, eval_str=True)


def members(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every input, every output and every member of a type, by its path."""
    rooms = [
        (name, found.get(room) or {})
        for kind, room in (
            ("resources", "inputProperties"),
            ("resources", "properties"),
            ("types", "properties"),
        )
        for name, found in schema[kind].items()
    ]
    return {
        f"{name}.{member}": entry for name, written in rooms for member, entry in written.items()
    }


def test_everything_in_the_schema_is_described(schema: dict[str, Any]) -> None:
    found = members(schema)
    assert len(found) > 450
    assert [path for path, entry in found.items() if len(entry.get("description", "")) < 4] == []
    for kind in ("resources", "types"):
        assert [name for name, one in schema[kind].items() if not one.get("description")] == []


def test_every_choice_is_an_enum_and_every_default_is_told(schema: dict[str, Any]) -> None:
    choices = {
        f"{kind.__name__}.{camel(field.name)}"
        for kind in hosting.records()
        for field in dataclasses.fields(kind)
        if typing.get_origin(plain_member(hints(kind)[field.name])) is Literal
    }
    assert len(choices) > 10
    found = members(schema)
    for choice in choices:
        entry = found[f"aurora-graphql:index:{choice}"]
        assert schema["types"][entry["$ref"].removeprefix("#/types/")]["enum"]
    for kind in hosting.records():
        for field in dataclasses.fields(kind):
            entry = found[f"aurora-graphql:index:{kind.__name__}.{camel(field.name)}"]
            if isinstance(field.default, bool | int | float | str) and field.default != "":
                assert entry["default"] == field.default


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


OUTPUT: Final = {rpc._special_sig_key: rpc._special_output_value_sig}
"""How the engine marks a value that came from a resource."""


def output_of(value: Any, *waits_for: str) -> dict[str, Any]:
    """``value`` as the engine sends what a resource gave; without one, it is not known yet."""
    known = {} if value is None else {"value": value}
    return {**OUTPUT, **known, "dependencies": list(waits_for)}


def test_what_one_component_gives_may_come_as_one_output(
    hosted: Provider, mocks: RecordingMocks
) -> None:
    """As YAML's ``network: ${network.access}``, or member by member as other languages send it."""
    urn, network = hosted.construct("Network", "whole1", NETWORK)
    access = network["access"]
    whole = {**DATA, "network": output_of(access, urn)}
    parts = {**DATA, "network": {name: output_of(part, urn) for name, part in access.items()}}
    graphs = []
    for inputs in ({**DATA, "network": access}, whole, parts):
        answers = RecordingMocks()
        with engine(answers) as (_, address):
            hosted.construct("DataTier", "next", inputs, engine_address=address)
        graphs.append(Graph(resources=tuple(answers.resources), component_outputs={}))
    assert inputs_of(graphs[1]) == inputs_of(graphs[0])
    assert inputs_of(graphs[2]) == inputs_of(graphs[0])
    for graph in graphs[1:]:
        assert urn in graph.named("next-database-subnets").dependencies


def test_a_record_that_is_not_known_yet_leaves_the_preview_short() -> None:
    """Which resources there are depends on it; the update itself knows it."""
    unknown = pulumi.runtime.rpc.UNKNOWN
    mocks = RecordingMocks(outputs_known=False)
    with engine(mocks) as (log, address), provider(address) as running:
        urn, outputs = running.construct(
            "DataTier", "later", {**DATA, "network": output_of(None)}, preview=True
        )
        assert [one.name for one in mocks.resources] == ["later"]
        assert "later: network is not known yet" in log.messages[0]
        running.construct("DataTier", "again", {**DATA, "network": unknown}, preview=True)
    assert urn == "urn:pulumi:dev::aurora-graphql::aurora-graphql:index:DataTier::later"
    assert set(outputs.values()) == {unknown}


def test_location_and_key_are_the_providers_and_its_own_where_left_out(
    hosted: Provider, mocks: RecordingMocks
) -> None:
    urn, _ = hosted.construct("Network", "bare", {"tags": TAGS})
    graph = graph_of(mocks, urn)
    assert weaknesses(graph) == {}
    key = graph.named("bare-key-key")
    assert key.typ == "aws:kms/key:Key"
    log = graph.named("bare-flow-log", "aws:cloudwatch/logGroup:LogGroup")
    assert key.urn in log.property_dependencies["kmsKeyId"]
    (endpoint,) = (one for one in graph.resources if one.name == "bare-s3")
    assert endpoint.inputs["serviceName"] == f"com.amazonaws.{LOCATION.region}.s3"


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


def details_of(error: Any) -> bytes:
    (details,) = (pair.value for pair in error.trailing_metadata())
    assert isinstance(details, bytes)
    return details


def test_missing_argument_is_named(hosted: Provider) -> None:
    network = {key: value for key, value in DATA["network"].items() if key != "vpcId"}  # type: ignore[attr-defined]  # a dict
    for inputs, missing in (({}, "identifier"), ({**DATA, "network": network}, "network.vpcId")):
        with pytest.raises(RpcError) as raised:
            hosted.construct("DataTier", "wrong", inputs)
        message = f"Missing required input '{missing}' on 'DataTier'"
        assert message.encode() in details_of(raised.value)


def test_argument_with_a_typing_mistake_is_named(hosted: Provider) -> None:
    with pytest.raises(RpcError) as raised:
        hosted.construct("Network", "wrong", {"settings": {"zoneCounts": 3}})
    assert b"settings.zoneCounts is not known: NetworkSettings has cidr" in details_of(raised.value)


def test_decode_makes_dataclasses_of_dicts_and_leaves_outputs_alone() -> None:
    key_arn = pulumi.Output.from_input("arn:k")
    args = decode(
        NetworkArgs,
        {
            "location": WIRE_LOCATION,
            "keyArn": key_arn,
            "settings": {"logRetentionDays": 30.0, "zones": ["eu-central-1a", "eu-central-1b"]},
        },
    )
    assert args == NetworkArgs(
        location=LOCATION,
        key_arn=args.key_arn,
        settings=NetworkSettings(log_retention_days=30, zones=("eu-central-1a", "eu-central-1b")),
    )
    assert isinstance(args.key_arn, pulumi.Output)
    assert type(args.settings.log_retention_days) is int


def test_decode_reads_an_archive_from_its_folder(tmp_path: Path) -> None:
    folder = example_project(tmp_path) / "dist"
    assert decode(Archive, str(folder)) == Archive.load(folder)


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
