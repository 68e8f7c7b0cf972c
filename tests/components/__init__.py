"""Tests of the infrastructure library, on Pulumi's mocks: no account, no CLI, no network.

``preview.recording`` runs a program and gives its resource graph, ``preview.rules`` holds what must
be true of every graph, ``conftest`` the fixtures.
"""
