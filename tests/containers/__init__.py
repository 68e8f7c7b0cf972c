"""Tests of Dockerfile, compose.yaml and the devcontainer, without an engine to run them on."""
