"""Order between components: a value that is not used before other resources exist."""

from __future__ import annotations

from typing import TypeVar

import pulumi

T = TypeVar("T")


def known_after(value: pulumi.Output[T], *resources: pulumi.CustomResource) -> pulumi.Output[T]:
    """``value``, known only once ``resources`` exist.

    What takes it as an input waits for them: an order across components, which the ``depends_on``
    of one component's child cannot name.
    """
    ids = pulumi.Output.all(*(resource.id for resource in resources))
    return ids.apply(lambda _: value)
