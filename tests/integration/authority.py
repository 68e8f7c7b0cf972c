"""A throw-away authority, and the certificates that it signs for servers of a test."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """``file`` holds its own certificate, as a client needs it."""

    file: Path
    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, directory: Path) -> Authority:
        """A new authority whose files are in a folder of their own."""
        directory.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, directory.name)])
        authority = cls(directory / "ca.pem", name, key)
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            authority._builder(name, key, now - DAY, now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        authority.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return authority

    def certify(self, host: str, *, expired: bool = False) -> tuple[Path, Path]:
        """A server's certificate for a name, and its key; the files of before are replaced."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        now = datetime.datetime.now(datetime.UTC)
        end = now - DAY / 2 if expired else now + DAY
        certificate = (
            self._builder(name, key, now - DAY, end)
            .add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        files = self.file.parent / "server.pem", self.file.parent / "server.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _builder(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        start: datetime.datetime,
        end: datetime.datetime,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
        )


def _name(host: str) -> x509.GeneralName:
    """How a certificate names a host."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
