"""Tests of the infrastructure library, on Pulumi's mocks: no account, no CLI, no network.

``recording`` runs a program and gives its resource graph, ``invariants`` holds what must be true of
every graph, ``conftest`` the fixtures.
"""
