"""ApiTier: everything that answers requests, and the migration that runs before it.

graphql, authorizer and migrate functions, the migration, the releases, the gateway, the ingest, and
the pruning of old versions. It receives endpoints, identifiers and ARNs, and opens its own way to
each service it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pulumi

from components.access import DatabaseAccess
from components.api_functions import (
    ApiTierArgs,
    authorizer_function,
    graphql_function,
    ingest_function,
    migrate_function,
    prune_function,
    release_of,
    shift_function,
)
from components.api_settings import ApiSettings
from components.defaults import settled
from components.function import Function
from components.gateway import Gateway, GatewayArgs
from components.identity import formerly
from components.ingest_store import IngestStore, IngestStoreArgs
from components.migration import Migration, MigrationArgs
from components.outputs import register
from components.pruning import PrunedFunction, Pruning, PruningArgs
from components.release import Release, ReleaseArgs
from components.shifting import TrafficShift, TrafficShiftArgs
from components.watched import WatchedApi

__all__ = ["ApiTier", "ApiTierArgs"]


class ApiTier(pulumi.ComponentResource):
    """A GraphQL API on a migrated database.

    Outputs: ``url`` and ``curl``, a line to try it; ``api_id``; ``go_back``, the beginning of the
    command that sends the traffic to an older version, whose number follows; ``bucket_name`` (None
    without ingest); ``watched`` for the monitoring.

    Example, on the data of ``DataTier``'s, with an archive of ``aurora-graphql package``::

        from pathlib import Path

        from components.api_settings import ApiSettings
        from components.api_tier import ApiTier, ApiTierArgs
        from components.archive import Archive

        api = ApiTier(
            "shop-api",
            ApiTierArgs(
                location=location,
                archive=Archive.load(Path("dist"), sdl=Path("sdl"), migrations=Path("migrations")),
                stage="prod",
                key_arn=encryption.key_arn,
                network=network.access,
                database=data.access,
                cache=data.cache,
                api=ApiSettings(
                    auth_issuers=("https://login.shop.example/",), auth_audience="shop"
                ),
            ),
        )
    """

    url: pulumi.Output[str]
    curl: pulumi.Output[str]
    api_id: pulumi.Output[str]
    go_back: pulumi.Output[str]
    bucket_name: pulumi.Output[str] | None
    watched: WatchedApi

    def __init__(
        self, name: str, args: ApiTierArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:ApiTier", name, None, formerly("ApiTier", opts))
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        migrate = Function(f"{name}-migrate", migrate_function(args), self._child)
        schema = self._migrate(migrate)
        described = graphql_function(args)
        release = release_of(described, generation=args.function.generation, schema=schema)
        graphql = Function(
            f"{name}-graphql",
            replace(described, environment={**described.environment, "RELEASE": release}),
            self._child,
        )
        authorizer = Function(f"{name}-authorizer", authorizer_function(args), self._child)
        graphql_release = self._release(graphql, schema, release)
        authorizer_release = self._release_authorizer(authorizer)
        graphql_served = graphql_release.served
        if args.function.shift_traffic != "allAtOnce":
            graphql_served = self._shift(graphql, graphql_release, release).served
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
        self.go_back = pulumi.Output.concat(
            f"aws lambda update-alias --region {args.location.region} --function-name ",
            graphql.function_name,
            " --name ",
            graphql_release.alias_name,
            f" {_NO_SHARES}--function-version",
        )
        self.bucket_name = None
        self.watched = WatchedApi(
            gateway=gateway.watched,
            functions=[
                authorizer.watched_as("authorizer"),
                graphql.watched_as(
                    "graphql",
                    caches=args.cache is not None,
                    operations=args.api.operation_metrics,
                ),
                migrate.watched_as("migrate"),
            ],
        )
        published = [
            PrunedFunction(
                purpose=purpose,
                function_name=function.function_name,
                function_arn=function.function_arn,
                served=served,
            )
            for purpose, function, served in (
                ("graphql", graphql, graphql_served),
                ("authorizer", authorizer, authorizer_release.served),
            )
        ]
        if args.ingest.enabled:
            published.append(self._open_ingest(schema))
        Pruning(
            f"{name}-prune",
            PruningArgs(
                function=prune_function(args), pruned=published, keep=args.function.versions_kept
            ),
            self._child,
        )
        register(self)

    def _migrate(self, function: Function) -> pulumi.Output[str]:
        args = self._args
        migration = Migration(
            f"{self._name}-migration",
            MigrationArgs(
                function_name=function.function_name,
                migrations_sha256=args.archive.migrations_sha256,
                mappings_sha256=args.archive.mappings_sha256,
                sdl_sha256=args.archive.sdl_sha256,
                handler_sha256=args.archive.handler_sha256,
                api_user=args.database.api_user,
                ingest_user=args.database.ingest_user if args.ingest.enabled else None,
                former_releases=args.function.versions_kept,
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
        """The VPC endpoints of a private API: those of the settings, or the network's own."""
        api, endpoint_ids = self._args.api, self._args.network.interface_endpoint_ids
        if api.endpoint_type != "private":
            return ()
        if api.vpc_endpoint_ids:
            return api.vpc_endpoint_ids
        return [endpoint_ids["execute-api"]] if "execute-api" in endpoint_ids else []

    def _release(
        self, function: Function, schema: pulumi.Output[str], release: pulumi.Output[str]
    ) -> Release:
        args = self._args
        return Release(
            f"{self._name}-graphql",
            ReleaseArgs(
                location=args.location,
                function_name=function.function_name,
                function_arn=function.function_arn,
                version=function.version,
                key_arn=args.key_arn,
                schema=schema,
                smoke_test=args.function.smoke_test,
                release=release,
                shifted=args.function.shift_traffic != "allAtOnce",
                warmth=args.function,
                tags=args.tags,
            ),
            self._child,
        )

    def _release_authorizer(self, function: Function) -> Release:
        """As it comes: it has no schema, and is not kept warm."""
        args = self._args
        return Release(
            f"{self._name}-authorizer",
            ReleaseArgs(
                location=args.location,
                function_name=function.function_name,
                function_arn=function.function_arn,
                version=function.version,
                key_arn=args.key_arn,
                tags=args.tags,
            ),
            self._child,
        )

    def _shift(
        self, function: Function, release: Release, released: pulumi.Output[str]
    ) -> TrafficShift:
        args = self._args
        return TrafficShift(
            f"{self._name}-shift",
            TrafficShiftArgs(
                location=args.location,
                function=shift_function(args),
                shifting=args.function.shift_traffic,
                function_name=function.function_name,
                function_arn=function.function_arn,
                alias_name=release.alias_name,
                version=release.version,
                release=released,
                log_group_name=function.log_group_name,
                tags=args.tags,
            ),
            self._child,
        )

    def _open_ingest(self, schema: pulumi.Output[str]) -> PrunedFunction:
        args = self._args
        store = IngestStore(
            f"{self._name}-ingest",
            IngestStoreArgs(
                settings=args.ingest,
                function=ingest_function(args),
                schema=schema,
                protect=args.protect,
                tags=args.tags,
            ),
            self._child,
        )
        self.bucket_name = store.bucket_name
        self.watched = replace(
            self.watched,
            functions=[*self.watched.functions, store.watched_function],
            dead_letters=store.watched_queue,
        )
        return PrunedFunction(
            purpose="ingest",
            function_name=store.function_name,
            function_arn=store.function_arn,
            served=store.served,
        )


_NO_SHARES: Final = "--routing-config AdditionalVersionWeights={} "
"""Of an alias that one goes back with: a deployment that was cut may have left a share."""


def _login(database: DatabaseAccess) -> pulumi.Input[str]:
    return "iam" if database.api_secret_arn is None else database.api_secret_arn


def _curl(api: ApiSettings) -> str:
    """The beginning of a curl command for the API; the address follows."""
    headers = ["content-type: application/json"]
    if not api.anonymous:
        headers.append("authorization: Bearer $TOKEN")
    if api.key_names:
        headers.append("x-api-key: $API_KEY")
    written = " ".join(f'-H "{header}"' for header in headers)
    return f'curl -sS {written} -d \'{{"query":"{{ __typename }}"}}\' '
