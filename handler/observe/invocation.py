"""What the platform says of one invocation of a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

from msgspec import Struct

TRACE_VARIABLE: Final = "_X_AMZN_TRACE_ID"
_ROOT_CHARACTERS: Final = 35  # 1-58406520-a006649127e371903a2de979


class Invocation(Struct, frozen=True, kw_only=True):
    """One invocation. Empty outside of Lambda."""

    request_id: str = ""  # as in Lambda's own lines
    trace_id: str = ""
    parent_id: str = ""  # the segment of the trace that the invocation is
    is_sampled: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], request_id: str) -> Self:
        """With the trace that Lambda writes into ``_X_AMZN_TRACE_ID`` for each invocation.

        Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
        """
        header = environ.get(TRACE_VARIABLE, "")
        root = parent = sampled = ""
        for part in header.split(";"):
            name, _, value = part.partition("=")
            if name == "Root":
                root = value
            elif name == "Parent":
                parent = value
            elif name == "Sampled":
                sampled = value
        # A caller may have chosen it: nothing but an identifier gets into the log.
        if len(root) != _ROOT_CHARACTERS or not root.replace("-", "").isalnum():
            return cls(request_id=request_id)
        return cls(
            request_id=request_id,
            trace_id=root,
            parent_id=parent,
            is_sampled=sampled == "1",
        )


OUTSIDE: Final = Invocation()
