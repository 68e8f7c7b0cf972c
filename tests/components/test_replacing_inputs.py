"""Which inputs replace a resource: the table of the preview against what packages know of it.

Three sources. CloudFormation's schemas, as cfn-lint carries them, name the properties that AWS
takes at creation only. The descriptions in Pulumi's SDK say of some inputs that a change of them
forces another resource. And whatever a stack declares under a name of its own is held against both,
whether a setting changes it today or not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pulumi_aws as aws
import pytest
from cfnlint.schema.manager import (  # type: ignore[import-untyped]  # no type information published
    PROVIDER_SCHEMA_MANAGER,
)

from aurora_graphql.preview.answers import REGION
from aurora_graphql.preview.resource_types import TYPES
from aurora_graphql.preview.sdk import arguments_of
from tests.components.test_aws_shapes import TWINS

pytestmark = pytest.mark.slow

NAMED: Final = [typ for typ, facts in TYPES.items() if facts.known_by]
"""Types of which this project chooses the name: their successor cannot be made beside them."""

FORCES: Final = re.compile(
    r"forces? (a )?(new|replacement)|resource recreation|not support in-place|force resource", re.I
)
IN_PLACE: Final[Mapping[tuple[str, str], str]] = {
    (
        "aws:apigateway/basePathMapping:BasePathMapping",
        "basePath",
    ): "UpdateBasePathMapping moves it",
    ("aws:elasticache/replicationGroup:ReplicationGroup", "preferredCacheClusterAzs"): (
        "the provider reads it at creation and ignores it later"
    ),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "transitEncryptionEnabled"): (
        "before engine 7.0.5 only, of which there is none here"
    ),
    ("aws:rds/cluster:Cluster", "storageType"): "of Multi-AZ clusters only, which Aurora's are not",
}
"""What the sources say of inputs that Pulumi's provider changes in place, and why that is so."""


def _wire_names(typ: str) -> Mapping[str, str]:
    """Names without regard to case -> as Pulumi has them, with what CloudFormation calls them."""
    own = {name.lower(): name for name in arguments_of(typ) or {}}
    for name, called in TWINS[typ].renamed.items():
        if "." not in name:
            own |= {each.lower(): name for each in called.split() if each.lower() not in own}
    return own


def of_cloudformation(typ: str) -> Iterator[str]:
    """Inputs of which AWS says that it takes them at creation only."""
    twin = TWINS.get(typ)
    if twin is None or not twin.cloudformation:
        return
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, twin.cloudformation.split()[0])
    names = _wire_names(typ)
    for pointer in schema.schema.get("createOnlyProperties", ()):
        name = names.get(pointer.removeprefix("/properties/").lower())
        if name is not None:
            yield name


def of_the_sdk(typ: str) -> Iterator[str]:
    """Inputs whose description says that another value forces another resource."""
    module, name = typ.partition("/")[0].partition(":")[2], typ.rpartition(":")[2]
    owner: Any = getattr(aws, {"lambda": "lambda_"}.get(module, module))
    arguments = getattr(sys.modules[getattr(owner, name).__module__], f"{name}Args")
    for described in vars(arguments).values():
        if isinstance(described, property) and FORCES.search(described.fget.__doc__ or ""):
            yield described.fget._pulumi_name  # type: ignore[union-attr]  # of Pulumi's getters


@pytest.mark.parametrize("typ", NAMED)
def test_what_replaces_a_resource_with_a_name_of_ours_is_in_the_table(typ: str) -> None:
    facts = TYPES[typ]
    said = {*of_cloudformation(typ), *of_the_sdk(typ)}
    in_place = {name for each, name in IN_PLACE if each == typ}
    assert said - in_place <= {*facts.known_by, *facts.forced_by}
    assert in_place <= said  # or there is no reason to except it


def test_the_sources_say_something() -> None:
    """Schemas that have moved, or descriptions of other words, would agree with any table."""
    by_aws = sum(len([*of_cloudformation(typ)]) for typ in NAMED)
    by_pulumi = sum(len([*of_the_sdk(typ)]) for typ in NAMED)
    assert by_aws > 50
    assert by_pulumi >= 5
