"""Deployments of CodeDeploy that move an alias of a Lambda function. Only ``shift`` uses it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Self

from handler.stores.aws.client import asked, open_client

READ_S = 15

_ENDED: Final = ("Failed", "Stopped", "Succeeded")


@dataclass(frozen=True, slots=True)
class Shift:
    """What is asked for: the version that the alias shall serve, and by which group."""

    application: str
    group: str
    function: str
    alias: str
    version: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """How far a deployment is. ``status``: CodeDeploy's word; ``reason``: why it failed."""

    status: str
    reason: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it moves nothing any more."""
        return self.status in _ENDED


class DeploymentStore:
    """The deployments that the role of the function may begin and look at."""

    def __init__(self, codedeploy: Any, functions: Any) -> None:
        self._codedeploy = codedeploy
        self._functions = functions

    @classmethod
    def connect(cls) -> Self:
        """With the region and the credentials of the environment; sends nothing yet."""
        return cls(
            open_client("codedeploy", read_s=READ_S, attempts=5),
            open_client("lambda", read_s=READ_S, attempts=5),
        )

    def served(self, shift: Shift) -> str:
        """The version that the alias names. Raises ``UpstreamError``."""
        alias = asked(
            f"read the alias {shift.alias} of {shift.function}",
            "lambda:GetAlias",
            lambda: self._functions.get_alias(FunctionName=shift.function, Name=shift.alias),
        )
        return str(alias["FunctionVersion"])

    def under_way(self, shift: Shift) -> str | None:
        """The group's deployment that has not ended. Raises ``UpstreamError``."""
        found = asked(
            f"list the deployments of {shift.group}",
            "codedeploy:ListDeployments",
            lambda: self._codedeploy.list_deployments(
                applicationName=shift.application,
                deploymentGroupName=shift.group,
                includeOnlyStatuses=["Created", "Queued", "InProgress", "Baking", "Ready"],
            ),
        )
        return next(iter(found["deployments"]), None)

    def start(self, shift: Shift, current: str) -> str:
        """Begin to move the alias from ``current``. Raises ``UpstreamError``.

        Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
        """
        properties = {
            "Name": shift.function,
            "Alias": shift.alias,
            "CurrentVersion": current,
            "TargetVersion": shift.version,
        }
        resource = {"graphql": {"Type": "AWS::Lambda::Function", "Properties": properties}}
        content = json.dumps({"version": 0.0, "Resources": [resource]})
        begun = asked(
            f"begin a deployment of {shift.group}",
            "codedeploy:CreateDeployment",
            lambda: self._codedeploy.create_deployment(
                applicationName=shift.application,
                deploymentGroupName=shift.group,
                description=f"{shift.alias}: version {current} to {shift.version}",
                revision={
                    "revisionType": "AppSpecContent",
                    "appSpecContent": {"content": content},
                },
            ),
        )
        return str(begun["deploymentId"])

    def state(self, identifier: str) -> Deployment:
        """How far a deployment is. Raises ``UpstreamError``."""
        info = asked(
            f"look at deployment {identifier}",
            "codedeploy:GetDeployment",
            lambda: self._codedeploy.get_deployment(deploymentId=identifier),
        )["deploymentInfo"]
        error = info.get("errorInformation") or {}
        reason = ": ".join(filter(None, (error.get("code"), error.get("message"))))
        return Deployment(str(info["status"]), reason)
