"""The stack on one machine: MariaDB, Redis and API Gateway in small; no AWS.

In order of control flow: ``run``, ``claim`` (one program at a time), ``servers`` (private MariaDB
and Redis), ``mysql`` and ``valkey`` (the same of MySQL and Valkey), ``unpacked`` (where these come
from on Debian 12), ``choice`` (which of them), ``stack`` (servers, tables and data made ready),
``graphiql`` (the browser's GraphiQL), ``gateway`` (the HTTP server before
``aurora_graphql.gateway``), and ``issuer`` (tokens for this machine) where none is named.

What makes it comfortable: ``local`` (the parts put together), ``reloading`` (the function made anew
while it serves), ``watching`` (which files do that), ``console`` (a line for each request) and
``desk`` (GraphiQL's page beside the API). The function is ``local_app``, the App that also tells
what it did: by ``local_log``, ``tracing``, ``plan_pane``, ``sql_text`` (SQL laid out for people)
and ``examples`` (what GraphiQL opens with).

Behind the gateway: ``environment`` (plain processes) and ``runtime`` (their inside). With
``--lambda``: ``lambda_run`` (options), ``lambda_task`` (checkout or archive),
``lambda_function`` (as many environments as needed), ``lambda_environment`` (one of them),
``runtime_api`` (what Lambda's runtime client talks to).

Beside them: ``variables`` and ``steps`` (what a person writes and reads), and ``reset``.
"""
