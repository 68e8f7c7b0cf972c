"""API Gateway REST in small, whatever HTTP server stands in front and whatever runs the function.

Requests become proxy events, the authorizer is asked, paths, methods and limits are the deployed
API's, and what API Gateway itself would say is said. ``aurora_graphql.dev.gateway`` serves it
before processes, ``aurora_graphql.asgi`` before the App in the same process.

``gateway`` is asked and asks ``function``. It has ``surface`` (what the deployed API has),
``throttle``, ``proxy_event`` (the two formats), ``coding`` (packed bodies), ``refusals`` (its own
answers) and, in front, ``authorizer``.
"""
