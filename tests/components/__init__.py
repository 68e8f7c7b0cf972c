"""Tests of the infrastructure library, on Pulumi's mocks: no account, no CLI, no network.

In ``aurora_graphql.preview``, ``recording`` runs a program and gives its resource graph, and
``rules`` holds what must be true of every graph; ``conftest`` has the fixtures.
"""
