"""What a component under test is given: plain values, as another tier would pass them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aurora_graphql.preview.answers import ACCOUNT_ID, REGION, ZONES
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.project_file import Project
from components.access import CacheAccess, DatabaseAccess, NetworkAccess
from components.archive import Archive
from components.location import Location
from components.naming import stack_tags

LOCATION: Final = Location(
    partition="aws", dns_suffix="amazonaws.com", region=REGION, account_id=ACCOUNT_ID
)
TAGS: Final = stack_tags(project="aurora-graphql", stack="dev")
KEY_ARN: Final = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/0123456789abcdef0123456789abcdef"
VPC_ID: Final = "vpc-0123456789abcdef0"
SUBNET_IDS: Final = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")
TWO_ZONES: Final = ZONES[:2]


def example_archive(*, runtime: str = "python3.13") -> Archive:
    """An archive for components that never open it; ``preview/pretend.py`` writes one to disk."""
    return Archive(
        path=Path("dist/handler.zip"),
        sha256="c2hhMjU2",
        runtime=runtime,
        architecture="arm64",
        sdl_sha256="5d1" + "0" * 61,
        migrations_sha256="316" + "0" * 61,
        handler_sha256="4a7" + "0" * 61,
        variables=("AUTH_CLAIMS", "DOCUMENT_COST_MAX", "PAGE_SIZE_MAX"),
        authorities=(f"Amazon RDS {REGION} Root CA RSA2048 G1", "Amazon Root CA 1"),
    )


def example_project(folder: Path) -> Path:
    """``folder`` as a project of somebody else: a type, a table, and an archive of both."""
    for name, text in (
        (
            "sdl/shop.graphql",
            'type Query { shops: [Shop!]! }\ntype Shop @table(name: "shops") { id: Int! }\n',
        ),
        ("migrations/0001_shops.sql", "CREATE TABLE shops (id INT PRIMARY KEY);\n"),
    ):
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    write_archive(folder / "dist", Project.of(folder))
    return folder


def example_network() -> NetworkAccess:
    """Two isolated subnets with endpoints of Secrets Manager and of private APIs."""
    return NetworkAccess(
        vpc_id=VPC_ID,
        subnet_ids=SUBNET_IDS,
        zones=TWO_ZONES,
        s3_prefix_list_id="pl-s3",
        endpoint_security_group_id="sg-endpoints",
        interface_endpoint_ids={"execute-api": "vpce-1", "secretsmanager": "vpce-2"},
    )


def example_database() -> DatabaseAccess:
    """A database behind a proxy that logs in with a password."""
    return DatabaseAccess(
        host="proxy.example",
        reader_host="proxy-ro.example",
        port=3306,
        security_group_id="sg-proxy",
        connect_id="prx-1",
        name="app",
        api_user="api",
        writer_host="writer.example",
        writer_security_group_id="sg-cluster",
        cluster_id="cluster-1",
        master_secret_arn=LOCATION.arn("secretsmanager", "secret:rds!cluster-1"),
        road="proxy",
        former_api_users=("api_before",),
        api_secret_arn=LOCATION.arn("secretsmanager", "secret:api-1"),
    )


def example_cache() -> CacheAccess:
    """A serverless cache."""
    return CacheAccess(
        kind="serverless",
        host="cache.example",
        port=6379,
        security_group_id="sg-cache",
        cache_arn=LOCATION.arn("elasticache", "serverlesscache:c"),
        user_arn=LOCATION.arn("elasticache", "user:u"),
        user="api",
    )
