"""SDL from a database: what is decided and printed for the catalogues of ``catalogues``."""
