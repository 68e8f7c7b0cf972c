"""Issuers for tests: keys, tokens with any fault, and web sites with any manners."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "orders-api"
METHOD_ARN = "arn:aws:execute-api:eu-central-1:123456789012:ab12cd34ef/dev/POST/"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())

Answer = Callable[[BaseHTTPRequestHandler], None]


def public_jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str | None) -> Any:
    """The public half as an issuer publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        parts = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        parts = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**parts, "use": "sig", **({} if kid is None else {"kid": kid})}


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def claims(issuer: str, **changed: Any) -> dict[str, Any]:
    """What a good token says; ``None`` leaves a claim out."""
    now = int(time.time())
    good = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "customer-VINET",
        "scope": "orders:read",
        "iat": now,
        "exp": now + 600,
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def sign(
    payload: Mapping[str, Any],
    *,
    key: Any = RSA_KEY,
    algorithm: str = "RS256",
    **headers: Any,
) -> str:
    """A token; ``kid`` is ``one`` unless said otherwise."""
    return jwt.encode(dict(payload), key, algorithm, headers={"kid": "one", **headers})


def sign_text(payload: bytes) -> str:
    """A genuine token with these very bytes as claims."""
    return jwt.PyJWS().encode(payload, RSA_KEY, "RS256", headers={"kid": "one"})


def forge(header: object, payload: object, secret: bytes | None = None) -> str:
    """A token that no library would make, signed by HMAC if there is a ``secret``."""
    signed = b".".join(
        base64.urlsafe_b64encode(
            part if isinstance(part, bytes) else json.dumps(part).encode()
        ).rstrip(b"=")
        for part in (header, payload)
    )
    digest = b"" if secret is None else hmac.new(secret, signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def event(*authorization: str, name: str = "Authorization", **changed: Any) -> dict[str, Any]:
    """An event of the authorizer, as API Gateway sends it."""
    last = {name: authorization[-1]} if authorization else {}
    several = {name: list(authorization)} if authorization else {}
    return {
        "type": "REQUEST",
        "methodArn": METHOD_ARN,
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": {"Accept": "application/json", **last},
        "multiValueHeaders": {"Accept": ["application/json"], **several},
        "queryStringParameters": {},
        "requestContext": {"requestId": "r-1", "stage": "dev", "apiId": "ab12cd34ef"},
        **changed,
    }


def body(content: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer with good manners."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        for header, value in headers.items():
            request.send_header(header, value)
        request.end_headers()
        request.wfile.write(content)

    return answer


@dataclass
class Site:
    """A web server on loopback. ``answers``: by path, may be changed; ``asked``: every path."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def publish(self, *keys: Any) -> None:
        """Be an issuer with these keys."""
        self.answers["/.well-known/openid-configuration"] = body(
            orjson.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"})
        )
        self.answers["/keys"] = body(orjson.dumps({"keys": keys}))


@contextlib.contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site, and its end."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            with contextlib.suppress(OSError):  # the reader may leave
                site.answers.get(self.path, body(b"", 404))(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    site.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
