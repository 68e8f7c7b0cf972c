"""Changes that make the provider replace a resource before its successor can be there.

Pulumi makes the new resource first and deletes the old one afterwards, unless AWS knows both by the
same name: then the old one goes first, and whatever uses it stands without for as long as the new
one takes. RDS Proxy and ElastiCache take ten minutes and more.

Source: the schemas of Terraform's AWS provider, of which Pulumi's is made (``ForceNew``,
``RequiresReplace``; https://github.com/hashicorp/terraform-provider-aws, ``internal/service``).
Neither is part of the SDK for Python, so that what this project declares is written down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aurora_graphql.preview.graph import UNKNOWN, Graph, Resource


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """Of one type: the inputs by which AWS knows a resource, and those that need another one."""

    known_by: tuple[str, ...]
    forced_by: tuple[str, ...] = ()


FACTS: Final[Mapping[str, Replacement]] = {
    "aws:apigateway/basePathMapping:BasePathMapping": Replacement(known_by=("domainName",)),
    "aws:apigateway/domainName:DomainName": Replacement(known_by=("domainName",)),
    "aws:apigateway/methodSettings:MethodSettings": Replacement(
        known_by=("restApi", "stageName", "methodPath")
    ),
    "aws:apigateway/stage:Stage": Replacement(known_by=("restApi", "stageName")),
    "aws:cloudtrail/trail:Trail": Replacement(known_by=("name",)),
    "aws:cloudwatch/dashboard:Dashboard": Replacement(known_by=("dashboardName",)),
    "aws:cloudwatch/logGroup:LogGroup": Replacement(
        known_by=("name",), forced_by=("logGroupClass",)
    ),
    "aws:ec2/subnet:Subnet": Replacement(
        known_by=("vpcId", "cidrBlock"),  # no two of a VPC may overlap
        forced_by=("availabilityZone", "availabilityZoneId", "outpostArn"),
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Replacement(
        known_by=("replicationGroupId",),
        forced_by=(
            *("atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId"),
            *("kmsKeyId", "networkType", "port", "securityGroupNames", "snapshotArns"),
            *("snapshotName", "subnetGroupName"),
        ),
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": Replacement(
        known_by=("name",), forced_by=("kmsKeyId", "snapshotArnsToRestores", "subnetIds")
    ),
    "aws:elasticache/user:User": Replacement(known_by=("userId",), forced_by=("userName",)),
    "aws:elasticache/userGroup:UserGroup": Replacement(known_by=("userGroupId",)),
    "aws:kms/alias:Alias": Replacement(known_by=("name",)),
    "aws:lambda/alias:Alias": Replacement(known_by=("functionName", "name")),
    "aws:rds/cluster:Cluster": Replacement(
        known_by=("clusterIdentifier",),
        forced_by=(
            *("availabilityZones", "clusterScalabilityType", "databaseName", "dbSubnetGroupName"),
            *("dbSystemId", "engine", "engineMode", "kmsKeyId", "masterUsername"),
            *("restoreToPointInTime", "s3Import", "snapshotIdentifier", "storageEncrypted"),
        ),
    ),
    "aws:rds/clusterInstance:ClusterInstance": Replacement(
        known_by=("identifier",),
        forced_by=(
            *("availabilityZone", "clusterIdentifier", "customIamInstanceProfile"),
            *("dbSubnetGroupName", "engine"),
        ),
    ),
    "aws:rds/proxy:Proxy": Replacement(
        known_by=("name",),
        forced_by=(
            *("endpointNetworkType", "engineFamily", "targetConnectionNetworkType"),
            "vpcSubnetIds",
        ),
    ),
    "aws:rds/proxyEndpoint:ProxyEndpoint": Replacement(
        known_by=("dbProxyEndpointName",),
        forced_by=("dbProxyName", "targetRole", "vpcSubnetIds"),
    ),
    "aws:route53/record:Record": Replacement(known_by=("zoneId", "name", "type")),
    # Deleting the old association would take the new one's firewall off, too.
    "aws:wafv2/webAclAssociation:WebAclAssociation": Replacement(
        known_by=("resourceArn",), forced_by=("webAclArn",)
    ),
}
"""By type: all that have a name of this project's choice. The others get one from Pulumi."""

NAMES: Final = frozenset(
    {
        *("clusterIdentifier", "dashboardName", "dbProxyEndpointName", "domainName", "identifier"),
        *("name", "replicationGroupId", "stageName", "userGroupId", "userId"),
    }
)
"""Inputs that hold a name, of any type."""


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A resource that goes before its successor comes, and the inputs that make it so."""

    resource: Resource
    inputs: tuple[str, ...]


def find_outages(before: Graph, after: Graph) -> Iterator[Outage]:
    """What the update from ``before`` to ``after`` deletes first; both of one stack's name.

    An input that is frozen at creation (``ignore_changes``) changes nothing.
    """
    old = {resource.urn: resource for resource in before.resources}
    for resource in sorted(after.resources, key=lambda each: each.urn):
        facts = FACTS.get(resource.typ)
        if facts is None or resource.urn not in old:
            continue
        changed = {
            name
            for name in (*facts.known_by, *facts.forced_by)
            if name not in resource.ignore_changes
            and _differ(old[resource.urn].inputs.get(name), resource.inputs.get(name))
        }
        if changed and not changed & {*facts.known_by}:
            yield Outage(resource=resource, inputs=tuple(sorted(changed)))


def outages_lines(found: Sequence[Outage], prefix: str) -> list[str]:
    """One line each, for a terminal. ``prefix``: of names, left out."""
    return [
        f"! {outage.resource.typ.rpartition(':')[2]} {outage.resource.name.removeprefix(prefix)} "
        f"is deleted before its successor is made: {', '.join(outage.inputs)}"
        for outage in found
    ]


def _differ(before: object, after: object) -> bool:
    """The provider takes lists of these inputs as sets. What nobody knows yet may be the same."""
    if isinstance(before, list) and isinstance(after, list):
        return sorted(map(str, before)) != sorted(map(str, after))
    return UNKNOWN not in (before, after) and before != after
