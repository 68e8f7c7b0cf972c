"""A way for people to the database: EC2 Instance Connect to a small instance beside it.

The endpoint takes who may call ``ec2-instance-connect:OpenTunnel`` and ``SendSSHPublicKey``, and
opens port 22 of one instance, which reaches the database and nothing else. Neither has an address
in the internet, a key or a role. An endpoint alone does not do: it opens ports 22 and 3389 only.
Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-with-ec2-instance-connect-endpoint.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.defaults import settled
from components.location import HERE, Location
from components.naming import merge_tags
from components.outputs import register

SSH: Final = 22
INSTANCE_TYPE: Final = "t4g.nano"
IMAGE: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
"""Amazon Linux has EC2 Instance Connect built in; the newest when the instance is made."""


@dataclass(frozen=True, kw_only=True)
class TunnelArgs:
    """Which database is reached, and from where."""

    location: Location = HERE
    vpc_id: pulumi.Input[str]
    subnet_id: pulumi.Input[str]
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    host: pulumi.Input[str]
    port: pulumi.Input[int]
    security_group_id: pulumi.Input[str]  # of the database
    tags: Mapping[str, str] = field(default_factory=dict)


class Tunnel(pulumi.ComponentResource):
    """An endpoint of EC2 Instance Connect and the instance behind it.

    Output: ``command``, which has the database at port 3306 of one's own machine while it runs.
    """

    command: pulumi.Output[str]

    def __init__(
        self, name: str, args: TunnelArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Tunnel", name, None, opts)
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = merge_tags(args.tags, {"component": name})
        entrance = self._group("entrance", "Endpoint of EC2 Instance Connect")
        inside = self._group("inside", "Instance that people reach the database by")
        rules = [
            *self._road("ssh", entrance.id, inside.id, SSH),
            *self._road("database", inside.id, args.security_group_id, args.port),
        ]
        instance = self._instance(inside, rules)
        aws.ec2transitgateway.InstanceConnectEndpoint(
            f"{name}-endpoint",
            subnet_id=args.subnet_id,
            security_group_ids=[entrance.id],
            preserve_client_ip=False,
            tags=self._tags,
            opts=self._child,
        )
        self.command = pulumi.Output.concat(
            f"aws ec2-instance-connect ssh --region {args.location.region} --connection-type eice "
            "--instance-id ",
            instance.id,
            " --local-forwarding 3306:",
            args.host,
            ":",
            pulumi.Output.from_input(args.port).apply(str),
        )
        register(self)

    def _group(self, suffix: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._name}-{suffix}",
            description=description,
            vpc_id=self._args.vpc_id,
            revoke_rules_on_delete=True,
            tags=self._tags,
            opts=self._child,
        )

    def _road(
        self,
        suffix: str,
        source_id: pulumi.Input[str],
        target_id: pulumi.Input[str],
        port: pulumi.Input[int],
    ) -> Sequence[pulumi.Resource]:
        """Out of one group, and into the other."""
        name = self._name
        return (
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-to-{suffix}",
                description=f"{name} to {suffix}",
                security_group_id=source_id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=target_id,
                tags=self._tags,
                opts=self._child,
            ),
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-into-{suffix}",
                description=f"{name} to {suffix}",
                security_group_id=target_id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=source_id,
                tags=self._tags,
                opts=self._child,
            ),
        )

    def _instance(
        self, group: aws.ec2.SecurityGroup, rules: Sequence[pulumi.Resource]
    ) -> aws.ec2.Instance:
        name, args = self._name, self._args
        # Looked up here, because the provider cannot describe the root of an instance whose image
        # EC2 itself looks up: https://github.com/hashicorp/terraform-provider-aws/issues/43488
        image = aws.ssm.get_parameter_output(
            name=IMAGE, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return aws.ec2.Instance(
            f"{name}-instance",
            ami=image.insecure_value,  # public, so no secret in the state
            instance_type=INSTANCE_TYPE,
            subnet_id=args.subnet_id,
            vpc_security_group_ids=[group.id],
            associate_public_ip_address=False,
            ebs_optimized=True,
            metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
                encrypted=True, kms_key_id=args.key_arn
            ),
            tags=merge_tags(self._tags, {"Name": name}),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*rules],
                ignore_changes=["ami"],  # AWS's newest image is no reason to make another
            ),
        )
