"""The schema of the database, brought up to date while the stack is updated.

Pulumi calls the migrate function as a resource of the graph: after the writer is available, before
the alias of the API moves. A failed statement fails the function, and Lambda's answer, which holds
the SQL error, fails the update.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.identity import formerly
from components.limits import check_user
from components.outputs import register
from components.readiness import known_after


@dataclass(frozen=True, kw_only=True)
class MigrationArgs:
    """Which function migrates which database, and what must be there before.

    ``former_releases``: to so many releases before one may go back, so their columns stay readable.
    ``login`` is how ``api_user`` logs in, another for another way or another secret.
    ``database_id`` is another for another cluster, even one of the same name; ``writer_host`` is
    known once the writer accepts connections. ``handler_sha256``: its code decides which rights
    the SDL needs. ``after``: identifiers, by name, of what else must
    be there first, such as the endpoint by which the function reads its secret.
    """

    function_name: pulumi.Input[str]
    migrations_sha256: str
    sdl_sha256: str
    handler_sha256: str
    api_user: str
    ingest_user: str | None = None  # where there is an ingest
    mappings_sha256: str = ""  # what the ingest writes, which decides its account's rights
    login: pulumi.Input[str]  # iam, or the ARN of the secret with its password
    database_id: pulumi.Input[str]
    writer_host: pulumi.Input[str]
    former_releases: int = 0
    password_generation: int = 1
    variables: Mapping[str, str] = field(default_factory=dict)  # that the handler must accept
    after: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_user("api_user", self.api_user)
        if self.ingest_user is not None:
            check_user("ingest_user", self.ingest_user)


class Migration(pulumi.ComponentResource):
    """One call of the migrate function per change of what it reads or writes.

    SQL, SDL, the handler's code, the API's account and how it logs in, variables: whatever decides
    what the database then holds is an input or a trigger.

    It checks the handler's settings when it starts, so that a wrong one ends the update here and
    not the API behind it.

    Output: ``schema``, the short hash of what the database now holds; it is there only after the
    call has succeeded.
    """

    schema: pulumi.Output[str]

    def __init__(
        self, name: str, args: MigrationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Migration", name, None, formerly("Migration", opts))
        invocation = aws.lambda_.Invocation(
            f"{name}-call",
            function_name=args.function_name,
            input=json.dumps(
                {
                    "action": "migrate",
                    "api_user": args.api_user,
                    "former_releases": args.former_releases,
                    **({"ingest_user": args.ingest_user} if args.ingest_user else {}),
                }
            ),
            # CREATE_ONLY: a change of input or triggers replaces the resource, which is a new
            # call; destroying it calls nothing. CRUD would send a "delete" when a stack goes.
            lifecycle_scope="CREATE_ONLY",
            triggers={
                "migrations": args.migrations_sha256,
                **({"mappings": args.mappings_sha256} if args.ingest_user else {}),
                "sdl": args.sdl_sha256,
                "handler": args.handler_sha256,
                "login": args.login,
                "database": args.database_id,
                "writer": args.writer_host,
                "password": str(args.password_generation),
                "variables": _sha256(args.variables),
                **args.after,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        short = f"{args.migrations_sha256[:12]}-{args.sdl_sha256[:12]}"
        self.schema = known_after(pulumi.Output.from_input(short), invocation)
        register(self)


def _sha256(values: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
