"""Deletes published versions that are no longer needed, as a step of every update.

Lambda keeps a version until somebody deletes it, and bills the snapshot of a SnapStart version all
that time; the provider publishes versions and deletes none. So a function of its own is called, by
Pulumi, once the aliases have moved. It stands outside of the VPC: the isolated subnets have no way
to Lambda's API.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam
from components.function import Function, FunctionArgs
from components.identity import formerly
from components.limits import VERSIONS_KEPT, check_range
from components.outputs import register

ACTION: Final = "prune"
"""What the handler is asked for."""


@dataclass(frozen=True, kw_only=True)
class PrunedFunction:
    """A function with published versions. ``served``: another text after another release."""

    purpose: str
    function_name: pulumi.Input[str]
    function_arn: pulumi.Input[str]
    served: pulumi.Input[str]  # known once its alias has moved


@dataclass(frozen=True, kw_only=True)
class PruningArgs:
    """``function``: the one that deletes, without its rights, which come from here.

    ``keep``: versions of each of ``pruned`` that stay, newest first; what an alias points to stays
    in any case.
    """

    function: FunctionArgs
    pruned: Sequence[PrunedFunction]
    keep: int

    def __post_init__(self) -> None:
        check_range("keep", self.keep, *VERSIONS_KEPT, "versions")
        if not self.pruned:
            raise ValueError("pruned must name at least one function")


class Pruning(pulumi.ComponentResource):
    """A function that deletes old versions, and its call after each release.

    Outputs: ``function_name``, ``log_group_name``.
    """

    function_name: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: PruningArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Pruning", name, None, formerly("Pruning", opts))
        child = pulumi.ResourceOptions(parent=self)
        function = Function(
            f"{name}-function",
            dataclasses.replace(
                args.function,
                statements=[
                    *args.function.statements,
                    *iam.prune_versions([each.function_arn for each in args.pruned]),
                ],
            ),
            child,
        )
        names = pulumi.Output.all(*(each.function_name for each in args.pruned))
        aws.lambda_.Invocation(
            f"{name}-call",
            function_name=function.function_name,
            input=pulumi.Output.json_dumps(
                {"action": ACTION, "functions": names, "keep": args.keep}
            ),
            lifecycle_scope="CREATE_ONLY",  # a change replaces it, which is a new call
            triggers={each.purpose: each.served for each in args.pruned},
            opts=child,
        )
        self.function_name = function.function_name
        self.log_group_name = function.log_group_name
        register(self)
