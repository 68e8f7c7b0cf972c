"""Who works where, and on what: a domain that shares nothing with the Orders."""
