"""Run a Pulumi program on mocks and read its resource graph.

Two ways to run: outputs known, as when a stack is up, and unknown, as in a first preview, where an
``apply`` is skipped and an identifier of a new resource is not there yet.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, rpc, set_mocks
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_root_resource, reset_options
from pulumi.runtime.stack import Stack

ACCOUNT_ID: Final = "123456789012"
REGION: Final = "eu-central-1"
ZONES: Final = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
PROJECT: Final = "aurora-graphql"

UNKNOWN: Final = "[unknown]"
"""Stands in a recorded input for a value that only the provider can tell."""

CALLS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {
        "id": "pl-6ea54007",
        "name": f"com.amazonaws.{REGION}.s3",
    },
    "aws:index/getAvailabilityZones:getAvailabilityZones": {
        "id": REGION,
        "names": list(ZONES),
        "zoneIds": ["euc1-az2", "euc1-az3", "euc1-az1"],
    },
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "id": ACCOUNT_ID,
        "accountId": ACCOUNT_ID,
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:role/deploy",
        "userId": "AROAEXAMPLE:deploy",
    },
    "aws:index/getPartition:getPartition": {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    },
    "aws:index/getRegion:getRegion": {
        "id": REGION,
        "region": REGION,
        "description": "Europe (Frankfurt)",
        "endpoint": f"ec2.{REGION}.amazonaws.com",
    },
}
"""The data sources a program may read, with their answers. Any other is an error."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registered resource. ``inputs`` is plain: secrets unwrapped, unknowns as ``UNKNOWN``."""

    urn: str
    typ: str
    name: str
    inputs: Mapping[str, Any]
    custom: bool
    parent: str  # URN
    protect: bool
    retain_on_delete: bool
    dependencies: frozenset[str]  # URNs, from `depends_on` and from inputs
    property_dependencies: Mapping[str, frozenset[str]]  # input name -> URNs
    secret_inputs: frozenset[str]  # names of inputs that Pulumi keeps encrypted in the state
    ignore_changes: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Export:
    """One value the program exported."""

    value: Any
    known: bool
    secret: bool


@dataclass(frozen=True, kw_only=True)
class Graph:
    """What a program declared, in the order of registration (which may differ between runs)."""

    resources: tuple[Resource, ...]
    component_outputs: Mapping[str, Mapping[str, Any]]  # URN -> outputs
    exports: Mapping[str, Export] = field(default_factory=dict)
    secret_values: frozenset[str] = frozenset()  # what providers made and marked as secret

    def types_and_names(self) -> list[tuple[str, str]]:
        """Sorted identities: what a rename would replace."""
        return sorted((resource.typ, resource.name) for resource in self.resources)

    def of_type(self, typ: str) -> list[Resource]:
        """Resources of one type token, sorted by name."""
        found = [resource for resource in self.resources if resource.typ == typ]
        return sorted(found, key=lambda resource: resource.name)

    def named(self, name: str, typ: str | None = None) -> Resource:
        """The only resource with this logical name (and type)."""
        found = [
            resource
            for resource in self.resources
            if resource.name == name and typ in (None, resource.typ)
        ]
        if len(found) != 1:
            names = sorted(resource.name for resource in self.resources)
            raise AssertionError(f"{len(found)} resources named {name!r} ({typ}) among {names}")
        return found[0]

    def children(self, urn: str) -> list[Resource]:
        """Resources whose parent has this URN, sorted by name."""
        found = [resource for resource in self.resources if resource.parent == urn]
        return sorted(found, key=lambda resource: resource.name)


def _arn(typ: str, name: str) -> str:
    service = typ.split(":")[1].partition("/")[0]
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{name}"


def _hex(name: str, digits: int) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:digits]


