"""Domains of their own for the tests: tables and rows that no example data has."""
