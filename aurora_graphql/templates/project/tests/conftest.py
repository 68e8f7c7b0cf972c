"""Servers of the tests' own, and the API of this project over an empty database for each test."""

pytest_plugins = ["aurora_graphql.testing.plugin"]
