"""What a component is called in a stack's state, and was: a former name replaces no resource.

The type token of a component is the one under which the plugin's schema offers it, so a stack of
YAML and one of Python know the same resources.
"""

from __future__ import annotations

from typing import Final

import pulumi

_FORMER: Final = "aurora-graphql:component:"
"""What the tokens began with before they were those of the schema."""


def formerly(kind: str, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """``opts`` of a component, with the type token that it had before."""
    former = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=f"{_FORMER}{kind}")])
    return pulumi.ResourceOptions.merge(opts, former)


def once_loose(kind: str, parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options of a tier below ``parent`` that the program itself declared before."""
    former = pulumi.Alias(type_=f"{_FORMER}{kind}", parent=None)
    return pulumi.ResourceOptions(parent=parent, aliases=[former])
