"""Redis or Valkey: the client (``cache``), its ``login`` and ``tls``, and what is kept there.

``wire`` runs commands on a connection of redis-py, and ``parts`` are all that is needed of that
library; ``versions`` of tables, by which cached answers end; ``rate_limiter``, a budget in one key.
"""
