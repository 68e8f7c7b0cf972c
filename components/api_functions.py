"""What the API's tier is given, and the functions that are made of it.

Entry point, environment, rights and roads of each: pure, from ``ApiTierArgs`` to ``FunctionArgs``.
Which settings a stack gives the handler by itself stands here; ``variables`` refuses these where a
stack chooses variables of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pulumi

from components import iam
from components.access import CacheAccess, DatabaseAccess, NetworkAccess
from components.api_settings import ApiSettings, FunctionSettings, IngestSettings
from components.archive import CA_FILE, Archive
from components.function import Destination, FunctionArgs, FunctionNetwork
from components.limits import FUNCTION_TIMEOUT_S
from components.location import HERE, Location
from components.variables import check_known, of_authorizer, parse_variables

HTTPS: Final = 443

AUTHORIZER_MEMORY_MB: Final = 512
AUTHORIZER_TIMEOUT_S: Final = 10
MIGRATE_MEMORY_MB: Final = 512
PRUNE_MEMORY_MB: Final = 512
PRUNE_TIMEOUT_S: Final = 300
SHIFT_MEMORY_MB: Final = 512
SHIFT_TIMEOUT_S: Final = FUNCTION_TIMEOUT_S
RELEASE_CHARACTERS: Final = 12

_SWITCH: Final[Mapping[bool, str]] = {True: "on", False: "off"}


@dataclass(frozen=True, kw_only=True)
class ApiTierArgs:
    """The settings of the API side, the archive to run, and what its functions reach."""

    location: Location = HERE
    archive: Archive
    stage: str  # name of the stack, for logs
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    network: NetworkAccess
    database: DatabaseAccess
    cache: CacheAccess | None = None
    api: ApiSettings = field(default_factory=ApiSettings)
    function: FunctionSettings = field(default_factory=FunctionSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    protect: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.network.endpoint_security_group_id is None:
            raise ValueError(
                "network.endpoint_security_group_id must name the group of an endpoint of Secrets "
                "Manager, by which the migration reads the master secret, got None"
            )
        if self.function.cold_start == "snapstart" and not self.archive.supports_snapstart:
            raise ValueError(
                "functionColdStart snapstart needs python3.12 or newer, the archive has "
                f"{self.archive.runtime}; build another, or write warmup or provisioned"
            )
        check_known(self.variables, self.archive.variables)
        self.archive.check_prepared(self.variables)
        if self.api.graphiql:
            self.archive.check_graphiql()
        if self.location.region:  # known once the tier has asked its provider
            self.archive.check_trust(
                region=self.location.region,
                trust_services=self.database.through_proxy or self.cache is not None,
            )

    @property
    def variables(self) -> dict[str, str]:
        """Variables of the handler that the stack chooses itself."""
        return parse_variables(self.function.variables)


# The functions: entry point, environment, rights and roads of each.


def _function(
    args: ApiTierArgs, entry: str, description: str, *, memory_mb: int, timeout_s: int
) -> FunctionArgs:
    """What all functions share."""
    return FunctionArgs(
        location=args.location,
        archive=args.archive,
        handler=f"handler.entry.{entry}",
        description=description,
        key_arn=args.key_arn,
        memory_mb=memory_mb,
        timeout_s=timeout_s,
        log_retention_days=args.function.log_retention_days,
        log_level=args.function.log_level,
        tracing=args.api.tracing,
        tags=args.tags,
    )


def graphql_function(args: ApiTierArgs) -> FunctionArgs:
    database, cache = args.database, args.cache
    rights = {
        f"database-{database.road}": [
            iam.connect_database(database.connect_id, database.api_user, location=args.location)
        ]
    }
    destinations = [
        Destination(
            name=database.road,
            port=database.port,
            security_group_id=database.security_group_id,
            formerly="database",
        )
    ]
    if cache is not None:
        rights |= _cache_rights(cache)
        destinations.append(_cache_destination(cache))
    return replace(
        _function(
            args,
            "graphql",
            "Answers GraphQL requests",
            memory_mb=args.function.memory_mb,
            timeout_s=args.function.timeout_s,
        ),
        reserved_concurrency=args.function.reserved_concurrency,
        environment={
            **_common_environment(args),
            **_cache_environment(cache),
            "DATABASE_HOST": database.host,
            "DATABASE_READER_HOST": database.reader_host,
            "DATABASE_PORT": pulumi.Output.format("{0}", database.port),
            "DATABASE_NAME": database.name,
            "DATABASE_USER": database.api_user,
            "DATABASE_AUTH": "iam",
            "DATABASE_CA_FILE": CA_FILE,
            **({"DATABASE_MAY_PAUSE": "on"} if database.may_pause else {}),
            "REQUEST_TIMEOUT_S": str(args.function.timeout_s),
            **({"TRACING": "xray"} if args.api.tracing else {}),
            **_operation_metrics(args.api.operation_metrics),
            "INTROSPECTION": _SWITCH[args.api.introspection],
            "GRAPHIQL": _SWITCH[args.api.graphiql],
            "CORS_ORIGINS": ",".join(args.api.cors_origins),
            # The gateway compresses: without binary types it would hand on Base64 as it is.
            "GZIP_MIN_BYTES": "off",
        },
        rights=rights,
        network=_network(args, destinations),
        publish=True,
        snapstart=args.function.cold_start == "snapstart",
    )


def authorizer_function(args: ApiTierArgs) -> FunctionArgs:
    """Outside the VPC: it fetches the issuers' keys from the internet."""
    return replace(
        _function(
            args,
            "authorize",
            "Decides who may call the API",
            memory_mb=AUTHORIZER_MEMORY_MB,
            timeout_s=AUTHORIZER_TIMEOUT_S,
        ),
        environment={
            **of_authorizer(args.variables),
            "LOG_LEVEL": args.function.log_level,
            "STAGE": args.stage,
            "AUTH_ISSUERS": ",".join(args.api.auth_issuers),
            "AUTH_AUDIENCE": args.api.auth_audience,
            "AUTH_ANONYMOUS": _SWITCH[args.api.anonymous],
            **_static_keys(args.api.static_keys),
        },
        publish=True,
    )


