"""Traces of requests, without a database."""
