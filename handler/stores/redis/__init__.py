"""Redis or Valkey: the client (``cache``), its ``login`` and ``tls``, and what is kept there.

``parts`` of redis-py, which are all that the client needs of it; ``versions`` of tables, by which
cached answers end; ``rate_limiter``, a budget in one key.
"""
