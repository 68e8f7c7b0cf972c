"""ElastiCache: encrypted, reached by TLS, logged in to by IAM, patched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules.rule import Problem, Rule, each, is_true

GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
SERVERLESS: Final = "aws:elasticache/serverlessCache:ServerlessCache"
USER: Final = "aws:elasticache/user:User"


def _encrypted_by_our_key(graph: Graph) -> Iterator[Problem]:
    for cache in graph.of_type(SERVERLESS):
        if not cache.inputs.get("kmsKeyId"):
            yield cache.name, "kmsKeyId is not set"


def _tls_required(graph: Graph) -> Iterator[Problem]:
    for group in graph.of_type(GROUP):
        if group.inputs.get("transitEncryptionMode") != "required":
            yield group.name, "connections without TLS are accepted"


def _login_by_iam(graph: Graph) -> Iterator[Problem]:
    for user in graph.of_type(USER):
        if (user.inputs.get("authenticationMode") or {}).get("type") != "iam":
            yield user.name, "logs in without IAM"
        if user.inputs.get("noPasswordRequired"):
            yield user.name, "logs in without a password"
        if re.search(r"\+@(all|dangerous|admin)", user.inputs.get("accessString", "")):
            yield user.name, "may use commands that administrate"
    for typ, name in ((SERVERLESS, "userGroupId"), (GROUP, "userGroupIds")):
        for cache in graph.of_type(typ):
            if not cache.inputs.get(name):
                yield cache.name, "anybody may log in"


RULES: Final = (
    Rule(
        id="ElastiCache.2",
        holds="caches take minor versions by themselves",
        why="Minor versions carry the fixes of security problems.",
        remedy="set auto_minor_version_upgrade",
        check=each(
            GROUP, met=is_true("autoMinorVersionUpgrade"), problem="minor versions are not applied"
        ),
    ),
    Rule(
        id="ElastiCache.7",
        holds="caches are in subnets of the stack",
        why="Without them ElastiCache takes the account's default network.",
        remedy="set subnet_group_name or subnet_ids",
        check=each(
            GROUP,
            SERVERLESS,
            met=lambda _, one: bool(
                one.inputs.get("subnetGroupName") or one.inputs.get("subnetIds")
            ),
            problem="has no subnets",
        ),
    ),
    Rule(
        id="elasticache-encrypted-by-our-key",
        holds="a serverless cache is encrypted with the stack's key",
        why="Only the policy of one's own key says who can read it.",
        remedy="set kms_key_id",
        check=_encrypted_by_our_key,
    ),
    Rule(
        id="elasticache-requires-tls",
        holds="a replication group accepts TLS only",
        why="Mode preferred also takes connections without it.",
        remedy="set transit_encryption_mode required",
        check=_tls_required,
    ),
    Rule(
        id="elasticache-login-by-iam",
        holds="users of a cache log in by IAM and cannot administrate it",
        why="A token of IAM lives 15 minutes; a password lives until somebody finds it.",
        remedy="set authentication_mode iam, a user group, and no +@all, +@admin, +@dangerous",
        check=_login_by_iam,
    ),
)