def computed_outputs(typ: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What AWS would add to ``inputs``, shaped as AWS shapes it, different for every ``name``."""
    outputs: dict[str, Any] = {
        "arn": _arn(typ, name),
        "name": f"{name}-1a2b3c4",
    }
    match typ:
        case "aws:ec2/vpc:Vpc":
            outputs["defaultSecurityGroupId"] = f"sg-{_hex(name, 17)}"
            outputs["defaultNetworkAclId"] = f"acl-{_hex(name, 17)}"
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            if inputs.get("vpcEndpointType") == "Gateway":
                outputs["prefixListId"] = "pl-6ea54007"
        case "aws:iam/role:Role":
            outputs["arn"] = f"arn:aws:iam::{ACCOUNT_ID}:role/{name}-1a2b3c4"
        case "aws:kms/key:Key":
            outputs["keyId"] = _hex(name, 32)
            outputs["arn"] = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/{_hex(name, 32)}"
        case "aws:cloudwatch/logGroup:LogGroup":
            group = inputs.get("name", f"{name}-1a2b3c4")
            outputs["arn"] = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}"
        case "aws:rds/cluster:Cluster":
            identifier = inputs.get("clusterIdentifier", name)
            stem = f"{_hex(name, 12)}.{REGION}.rds.amazonaws.com"
            secret = f"rds!cluster-{_hex(name, 8)}"
            outputs |= {
                "clusterIdentifier": identifier,
                "clusterResourceId": f"cluster-{_hex(name, 26).upper()}",
                "endpoint": f"{identifier}.cluster-{stem}",
                "readerEndpoint": f"{identifier}.cluster-ro-{stem}",
                "port": 3306,
                "engineVersionActual": inputs.get("engineVersion"),
                "masterUserSecrets": [
                    {
                        "secretArn": (
                            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{secret}-AbCdEf"
                        ),
                        "secretStatus": "active",
                        "kmsKeyId": inputs.get("masterUserSecretKmsKeyId"),
                    }
                ],
            }
        case "aws:rds/clusterInstance:ClusterInstance":
            outputs["identifier"] = inputs.get("identifier", name)
            outputs["dbiResourceId"] = f"db-{_hex(name, 26).upper()}"
        case "aws:rds/proxy:Proxy":
            outputs["name"] = inputs.get("name", name)
            outputs["endpoint"] = f"{name}.proxy-{_hex(name, 12)}.{REGION}.rds.amazonaws.com"
            outputs["arn"] = f"arn:aws:rds:{REGION}:{ACCOUNT_ID}:db-proxy:prx-{_hex(name, 17)}"
        case "aws:rds/proxyEndpoint:ProxyEndpoint":
            outputs["endpoint"] = (
                f"{name}.endpoint.proxy-{_hex(name, 12)}.{REGION}.rds.amazonaws.com"
            )
        case "aws:secretsmanager/secret:Secret":
            outputs["arn"] = (
                f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{name}-1a2b3c4-AbCdEf"
            )
        case "random:index/randomPassword:RandomPassword":
            text = (_hex(name, 64) * 4)[: int(inputs["length"])]
            outputs["result"] = rpc.wrap_rpc_secret(text)
            outputs["bcryptHash"] = rpc.wrap_rpc_secret(_hex(name, 60))
        case "random:index/randomId:RandomId":
            outputs["hex"] = _hex(name, 2 * int(inputs["byteLength"]))
        case "aws:elasticache/serverlessCache:ServerlessCache":
            stem = f"{_hex(name, 6)}.serverless.euc1.cache.amazonaws.com"
            cache = inputs.get("name", name)
            outputs["endpoints"] = [{"address": f"{cache}-{stem}", "port": 6379}]
            outputs["readerEndpoints"] = [{"address": f"{cache}-{stem}", "port": 6380}]
            outputs["arn"] = f"arn:aws:elasticache:{REGION}:{ACCOUNT_ID}:serverlesscache:{cache}"
        case "aws:elasticache/replicationGroup:ReplicationGroup":
            group = inputs.get("replicationGroupId", name)
            outputs["primaryEndpointAddress"] = (
                f"master.{group}.{_hex(name, 6)}.cache.amazonaws.com"
            )
            outputs["configurationEndpointAddress"] = (
                f"clustercfg.{group}.{_hex(name, 6)}.cache.amazonaws.com"
            )
            outputs["arn"] = f"arn:aws:elasticache:{REGION}:{ACCOUNT_ID}:replicationgroup:{group}"
        case "aws:elasticache/user:User":
            user = inputs["userId"]
            outputs["arn"] = f"arn:aws:elasticache:{REGION}:{ACCOUNT_ID}:user:{user}"
        case "aws:lambda/function:Function":
            function = inputs.get("name", f"{name}-1a2b3c4")
            arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}"
            path = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
            outputs |= {"arn": arn, "qualifiedArn": f"{arn}:1", "version": "1", "invokeArn": path}
        case "aws:lambda/alias:Alias":
            arn = f"{inputs['functionName']}:{inputs.get('name', name)}"
            path = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
            outputs |= {"arn": arn, "invokeArn": path}
        case "aws:apigateway/restApi:RestApi":
            identifier = _hex(name, 10)
            outputs["rootResourceId"] = _hex(f"{name}/", 10)
            outputs["executionArn"] = f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{identifier}"
            outputs["arn"] = f"arn:aws:apigateway:{REGION}::/restapis/{identifier}"
        case "aws:apigateway/stage:Stage":
            host = f"{inputs['restApi']}.execute-api.{REGION}.amazonaws.com"
            outputs["invokeUrl"] = f"https://{host}/{inputs['stageName']}"
        case "aws:s3/bucket:Bucket":
            bucket = inputs.get("bucket", f"{name}-1a2b3c4")
            outputs |= {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}
        case "aws:sqs/queue:Queue":
            outputs["url"] = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}"
        case _:
            pass
    return outputs


class RecordingMocks(Mocks):
    """Answers as AWS would and remembers every resource.

    ``outputs_known=False`` answers as a first preview does: the inputs come back, no identifier and
    no computed output. ``calls`` and ``computed`` add to the answers of this module: data source
    token -> result, resource type token -> outputs.
    """

    def __init__(
        self,
        *,
        outputs_known: bool = True,
        calls: Mapping[str, Mapping[str, Any]] | None = None,
        computed: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.outputs_known = outputs_known
        self.resources: list[Resource] = []
        self.component_outputs: dict[str, dict[str, Any]] = {}
        self.secret_values: set[str] = set()
        self._calls = {**CALLS, **(calls or {})}
        self._computed = computed or {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        inputs = dict(args.inputs)
        if args.custom is False:
            return "", inputs
        if not self.outputs_known:
            return "", inputs
        plain = {key: plain_value(value) for key, value in inputs.items()}
        computed = computed_outputs(args.typ, args.name, plain) | dict(
            self._computed.get(args.typ, {})
        )
        self.secret_values |= {
            str(rpc.unwrap_rpc_secret(value))
            for value in computed.values()
            if rpc.is_rpc_secret(value)
        }
        # `name` is an input for some types and computed for others: an input wins.
        return args.resource_id or _identifier(args.typ, args.name), computed | inputs

    def call(  # type: ignore[override]  # a plain dict is taken, too; (dict, None) is not
        self, args: MockCallArgs
    ) -> dict[Any, Any]:
        if args.token not in self._calls:
            raise AssertionError(f"unexpected data source {args.token}")
        return dict(self._calls[args.token])


def _identifier(typ: str, name: str) -> str:
    """The id that AWS would give; other resources' ARNs are built on some of them."""
    match typ:
        case "aws:ec2/vpc:Vpc":
            return f"vpc-{_hex(name, 17)}"
        case "aws:ec2/subnet:Subnet":
            return f"subnet-{_hex(name, 17)}"
        case "aws:ec2/securityGroup:SecurityGroup":
            return f"sg-{_hex(name, 17)}"
        case "aws:apigateway/restApi:RestApi":
            return _hex(name, 10)
        case _:
            return f"{name}-id"


def plain_value(value: Any) -> Any:
    """``value`` without the envelopes of the wire: secrets opened, unknowns as ``UNKNOWN``."""
    if rpc.is_rpc_secret(value):
        return plain_value(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Unknown) or value == rpc.UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # the wire has one kind of number
    return value


class RecordingMonitor(MockMonitor):
    """A mock engine that also remembers what the plain mocks are not told: parents and options."""

    mocks: RecordingMocks

    def RegisterResource(  # noqa: N802 - the name is the engine's
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response: resource_pb2.RegisterResourceResponse = super().RegisterResource(  # type: ignore[no-untyped-call]  # pulumi gives it no types
            request
        )
        if request.type != "pulumi:pulumi:Stack":
            inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
            self.mocks.resources.append(
                Resource(
                    urn=response.urn,
                    typ=request.type,
                    name=request.name,
                    inputs={key: plain_value(value) for key, value in inputs.items()},
                    custom=request.custom,
                    parent=request.parent,
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    dependencies=frozenset(request.dependencies),
                    property_dependencies={
                        key: frozenset(urns.urns)
                        for key, urns in request.propertyDependencies.items()
                    },
                    secret_inputs=frozenset(
                        key for key, value in inputs.items() if rpc.is_rpc_secret(value)
                    ),
                    ignore_changes=tuple(request.ignoreChanges),
                    aliases=tuple(alias.spec.name or alias.urn for alias in request.aliases),
                )
            )
        return response

    def RegisterResourceOutputs(  # noqa: N802 - the name is the engine's
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> object:
        outputs = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        self.mocks.component_outputs[request.urn] = {
            key: plain_value(value) for key, value in outputs.items()
        }
        return super().RegisterResourceOutputs(  # type: ignore[no-untyped-call]  # as above
            request
        )


class _Complaints(logging.Handler):
    """Keeps what Pulumi would print as a warning or an error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def declare(
    build: Callable[[], object],
    *,
    outputs_known: bool = True,
    stack: str = "dev",
    mocks: RecordingMocks | None = None,
) -> Graph:
    """Run ``build`` as a Pulumi program until everything has registered.

    ``outputs_known=False`` is a first preview. Errors of the program or of an
    ``apply`` are raised; so is a warning of Pulumi, such as one about a deprecated resource.
    """
    mocks = RecordingMocks(outputs_known=outputs_known) if mocks is None else mocks
    preview = not mocks.outputs_known
    complaints = _Complaints()
    logger = logging.Logger("pulumi", logging.WARNING)
    logger.addHandler(complaints)
    reset_options(project=PROJECT, stack=stack, preview=preview)
    set_mocks(
        mocks,
        project=PROJECT,
        stack=stack,
        preview=preview,
        monitor=RecordingMonitor(mocks),
        logger=logger,
    )
    exports: dict[str, Export] = {}

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # pulumi gives it no types
    async def program() -> None:
        build()
        root = get_root_resource()
        assert isinstance(root, Stack)
        for key, exported in root.outputs.items():
            output = pulumi.Output.from_input(exported)
            exports[key] = Export(
                value=plain_value(await output.future()),
                known=await output.is_known(),
                secret=await output.is_secret(),
            )

    program()
    if complaints.messages:
        raise AssertionError(f"Pulumi complained: {complaints.messages}")
    return Graph(
        resources=tuple(mocks.resources),
        component_outputs=mocks.component_outputs,
        exports=exports,
        secret_values=frozenset(mocks.secret_values),
    )
