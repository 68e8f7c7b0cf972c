"""The mocks themselves: a graph that hides something would make every other test worthless."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from aurora_graphql.preview.graph import UNKNOWN
from aurora_graphql.preview.recording import declare


class Pair(pulumi.ComponentResource):
    """A bucket with a queue that depends on it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora-graphql:test:Pair", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(f"{name}-bucket", opts=child)
        password = random.RandomPassword(f"{name}-password", length=16, opts=child)
        aws.ssm.Parameter(
            f"{name}-parameter",
            type="SecureString",
            value=password.result,
            description=bucket.arn,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.register_outputs({"arn": bucket.arn})


def export_pair() -> None:
    Pair("a")
    pulumi.export("password", pulumi.Output.secret("hush"))


def test_graph_holds_parents_options_dependencies_and_secrets() -> None:
    graph = declare(export_pair)
    pair, parameter = graph.named("a"), graph.named("a-parameter")
    assert [child.name for child in graph.children(pair.urn)] == [
        "a-bucket",
        "a-parameter",
        "a-password",
    ]
    assert parameter.protect
    assert parameter.secret_inputs == {"value"}
    assert parameter.inputs["description"] == "arn:aws:s3:::a-bucket-1a2b3c4"
    assert parameter.property_dependencies["description"] == {graph.named("a-bucket").urn}
    assert graph.component_outputs[pair.urn] == {"arn": "arn:aws:s3:::a-bucket-1a2b3c4"}
    assert graph.exports["password"].secret


def test_first_preview_leaves_computed_outputs_unknown() -> None:
    graph = declare(export_pair, outputs_known=False)
    assert graph.named("a-parameter").inputs["description"] == UNKNOWN
    assert graph.named("a-parameter").inputs["value"] == UNKNOWN
    assert graph.component_outputs[graph.named("a").urn] == {"arn": UNKNOWN}


@pytest.mark.parametrize("outputs_known", [True, False])
def test_data_source_is_answered_even_in_a_first_preview(outputs_known: bool) -> None:
    def build() -> None:
        pulumi.export("plain", aws.get_region().region)
        pulumi.export("output", aws.get_caller_identity_output().account_id)

    exports = declare(build, outputs_known=outputs_known).exports
    assert {name: export.value for name, export in exports.items()} == {
        "plain": "eu-central-1",
        "output": "123456789012",
    }


def test_unlisted_data_source_is_an_error() -> None:
    with pytest.raises(Exception, match="unexpected data source aws:ec2/getVpcs"):
        declare(aws.ec2.get_vpcs)


def test_error_inside_an_apply_is_raised() -> None:
    def fail(arn: str) -> str:
        raise RuntimeError(f"seen {arn}")

    with pytest.raises(RuntimeError, match="seen arn:aws:s3"):
        declare(lambda: aws.s3.Bucket("b").arn.apply(fail))


def test_deprecated_resource_is_an_error() -> None:
    with pytest.raises(AssertionError, match=r"Pulumi complained.*BucketAclV2 is deprecated"):
        declare(lambda: aws.s3.BucketAclV2("b", bucket="b", acl="private"))
