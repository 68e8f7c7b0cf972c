"""ApiTier: everything that answers requests, and what must be true before it does.

graphql, authorizer and migrate functions, the migration, the releases, the gateway, the ingest, and
the pruning of old versions. It receives endpoints, identifiers and ARNs, and opens its own way to
each service it uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import pulumi

from components import iam
from components.api_access import ApiTierArgs, CacheAccess, DatabaseAccess
from components.api_settings import ApiSettings, FunctionSettings
from components.function import Destination, Function, FunctionArgs, FunctionNetwork
from components.gateway import Gateway, GatewayArgs
from components.ingest_store import IngestStore, IngestStoreArgs
from components.migration import Migration, MigrationArgs
from components.pruning import PrunedFunction, Pruning, PruningArgs
from components.release import Release, ReleaseArgs
from components.variables import of_authorizer

HTTPS: Final = 443
AUTHORIZER_MEMORY_MB: Final = 512
AUTHORIZER_TIMEOUT_S: Final = 10
MIGRATE_MEMORY_MB: Final = 512
PRUNE_MEMORY_MB: Final = 512
PRUNE_TIMEOUT_S: Final = 300

_SWITCH: Final[Mapping[bool, str]] = {True: "on", False: "off"}


class ApiTier(pulumi.ComponentResource):
    """A GraphQL API on a migrated database.

    Outputs: ``url`` and ``curl``, a line to try it; ``api_id``, ``api_name``, ``stage_name``;
    ``function_names``, ``log_group_names`` and ``timeouts_s`` by purpose (graphql, authorizer,
    migrate, ingest);
    ``bucket_name`` and ``dead_letter_queue_name`` (None without ingest).
    """

    url: pulumi.Output[str]
    curl: pulumi.Output[str]
    api_id: pulumi.Output[str]
    api_name: pulumi.Output[str]
    stage_name: pulumi.Output[str]
    function_names: dict[str, pulumi.Output[str]]
    log_group_names: dict[str, pulumi.Output[str]]
    timeouts_s: dict[str, int]
    bucket_name: pulumi.Output[str] | None
    dead_letter_queue_name: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: ApiTierArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:component:ApiTier", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        migrate = Function(f"{name}-migrate", self._migrate_args(), self._child)
        schema = self._migrate(migrate)
        graphql = Function(f"{name}-graphql", self._graphql_args(), self._child)
        authorizer = Function(f"{name}-authorizer", self._authorizer_args(), self._child)
        graphql_release = self._release("graphql", graphql, schema, args.function)
        authorizer_release = self._release("authorizer", authorizer, None, _AS_IT_COMES)
        gateway = Gateway(
            f"{name}-gateway",
            GatewayArgs(
                settings=args.api,
                location=args.location,
                timeout_s=args.function.timeout_s,
                graphql_invoke_arn=graphql_release.invoke_arn,
                graphql_function_name=graphql.function_name,
                authorizer_invoke_arn=authorizer_release.invoke_arn,
                authorizer_function_name=authorizer.function_name,
                alias_name=graphql_release.alias_name,
                key_arn=args.key_arn,
                vpc_endpoint_ids=self._api_endpoint_ids(),
                variables=args.variables,
                tags=args.tags,
            ),
            self._child,
        )
        self.url = gateway.url
        self.curl = pulumi.Output.concat(_curl(args.api), gateway.url)
        self.api_id = gateway.api_id
        self.api_name = gateway.api_name
        self.stage_name = gateway.stage_name
        self.function_names = {
            "graphql": graphql.function_name,
            "authorizer": authorizer.function_name,
            "migrate": migrate.function_name,
        }
        self.log_group_names = {
            "graphql": graphql.log_group_name,
            "authorizer": authorizer.log_group_name,
            "migrate": migrate.log_group_name,
        }
        self.timeouts_s = {
            "graphql": args.function.timeout_s,
            "authorizer": AUTHORIZER_TIMEOUT_S,
            "migrate": args.function.migrate_timeout_s,
        }
        self.bucket_name = None
        self.dead_letter_queue_name = None
        published = [
            PrunedFunction(
                purpose=purpose,
                function_name=function.function_name,
                function_arn=function.function_arn,
                served=release.served,
            )
            for purpose, function, release in (
                ("graphql", graphql, graphql_release),
                ("authorizer", authorizer, authorizer_release),
            )
        ]
        if args.ingest.enabled:
            published.append(self._open_ingest(schema))
        Pruning(
            f"{name}-prune",
            PruningArgs(
                function=self._prune_args(), pruned=published, keep=args.function.versions_kept
            ),
            self._child,
        )
        self.register_outputs(
            {
                "url": self.url,
                "curl": self.curl,
                "api_id": self.api_id,
                "api_name": self.api_name,
                "stage_name": self.stage_name,
                "function_names": self.function_names,
                "log_group_names": self.log_group_names,
                "bucket_name": self.bucket_name,
                "dead_letter_queue_name": self.dead_letter_queue_name,
            }
        )

    def _migrate(self, function: Function) -> pulumi.Output[str]:
        args = self._args
        migration = Migration(
            f"{self._name}-migration",
            MigrationArgs(
                function_name=function.function_name,
                migrations_sha256=args.archive.migrations_sha256,
                sdl_sha256=args.archive.sdl_sha256,
                handler_sha256=args.archive.handler_sha256,
                api_user=args.database.api_user,
                login=_login(args.database),
                database_id=args.database.cluster_id,
                writer_host=args.database.writer_host,
                password_generation=args.database.password_generation,
                variables=args.variables,
                after={
                    service: endpoint_id
                    for service, endpoint_id in args.network.interface_endpoint_ids.items()
                    if service == "secretsmanager"
                },
            ),
            self._child,
        )
        return migration.schema

    def _api_endpoint_ids(self) -> Sequence[pulumi.Input[str]]:
        """The doors of a private API: those of the settings, or the network's own."""
        api, endpoint_ids = self._args.api, self._args.network.interface_endpoint_ids
        if api.endpoint_type != "private":
            return ()
        if api.vpc_endpoint_ids:
            return api.vpc_endpoint_ids
        return [endpoint_ids["execute-api"]] if "execute-api" in endpoint_ids else []

    def _release(
        self,
        purpose: Literal["graphql", "authorizer"],
        function: Function,
        schema: pulumi.Output[str] | None,
        warmth: FunctionSettings,
    ) -> Release:
        return Release(
            f"{self._name}-{purpose}",
            ReleaseArgs(
                location=self._args.location,
                function_name=function.function_name,
                function_arn=function.function_arn,
                version=function.version,
                key_arn=self._args.key_arn,
                schema=schema,
                warmth=warmth,
                tags=self._args.tags,
            ),
            self._child,
        )

    def _open_ingest(self, schema: pulumi.Output[str]) -> PrunedFunction:
        args = self._args
        store = IngestStore(
            f"{self._name}-ingest",
            IngestStoreArgs(
                settings=args.ingest,
                function=self._ingest_args(),
                schema=schema,
                protect=args.protect,
                tags=args.tags,
            ),
            self._child,
        )
        self.function_names["ingest"] = store.function_name
        self.log_group_names["ingest"] = store.log_group_name
        self.timeouts_s["ingest"] = args.ingest.timeout_s
        self.bucket_name = store.bucket_name
        self.dead_letter_queue_name = store.dead_letter_queue_name
        return PrunedFunction(
            purpose="ingest",
            function_name=store.function_name,
            function_arn=store.function_arn,
            served=store.served,
        )

    # The five functions: entry point, environment, rights and roads of each.

    def _graphql_args(self) -> FunctionArgs:
        args, database, cache = self._args, self._args.database, self._args.cache
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
        return FunctionArgs(
            location=args.location,
            archive=args.archive,
            handler="handler.entry.graphql",
            description="Answers GraphQL requests",
            key_arn=args.key_arn,
            memory_mb=args.function.memory_mb,
            timeout_s=args.function.timeout_s,
            log_retention_days=args.function.log_retention_days,
            log_level=args.function.log_level,
            reserved_concurrency=args.function.reserved_concurrency,
            environment={
                **self._common_environment(),
                **_cache_environment(cache),
                "DATABASE_HOST": database.host,
                "DATABASE_READER_HOST": database.reader_host,
                "DATABASE_PORT": pulumi.Output.format("{0}", database.port),
                "DATABASE_NAME": database.name,
                "DATABASE_USER": database.api_user,
                "DATABASE_AUTH": "iam",
                "DATABASE_CA_FILE": "rds-ca.pem",
                **({"DATABASE_MAY_PAUSE": "on"} if database.may_pause else {}),
                "REQUEST_TIMEOUT_S": str(args.function.timeout_s),
                "INTROSPECTION": _SWITCH[args.api.introspection],
                "GRAPHIQL": _SWITCH[args.api.graphiql],
                "CORS_ORIGINS": ",".join(args.api.cors_origins),
                # The gateway compresses: without binary types it would hand on Base64 as it is.
                "GZIP_MIN_BYTES": "off",
            },
            rights=rights,
            network=self._network(destinations),
            tracing=args.api.tracing,
            publish=True,
            snapstart=args.function.cold_start == "snapstart",
            tags=args.tags,
        )

    def _authorizer_args(self) -> FunctionArgs:
        """Outside the VPC: it fetches the issuers' keys from the internet."""
        args = self._args
        return FunctionArgs(
            location=args.location,
            archive=args.archive,
            handler="handler.entry.authorize",
            description="Decides who may call the API",
            key_arn=args.key_arn,
            memory_mb=AUTHORIZER_MEMORY_MB,
            timeout_s=AUTHORIZER_TIMEOUT_S,
            log_retention_days=args.function.log_retention_days,
            log_level=args.function.log_level,
            environment={
                **of_authorizer(args.variables),
                "LOG_LEVEL": args.function.log_level,
                "STAGE": args.stage,
                "AUTH_ISSUERS": ",".join(args.api.auth_issuers),
                "AUTH_AUDIENCE": args.api.auth_audience,
                "AUTH_ANONYMOUS": _SWITCH[args.api.anonymous],
                **_static_keys(args.api.static_keys),
            },
            tracing=args.api.tracing,
            publish=True,
            tags=args.tags,
        )

    def _migrate_args(self) -> FunctionArgs:
        args = self._args
        return FunctionArgs(
            location=args.location,
            archive=args.archive,
            handler="handler.entry.migrate",
            description="Brings the database up to the schema of the archive",
            key_arn=args.key_arn,
            memory_mb=MIGRATE_MEMORY_MB,
            timeout_s=args.function.migrate_timeout_s,
            log_retention_days=args.function.log_retention_days,
            log_level=args.function.log_level,
            environment={
                **self._common_environment(),
                **self._writer_environment(),
                **_former_users(args.database),
            },
            statements=self._writer_statements(),
            network=self._network(self._writer_destinations()),
            tracing=args.api.tracing,
            tags=args.tags,
        )

    def _ingest_args(self) -> FunctionArgs:
        args, cache = self._args, self._args.cache
        destinations = [
            *self._writer_destinations(),
            Destination(name="s3", port=HTTPS, prefix_list_id=args.network.s3_prefix_list_id),
        ]
        if cache is not None:  # what it writes makes cached answers old
            destinations.append(_cache_destination(cache))
        return FunctionArgs(
            location=args.location,
            archive=args.archive,
            handler="handler.entry.ingest",
            description="Loads new objects of the bucket into the database",
            key_arn=args.key_arn,
            memory_mb=args.ingest.memory_mb,
            timeout_s=args.ingest.timeout_s,
            log_retention_days=args.function.log_retention_days,
            log_level=args.function.log_level,
            environment={
                **self._common_environment(),
                **self._writer_environment(),
                **_cache_environment(cache),
            },
            statements=self._writer_statements(),
            rights={} if cache is None else _cache_rights(cache),
            network=self._network(destinations),
            tracing=args.api.tracing,
            publish=True,
            tags=args.tags,
        )

    def _prune_args(self) -> FunctionArgs:
        """Outside the VPC, where Lambda's API can be reached."""
        args = self._args
        return FunctionArgs(
            location=args.location,
            archive=args.archive,
            handler="handler.entry.prune",
            description="Deletes versions that are no longer needed",
            key_arn=args.key_arn,
            memory_mb=PRUNE_MEMORY_MB,
            timeout_s=PRUNE_TIMEOUT_S,
            log_retention_days=args.function.log_retention_days,
            log_level=args.function.log_level,
            tracing=args.api.tracing,
            tags=args.tags,
        )

    # The names of the handler's environment variables stand here and nowhere else.

    def _common_environment(self) -> dict[str, pulumi.Input[str]]:
        """What all functions with an App get: chosen variables below those of the stack."""
        return {
            **self._args.variables,
            **({"RESOLVERS": self._args.archive.resolvers} if self._args.archive.resolvers else {}),
            "LOG_LEVEL": self._args.function.log_level,
            "STAGE": self._args.stage,
            "SDL_DIR": "sdl",
            "MIGRATIONS_DIR": "migrations",
        }

    def _writer_environment(self) -> dict[str, pulumi.Input[str]]:
        """To the cluster itself, as the user whose secret the function reads."""
        database = self._args.database
        environment: dict[str, pulumi.Input[str]] = {
            "DATABASE_HOST": database.writer_host,
            "DATABASE_PORT": pulumi.Output.format("{0}", database.port),
            "DATABASE_NAME": database.name,
            "DATABASE_AUTH": "secret",
            "DATABASE_SECRET_ARN": database.master_secret_arn,
            "DATABASE_CA_FILE": "rds-ca.pem",
            "DATABASE_API_USER": database.api_user,
        }
        if database.api_secret_arn is not None:
            environment["DATABASE_API_SECRET_ARN"] = database.api_secret_arn
        return environment

    def _writer_statements(self) -> list[iam.Statement]:
        args, database = self._args, self._args.database
        secret_arns = [database.master_secret_arn]
        if database.api_secret_arn is not None:
            secret_arns.append(database.api_secret_arn)
        return [
            iam.read_secrets(secret_arns),
            iam.decrypt_secrets(args.key_arn, secret_arns, location=args.location),
        ]

    def _writer_destinations(self) -> list[Destination]:
        database = self._args.database
        return [
            Destination(
                name="database",
                port=database.port,
                security_group_id=database.writer_security_group_id,
            ),
            Destination(
                name="secrets",
                port=HTTPS,
                security_group_id=self._args.network.secrets_security_group_id,
            ),
        ]

    def _network(self, destinations: Sequence[Destination]) -> FunctionNetwork:
        network = self._args.network
        return FunctionNetwork(
            vpc_id=network.vpc_id, subnet_ids=network.subnet_ids, destinations=destinations
        )


