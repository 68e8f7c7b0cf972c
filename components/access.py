"""What one tier gives the next: records of identifiers, ARNs and endpoints, and no component.

``Network.access`` is what the data and the API stand in, ``DataTier.access`` and ``DataTier.cache``
are what the API reads and writes. A program may write such a record itself, for a network or a
database that stands already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.data_settings import Road


@dataclass(frozen=True, kw_only=True)
class NetworkAccess:
    """Where the work is done: isolated subnets, one per zone, which need no route out.

    ``zones`` are those of the subnets, in their order; empty where they are not known. Both lists
    may be outputs as a whole, such as those of another program's VPC.
    ``s3_prefix_list_id``: to which a consumer opens its own egress. ``endpoint_security_group_id``:
    of the interface endpoints, None without any. ``interface_endpoint_ids``: by service. A
    migration waits for that of Secrets Manager, a private API lets in what comes through that of
    execute-api.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    zones: pulumi.Input[Sequence[pulumi.Input[str]]] = ()
    s3_prefix_list_id: pulumi.Input[str]
    endpoint_security_group_id: pulumi.Input[str] | None = None
    interface_endpoint_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DatabaseAccess:
    """How clients connect to the database: one path for the API's reads, one for writers.

    ``road`` is the API's path: straight to the cluster, or through a proxy that logs in with a
    password or by IAM. ``host``, ``reader_host`` and ``security_group_id`` are the proxy's where
    there is one, ``connect_id`` is the identifier that IAM knows it by (``prx-...`` or
    ``cluster-...``). When the path changes, the new one is created beside the old one, which is
    deleted once no version uses it. So each way to log in has its own ``api_user``, and
    ``former_api_users`` are the users of the other ways.
    ``ingest_user`` is the one that the ingest logs in as, by IAM, at the cluster itself.
    ``writer_*`` lead to the cluster itself, because a migration must not go through a pool; the
    host is known once the writer accepts connections. ``cluster_id`` identifies the cluster: a new
    cluster has a new one, even under the same name.
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
    ingest_user: str = "api_write"
    api_secret_arn: pulumi.Input[str] | None = None  # where the proxy logs in with a password
    password_generation: int = 1  # another one is a new password in that secret
    may_pause: bool = False  # while nobody asks it: a request waits for it to wake

    @property
    def through_proxy(self) -> bool:
        """Whether the API connects to a proxy, and so checks the proxy's certificate."""
        return self.road != "cluster"


@dataclass(frozen=True, kw_only=True)
class CacheAccess:
    """How clients connect to the cache. A cache of another ``kind`` is a new cache."""

    kind: str  # serverless, replication-group
    host: pulumi.Input[str]
    port: pulumi.Input[int]
    security_group_id: pulumi.Input[str]
    cache_arn: pulumi.Input[str]
    user_arn: pulumi.Input[str]
    user: pulumi.Input[str]
