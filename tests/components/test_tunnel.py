"""The way of people to the database: what it opens, and for whom."""

from __future__ import annotations

from functools import partial

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.tunnel import Tunnel, TunnelArgs
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS
from tests.components.weaknesses import weaknesses
from tests.recorded import Recorded

ARGS = TunnelArgs(
    location=LOCATION,
    vpc_id="vpc-1",
    subnet_id="subnet-1",
    key_arn=KEY_ARN,
    host="shop.cluster.example",
    port=3306,
    security_group_id="sg-database",
    tags=TAGS,
)


def build() -> Graph:
    return declare(partial(Tunnel, "t", ARGS))


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Tunnel, "t", ARGS))
    assert graph.types_and_names() == [
        ("aurora-graphql:index:Tunnel", "t"),
        ("aws:ec2/instance:Instance", "t-instance"),
        ("aws:ec2/securityGroup:SecurityGroup", "t-entrance"),
        ("aws:ec2/securityGroup:SecurityGroup", "t-inside"),
        ("aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint", "t-endpoint"),
        ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "t-to-database"),
        ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "t-to-ssh"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "t-into-database"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "t-into-ssh"),
    ]
    assert weaknesses(graph) == {}


def test_it_opens_one_port_of_one_instance_which_reaches_the_database() -> None:
    graph = build()
    rules = {
        one.name: (
            one.inputs["securityGroupId"],
            one.inputs["referencedSecurityGroupId"],
            one.inputs["fromPort"],
            one.inputs["toPort"],
        )
        for one in graph.resources
        if "securityGroup" in one.typ and "Rule" in one.typ
    }
    (entrance,) = graph.named("t-endpoint").inputs["securityGroupIds"]
    (inside,) = graph.named("t-instance").inputs["vpcSecurityGroupIds"]
    assert rules == {
        "t-to-ssh": (entrance, inside, 22, 22),
        "t-into-ssh": (inside, entrance, 22, 22),
        "t-to-database": (inside, "sg-database", 3306, 3306),
        "t-into-database": ("sg-database", inside, 3306, 3306),
    }


def test_instance_has_no_address_no_key_and_no_role_and_is_encrypted() -> None:
    graph = build()
    instance = graph.named("t-instance")
    assert instance.inputs["associatePublicIpAddress"] is False
    assert instance.inputs["rootBlockDevice"] == {"encrypted": True, "kmsKeyId": KEY_ARN}
    assert instance.inputs["metadataOptions"]["httpTokens"] == "required"
    assert {"keyName", "iamInstanceProfile", "userData"}.isdisjoint(instance.inputs)
    assert waits_for(graph, instance, graph.named("t-to-database"))


def test_image_is_looked_up_before_the_provider_describes_its_root() -> None:
    """The provider asks EC2 which device is the root of an instance's image.

    EC2 takes an identifier there, and no name of a parameter as ``resolve:ssm:`` has it:
    https://github.com/hashicorp/terraform-provider-aws/issues/43488
    """
    instance = build().named("t-instance")
    assert instance.inputs["ami"] == "ami-0123456789abcdef0"
    assert instance.ignore_changes == ("ami",)


def test_it_takes_key_and_location_from_its_surroundings() -> None:
    args = TunnelArgs(
        vpc_id="vpc-1", subnet_id="subnet-1", host="host", port=3306, security_group_id="sg-1"
    )
    graph = declare(partial(Tunnel, "t", args))
    (key,) = graph.of_type("aws:kms/key:Key")
    instance = graph.named("t-instance")
    assert instance.property_dependencies["rootBlockDevice"] == {key.urn}
    assert "--region eu-central-1 " in graph.component_outputs[graph.named("t").urn]["command"]


def test_command_forwards_a_port_of_ones_own_machine() -> None:
    graph = build()
    assert graph.component_outputs[graph.named("t").urn]["command"] == (
        "aws ec2-instance-connect ssh --region eu-central-1 --connection-type eice "
        "--instance-id t-instance-id --local-forwarding 3306:shop.cluster.example:3306"
    )


def test_a_stack_has_it_only_where_it_is_told(recorded: Recorded) -> None:
    closed, opened = recorded("small"), recorded("small", databaseTunnel=True)
    assert closed.of_type("aws:ec2/instance:Instance") == []
    assert len(opened.of_type("aws:ec2/instance:Instance")) == 1
    assert closed.exports["databaseTunnel"].value is None
    assert "--local-forwarding 3306:" in opened.exports["databaseTunnel"].value
