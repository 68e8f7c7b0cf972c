"""What a picture of a stack shows: boxes and arrows, found in its graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from aurora_graphql.preview.graph import Graph, Resource

Role = Literal[
    "callers",
    "issuers",
    "firewall",
    "gateway",
    "authorizer",
    "bucket",
    "letters",
    "graphql",
    "migrate",
    "ingest",
    "proxy",
    "cache",
    "database",
    "endpoints",
    "s3",
    "key",
    "secrets",
    "logs",
    "alarms",
    "trail",
]


@dataclass(frozen=True, kw_only=True)
class Box:
    """One thing in the picture. ``keyed``: encrypted with the stack's own key."""

    role: Role
    title: str
    details: tuple[str, ...]
    keyed: bool = False


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """Who calls whom. ``request``: on the way of a request."""

    source: Role
    target: Role
    request: bool = False


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One instance of the database; the first is the writer until a failover.

    ``zone``: its letter; empty where Aurora chooses.
    """

    name: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything that is drawn, and nothing about where."""

    vpc: str
    isolated: str
    other_tiers: tuple[str, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    zones: tuple[str, ...]  # letters of the cluster's zones, those without an instance, too
    instances: tuple[Instance, ...]
    backups: str
    copies: str  # the other region that gets copies of snapshots, if any

    def box(self, role: Role) -> Box | None:
        """The box with this role, if the stack has one."""
        return next((box for box in self.boxes if box.role == role), None)


FUNCTION: Final = "aws:lambda/function:Function"
_ENTRIES: Final[dict[str, Role]] = {
    "handler.entry.authorize": "authorizer",
    "handler.entry.graphql": "graphql",
    "handler.entry.ingest": "ingest",
    "handler.entry.migrate": "migrate",
}
_UNSEEN: Final = "handler.entry.prune"
"""Not drawn: it stands in the way of no request and touches nothing that is drawn."""

_KEY_INPUTS: Final = ("kmsKeyId", "kmsKeyArn", "kmsMasterKeyId")


def build_picture(graph: Graph) -> Picture:
    """Read ``graph``, with outputs known."""
    boxes = [*_edge_boxes(graph), *_function_boxes(graph), *_data_boxes(graph), *_band(graph)]
    roles = {box.role for box in boxes}
    arrows = [
        arrow for arrow in _arrows(graph, roles) if arrow.source in roles and arrow.target in roles
    ]
    vpc, isolated, others = _tiers(graph)
    return Picture(
        vpc=vpc,
        isolated=isolated,
        other_tiers=others,
        boxes=tuple(boxes),
        arrows=tuple(dict.fromkeys(arrows)),
        zones=_zones(graph),
        instances=tuple(_instances(graph)),
        backups=_backups(graph),
        copies=next((str(one.inputs["region"]) for one in _copy_vaults(graph)), ""),
    )


def _all(graph: Graph, kind: str) -> list[Resource]:
    found = [one for one in graph.resources if one.custom and one.typ.endswith(f":{kind}")]
    return sorted(found, key=lambda one: one.name)


def _first(graph: Graph, kind: str) -> Resource | None:
    return next(iter(_all(graph, kind)), None)


def _keyed(graph: Graph, resource: Resource) -> bool:
    keys = {key.urn for key in _all(graph, "Key")}
    return any(resource.property_dependencies.get(name, frozenset()) & keys for name in _KEY_INPUTS)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _tiers(graph: Graph) -> tuple[str, str, tuple[str, ...]]:
    """The VPC, its isolated subnets, and what else it has."""
    subnets = _all(graph, "Subnet")
    zones = sorted({str(one.inputs["availabilityZone"]) for one in subnets})
    vpc = _first(graph, "Vpc")
    if vpc is None:
        given = {str(group.inputs["vpcId"]) for group in _all(graph, "SecurityGroup")}
        return f"VPC {', '.join(sorted(given))}, not of this stack", "its isolated subnets", ()
    by_tier: dict[str, list[str]] = {}
    for subnet in subnets:
        tier = str(subnet.inputs["tags"]["tier"])
        by_tier.setdefault(tier, []).append(str(subnet.inputs["cidrBlock"]))
    nats = len(_all(graph, "NatGateway"))
    ways_out = [*(["internet gateway"] if _all(graph, "InternetGateway") else [])]
    ways_out += [_count(nats, "NAT gateway")] if nats else []
    others = tuple(
        f"{tier} subnets {', '.join(by_tier[tier])}"
        + (f", with {', '.join(ways_out)}" if tier == "public" and ways_out else "")
        for tier in ("public", "private")
        if tier in by_tier
    )
    out = "" if ways_out else ", no way out"
    return (
        f"VPC {vpc.inputs['cidrBlock']} in {_count(len(zones), 'zone')} of {zones[0][:-1]}{out}",
        f"isolated subnets {', '.join(by_tier['isolated'])}",
        others,
    )


def _edge_boxes(graph: Graph) -> Iterator[Box]:
    yield Box(role="callers", title="Callers", details=("GraphQL", "over HTTPS"))
    acl = _first(graph, "WebAcl")
    if acl is not None:
        yield Box(role="firewall", title="WAF", details=(_count(len(acl.inputs["rules"]), "rule"),))
    api, limits = _first(graph, "RestApi"), _first(graph, "MethodSettings")
    if api is not None and limits is not None:
        configuration = api.inputs.get("endpointConfiguration") or {}
        kind = str(configuration.get("types", "regional")).lower()
        rate = float(limits.inputs["settings"]["throttlingRateLimit"])
        yield Box(
            role="gateway",
            title="API Gateway",
            details=(f"REST, {kind}", f"{rate:g} requests/s"),
        )
    for bucket in _all(graph, "BucketNotification"):
        yield Box(
            role="bucket",
            title="S3 bucket",
            details=("new files are loaded",),
            keyed=_bucket_keyed(graph, bucket),
        )
    queue = _first(graph, "Queue")
    if queue is not None:
        yield Box(
            role="letters", title="Dead letters", details=("SQS",), keyed=_keyed(graph, queue)
        )


def _bucket_keyed(graph: Graph, notification: Resource) -> bool:
    """Whether the bucket of a notification is encrypted with a key of this stack."""
    buckets = notification.property_dependencies["bucket"]
    keys = {key.urn for key in _all(graph, "Key")}
    return any(
        one.property_dependencies.get("rules", frozenset()) & keys
        for one in _all(graph, "BucketServerSideEncryptionConfiguration")
        if one.property_dependencies["bucket"] & buckets
    )


def _functions(graph: Graph) -> Iterator[tuple[Resource, Role]]:
    """Those that are drawn."""
    for function in _all(graph, "Function"):
        handler = str(function.inputs["handler"])
        if handler != _UNSEEN:
            yield function, _ENTRIES[handler]


def _function_boxes(graph: Graph) -> Iterator[Box]:
    provisioned = bool(_all(graph, "ProvisionedConcurrencyConfig"))
    for function, role in _functions(graph):
        runtime = str(function.inputs["runtime"]).replace("python", "Python ")
        memory = f"{int(function.inputs['memorySize']):,} MB"
        more = ""
        if (function.inputs.get("snapStart") or {}).get("applyOn") == "PublishedVersions":
            more = ", SnapStart"
        elif role == "graphql" and provisioned:
            more = ", kept ready"
        yield Box(
            role=role,
            title=role,
            details=(f"Lambda, {runtime}", f"{memory}{more}"),
            keyed=_keyed(graph, function),
        )
        if role == "authorizer" and function.inputs["environment"]["variables"]["AUTH_ISSUERS"]:
            yield Box(role="issuers", title="Issuers", details=("keys of", "the tokens"))


def _data_boxes(graph: Graph) -> Iterator[Box]:
    if _all(graph, "Proxy"):
        endpoints = 1 + len(_all(graph, "ProxyEndpoint"))
        yield Box(
            role="proxy",
            title="RDS Proxy",
            details=("TLS and IAM only", "writer, READ_ONLY" if endpoints > 1 else "writer"),
        )
    for store in [*_all(graph, "ServerlessCache"), *_all(graph, "ReplicationGroup")]:
        yield Box(
            role="cache",
            title="ElastiCache",
            details=("Valkey, TLS and IAM", _cache_size(store)),
            keyed=_keyed(graph, store),
        )
    cluster = _first(graph, "Cluster")
    if cluster is not None:
        yield Box(
            role="database",
            title="Aurora MySQL",
            details=(f"{_version(cluster)}, TLS and IAM", _capacity(graph, cluster)),
            keyed=_keyed(graph, cluster),
        )
    doors = _all(graph, "VpcEndpoint")
    by_interface = [one for one in doors if one.inputs["vpcEndpointType"] == "Interface"]
    if by_interface:
        names = [str(one.inputs["serviceName"]).rpartition(".")[2] for one in by_interface]
        yield Box(
            role="endpoints",
            title=f"Endpoint{'s' if len(names) > 1 else ''}",
            details=_doors(names),
        )
    if len(doors) > len(by_interface):
        yield Box(role="s3", title="Endpoint", details=("s3, by route",))


def _doors(names: list[str]) -> tuple[str, ...]:
    """Two lines at most; the first is what every stack has."""
    ordered = sorted(names, key=lambda name: (name != "secretsmanager", name))
    if len(ordered) <= 2:
        return tuple(ordered)
    return (ordered[0], f"and {len(ordered) - 1} more")


def _cache_size(store: Resource) -> str:
    limits = store.inputs.get("cacheUsageLimits")
    if limits is None:
        nodes = int(store.inputs["numNodeGroups"]) * (1 + int(store.inputs["replicasPerNodeGroup"]))
        return f"{nodes} x {store.inputs['nodeType']}"
    return f"serverless, up to {limits['dataStorage']['maximum']} GB"


def _version(cluster: Resource) -> str:
    version = str(cluster.inputs["engineVersion"])
    found = re.search(r"mysql_aurora\.(\d+\.\d+)", version)
    return found[1] if found else version


def _capacity(graph: Graph, cluster: Resource) -> str:
    capacity: Any = cluster.inputs.get("serverlessv2ScalingConfiguration")
    if capacity is None:
        return str(_all(graph, "ClusterInstance")[0].inputs["instanceClass"])
    each = " each" if len(_all(graph, "ClusterInstance")) > 1 else ""
    return f"{capacity['minCapacity']:g} to {capacity['maxCapacity']:g} ACU{each}"


def _backups(graph: Graph) -> str:
    cluster = _first(graph, "Cluster")
    return _count(int(cluster.inputs["backupRetentionPeriod"]), "day") if cluster else ""


def _instances(graph: Graph) -> Iterator[Instance]:
    for number, one in enumerate(_all(graph, "ClusterInstance")):
        zone = str(one.inputs.get("availabilityZone") or "")
        yield Instance(name="writer" if number == 0 else "reader", zone=zone[-1:])


def _zones(graph: Graph) -> tuple[str, ...]:
    """Of the isolated subnets; of a network that somebody else made, those of the instances."""
    subnets = {
        str(one.inputs["availabilityZone"])[-1:]
        for one in _all(graph, "Subnet")
        if one.inputs["tags"]["tier"] == "isolated"
    }
    return tuple(sorted(subnets or {instance.zone for instance in _instances(graph)}))


def _copy_vaults(graph: Graph) -> list[Resource]:
    return [one for one in _all(graph, "Vault") if one.inputs.get("region")]


def _band(graph: Graph) -> Iterator[Box]:
    """What stands behind everything else: keys, secrets, logs, alarms, the trail."""
    keys = _all(graph, "Key")
    if keys:
        rotates = all(key.inputs.get("enableKeyRotation") for key in keys)
        yield Box(
            role="key",
            title="KMS",
            details=("the stack's own key", "rotates every year" if rotates else "never rotates"),
            keyed=True,
        )
    master = sum(bool(one.inputs.get("manageMasterUserPassword")) for one in _all(graph, "Cluster"))
    secrets = _all(graph, "Secret")
    yield Box(
        role="secrets",
        title="Secrets Manager",
        details=(
            _count(len(secrets) + master, "password"),
            f"{'one' if master else 'none'} rotated by RDS",
        ),
        keyed=all(_keyed(graph, one) for one in [*secrets, *_all(graph, "Cluster")]),
    )
    groups = _all(graph, "LogGroup")
    traced = any(one.inputs.get("xrayTracingEnabled") for one in _all(graph, "Stage"))
    yield Box(
        role="logs",
        title="CloudWatch",
        details=(_count(len(groups), "log group"), "and X-Ray" if traced else "no traces"),
        keyed=all(_keyed(graph, one) for one in groups),
    )
    topic = _first(graph, "Topic")
    if topic is not None:
        boards = "one dashboard" if _all(graph, "Dashboard") else "no dashboard"
        yield Box(
            role="alarms",
            title="Alarms",
            details=(f"{len(_all(graph, 'MetricAlarm'))} to an SNS topic", boards),
            keyed=_keyed(graph, topic),
        )
    trail = _first(graph, "Trail")
    if trail is not None:
        yield Box(
            role="trail",
            title="CloudTrail",
            details=("every region", "validated"),
            keyed=_keyed(graph, trail),
        )


def _arrows(graph: Graph, roles: set[Role]) -> Iterator[Arrow]:
    first: Role = "firewall" if "firewall" in roles else "gateway"
    yield Arrow(source="callers", target=first, request=True)
    if first == "firewall":
        yield Arrow(source="firewall", target="gateway", request=True)
    for permission in _all(graph, "Permission"):
        called = permission.property_dependencies.get("function", frozenset())
        for function, role in _functions(graph):
            if function.urn in called:
                source: Role = "bucket" if role == "ingest" else "gateway"
                yield Arrow(source=source, target=role, request=role == "graphql")
    yield Arrow(source="authorizer", target="issuers")
    yield Arrow(source="ingest", target="letters")
    yield from _opened(graph)


def _opened(graph: Graph) -> Iterator[Arrow]:
    """An ingress rule is a road: from the group it names to the group it belongs to."""
    owners = dict(_owners(graph))
    on_the_way = {("graphql", "proxy"), ("graphql", "cache"), ("graphql", "database")}
    on_the_way.add(("proxy", "database"))
    for rule in _all(graph, "SecurityGroupIngressRule"):
        for source in rule.property_dependencies.get("referencedSecurityGroupId", frozenset()):
            for target in rule.property_dependencies.get("securityGroupId", frozenset()):
                if source in owners and target in owners:
                    pair = (owners[source], owners[target])
                    yield Arrow(source=pair[0], target=pair[1], request=pair in on_the_way)
    for rule in _all(graph, "SecurityGroupEgressRule"):
        if rule.inputs.get("prefixListId"):
            for source in rule.property_dependencies.get("securityGroupId", frozenset()):
                if source in owners:
                    yield Arrow(source=owners[source], target="s3")


def _owners(graph: Graph) -> Iterator[tuple[str, Role]]:
    """Security group -> the box whose network interfaces carry it."""
    holders: list[tuple[str, str, Role]] = [
        ("Cluster", "vpcSecurityGroupIds", "database"),
        ("Proxy", "vpcSecurityGroupIds", "proxy"),
        ("ServerlessCache", "securityGroupIds", "cache"),
        ("ReplicationGroup", "securityGroupIds", "cache"),
        ("VpcEndpoint", "securityGroupIds", "endpoints"),
    ]
    groups = {group.urn for group in _all(graph, "SecurityGroup")}
    for kind, name, role in holders:
        for holder in _all(graph, kind):
            for urn in holder.property_dependencies.get(name, frozenset()) & groups:
                yield urn, role
    for function, role in _functions(graph):
        for urn in function.property_dependencies.get("vpcConfig", frozenset()) & groups:
            yield urn, role
