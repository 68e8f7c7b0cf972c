"""What a month of each service costs: graph, prices and traffic -> lines of a bill."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.prices import Prices
from aurora_graphql.preview.resource_types import TYPES, Each
from aurora_graphql.preview.traffic import HOURS, SECONDS, Traffic
from components.contract import METRICS_OF_OPERATION

MILLION: Final = 1_000_000
KB_PER_GB: Final = 1024 * 1024
PROXY_LEAST_ACU: Final = 8
CACHE_LEAST_GB: Final = 0.1
AWAKE_ACU: Final = 0.5
"""An instance that may pause has at least this much while it does not."""

LOG_COMPRESSION: Final = 0.15
"""CloudWatch Logs charges for storage after compression.

Source: https://aws.amazon.com/cloudwatch/faqs/
"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a bill."""

    service: str
    item: str
    usd: float


Service = Callable[[Graph, Prices, Traffic], Iterator[Line]]


def _of(graph: Graph, typ: str) -> list[Resource]:
    """By name: whatever a service counts or lists must not show the order of registration."""
    found = [one for one in graph.resources if one.custom and one.typ.endswith(f":{typ}")]
    return sorted(found, key=lambda one: one.urn)


def _counted(count: int, noun: str) -> str:
    plural = "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{'' if count == 1 else plural}"


def has_cache(graph: Graph) -> bool:
    """Whether answers are kept anywhere."""
    return bool(_of(graph, "ServerlessCache") or _of(graph, "ReplicationGroup"))


def misses(graph: Graph, traffic: Traffic) -> float:
    """Requests that reach the database. Without a cache, all of them."""
    return traffic.requests * (1 - traffic.hit_rate if has_cache(graph) else 1)


def average_acus(graph: Graph, traffic: Traffic) -> float:
    """ACUs of all serverless instances together, over the month."""
    count = len(_serverless(graph))
    if not count:
        return 0.0
    (cluster,) = _of(graph, "Cluster")
    capacity = cluster.inputs["serverlessv2ScalingConfiguration"]
    least, most = float(capacity["minCapacity"]), float(capacity["maxCapacity"])
    asked = misses(graph, traffic)
    awake = 1.0
    if least == 0:
        awake = traffic.share_of_time_with_a_request(awake_after_use_s(graph), asked)
        least = AWAKE_ACU
    wanted = asked / SECONDS / traffic.misses_per_acu_s
    return min(max(count * least * awake, wanted), count * most)


def may_pause(graph: Graph) -> bool:
    """Whether the database sleeps while nobody asks it."""
    return any(
        (one.inputs.get("serverlessv2ScalingConfiguration") or {}).get("minCapacity") == 0
        for one in _of(graph, "Cluster")
    )


def awake_after_use_s(graph: Graph) -> float:
    """How long a database that may pause is awake after the last request.

    Until it closes the last connection, which a frozen function keeps, and then until it pauses.
    """
    (cluster,) = _of(graph, "Cluster")
    idle_s = next(
        float(parameter["value"])
        for group in _of(graph, "ParameterGroup")
        for parameter in group.inputs["parameters"]
        if parameter["name"] == "wait_timeout"
    )
    capacity = cluster.inputs["serverlessv2ScalingConfiguration"]
    return idle_s + float(capacity["secondsUntilAutoPause"])


def day_of_use_usd(graph: Graph, prices: Prices, hours: float) -> float:
    """What a database that may pause costs on a day with so many hours of use, by one developer."""
    suffix = "_io_optimized" if _is_io_optimized(_of(graph, "Cluster")[0]) else ""
    awake_hours = min(24.0, hours + awake_after_use_s(graph) / 3600)
    acus = len(_serverless(graph)) * AWAKE_ACU
    return acus * awake_hours * prices.of("aurora", f"acu_hour{suffix}")


def _is_io_optimized(cluster: Resource) -> bool:
    return bool(cluster.inputs.get("storageType") == "aurora-iopt1")


def _serverless(graph: Graph) -> list[Resource]:
    return [one for one in _of(graph, "ClusterInstance") if _class(one) == "db.serverless"]


def _provisioned(graph: Graph) -> list[Resource]:
    return [one for one in _of(graph, "ClusterInstance") if _class(one) != "db.serverless"]


def _class(instance: Resource) -> str:
    return str(instance.inputs["instanceClass"])


def _vcpus(graph: Graph) -> int:
    """Of all provisioned instances: two up to large, four for every xlarge."""
    sizes = [_class(one).rpartition(".")[2] for one in _provisioned(graph)]
    return sum(
        4 * int(size.removesuffix("xlarge") or 1) if size.endswith("xlarge") else 2
        for size in sizes
    )


