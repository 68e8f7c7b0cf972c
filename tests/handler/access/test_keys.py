"""The keys of an issuer: which are used, how long they are kept, and how often it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from handler.access.fetch import FetchError
from handler.access.keys import (
    FRESH_S,
    RETRY_EMPTY_S,
    RETRY_S,
    STALE_S,
    IssuerKeys,
    KeysUnavailableError,
    NoSuchKeyError,
    parse_keys,
)
from handler.access.trust import Issuer
from tests.handler.access.issuers import EC_KEY, OTHER_RSA_KEY, RSA_KEY, public_jwk

ISSUER = "https://login.example"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = "https://keys.example/jwks"


class World:
    """An issuer, a clock, and what was asked and told."""

    def __init__(self, issuer: Issuer) -> None:
        self.now_s = 1_795_425_151.0
        self.documents: dict[str, Any] = {DISCOVERY: {"issuer": ISSUER, "jwks_uri": KEYS}}
        self.asked: list[str] = []
        self.told: list[str] = []
        self.keys = IssuerKeys(
            issuer,
            self.get,
            tell=lambda error: self.told.append(str(error)),
            clock_s=lambda: self.now_s,
        )
        self.publish("one")

    def publish(self, *kids: str | None) -> None:
        self.documents[KEYS] = {"keys": [public_jwk(RSA_KEY, kid) for kid in kids]}

    def get(self, url: str, limit_s: float) -> bytes:
        assert 0 < limit_s <= 4.0
        self.asked.append(url)
        if url not in self.documents:
            raise FetchError(f"{url}: away")
        found = self.documents[url]
        return found if isinstance(found, bytes) else orjson.dumps(found)

    def find(self, kid: str | None = "one", algorithm: str = "RS256") -> str | None:
        return self.keys.find(kid, algorithm, limit_s=4.0).kid


def test_the_issuer_is_asked_once() -> None:
    world = World(Issuer(ISSUER))
    assert [world.find() for _ in range(3)] == ["one"] * 3
    assert world.asked == [DISCOVERY, KEYS]
    assert world.told == []


def test_no_discovery_where_the_settings_say_where_the_keys_are() -> None:
    world = World(Issuer(ISSUER, KEYS))
    assert world.find() == "one"
    assert world.asked == [KEYS]


def test_an_address_that_ends_with_a_slash_is_no_other_place() -> None:
    world = World(Issuer(f"{ISSUER}/"))
    world.documents[DISCOVERY] = {"issuer": f"{ISSUER}/", "jwks_uri": KEYS}
    assert world.find() == "one"


def test_keys_are_asked_for_again_after_a_while() -> None:
    world = World(Issuer(ISSUER))
    world.find()
    world.publish("two")
    world.now_s += FRESH_S - 1
    assert world.find("one") == "one"
    world.now_s += 1
    with pytest.raises(NoSuchKeyError):  # withdrawn
        world.find("one")
    assert world.find("two") == "two"
    assert len(world.asked) == 4


def test_a_new_key_is_found_at_once() -> None:
    world = World(Issuer(ISSUER))
    world.find()
    world.publish("one", "two")
    world.now_s += RETRY_S
    assert world.find("two") == "two"


def test_unknown_keys_ask_once_a_minute() -> None:
    world = World(Issuer(ISSUER))
    world.find()
    for second in range(180):
        world.now_s += 1
        with pytest.raises(NoSuchKeyError):
            world.find(f"unknown-{second}")
    assert world.asked == [DISCOVERY, KEYS] * 4


def test_unknown_keys_ask_once_a_minute_while_the_issuer_is_away() -> None:
    world = World(Issuer(ISSUER))
    world.find()
    del world.documents[KEYS]
    for _ in range(180):
        world.now_s += 1
        with pytest.raises(NoSuchKeyError):
            world.find("unknown")
    assert world.asked == [DISCOVERY, KEYS] * 4
    assert len(world.told) == 3


def test_keys_are_served_stale_for_a_day_while_the_issuer_is_away() -> None:
    world = World(Issuer(ISSUER))
    world.find()
    begin_s = world.now_s
    world.documents.clear()
    world.now_s = begin_s + FRESH_S
    assert world.find() == "one"
    world.now_s = begin_s + STALE_S - 1
    assert world.find() == "one"
    assert world.find() == "one"
    assert world.asked == [DISCOVERY, KEYS, DISCOVERY, DISCOVERY]
    assert world.told == [f"{DISCOVERY}: away"] * 2
    world.now_s = begin_s + STALE_S
    with pytest.raises(KeysUnavailableError):
        world.find()


def test_an_issuer_that_comes_back_is_believed_again() -> None:
    world = World(Issuer(ISSUER))
    documents, world.documents = world.documents, {}
    with pytest.raises(KeysUnavailableError, match=r"no keys of https://login\.example"):
        world.find()
    world.documents = documents
    world.now_s += RETRY_EMPTY_S - 1
    with pytest.raises(KeysUnavailableError):
        world.find()
    assert world.asked == [DISCOVERY]
    world.now_s += 1
    assert world.find() == "one"


def test_a_clock_that_is_put_back_does_not_keep_keys_for_ever() -> None:
    world = World(Issuer(ISSUER))
    world.find()
    world.publish("two")
    world.now_s -= 3_600
    assert world.find("two") == "two"


def test_a_token_without_a_key_identifier_needs_the_only_key() -> None:
    world = World(Issuer(ISSUER))
    assert world.find(None) == "one"
    world.publish("one", "two")
    world.now_s += FRESH_S
    with pytest.raises(NoSuchKeyError):
        world.find(None)


def test_a_key_is_found_for_its_own_algorithms_only() -> None:
    world = World(Issuer(ISSUER))
    world.documents[KEYS] = {
        "keys": [{**public_jwk(RSA_KEY, "one"), "alg": "RS512"}, public_jwk(EC_KEY, "two")]
    }
    assert world.find("one", "RS512") == "one"
    assert world.find("two", "ES256") == "two"
    for kid, algorithm in (("one", "RS256"), ("one", "ES256"), ("two", "RS256"), ("two", "ES384")):
        with pytest.raises(NoSuchKeyError):
            world.find(kid, algorithm)


@pytest.mark.parametrize(
    ("url", "document", "told"),
    [
        pytest.param(DISCOVERY, b"<html>", "no JSON object", id="html"),
        pytest.param(DISCOVERY, b"\xff\xfe", "no JSON object", id="bytes"),
        pytest.param(DISCOVERY, [], "no JSON object", id="list"),
        pytest.param(
            DISCOVERY, {"issuer": f"{ISSUER}/", "jwks_uri": KEYS}, "another issuer", id="slash"
        ),
        pytest.param(DISCOVERY, {"jwks_uri": KEYS}, "another issuer", id="no-issuer"),
        pytest.param(DISCOVERY, {"issuer": ISSUER}, "jwks_uri cannot be used", id="no-address"),
        pytest.param(
            DISCOVERY,
            {"issuer": ISSUER, "jwks_uri": "http://keys.example/jwks"},
            "jwks_uri cannot be used: an address begins with https://",
            id="no-tls",
        ),
        pytest.param(
            DISCOVERY,
            {"issuer": ISSUER, "jwks_uri": "http://127.0.0.1/jwks"},
            "jwks_uri cannot be used: an address begins with https://",
            id="this-machine",
        ),
        pytest.param(
            DISCOVERY, {"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"}, "cannot", id="file"
        ),
        pytest.param(KEYS, b"", "no JSON object", id="empty"),
        pytest.param(KEYS, b"[" * 100_000, "no JSON object", id="nested"),
        pytest.param(KEYS, {"keys": {}}, "no list of at most 100 keys", id="no-list"),
        pytest.param(KEYS, {"keys": [{}] * 101}, "no list of at most 100 keys", id="many"),
        pytest.param(KEYS, {"keys": []}, "none of its 0 keys", id="no-keys"),
        pytest.param(KEYS, {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "none of its 1", id="oct"),
    ],
)
def test_rubbish_is_told_and_replaces_nothing(url: str, document: object, told: str) -> None:
    world = World(Issuer(ISSUER))
    world.find()
    world.documents[url] = document
    world.now_s += FRESH_S
    assert world.find() == "one"
    assert len(world.told) == 1
    assert told in world.told[0]


def changed(**parts: object) -> Callable[[], dict[str, Any]]:
    return lambda: {**public_jwk(RSA_KEY, "k"), **parts}


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(changed(use="enc"), id="for-encryption"),
        pytest.param(changed(key_ops=["encrypt"]), id="not-for-verifying"),
        pytest.param(changed(key_ops="verify"), id="operations-no-list"),
        pytest.param(changed(kid=7), id="identifier-no-text"),
        pytest.param(changed(alg="HS256"), id="symmetric-algorithm"),
        pytest.param(changed(alg="RSA-OAEP"), id="algorithm-of-encryption"),
        pytest.param(changed(alg=["RS256"]), id="algorithm-no-text"),
        pytest.param(changed(kty="oct", k="c2VjcmV0"), id="symmetric"),
        pytest.param(changed(kty=["RSA"]), id="type-no-text"),
        pytest.param(changed(n=None), id="no-modulus"),
        pytest.param(changed(n="!!!"), id="modulus-no-base64"),
        pytest.param(changed(n="é"), id="modulus-not-ascii"),
        pytest.param(changed(e="AA"), id="exponent-zero"),
        pytest.param(changed(n="AQ" * 1_001), id="modulus-huge"),
        pytest.param(changed(kty="EC"), id="ec-without-point"),
        pytest.param(
            lambda: {**public_jwk(EC_KEY, "k"), "x": "AAAA", "y": "AAAA"}, id="point-off-curve"
        ),
        pytest.param(lambda: {**public_jwk(EC_KEY, "k"), "crv": "secp256k1"}, id="other-curve"),
        pytest.param(lambda: {"kty": "OKP", "crv": "X25519", "x": "AAAA"}, id="agreement"),
        pytest.param(
            lambda: public_jwk(
                rsa.generate_private_key(65537, 1024),  # noqa: S505 - must be refused
                "k",
            ),
            id="rsa-1024-bits",
        ),
        pytest.param(lambda: "key", id="text"),
        pytest.param(lambda: None, id="null"),
    ],
)
def test_a_key_that_cannot_verify_is_left_out(make: Callable[[], Any]) -> None:
    good = public_jwk(OTHER_RSA_KEY, "good")
    found = parse_keys(orjson.dumps({"keys": [make(), good]}), KEYS)
    assert [key.kid for key in found] == ["good"]


def test_every_type_of_key_has_its_algorithms() -> None:
    edwards = OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key(), as_dict=True)
    listed = [
        public_jwk(RSA_KEY, "rsa"),
        public_jwk(ec.generate_private_key(ec.SECP384R1()), "p384"),
        public_jwk(ec.generate_private_key(ec.SECP521R1()), "p521"),
        {**edwards, "kid": "ed", "key_ops": ["verify"]},
    ]
    found = parse_keys(orjson.dumps({"keys": listed}), KEYS)
    assert {key.kid: sorted(key.algorithms) for key in found} == {
        "rsa": ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"],
        "p384": ["ES384"],
        "p521": ["ES512"],
        "ed": ["EdDSA"],
    }


def test_of_a_private_key_only_the_public_half_is_taken() -> None:
    private = {**RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True), "kid": "oops"}
    del private["key_ops"]
    (key,) = parse_keys(orjson.dumps({"keys": [private]}), KEYS)
    assert isinstance(key.public, rsa.RSAPublicKey)
