"""An OpenID Connect issuer for one's own machine: it signs whatever it is asked to.

``python -m aurora_graphql.dev.issuer token --scopes "orders:read"`` prints a token, ``serve`` gives
out the key.

Nothing of this may open an API that others can reach, and three things see to it: it does not run
inside of Lambda or for another STAGE than ``local``; its address is one of this machine, which the
authorizer refuses in every other STAGE; its key is made here, by the first use, and is in no
repository and no archive.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from aurora_graphql.errors import ToolError

PORT = 8009
AUDIENCE = "aurora-graphql-local"
LIFETIME_S = 3_600
LIFETIME_MAX_S = 86_400

_DISCOVERY, _KEYS = "/.well-known/openid-configuration", "/keys"


class IssuerError(ToolError):
    """It will not do that; the text says why."""


class LocalIssuer:
    """One issuer: its address, its key in ``folder``, its tokens. Raises ``IssuerError``."""

    def __init__(self, folder: Path, environ: Mapping[str, str], *, port: int = PORT) -> None:
        refuse_production(environ)
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._key = _load_key(folder / "issuer.pem")
        public = self._key.public_key()
        self._jwk: dict[str, Any] = ECAlgorithm.to_jwk(public, as_dict=True)
        self._kid = hashlib.sha256(self._jwk["x"].encode()).hexdigest()[:16]

    @property
    def environ(self) -> dict[str, str]:
        """Settings of an authorizer that trusts it."""
        return {"AUTH_ISSUERS": self.url, "AUTH_AUDIENCE": AUDIENCE, "STAGE": "local"}

    def token(
        self,
        *,
        subject: str,
        scopes: Sequence[str] = (),
        claims: Mapping[str, str] | None = None,
        lifetime_s: int = LIFETIME_S,
    ) -> str:
        """A token for this API, good from now on."""
        if not 1 <= lifetime_s <= LIFETIME_MAX_S:
            raise IssuerError(f"a token lives 1 to {LIFETIME_MAX_S} seconds, got {lifetime_s}")
        now = int(time.time())
        payload = {
            **(claims or {}),
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + lifetime_s,
        }
        return jwt.encode(payload, self._key, "ES256", headers={"kid": self._kid, "typ": "at+jwt"})

    def documents(self) -> dict[str, bytes]:
        """What it says of itself, by path."""
        key = {**self._jwk, "kid": self._kid, "use": "sig", "alg": "ES256"}
        discovery = {"issuer": self.url, "jwks_uri": self.url + _KEYS}
        return {
            _DISCOVERY: json.dumps(discovery).encode(),
            _KEYS: json.dumps({"keys": [key]}).encode(),
        }

    @contextlib.contextmanager
    def serve(self) -> Iterator[None]:
        """Give the documents out, to this machine only, while the block runs."""
        documents = self.documents()

        class Handler(BaseHTTPRequestHandler):
            """Answers GET by path."""

            def do_GET(self) -> None:
                body = documents.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                """Say nothing: the terminal belongs to the API."""

        try:
            server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        except OSError as error:
            raise IssuerError(f"cannot listen on port {self._port}: {error.strerror}") from error
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def refuse_production(environ: Mapping[str, str]) -> None:
    """Raise ``IssuerError`` anywhere but on a developer's machine."""
    for name in ("AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"):
        if environ.get(name):
            raise IssuerError(f"{name} is set: this issuer lets anybody in and is no part of AWS")
    stage = environ.get("STAGE", "").strip() or "local"
    if stage != "local":
        raise IssuerError(f"STAGE is {stage}: this issuer lets anybody in and is for local only")


def _load_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """The key of the folder; the first use makes it, readable by its owner alone."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        text = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(text)
        with contextlib.suppress(FileExistsError):  # another process was faster: its key counts
            os.link(draft, file)
        draft.unlink()
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise IssuerError(f"{file} holds no key of this issuer; remove it to get another one")
    return key
