"""How AWS would answer: data sources, and the outputs that it adds to a resource.

Every answer follows from the resource's name, so that two runs give the same graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from pulumi.runtime import rpc

ACCOUNT_ID: Final = "123456789012"
REGION: Final = "eu-central-1"
ZONES: Final = (f"{REGION}a", f"{REGION}b", f"{REGION}c")


def data_sources(region: str = REGION) -> dict[str, Mapping[str, Any]]:
    """The data sources a program may read, with their answers. Any other is an error."""
    return {
        "aws:ec2/getManagedPrefixList:getManagedPrefixList": {
            "id": "pl-6ea54007",
            "name": f"com.amazonaws.{region}.s3",
        },
        "aws:index/getAvailabilityZones:getAvailabilityZones": {
            "id": region,
            "names": [f"{region}{letter}" for letter in "abc"],
            "zoneIds": ["az2", "az3", "az1"],
        },
        "aws:index/getCallerIdentity:getCallerIdentity": {
            "id": ACCOUNT_ID,
            "accountId": ACCOUNT_ID,
            "arn": f"arn:aws:iam::{ACCOUNT_ID}:role/deploy",
            "userId": "AROAEXAMPLE:deploy",
        },
        "aws:index/getPartition:getPartition": {
            "id": "aws",
            "partition": "aws",
            "dnsSuffix": "amazonaws.com",
            "reverseDnsPrefix": "com.amazonaws",
        },
        "aws:index/getRegion:getRegion": {
            "id": region,
            "region": region,
            "description": region,
            "endpoint": f"ec2.{region}.amazonaws.com",
        },
        "aws:ssm/getParameter:getParameter": {
            "id": "/aws/service/image",
            "name": "/aws/service/image",
            "type": "String",
            "insecureValue": "ami-0123456789abcdef0",
            "value": "ami-0123456789abcdef0",
            "version": 1,
        },
    }


def _arn(typ: str, name: str, region: str) -> str:
    service = typ.split(":")[1].partition("/")[0]
    return f"arn:aws:{service}:{region}:{ACCOUNT_ID}:{name}"


def _hex(name: str, digits: int) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:digits]


def computed_outputs(
    typ: str, name: str, inputs: Mapping[str, Any], *, region: str = REGION
) -> dict[str, Any]:
    """What AWS would add to ``inputs``, shaped as AWS shapes it, different for every ``name``."""
    region = inputs.get("region") or region  # one that the resource names for itself
    outputs: dict[str, Any] = {
        "arn": _arn(typ, name, region),
        "name": f"{name}-1a2b3c4",
    }
    match typ:
        case "aws:acm/certificate:Certificate":
            domain = inputs["domainName"]
            outputs["arn"] = f"arn:aws:acm:{region}:{ACCOUNT_ID}:certificate/{_hex(name, 32)}"
            outputs["domainValidationOptions"] = [
                {
                    "domainName": domain,
                    "resourceRecordName": f"_a1.{domain}.",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "_b2.acm-validations.aws.",
                }
            ]
        case "aws:apigateway/domainName:DomainName":
            outputs |= {
                "regionalDomainName": f"d-{_hex(name, 10)}.execute-api.{region}.amazonaws.com",
                "regionalZoneId": "Z1U9ULNL0V5AJ3",
                "cloudfrontDomainName": f"{_hex(name, 13)}.cloudfront.net",
                "cloudfrontZoneId": "Z2FDTNDATAQYW2",
            }
        case "aws:lambda/invocation:Invocation":
            outputs["result"] = '{"applied": 3}'
        case "aws:route53/record:Record":
            outputs["fqdn"] = inputs.get("name", name)
        case "aws:ec2/vpc:Vpc":
            outputs["defaultSecurityGroupId"] = f"sg-{_hex(name, 17)}"
            outputs["defaultNetworkAclId"] = f"acl-{_hex(name, 17)}"
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            if inputs.get("vpcEndpointType") == "Gateway":
                outputs["prefixListId"] = "pl-6ea54007"
        case "aws:iam/role:Role":
            outputs["arn"] = f"arn:aws:iam::{ACCOUNT_ID}:role/{name}-1a2b3c4"
        case "aws:kms/key:Key":
            outputs["keyId"] = _hex(name, 32)
            outputs["arn"] = f"arn:aws:kms:{region}:{ACCOUNT_ID}:key/{_hex(name, 32)}"
        case "aws:cloudwatch/logGroup:LogGroup":
            group = inputs.get("name", f"{name}-1a2b3c4")
            outputs["arn"] = f"arn:aws:logs:{region}:{ACCOUNT_ID}:log-group:{group}"
        case "aws:rds/cluster:Cluster":
            identifier = inputs.get("clusterIdentifier", name)
            stem = f"{_hex(name, 12)}.{region}.rds.amazonaws.com"
            secret = f"rds!cluster-{_hex(name, 8)}"
            outputs |= {
                "clusterIdentifier": identifier,
                "clusterResourceId": f"cluster-{_hex(name, 26).upper()}",
                "endpoint": f"{identifier}.cluster-{stem}",
                "readerEndpoint": f"{identifier}.cluster-ro-{stem}",
                "port": 3306,
                "engineVersionActual": inputs.get("engineVersion"),
                "masterUserSecrets": [
                    {
                        "secretArn": (
                            f"arn:aws:secretsmanager:{region}:{ACCOUNT_ID}:secret:{secret}-AbCdEf"
                        ),
                        "secretStatus": "active",
                        "kmsKeyId": inputs.get("masterUserSecretKmsKeyId"),
                    }
                ],
            }
        case "aws:rds/clusterInstance:ClusterInstance":
            outputs["identifier"] = inputs.get("identifier", name)
            outputs["dbiResourceId"] = f"db-{_hex(name, 26).upper()}"
        case "aws:rds/proxy:Proxy":
            outputs["name"] = inputs.get("name", name)
            outputs["endpoint"] = f"{name}.proxy-{_hex(name, 12)}.{region}.rds.amazonaws.com"
            outputs["arn"] = f"arn:aws:rds:{region}:{ACCOUNT_ID}:db-proxy:prx-{_hex(name, 17)}"
        case "aws:rds/proxyEndpoint:ProxyEndpoint":
            outputs["endpoint"] = (
                f"{name}.endpoint.proxy-{_hex(name, 12)}.{region}.rds.amazonaws.com"
            )
        case "aws:secretsmanager/secret:Secret":
            outputs["arn"] = (
                f"arn:aws:secretsmanager:{region}:{ACCOUNT_ID}:secret:{name}-1a2b3c4-AbCdEf"
            )
        case "random:index/randomPassword:RandomPassword":
            text = (_hex(name, 64) * 4)[: int(inputs["length"])]
            outputs["result"] = rpc.wrap_rpc_secret(text)
            outputs["bcryptHash"] = rpc.wrap_rpc_secret(_hex(name, 60))
        case "random:index/randomId:RandomId":
            outputs["hex"] = _hex(name, 2 * int(inputs["byteLength"]))
        case "aws:elasticache/serverlessCache:ServerlessCache":
            stem = f"{_hex(name, 6)}.serverless.euc1.cache.amazonaws.com"
            cache = inputs.get("name", name)
            outputs["endpoints"] = [{"address": f"{cache}-{stem}", "port": 6379}]
            outputs["readerEndpoints"] = [{"address": f"{cache}-{stem}", "port": 6380}]
            outputs["arn"] = f"arn:aws:elasticache:{region}:{ACCOUNT_ID}:serverlesscache:{cache}"
        case "aws:elasticache/replicationGroup:ReplicationGroup":
            group = inputs.get("replicationGroupId", name)
            outputs["primaryEndpointAddress"] = (
                f"master.{group}.{_hex(name, 6)}.cache.amazonaws.com"
            )
            outputs["configurationEndpointAddress"] = (
                f"clustercfg.{group}.{_hex(name, 6)}.cache.amazonaws.com"
            )
            outputs["arn"] = f"arn:aws:elasticache:{region}:{ACCOUNT_ID}:replicationgroup:{group}"
        case "aws:elasticache/user:User":
            user = inputs["userId"]
            outputs["arn"] = f"arn:aws:elasticache:{region}:{ACCOUNT_ID}:user:{user}"
        case "aws:lambda/function:Function":
            function = inputs.get("name", f"{name}-1a2b3c4")
            arn = f"arn:aws:lambda:{region}:{ACCOUNT_ID}:function:{function}"
            path = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
            outputs |= {"arn": arn, "qualifiedArn": f"{arn}:1", "version": "1", "invokeArn": path}
        case "aws:lambda/alias:Alias":
            arn = f"{inputs['functionName']}:{inputs.get('name', name)}"
            path = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
            outputs |= {"arn": arn, "invokeArn": path}
        case "aws:apigateway/restApi:RestApi":
            identifier = _hex(name, 10)
            outputs["rootResourceId"] = _hex(f"{name}/", 10)
            outputs["executionArn"] = f"arn:aws:execute-api:{region}:{ACCOUNT_ID}:{identifier}"
            outputs["arn"] = f"arn:aws:apigateway:{region}::/restapis/{identifier}"
        case "aws:apigateway/stage:Stage":
            host = f"{inputs['restApi']}.execute-api.{region}.amazonaws.com"
            outputs["invokeUrl"] = f"https://{host}/{inputs['stageName']}"
        case "aws:s3/bucket:Bucket":
            bucket = inputs.get("bucket", f"{name}-1a2b3c4")
            outputs |= {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}
        case "aws:sqs/queue:Queue":
            outputs["url"] = f"https://sqs.{region}.amazonaws.com/{ACCOUNT_ID}/{name}"
        case _:
            pass
    return outputs


def identifier(typ: str, name: str) -> str:
    """The id that AWS would give; other resources' ARNs are built on some of them."""
    match typ:
        case "aws:ec2/vpc:Vpc":
            return f"vpc-{_hex(name, 17)}"
        case "aws:ec2/subnet:Subnet":
            return f"subnet-{_hex(name, 17)}"
        case "aws:ec2/securityGroup:SecurityGroup":
            return f"sg-{_hex(name, 17)}"
        case "aws:apigateway/restApi:RestApi":
            return _hex(name, 10)
        case _:
            return f"{name}-id"
