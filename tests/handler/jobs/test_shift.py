"""Traffic that CodeDeploy moves: what is asked of it, and what is told of how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 publishes no types
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]  # botocore publishes no types

from handler.errors import ClientError, UpstreamError
from handler.jobs.shift import PAUSE_S, ShiftError, parse_shift, shift_traffic
from handler.stores.aws.deployments import Deployment, DeploymentStore, Shift

EVENT = {
    "action": "shift",
    "application": "app",
    "group": "group",
    "function": "graphql",
    "alias": "live",
    "version": "8",
}
SHIFT = Shift(application="app", group="group", function="graphql", alias="live", version="8")


class Service:
    """CodeDeploy with deployments that go through these states, one a look."""

    def __init__(
        self, states: Sequence[Deployment], *, served: str = "7", found: str | None = None
    ) -> None:
        self.states: Iterator[Deployment] = iter(states)
        self.alias = served
        self.found = found
        self.begun: list[str] = []

    def served(self, shift: Shift) -> str:
        return self.alias

    def under_way(self, shift: Shift) -> str | None:
        return self.found

    def start(self, shift: Shift, current: str) -> str:
        self.begun.append(f"{current} to {shift.version}")
        return "d-1"

    def state(self, identifier: str) -> Deployment:
        found = next(self.states)
        if found.status == "Succeeded":
            self.alias = "8"
        return found


def run(service: Service, *, remaining_s: float = 900.0) -> dict[str, str]:
    clock = [remaining_s]

    def sleep(seconds: float) -> None:
        clock[0] -= seconds

    return shift_traffic(service, SHIFT, remaining_s=lambda: clock[0], sleep=sleep)


GOES_ON = Deployment("InProgress")
DONE = Deployment("Succeeded")


def test_deployment_is_begun_and_waited_for() -> None:
    service = Service([Deployment("Created"), GOES_ON, GOES_ON, DONE])
    assert run(service) == {"from": "7", "to": "8"}
    assert service.begun == ["7 to 8"]


def test_version_that_has_the_traffic_is_left_alone() -> None:
    service = Service([], served="8")
    assert run(service) == {"from": "8", "to": "8"}
    assert service.begun == []


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_what_took_the_traffic_back_is_told(status: str) -> None:
    alarm = Deployment(status, "ALARM_ACTIVE: One or more alarms have been activated")
    with pytest.raises(ShiftError) as told:
        run(Service([GOES_ON, alarm]))
    assert str(told.value) == (
        "version 8 of graphql did not keep its traffic, and version 7 serves as before: deployment "
        f"d-1 of CodeDeploy is {status.lower()}: ALARM_ACTIVE: One or more alarms have been "
        "activated. The function's log has the failures of the new version; mend them and deploy "
        "again"
    )


def test_call_that_was_cut_is_gone_on_with() -> None:
    """The deployment goes on without us: the next call waits for it and begins no second one."""
    service = Service([GOES_ON, DONE], found="d-0")
    assert run(service) == {"from": "8", "to": "8"}
    assert service.begun == []


def test_after_another_one_has_failed_a_new_one_is_begun() -> None:
    service = Service([GOES_ON, Deployment("Failed"), DONE], found="d-0")
    assert run(service) == {"from": "7", "to": "8"}
    assert service.begun == ["7 to 8"]


def test_end_of_the_time_is_no_end_of_the_deployment() -> None:
    service = Service([GOES_ON] * 90)
    with pytest.raises(UpstreamError, match="d-1 of CodeDeploy is still InProgress; it goes on by"):
        run(service, remaining_s=5 * PAUSE_S)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"action": "prune"}, "action must be 'shift', got 'prune'", id="action"),
        pytest.param({"version": 8}, "version must be a text, got 8", id="number"),
        pytest.param({"group": ""}, "group must be a text, got ''", id="empty"),
        pytest.param({"alias": None}, "alias must be a text, got None", id="absent"),
    ],
)
def test_event_says_all_of_it(change: dict[str, Any], message: str) -> None:
    assert parse_shift(EVENT) == SHIFT
    with pytest.raises(ClientError, match=message):
        parse_shift({**EVENT, **change})


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    region = {"region_name": "eu-central-1"}
    return boto3.client("codedeploy", **region), boto3.client("lambda", **region)


def test_requests_are_those_that_aws_takes(clients: tuple[Any, Any]) -> None:
    """The stub checks every parameter against botocore's description of the service."""
    codedeploy, functions = clients
    app_spec = {
        "version": 0.0,
        "Resources": [
            {
                "graphql": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "Name": "graphql",
                        "Alias": "live",
                        "CurrentVersion": "7",
                        "TargetVersion": "8",
                    },
                }
            }
        ],
    }
    group = {"applicationName": "app", "deploymentGroupName": "group"}
    with Stubber(codedeploy) as deploy, Stubber(functions) as of_lambda:
        deploy.add_response(
            "list_deployments",
            {"deployments": ["d-0"]},
            {
                **group,
                "includeOnlyStatuses": ["Created", "Queued", "InProgress", "Baking", "Ready"],
            },
        )
        of_lambda.add_response(
            "get_alias", {"FunctionVersion": "7"}, {"FunctionName": "graphql", "Name": "live"}
        )
        deploy.add_response(
            "create_deployment",
            {"deploymentId": "d-1"},
            {
                **group,
                "description": "live: version 7 to 8",
                "revision": {
                    "revisionType": "AppSpecContent",
                    "appSpecContent": {"content": json.dumps(app_spec)},
                },
            },
        )
        deploy.add_response(
            "get_deployment",
            {
                "deploymentInfo": {
                    "status": "Stopped",
                    "errorInformation": {"code": "ALARM_ACTIVE", "message": "rang"},
                }
            },
            {"deploymentId": "d-1"},
        )
        store = DeploymentStore(codedeploy, functions)
        assert store.under_way(SHIFT) == "d-0"
        assert store.served(SHIFT) == "7"
        assert store.start(SHIFT, "7") == "d-1"
        assert store.state("d-1") == Deployment("Stopped", "ALARM_ACTIVE: rang")


def test_right_that_is_missing_is_named(clients: tuple[Any, Any]) -> None:
    codedeploy, functions = clients
    with Stubber(codedeploy) as deploy:
        deploy.add_client_error("create_deployment", "AccessDeniedException", "no")
        with pytest.raises(UpstreamError, match="needs codedeploy:CreateDeployment on it"):
            DeploymentStore(codedeploy, functions).start(SHIFT, "7")
