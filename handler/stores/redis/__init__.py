"""Redis or Valkey: the client (``cache``), its ``login`` and ``tls``, and what is kept there.

``versions`` of tables, by which cached answers end; ``rate_limiter``, a budget in one key.
"""
