"""The edges: each talks to one service and knows no GraphQL.

``url`` and ``login`` say where a service is and who asks; ``credentials`` gives the logins, signed
by ``signature`` or read by ``secrets``. ``deadline`` and ``budget`` are what a request has left of
time, rows and bytes.

``database`` is for requests, ``session`` for programs that write, both over ``connection`` with
``tls``; after failures they pause (``back_off``) or wait for a database that sleeps (``waking``).
``literals`` writes values, ``time_limit`` the server's limit of time, ``resultset`` reads rows, and
``complaint`` says what may be repeated of an error. ``catalog``, ``column_types`` and
``privileges`` are what the server says of tables, columns and accounts; ``script`` reads SQL files,
``repeated`` tells DDL that was applied before.

``cache``, with ``cache_login`` and ``cache_tls``, holds ``versions`` of tables and the ``bucket``
of a caller's budget. By ``aws_client``, for programs alone: ``objects`` of S3 and ``functions`` of
Lambda.
"""