def aurora(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """Capacity, storage, reads from it, backups, insights."""
    for cluster in _of(graph, "Cluster"):
        suffix = "_io_optimized" if _is_io_optimized(cluster) else ""
        acu_hours = average_acus(graph, traffic) * HOURS
        if _serverless(graph):
            usd = acu_hours * prices.of("aurora", f"acu_hour{suffix}")
            average = f"{average_acus(graph, traffic):.2f} ACU on average"
            yield Line(service="Aurora", item=average, usd=usd)
        for instance in _provisioned(graph):
            hour = prices.of("aurora_instance_hour", _class(instance))
            usd = HOURS * hour * (1.3 if suffix else 1)  # I/O-Optimized adds 30 %
            yield Line(service="Aurora", item=_class(instance), usd=usd)
        size = traffic.database_gb
        yield Line(
            service="Aurora",
            item=f"storage of {size:g} GB",
            usd=size * prices.of("aurora", f"storage_gb_month{suffix}"),
        )
        if not suffix:
            reads = misses(graph, traffic) * traffic.reads_per_miss
            usd = reads / MILLION * prices.of("aurora", "io_million")
            yield Line(service="Aurora", item="reads from storage", usd=usd)
        days = int(cluster.inputs["backupRetentionPeriod"])
        beyond = size * max(0.0, (days - 1) * traffic.changed_daily)
        yield Line(
            service="Aurora",
            item=f"backups of {_counted(days, 'day')}",
            usd=beyond * prices.of("aurora", "backup_gb_month"),
        )
        if cluster.inputs.get("databaseInsightsMode") == "advanced":
            usd = acu_hours * prices.of("database_insights", "acu_hour")
            usd += _vcpus(graph) * HOURS * prices.of("database_insights", "vcpu_hour")
            yield Line(service="Aurora", item="Database Insights, advanced", usd=usd)


def copies(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """Copies of the cluster's snapshots in another region, each of them whole."""
    for plan in _of(graph, "Plan"):
        for rule in plan.inputs["rules"]:
            (copy,) = rule["copyActions"]
            days = int(copy["lifecycle"]["deleteAfter"])
            hours = str(rule["schedule"]).split()[1]
            a_day = 24 // int(hours.removeprefix("0/")) if hours.startswith("0/") else 1
            size = traffic.database_gb
            yield Line(
                service="AWS Backup",
                item=f"{_counted(days * a_day, 'snapshot')} copied",
                usd=days * a_day * size * prices.of("backup", "aurora_gb_month"),
            )
            yield Line(
                service="AWS Backup",
                item="transfer of the copies",
                usd=a_day * HOURS / 24 * size * prices.of("backup", "region_gb"),
            )


def proxy(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """The capacity behind it, of which eight ACU are paid at least; further endpoints."""
    for _ in _of(graph, "Proxy"):
        if _serverless(graph):
            acus = max(PROXY_LEAST_ACU, average_acus(graph, traffic))
            usd = acus * HOURS * prices.of("proxy", "acu_hour")
            yield Line(service="RDS Proxy", item=f"in front of {acus:.0f} ACU", usd=usd)
        else:
            usd = _vcpus(graph) * HOURS * prices.of("proxy", "vcpu_hour")
            yield Line(service="RDS Proxy", item=f"in front of {_vcpus(graph)} vCPU", usd=usd)
    for endpoint in _of(graph, "ProxyEndpoint"):
        zones = len(endpoint.inputs["vpcSubnetIds"])
        usd = zones * HOURS * prices.of("proxy", "endpoint_zone_hour")
        yield Line(service="RDS Proxy", item=f"READ_ONLY endpoint in {zones} zones", usd=usd)


def cache(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """Serverless: what is kept and what passes. Replication groups: nodes."""
    for store in _of(graph, "ServerlessCache"):
        most = float(store.inputs["cacheUsageLimits"]["dataStorage"]["maximum"])
        kept = min(traffic.cached_gb, most) if traffic.requests else 0
        size = max(CACHE_LEAST_GB, kept)
        usd = size * HOURS * prices.of("cache", "gb_hour")
        yield Line(service="ElastiCache", item=f"{size:g} GB kept", usd=usd)
        # A hit reads an answer, a miss writes one; a kilobyte of either is one unit.
        units = traffic.requests * max(1.0, traffic.answer_kb * traffic.compression)
        usd = units / MILLION * prices.of("cache", "ecpu_million")
        yield Line(service="ElastiCache", item="processing units", usd=usd)
    for group in _of(graph, "ReplicationGroup"):
        nodes = int(group.inputs["numNodeGroups"]) * (1 + int(group.inputs["replicasPerNodeGroup"]))
        typ = str(group.inputs["nodeType"])
        usd = nodes * HOURS * prices.of("cache_node_hour", typ)
        yield Line(service="ElastiCache", item=f"{nodes} x {typ}", usd=usd)


def functions(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """The two functions that every request meets; migrate and ingest run seldom."""
    by_handler = {str(one.inputs["handler"]): one for one in _of(graph, "Function")}
    graphql = by_handler["handler.entry.graphql"]
    seldom = misses(graph, traffic)
    busy_ms = seldom * traffic.miss_ms + (traffic.requests - seldom) * traffic.hit_ms
    yield from _invoked(graphql, prices, traffic.requests, busy_ms, "graphql")
    authorizer = by_handler["handler.entry.authorize"]
    asked = traffic.requests * (traffic.authorizer_misses if _caches_authorizer(graph) else 1)
    busy_ms = asked * traffic.authorizer_ms
    yield from _invoked(authorizer, prices, asked, busy_ms, "authorizer")
    memory_gb = int(graphql.inputs["memorySize"]) / 1024
    if (graphql.inputs.get("snapStart") or {}).get("applyOn") == "PublishedVersions":
        kept = _versions_kept(graph)
        usd = kept * memory_gb * SECONDS * prices.of("lambda", "snapstart_gb_second")
        yield Line(service="Lambda", item=f"SnapStart, {_counted(kept, 'version')} kept", usd=usd)
        restored = traffic.requests * traffic.cold_starts * memory_gb
        usd = restored * prices.of("lambda", "snapstart_restored_gb")
        yield Line(service="Lambda", item="SnapStart, restores", usd=usd)
    for ready in _of(graph, "ProvisionedConcurrencyConfig"):
        count = int(ready.inputs["provisionedConcurrentExecutions"])
        price = prices.of("lambda", f"provisioned_gb_second_{_cpu(graphql)}")
        usd = count * memory_gb * SECONDS * price
        yield Line(service="Lambda", item=f"{count} provisioned environments", usd=usd)


def _versions_kept(graph: Graph) -> int:
    """Snapshots that are paid for at the same time, once there have been so many releases."""
    for call in _of(graph, "Invocation"):
        order = json.loads(str(call.inputs["input"]))
        if order["action"] == "prune":
            return int(order["keep"])
    return 1


def _invoked(
    function: Resource, prices: Prices, calls: float, busy_ms: float, purpose: str
) -> Iterator[Line]:
    usd = calls / MILLION * prices.of("lambda", "request_million")
    gb_seconds = busy_ms / 1000 * int(function.inputs["memorySize"]) / 1024
    usd += gb_seconds * prices.of("lambda", f"gb_second_{_cpu(function)}")
    yield Line(service="Lambda", item=f"{purpose}, {calls:,.0f} calls", usd=usd)


def _cpu(function: Resource) -> str:
    return str(function.inputs["architectures"][0])


def _caches_authorizer(graph: Graph) -> bool:
    (api,) = _of(graph, "RestApi")
    return '"authorizerResultTtlInSeconds":0' not in str(api.inputs["body"]).replace(" ", "")


def gateway(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """Requests, the cache by its size, and the bytes that leave."""
    for stage in _of(graph, "Stage"):
        usd = traffic.requests / MILLION * prices.of("api_gateway", "request_million")
        yield Line(service="API Gateway", item="requests", usd=usd)
        if stage.inputs.get("cacheClusterEnabled"):
            size = str(stage.inputs["cacheClusterSize"])
            usd = HOURS * prices.of("api_gateway_cache_hour", size)
            yield Line(service="API Gateway", item=f"cache of {size} GB", usd=usd)
        sent_gb = traffic.requests * traffic.answer_kb * traffic.compression / KB_PER_GB
        usd = sent_gb * prices.of("transfer", "out_gb")
        yield Line(service="Data transfer", item=f"{sent_gb:.1f} GB to the internet", usd=usd)
    for acl in _of(graph, "WebAcl"):
        rules = len(acl.inputs["rules"])
        usd = prices.of("waf", "acl") + rules * prices.of("waf", "rule")
        yield Line(service="WAF", item=_counted(rules, "rule"), usd=usd)
        usd = traffic.requests / MILLION * prices.of("waf", "request_million")
        yield Line(service="WAF", item="requests", usd=usd)


def _retention_days(graph: Graph) -> int:
    """How long the log of the function stays that every request meets."""
    (graphql,) = (one for one in _of(graph, "Function") if "graphql" in one.inputs["handler"])
    urns = graphql.property_dependencies["loggingConfig"]
    (group,) = (one for one in _of(graph, "LogGroup") if one.urn in urns)
    return int(group.inputs["retentionInDays"])


def _listed_operations(graph: Graph) -> int:
    """How many operations have metrics of their own."""
    found = [
        str(variables["OPERATION_METRICS"]).split(",")
        for one in _of(graph, "Function")
        if "OPERATION_METRICS"
        in (variables := (one.inputs.get("environment") or {}).get("variables", {}))
    ]
    return sum(map(len, found))


def observation(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """Logs, metrics of answers, traces."""
    listed = _listed_operations(graph)
    per_request = traffic.log_kb + (traffic.firewall_log_kb if _of(graph, "WebAcl") else 0)
    per_request += traffic.operation_log_kb if listed else 0
    written_gb = traffic.idle_log_gb + traffic.requests * per_request / KB_PER_GB
    days = _retention_days(graph)
    kept_gb = written_gb * days / 30 * LOG_COMPRESSION
    yield Line(
        service="CloudWatch",
        item=f"{written_gb:.1f} GB of logs written",
        usd=written_gb * prices.of("cloudwatch", "log_gb"),
    )
    yield Line(
        service="CloudWatch",
        item=f"{kept_gb:.1f} GB of logs kept, once {days} days have passed",
        usd=kept_gb * prices.of("cloudwatch", "log_gb_month"),
    )
    if has_cache(graph) and traffic.requests:
        usd = traffic.cache_metrics * prices.of("cloudwatch", "metric")
        item = f"{traffic.cache_metrics:g} metrics of answers"
        yield Line(service="CloudWatch", item=item, usd=usd)
    if listed and traffic.requests:
        count = (listed + 1) * len(METRICS_OF_OPERATION)  # all others are one more
        usd = count * prices.of("cloudwatch", "metric")
        item = f"{count} metrics of {_counted(listed, 'operation')} and the others"
        yield Line(service="CloudWatch", item=item, usd=usd)
    if any(stage.inputs.get("xrayTracingEnabled") for stage in _of(graph, "Stage")):
        # X-Ray's default: the first request of every second, and one in twenty of the others.
        first = SECONDS * traffic.share_of_time_with_a_request(1, traffic.requests)
        traces = first + 0.05 * (traffic.requests - first)
        usd = traces / MILLION * prices.of("xray", "trace_million")
        yield Line(service="X-Ray", item=f"{traces:,.0f} traces", usd=usd)


def ground(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """Endpoints, secrets, buckets."""
    for endpoint in _of(graph, "VpcEndpoint"):
        if endpoint.inputs["vpcEndpointType"] == "Interface":
            zones = len(endpoint.inputs["subnetIds"])
            name = str(endpoint.inputs["serviceName"]).rpartition(".")[2]
            usd = zones * HOURS * prices.of("network", "endpoint_zone_hour")
            yield Line(service="VPC", item=f"endpoint {name} in {_counted(zones, 'zone')}", usd=usd)
    secrets = len(_of(graph, "Secret")) + sum(
        bool(cluster.inputs.get("manageMasterUserPassword")) for cluster in _of(graph, "Cluster")
    )
    yield Line(
        service="Secrets Manager",
        item=_counted(secrets, "secret"),
        usd=secrets * prices.of("secrets", "secret"),
    )
    if _of(graph, "Bucket"):
        usd = traffic.stored_gb * prices.of("s3", "gb_month")
        yield Line(service="S3", item=f"{traffic.stored_gb:g} GB", usd=usd)


def pieces(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    """What is paid by the piece: a line for each type whose row in ``resource_types`` says so."""
    del traffic
    for typ, facts in TYPES.items():
        count = len(graph.of_type(typ))
        if isinstance(facts.cost, Each) and count:
            usd = count * facts.cost.units * prices.of(facts.cost.group, facts.cost.price)
            item = _counted(count, facts.cost.noun)
            yield Line(service=facts.cost.service, item=item, usd=usd)


SERVICES: Final[tuple[Service, ...]] = (
    gateway,
    functions,
    cache,
    copies,
    proxy,
    aurora,
    ground,
    observation,
    pieces,
)
