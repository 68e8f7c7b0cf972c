"""Secrets: none stands in the clear, in the state, in an environment, or in an output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules.rule import Problem, Rule

_LEAST_CHARACTERS: Final = 15
"""Of a password that nothing else accompanies: https://pages.nist.gov/800-63-4/sp800-63b.html"""

_SECRET_NAMES: Final = re.compile(r"(?i)(password|passwd|secret|private_?key|auth_?token)")


def _no_secret_in_the_clear(graph: Graph) -> Iterator[Problem]:
    def leaks(value: Any) -> bool:
        text = json.dumps(value, default=str)
        return any(secret in text for secret in graph.secret_values)

    for resource in graph.resources:
        for name, value in resource.inputs.items():
            if name not in resource.secret_inputs and leaks(value):
                yield resource.name, f"{name} carries a generated secret in the clear"
        for name in ("masterPassword", "passwords", "authToken"):
            if resource.inputs.get(name):
                yield resource.name, f"{name} is a password that we would have to keep"
        variables = (resource.inputs.get("environment") or {}).get("variables") or {}
        for key, value in variables.items():
            if _SECRET_NAMES.search(key) and not key.endswith("_ARN"):
                yield resource.name, f"environment variable {key}"
            if re.search(r"://[^/@\s]+:[^/@\s]+@", str(value)):
                yield resource.name, f"environment variable {key} holds a password"
    for component, outputs in graph.component_outputs.items():
        if leaks(outputs):
            yield component, "an output carries a generated secret"
    for key, export in graph.exports.items():
        if not export.secret and leaks(export.value):
            yield f"export {key}", "carries a generated secret in the clear"


def _recoverable(graph: Graph) -> Iterator[Problem]:
    for secret in graph.of_type("aws:secretsmanager/secret:Secret"):
        if not secret.inputs.get("recoveryWindowInDays"):
            yield secret.name, "cannot be recovered"


def _long(graph: Graph) -> Iterator[Problem]:
    for password in graph.of_type("random:index/randomPassword:RandomPassword"):
        if int(password.inputs.get("length") or 0) < _LEAST_CHARACTERS:
            yield password.name, f"has {password.inputs.get('length')} characters"


RULES: Final = (
    Rule(
        id="no-secret-in-the-clear",
        holds="no input, environment, output or export shows a secret",
        why="The state, the console and logs show them to everybody who may look there.",
        remedy="give a role the right to read the secret, and pass its ARN",
        check=_no_secret_in_the_clear,
    ),
    Rule(
        id="secrets-recoverable",
        holds="a deleted secret can be recovered for some days",
        why="Without it nobody logs in any more.",
        remedy="set recovery_window_in_days",
        check=_recoverable,
    ),
    Rule(
        id="passwords-are-long",
        holds=f"a generated password has at least {_LEAST_CHARACTERS} characters",
        why="Whoever has a copy of its hash tries out shorter ones.",
        remedy="set a longer length",
        check=_long,
    ),
)