_AS_IT_COMES: Final = FunctionSettings(cold_start="none")


def _former_users(database: DatabaseAccess) -> dict[str, pulumi.Input[str]]:
    users = ",".join(database.former_api_users)
    return {"DATABASE_FORMER_API_USERS": users} if users else {}


def _login(database: DatabaseAccess) -> pulumi.Input[str]:
    return "iam" if database.api_secret_arn is None else database.api_secret_arn


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
        "CACHE_CA_FILE": "rds-ca.pem",  # holds Amazon's own authorities, too
        "CACHE_CLUSTER": "true",  # both kinds of ElastiCache speak the protocol of a cluster
    }


def _static_keys(keys: Sequence[str]) -> dict[str, pulumi.Input[str]]:
    """Hashes of random keys tell nothing; they still are nobody's business who reads the state."""
    return {"AUTH_API_KEYS": pulumi.Output.secret(",".join(keys))} if keys else {}


def _curl(api: ApiSettings) -> str:
    """The beginning of a line that asks the API; the address follows."""
    headers = ["content-type: application/json"]
    if not api.anonymous:
        headers.append("authorization: Bearer $TOKEN")
    if api.key_names:
        headers.append("x-api-key: $API_KEY")
    written = " ".join(f'-H "{header}"' for header in headers)
    return f'curl -sS {written} -d \'{{"query":"{{ __typename }}"}}\' '
