"""Small graphs, one for each part of the library, with every option that matters to safety on.

The mutation test builds them from edited components, ``test_passed_on`` from the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from aurora_graphql.preview.answers import ZONES
from components.access import NetworkAccess
from components.api_functions import ApiTierArgs
from components.api_settings import (
    ApiSettings,
    FunctionSettings,
    IngestSettings,
    MonitoringSettings,
)
from components.api_tier import ApiTier
from components.cache import Cache, CacheArgs
from components.copied_backups import CopiedBackups, CopiedBackupsArgs
from components.data_settings import CacheSettings, DatabaseSettings, NetworkSettings, ProxySettings
from components.data_tier import DataTier, DataTierArgs
from components.database import Database, DatabaseArgs
from components.database_secret import DatabaseSecret, DatabaseSecretArgs
from components.encryption import Encryption, EncryptionArgs
from components.function import Destination, Function, FunctionArgs, FunctionNetwork
from components.gateway import Gateway, GatewayArgs, WatchedGateway
from components.iam import KeyUser
from components.ingest_store import IngestStore, IngestStoreArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.naming import stack_tags
from components.network import Network, NetworkArgs
from components.proxy import DatabaseProxy, DatabaseProxyArgs
from components.pruning import PrunedFunction, Pruning, PruningArgs
from components.release import Release, ReleaseArgs
from components.shifting import TrafficShift, TrafficShiftArgs
from components.tunnel import Tunnel, TunnelArgs
from components.watched import WatchedApi, WatchedData
from components.watched_database import WatchedDatabase
from components.watched_function import WatchedFunction
from tests.components.surroundings import (
    LOCATION,
    example_archive,
    example_cache,
    example_database,
)

TAGS: Final = stack_tags(project="aurora-graphql", stack="prod")
KEY_ARN: Final = LOCATION.arn("kms", "key/0123")
SUBNET_IDS: Final = ("subnet-1", "subnet-2")
SECRET_ARN: Final = LOCATION.arn("secretsmanager", "secret:api")
COMMON: Final[Mapping[str, Any]] = {"location": LOCATION, "key_arn": KEY_ARN, "tags": TAGS}
NETWORK: Final = NetworkAccess(
    vpc_id="vpc-1",
    subnet_ids=SUBNET_IDS,
    s3_prefix_list_id="pl-s3",
    endpoint_security_group_id="sg-endpoints",
)
PLACED: Final[Mapping[str, Any]] = {**COMMON, "vpc_id": "vpc-1", "subnet_ids": SUBNET_IDS}
CACHES: Final = {
    "serverless": CacheSettings(),
    "nodes": CacheSettings(mode="replication-group", engine_version="8.1"),
}
FUNCTION: Final = FunctionArgs(
    **COMMON,
    archive=example_archive(),
    handler="handler.entry.graphql",
    description="Answers",
    memory_mb=512,
    timeout_s=10,
    log_retention_days=30,
    network=FunctionNetwork(
        vpc_id="vpc-1",
        subnet_ids=SUBNET_IDS,
        destinations=[Destination(name="database", port=3306, security_group_id="sg-proxy")],
    ),
)

OUTSIDE: Final = replace(FUNCTION, network=None)
"""A function that calls AWS's own APIs."""


def key() -> None:
    """The key, with every service that uses it in its own name."""
    users: tuple[KeyUser, ...] = ("logs", "alarms", "budgets", "trail")
    Encryption("key", EncryptionArgs(location=LOCATION, alias="shop", users=users, tags=TAGS))


def network() -> None:
    """Every tier of subnets."""
    Network(
        "net",
        NetworkArgs(
            **COMMON,
            settings=NetworkSettings(
                zones=ZONES[:2],
                public_subnets=True,
                nat="one",
                interface_endpoints=("secretsmanager", "execute-api"),
            ),
        ),
    )


def database() -> None:
    """A cluster with a reader."""
    settings = DatabaseSettings(readers=1)
    zones = ZONES[:2]
    Database("db", DatabaseArgs(**PLACED, identifier="shop", zones=zones, settings=settings))


def secret() -> None:
    """The password of the API's user."""
    DatabaseSecret("secret", DatabaseSecretArgs(user="api", key_arn=KEY_ARN, tags=TAGS))


def proxy() -> None:
    """A proxy that logs in with a secret, and one that logs in by IAM."""
    for name, secret_arn, settings in (
        ("by-secret", SECRET_ARN, ProxySettings()),
        ("by-iam", None, ProxySettings(authentication="iam")),
    ):
        DatabaseProxy(
            name,
            DatabaseProxyArgs(
                **PLACED,
                identifier=name,
                cluster_identifier="shop",
                cluster_resource_id="cluster-1",
                cluster_security_group_id="sg-cluster",
                cluster_port=3306,
                user="api",
                secret_arn=secret_arn,
                read_only_endpoint=True,
                settings=settings,
            ),
        )


