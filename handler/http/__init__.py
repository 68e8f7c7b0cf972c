"""Stages 1 and 7: a gateway event in, a gateway response out. Pure functions; no SQL, no tables.

In order of control flow: ``intake`` is the door, and uses ``event`` (the shape of AWS), ``surface``
(what callers find: paths, methods, headers), ``cors``, ``page`` (GraphiQL), ``media``
(negotiation), ``body`` (JSON) and ``graphql`` (GraphQL over HTTP); ``response`` is the way out and
the one place that masks errors. ``policy`` holds the settings, ``refusal`` the errors that carry a
status of HTTP.
"""
