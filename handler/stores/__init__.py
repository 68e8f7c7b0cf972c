"""The edges: each talks to one service and knows no GraphQL.

``url`` and ``login`` say where a service is and who asks; ``credentials`` gives the logins, signed
by ``signature`` or read by ``secrets``. ``database`` is
for requests, ``session`` for programs that write, both over ``connection``; ``cache`` with
``cache_login``. ``resultset`` reads rows, ``catalog`` and ``privileges`` what the server says of
tables and accounts, ``script`` SQL files, ``objects`` and ``versions`` what their names say.
"""
