"""``@skip`` and ``@include``: whether a selection counts, for everything that collects fields.

Source: https://spec.graphql.org/September2025/#sec--skip
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handler.language import ast
from handler.language.variables import NullVariableError


def is_included(directives: Sequence[ast.Directive], variables: Mapping[str, Any]) -> bool:
    """Whether the directives of a validated selection let it through.

    ``variables`` are coerced. A nullable variable with a default may stand here, and may be null
    all the same: that raises ``NullVariableError``.
    Source: https://spec.graphql.org/September2025/#sec-All-Variable-Usages-Are-Allowed
    """
    for directive in directives:
        if directive.name in ("skip", "include"):
            value = directive.arguments[0].value
            if isinstance(value, ast.Variable):
                is_true = variables.get(value.name)
                if is_true is None:
                    raise NullVariableError(value, "Boolean!")
            else:
                is_true = isinstance(value, ast.BooleanValue) and value.value
            if is_true == (directive.name == "skip"):
                return False
    return True