def cache() -> None:
    """Both kinds of cache."""
    for name, settings in CACHES.items():
        Cache(name, CacheArgs(**PLACED, identifier=f"shop-{name}", settings=settings))


def data() -> None:
    """The tier as it is composed."""
    DataTier("data", DataTierArgs(**COMMON, network=NETWORK, identifier="shop"))


def function() -> None:
    """A function in a network."""
    Function("function", FUNCTION)


def release() -> None:
    """An alias that is kept warm."""
    Release(
        "release",
        ReleaseArgs(
            **COMMON,
            function_name="f",
            function_arn=LOCATION.arn("lambda", "function:f"),
            version="1",
            schema="1-2",
            warmth=FunctionSettings(cold_start="warmup"),
        ),
    )


def store() -> None:
    """The bucket with its log, its function and its queue."""
    args = IngestStoreArgs(settings=IngestSettings(), function=FUNCTION, schema="1-2", tags=TAGS)
    IngestStore("store", args)


def gateway() -> None:
    """A public API with domain, firewall, keys and cache, and a private one."""
    full = ApiSettings(
        auth_issuers=("https://issuer.example/",),
        auth_audience="shop",
        domain_name="api.shop.example",
        hosted_zone_id="Z1",
        firewall=True,
        key_names=("shop",),
        key_quota=1000,
        cache_size_gb=0.5,
    )
    for name, settings, endpoint_ids in (
        ("full", full, ()),
        ("private", ApiSettings(endpoint_type="private"), ("vpce-1",)),
    ):
        Gateway(
            name,
            GatewayArgs(
                **COMMON,
                settings=settings,
                timeout_s=10,
                graphql_invoke_arn="arn:graphql",
                graphql_function_name="graphql",
                authorizer_invoke_arn="arn:authorizer",
                authorizer_function_name="authorizer",
                alias_name="live",
                vpc_endpoint_ids=endpoint_ids,
            ),
        )


def copies() -> None:
    """Snapshots in another region."""
    CopiedBackups(
        "copies",
        CopiedBackupsArgs(
            **COMMON,
            identifier="shop",
            cluster_arn=LOCATION.arn("rds", "cluster:shop"),
            copy_region="eu-west-1",
            retention_days=30,
            every_hours=24,
        ),
    )


def tunnel() -> None:
    """A way for people to the database."""
    Tunnel(
        "tunnel",
        TunnelArgs(
            **COMMON,
            vpc_id="vpc-1",
            subnet_id=SUBNET_IDS[0],
            host="shop.cluster.example",
            port=3306,
            security_group_id="sg-cluster",
        ),
    )


def prune() -> None:
    """Old versions of one function are deleted."""
    function_arn = LOCATION.arn("lambda", "function:f")
    pruned = PrunedFunction(
        purpose="graphql", function_name="f", function_arn=function_arn, served="live=1"
    )
    Pruning("prune", PruningArgs(function=OUTSIDE, pruned=[pruned], keep=3))


def shift() -> None:
    """Traffic that moves little by little."""
    TrafficShift(
        "shift",
        TrafficShiftArgs(
            location=LOCATION,
            tags=TAGS,
            function=OUTSIDE,
            shifting="canary10Percent5Minutes",
            function_name="f",
            function_arn=LOCATION.arn("lambda", "function:f"),
            alias_name="live",
            version="2",
            release="abc",
            log_group_name="f-log",
        ),
    )


def api() -> None:
    """The tier as it is composed."""
    ApiTier(
        "api",
        ApiTierArgs(
            **COMMON,
            archive=example_archive(),
            stage="prod",
            network=NETWORK,
            database=example_database(),
            cache=example_cache(),
        ),
    )


def watch() -> None:
    """The topic, the alarms, the budget and the trail."""
    settings = MonitoringSettings(trail=True, budget_usd=100, alarm_emails=("ops@shop.example",))
    Monitoring(
        "watch",
        MonitoringArgs(
            **COMMON,
            settings=settings,
            namespace="watch",
            api=WatchedApi(
                gateway=WatchedGateway(api_name="api", stage_name="live"),
                functions=[
                    WatchedFunction(
                        purpose=purpose,
                        function_name=purpose,
                        log_group_name=f"{purpose}-log",
                        timeout_s=10,
                    )
                    for purpose in ("authorizer", "graphql", "migrate", "ingest")
                ],
            ),
            data=WatchedData(database=WatchedDatabase.of(DatabaseSettings(), "shop")),
        ),
    )


GRAPHS: Final[Mapping[str, Callable[[], None]]] = {
    build.__name__: build
    for build in (
        key, network, database, secret, proxy, cache, data, function, release, store, gateway, api,
        watch, copies, tunnel, prune, shift,
    )
}  # fmt: skip
