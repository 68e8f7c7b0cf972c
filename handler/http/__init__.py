"""Stages 1 and 7: a gateway event in, a gateway response out. Pure functions; no SQL, no tables.

In order of control flow: ``routing`` reads the event with ``event`` (the shape of AWS) and answers
at once what is no GraphQL: preflights with ``cors``, health checks, the query editor with
``graphiql``. Everything else goes through ``media`` (content negotiation), ``graphql`` (GraphQL
over HTTP) and ``body`` (JSON). ``response`` writes answers, and is the one place that masks errors;
``quota`` says what is left of a caller's budget.

``surface`` says which paths, methods and headers the API has, for the handler and the gateways
alike. ``options`` are the settings of this stage, ``errors`` those that carry a status of HTTP.
"""
