"""The stack on one machine: MariaDB, Redis and API Gateway in small; no AWS.

In order of control flow: ``__main__`` (commands of the Makefile), ``layout`` (paths below
``.local/``), ``servers`` (private MariaDB and Redis), ``stack`` (servers, tables and data made
ready), ``graphiql`` (the browser's GraphiQL), ``gateway`` (HTTP in, API Gateway events out),
``proxy_event`` (the two formats), ``environment`` (a process that calls the Lambda handler).
"""