def migrate_function(args: ApiTierArgs) -> FunctionArgs:
    return replace(
        _function(
            args,
            "migrate",
            "Brings the database up to the schema of the archive",
            memory_mb=MIGRATE_MEMORY_MB,
            timeout_s=args.function.migrate_timeout_s,
        ),
        environment={
            **_common_environment(args),
            **_writer_environment(args.database),
            **_migrate_environment(args),
        },
        statements=_master_statements(args),
        network=_network(
            args,
            [
                _writer_destination(args.database),
                Destination(
                    name="secrets",
                    port=HTTPS,
                    security_group_id=args.network.endpoint_security_group_id,
                ),
            ],
        ),
    )


def ingest_function(args: ApiTierArgs) -> FunctionArgs:
    database, cache = args.database, args.cache
    rights = {
        "database": [
            iam.connect_database(database.cluster_id, database.ingest_user, location=args.location)
        ]
    }
    destinations = [
        _writer_destination(database),
        Destination(name="s3", port=HTTPS, prefix_list_id=args.network.s3_prefix_list_id),
    ]
    if cache is not None:  # what it writes makes cached answers old
        rights |= _cache_rights(cache)
        destinations.append(_cache_destination(cache))
    return replace(
        _function(
            args,
            "ingest",
            "Loads new objects of the bucket into the database",
            memory_mb=args.ingest.memory_mb,
            timeout_s=args.ingest.timeout_s,
        ),
        environment={
            **_common_environment(args),
            **_writer_environment(database),
            **_cache_environment(cache),
            "DATABASE_USER": database.ingest_user,
            "DATABASE_AUTH": "iam",
        },
        rights=rights,
        network=_network(args, destinations),
        publish=True,
    )


def prune_function(args: ApiTierArgs) -> FunctionArgs:
    """Outside the VPC, where Lambda's API can be reached."""
    return replace(
        _function(
            args,
            "prune",
            "Deletes versions that are no longer needed",
            memory_mb=PRUNE_MEMORY_MB,
            timeout_s=PRUNE_TIMEOUT_S,
        ),
    )


def shift_function(args: ApiTierArgs) -> FunctionArgs:
    """Outside the VPC, where CodeDeploy's API can be reached."""
    return replace(
        _function(
            args,
            "shift",
            "Has traffic moved to a new version, and waits for that",
            memory_mb=SHIFT_MEMORY_MB,
            timeout_s=SHIFT_TIMEOUT_S,
        ),
    )


