"""What the SDK's classes say about a resource type: its inputs and their classes."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

import pulumi_aws as aws
import pulumi_random as random
from pulumi._types import input_type_types, is_input_type


@cache
def arguments_of(typ: str) -> Mapping[str, Any] | None:
    """Inputs that the SDK's class for this type takes: name on the wire -> type."""
    match = re.fullmatch(r"(aws|random):(\w+)/\w+:(\w+)", typ)
    if match is None:
        return None
    if match[1] == "random":
        owner: Any = random
    else:
        owner = getattr(aws, {"lambda": "lambda_", "index": "__init__"}.get(match[2], match[2]))
    # Where another class already has the usual name, the SDK calls this one InitArgs.
    module = sys.modules[getattr(owner, match[3]).__module__]
    arguments = getattr(module, f"{match[3]}InitArgs", None) or getattr(module, f"{match[3]}Args")
    found: Mapping[str, Any] = input_type_types(arguments)
    return found


def input_class(hint: Any) -> type | None:
    """The input class somewhere inside ``Optional[Sequence[Input[Class]]]``."""
    if isinstance(hint, type) and is_input_type(hint):
        return hint
    found = (input_class(argument) for argument in get_args(hint))
    return next((one for one in found if one is not None), None)
