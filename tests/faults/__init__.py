"""A TCP proxy that breaks connections on purpose, between the handler and a real server."""