def release_of(
    function: FunctionArgs, *, generation: int, schema: pulumi.Input[str]
) -> pulumi.Output[str]:
    """A short text that is another one for whatever has Lambda publish another version.

    It is known once the ``schema`` is, so a version that holds it is published after the migration.
    """
    facts = {
        "archive": function.archive.sha256,
        "environment": dict(function.environment),
        "generation": generation,
        "memory": function.memory_mb,
        "timeout": function.timeout_s,
        "snapstart": function.snapstart,
        "schema": schema,
    }
    return pulumi.Output.json_dumps(facts, sort_keys=True).apply(
        lambda text: hashlib.sha256(text.encode()).hexdigest()[:RELEASE_CHARACTERS]
    )


# The handler's settings, by their names in its environment.


def _common_environment(args: ApiTierArgs) -> dict[str, pulumi.Input[str]]:
    """Settings of every function with an App. The stack's own win over chosen variables."""
    return {
        **args.variables,
        **({"RESOLVERS": args.archive.resolvers} if args.archive.resolvers else {}),
        "LOG_LEVEL": args.function.log_level,
        "STAGE": args.stage,
        "SDL_DIR": "sdl",
        "MIGRATIONS_DIR": "migrations",
    }


def _writer_environment(database: DatabaseAccess) -> dict[str, pulumi.Input[str]]:
    """Settings for writers: to the cluster itself."""
    return {
        "DATABASE_HOST": database.writer_host,
        "DATABASE_PORT": pulumi.Output.format("{0}", database.port),
        "DATABASE_NAME": database.name,
        "DATABASE_CA_FILE": CA_FILE,
    }


def _migrate_environment(args: ApiTierArgs) -> dict[str, pulumi.Input[str]]:
    """As the user whose secret the function reads, it makes the accounts of the others."""
    database = args.database
    environment: dict[str, pulumi.Input[str]] = {
        "DATABASE_AUTH": "secret",
        "DATABASE_SECRET_ARN": database.master_secret_arn,
        "DATABASE_API_USER": database.api_user,
    }
    if database.api_secret_arn is not None:
        environment["DATABASE_API_SECRET_ARN"] = database.api_secret_arn
    if database.former_api_users:
        environment["DATABASE_FORMER_API_USERS"] = ",".join(database.former_api_users)
    if args.ingest.enabled:
        environment["DATABASE_INGEST_USER"] = database.ingest_user
    return environment


def _master_statements(args: ApiTierArgs) -> list[iam.Statement]:
    database = args.database
    secret_arns = [database.master_secret_arn]
    if database.api_secret_arn is not None:
        secret_arns.append(database.api_secret_arn)
    return [
        iam.read_secrets(secret_arns),
        iam.decrypt_secrets(args.key_arn, secret_arns, location=args.location),
    ]


def _writer_destination(database: DatabaseAccess) -> Destination:
    return Destination(
        name="database",
        port=database.port,
        security_group_id=database.writer_security_group_id,
    )


def _network(args: ApiTierArgs, destinations: Sequence[Destination]) -> FunctionNetwork:
    network = args.network
    return FunctionNetwork(
        vpc_id=network.vpc_id, subnet_ids=network.subnet_ids, destinations=destinations
    )


def _cache_destination(cache: CacheAccess) -> Destination:
    return Destination(name="cache", port=cache.port, security_group_id=cache.security_group_id)


def _cache_rights(cache: CacheAccess) -> dict[str, list[iam.Statement]]:
    return {f"cache-{cache.kind}": [iam.connect_cache(cache.cache_arn, cache.user_arn)]}


def _cache_environment(cache: CacheAccess | None) -> dict[str, pulumi.Input[str]]:
    if cache is None:
        return {}
    return {
        "CACHE_URL": pulumi.Output.format("rediss://{0}:{1}", cache.host, cache.port),
        "CACHE_USER": cache.user,
        "CACHE_AUTH": "iam",
        "CACHE_CA_FILE": CA_FILE,  # holds Amazon's own authorities, too
        "CACHE_CLUSTER": "true",  # both kinds of ElastiCache speak the protocol of a cluster
    }


def _operation_metrics(names: Sequence[str]) -> dict[str, pulumi.Input[str]]:
    return {"OPERATION_METRICS": ",".join(names)} if names else {}


def _static_keys(keys: Sequence[str]) -> dict[str, pulumi.Input[str]]:
    """The hashes of static keys, marked as secret so that Pulumi's state holds them encrypted."""
    return {"AUTH_API_KEYS": pulumi.Output.secret(",".join(keys))} if keys else {}
