"""The edges: each talks to one service and knows no GraphQL.

``mysql``, ``redis`` and ``aws`` are the services. ``url`` and ``login`` are addresses and accounts,
``tls`` makes contexts for database and cache. ``deadline`` and ``request_budget`` are the time,
rows, bytes and second tries that a request has left; ``meter`` is the time that it has spent here.
``reply`` is what a connection waits for.
"""
