"""Who this stack is, who may call, and what callers may do."""

from __future__ import annotations

from handler.access.trust import ALGORITHMS, LEEWAY_MAX_S
from handler.settings.kinds import (
    Choice,
    Switch,
    Text,
    Whole,
    Words,
)
from handler.settings.variables.variable import ERROR, HIDDEN, Variable

CALLERS = (
    Variable(
        name="STAGE",
        field="stage",
        kind=Text("a name"),
        meaning="The stack that this is, for logs.",
    ),
    Variable(
        name="RELEASE",
        field="release",
        kind=Text("a text"),
        meaning="What was deployed together: code and settings. Failures are logged with it, and a"
        " deployment checks by it that it has the version that it made. The stack sets it.",
    ),
    Variable(
        name="AWS_LAMBDA_FUNCTION_NAME",
        field="function_name",
        kind=Text("a name"),
        meaning="The function that metrics belong to; without one there are none. Lambda sets it.",
    ),
    Variable(
        name="AWS_LAMBDA_INITIALIZATION_TYPE",
        field="initialization_type",
        kind=Text("a word"),
        meaning="How the environment was started, for the log. Lambda sets it.",
    ),
    Variable(
        name="AUTH_ISSUERS",
        field="trust.issuers",
        kind=Words("addresses such as `https://login.example`, separated by commas"),
        meaning="OpenID Connect issuers whose tokens open the API, as `iss` in a token has them."
        " Where the keys are says the issuer, or an address after a bar:"
        " `https://login.example\\|https://login.example/keys`.",
    ),
    Variable(
        name="AUTH_AUDIENCE",
        field="trust.audience",
        kind=Words("names, separated by commas"),
        meaning="A token must be made for one of them: its `aud`, or its `client_id` if it is an"
        " access token of Cognito, which has no `aud`.",
    ),
    Variable(
        name="AUTH_ALGORITHMS",
        field="trust.algorithms",
        kind=Words("some of " + ", ".join(ALGORITHMS)),
        meaning="How a token may be signed.",
    ),
    Variable(
        name="AUTH_LEEWAY_S",
        field="trust.leeway_s",
        kind=Whole(0, LEEWAY_MAX_S),
        meaning="Seconds by which the clocks of issuer, authorizer and API may differ.",
    ),
    Variable(
        name="AUTH_SCOPE_CLAIMS",
        field="trust.scope_claims",
        kind=Words("names of claims, separated by commas"),
        meaning="Claims that hold scopes, as a list or separated by spaces; all are added up."
        " Auth0's `permissions` or Entra's `roles` can be named here.",
    ),
    Variable(
        name="AUTH_CLAIMS",
        field="trust.claims",
        kind=Words("names of claims, separated by commas"),
        meaning="Claims that the API gets to know: texts, whole numbers and booleans. Others are"
        " left out.",
    ),
    Variable(
        name="AUTH_ANONYMOUS",
        field="trust.anonymous",
        kind=Switch(),
        meaning="Whether a caller without a token is let in, without scopes.",
    ),
    Variable(
        name="AUTH_API_KEYS",
        field="trust.api_keys",
        kind=Words("`name=sha256 scope scope`, separated by commas"),
        meaning="Static keys, which are sent like tokens, by their hashes."
        " `python -m handler.access.api_keys NAME SCOPE...` makes one.",
        secret=True,
    ),
    Variable(
        name="AUTH",
        field="auth",
        kind=Switch(),
        meaning="Off lets everybody read everything, for development; refused on AWS.",
    ),
    Variable(
        name="FORBIDDEN_FIELDS",
        field="forbidden_fields",
        kind=Choice((ERROR, HIDDEN)),
        meaning="What a field is that the caller may not read: an `error` where it is asked for, or"
        " `hidden`, that is unknown to this caller, in introspection and suggestions as well.",
    ),
    Variable(
        name="CALLER_LIMITS",
        field="caller_limits.rows",
        kind=Words("`who limit=number limit=number`, separated by commas"),
        meaning="Limits of callers, under those of everybody. Who: `anonymous`, `token`, `api-key`"
        " or `scope:` and a scope. Limits: `depth`, `cost`, `page_size`, `cost_per_minute`; of"
        " several that apply to a caller the most generous one counts. See [limits.md](limits.md).",
    ),
)
