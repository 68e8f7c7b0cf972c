"""What ``ApiTier`` is given: the network, the database and the cache as their clients see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.api_settings import ApiSettings, FunctionSettings, IngestSettings
from components.archive import Archive
from components.data_settings import Road
from components.location import Location
from components.variables import check_known, parse_variables


@dataclass(frozen=True, kw_only=True)
class NetworkAccess:
    """Where the functions run. Their subnets need no route out.

    ``interface_endpoint_ids``: by service. A migration waits for that of Secrets Manager, a private
    API lets in what comes through that of execute-api.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    s3_prefix_list_id: pulumi.Input[str]
    secrets_security_group_id: pulumi.Input[str]  # of the endpoint of Secrets Manager
    interface_endpoint_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DatabaseAccess:
    """The database as its clients see it: a road for readers, one for whoever writes.

    ``road`` is the readers': straight to the cluster, or through a proxy that logs in with a
    password or by IAM. ``host``, ``reader_host`` and ``security_group_id`` are the proxy's where
    there is one, ``connect_id`` is the identifier that IAM knows it by (``prx-...`` or
    ``cluster-...``). Another road is made beside the old one, which goes when nobody takes it any
    more; so each way to log in has an ``api_user`` of its own, and ``former_api_users`` are those
    of the other ways.
    ``writer_*`` lead to the cluster itself: a migration must not go through a pool; the host is
    known once the writer accepts connections. ``cluster_id`` is another for another cluster, even
    one of the same name.
    """

    host: pulumi.Input[str]
    reader_host: pulumi.Input[str]
    port: pulumi.Input[int]
    security_group_id: pulumi.Input[str]
    connect_id: pulumi.Input[str]
    name: str
    api_user: str
    writer_host: pulumi.Input[str]
    writer_security_group_id: pulumi.Input[str]
    cluster_id: pulumi.Input[str]
    master_secret_arn: pulumi.Input[str]
    road: Road
    former_api_users: Sequence[str] = ()
    api_secret_arn: pulumi.Input[str] | None = None  # where the proxy logs in with a password
    password_generation: int = 1  # another one is a new password in that secret
    may_pause: bool = False  # while nobody asks it: a request waits for it to wake

    @property
    def through_proxy(self) -> bool:
        """Whether readers meet the proxy's certificate and not the cluster's."""
        return self.road != "cluster"


@dataclass(frozen=True, kw_only=True)
class CacheAccess:
    """The cache as its clients see it. Another ``kind`` is another cache."""

    kind: str  # serverless, replication-group
    host: pulumi.Input[str]
    port: pulumi.Input[int]
    security_group_id: pulumi.Input[str]
    cache_arn: pulumi.Input[str]
    user_arn: pulumi.Input[str]
    user: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class ApiTierArgs:
    """The settings of the API side, the archive to run, and the services it uses."""

    location: Location
    archive: Archive
    stage: str  # name of the stack, for logs
    key_arn: pulumi.Input[str]
    network: NetworkAccess
    database: DatabaseAccess
    cache: CacheAccess | None = None
    api: ApiSettings = field(default_factory=ApiSettings)
    function: FunctionSettings = field(default_factory=FunctionSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    protect: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.function.cold_start == "snapstart" and not self.archive.supports_snapstart:
            raise ValueError(
                "functionColdStart snapstart needs python3.12 or newer, the archive has "
                f"{self.archive.runtime}; build another, or write warmup or provisioned"
            )
        check_known(self.variables, self.archive.variables)
        self.archive.check_prepared(self.variables)
        if self.api.graphiql:
            self.archive.check_graphiql()
        self.archive.check_trust(
            region=self.location.region,
            trust_services=self.database.through_proxy or self.cache is not None,
        )

    @property
    def variables(self) -> dict[str, str]:
        """Variables of the handler that the stack chooses itself."""
        return parse_variables(self.function.variables)
