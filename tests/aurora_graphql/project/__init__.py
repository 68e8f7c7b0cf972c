"""SDL from a database: what is decided and printed for the catalogues of ``catalogues``.

``decisions`` shows what was decided, in short.
"""
