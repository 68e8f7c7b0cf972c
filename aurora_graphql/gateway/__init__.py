"""API Gateway REST in small, whatever HTTP server stands in front and whatever runs the function.

Requests become proxy events, the authorizer is asked, paths, methods and limits are the deployed
API's, and what API Gateway itself would say is said. ``aurora_graphql.dev`` serves it by aiohttp
before processes, ``aurora_graphql.asgi`` by any ASGI server before the App in the same process.
"""
