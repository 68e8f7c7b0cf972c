"""The edges: each talks to one service and knows no GraphQL.

``mysql``, ``redis`` and ``aws`` are the services. ``url`` and ``login`` say where one is and who
asks, ``tls`` makes contexts for both. ``deadline`` and ``request_budget`` are what a request has
left of time, rows, bytes and statements.
"""
