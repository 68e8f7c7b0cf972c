"""Every way to get in without the right to: each is refused, for its reason."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from handler.access.api_keys import make_key
from handler.jobs.authorize import UnauthorizedError
from tests.handler.access.issuers import (
    AUDIENCE,
    EC_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    Site,
    claims,
    forge,
    public_jwk,
    public_pem,
    sign,
    sign_text,
)
from tests.handler.jobs.gate import Gate

UNKNOWN_KEY, _ = make_key("unknown", [])
MUTATIONS = 10_000


def now() -> int:
    return int(time.time())


Make = Callable[[Site], str]


def bearer(make: Make) -> Make:
    return lambda site: f"Bearer {make(site)}"


def with_claims(**changed: Any) -> Make:
    return bearer(lambda site: sign(claims(site.url, **changed)))


def with_headers(**headers: Any) -> Make:
    return bearer(lambda site: sign(claims(site.url), **headers))


def with_text(payload: bytes) -> Make:
    return bearer(lambda site: sign_text(payload % site.url.encode()))


def forged(header: object, **secret: bytes) -> Make:
    return bearer(lambda site: forge(header, claims(site.url), **secret))


def tampered(site: Site) -> str:
    """The signature of one token under the claims of another."""
    head, _, signature = sign(claims(site.url)).split(".")
    payload = base64.urlsafe_b64encode(orjson.dumps(claims(site.url, scope="admin"))).rstrip(b"=")
    return f"{head}.{payload.decode()}.{signature}"


def with_spare_bits(site: Site) -> str:
    """The same signature in another text: the last character of 342 has four bits to spare."""
    token = sign(claims(site.url))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


REFUSED = [
    pytest.param(lambda _: "", "header", id="empty-header"),
    pytest.param(lambda _: "Bearer", "header", id="scheme-alone"),
    pytest.param(lambda _: "Bearer ", "header", id="scheme-and-space"),
    pytest.param(lambda _: "Basic dXNlcjpwYXNzd29yZA==", "header", id="basic"),
    pytest.param(lambda site: sign(claims(site.url)), "header", id="no-scheme"),
    pytest.param(lambda site: f"Bearer{sign(claims(site.url))}", "header", id="no-space"),
    pytest.param(lambda site: f"Bearer {sign(claims(site.url))} x", "header", id="more-words"),
    pytest.param(
        lambda site: f"Bearer {sign(claims(site.url))}, Bearer x", "header", id="joined-by-comma"
    ),
    pytest.param(bearer(lambda _: "abc"), "malformed", id="a-word"),
    pytest.param(bearer(lambda _: "a.b"), "malformed", id="two-segments"),
    pytest.param(bearer(lambda _: "a.b.c.d.e"), "malformed", id="encrypted"),
    pytest.param(bearer(lambda _: ".."), "malformed", id="dots"),
    pytest.param(bearer(lambda _: "a.b.c"), "malformed", id="no-base64"),
    pytest.param(bearer(lambda _: "é.é.é"), "malformed", id="not-ascii"),
    pytest.param(bearer(lambda s: sign(claims(s.url)) + "="), "malformed", id="padding"),
    pytest.param(bearer(lambda s: sign(claims(s.url)) + "\x00"), "malformed", id="nul"),
    pytest.param(bearer(with_spare_bits), "malformed", id="spare-bits"),
    pytest.param(forged(b"no json", secret=b""), "malformed", id="header-no-json"),
    pytest.param(forged([], secret=b""), "malformed", id="header-no-object"),
    pytest.param(forged({}, secret=b""), "malformed", id="no-algorithm"),
    pytest.param(forged({"alg": ["RS256"]}, secret=b""), "malformed", id="algorithm-no-text"),
    pytest.param(forged({"alg": "RS256", "kid": 7}, secret=b""), "malformed", id="kid-no-text"),
    pytest.param(forged(b"[" * 4_000, secret=b""), "malformed", id="nested-header"),
    pytest.param(
        forged(b'{"alg":"RS256","kid":"one","x":' + b"[" * 900 + b"]" * 900 + b"}", secret=b""),
        "malformed",
        id="nested-as-deep-as-orjson-reads",
    ),
    pytest.param(
        bearer(lambda _: forge({"alg": "RS256"}, b'{"iss":"\xff"}', b"")), "malformed", id="no-utf8"
    ),
    pytest.param(bearer(lambda _: "a" * 8_193), "too long", id="huge"),
    pytest.param(bearer(lambda _: "a" * 9_000_000), "too long", id="enormous"),
    pytest.param(with_claims(pad="x" * 8_192), "too long", id="huge-but-signed"),
    pytest.param(forged({"alg": "none"}), "malformed", id="none-unsigned"),
    pytest.param(forged({"alg": "none"}, secret=b"x"), "algorithm", id="none"),
    pytest.param(forged({"alg": "nOnE"}, secret=b"x"), "algorithm", id="none-in-other-letters"),
    pytest.param(
        forged({"alg": "HS256", "kid": "one"}, secret=public_pem(RSA_KEY)),
        "algorithm",
        id="hmac-with-the-public-key",
    ),
    pytest.param(
        forged({"alg": "RS256", "kid": "one"}, secret=public_pem(RSA_KEY)),
        "signature",
        id="hmac-called-rsa",
    ),
    pytest.param(
        bearer(lambda s: sign(claims(s.url), algorithm="RS512")), "algorithm", id="not-allowed"
    ),
    pytest.param(with_headers(typ="logout+jwt"), "type", id="logout-token"),
    pytest.param(with_headers(typ="dpop+jwt"), "type", id="proof-of-possession"),
    pytest.param(with_headers(crit=["exp"]), "type", id="critical-extension"),
    pytest.param(with_headers(kid="unknown"), "key", id="unknown-key"),
    pytest.param(with_headers(kid="../../dev/null"), "key", id="key-as-path"),
    pytest.param(
        bearer(lambda s: sign(claims(s.url), key=EC_KEY, algorithm="ES256", kid="one")),
        "key",
        id="key-of-another-type",
    ),
    pytest.param(
        bearer(lambda s: sign(claims(s.url), key=OTHER_RSA_KEY)), "signature", id="other-key"
    ),
    pytest.param(
        bearer(
            lambda s: sign(claims(s.url), key=OTHER_RSA_KEY, jwk=public_jwk(OTHER_RSA_KEY, "one"))
        ),
        "signature",
        id="key-in-the-token",
    ),
    pytest.param(
        bearer(lambda s: sign(claims(s.url), key=OTHER_RSA_KEY, jku=f"{s.url}/elsewhere", x5u="x")),
        "signature",
        id="address-of-a-key-in-the-token",
    ),
    pytest.param(bearer(tampered), "signature", id="tampered"),
    pytest.param(with_claims(iss=None), "issuer", id="no-issuer"),
    pytest.param(
        bearer(lambda s: forge({"alg": "RS256"}, claims(s.url, iss=[s.url]), b"")),
        "issuer",
        id="issuer-list",
    ),
    pytest.param(with_claims(iss="https://evil.example"), "issuer", id="other-issuer"),
    pytest.param(bearer(lambda s: sign(claims(s.url + "/"))), "issuer", id="issuer-and-slash"),
    pytest.param(with_claims(exp=now() - 3_600), "expired", id="expired"),
    pytest.param(with_claims(exp=None), "claims", id="never-expires"),
    pytest.param(with_claims(exp="soon"), "claims", id="expiry-no-number"),
    pytest.param(with_claims(exp={}), "claims", id="expiry-object"),
    pytest.param(with_claims(exp=float("inf")), "malformed", id="expiry-infinity"),
    pytest.param(with_text(b'{"iss":"%s","exp":1e999}'), "malformed", id="expiry-endless"),
    pytest.param(with_text(b'{"iss":"%s","exp":' + b"9" * 5_000 + b"}"), "malformed", id="digits"),
    pytest.param(with_text(b'{"iss":"%s","iss":"x","exp":9e9}'), "issuer", id="issuer-twice"),
    pytest.param(with_claims(exp=True), "expired", id="expiry-boolean"),
    pytest.param(with_claims(nbf=now() + 3_600), "not yet valid", id="not-yet-valid"),
    pytest.param(with_claims(iat=now() + 3_600), "not yet valid", id="made-in-the-future"),
    pytest.param(with_claims(aud="another-api"), "audience", id="other-audience"),
    pytest.param(with_claims(aud=None), "audience", id="no-audience"),
    pytest.param(with_claims(aud=[]), "audience", id="empty-audience"),
    pytest.param(with_claims(aud={AUDIENCE: 1}), "audience", id="audience-object"),
    pytest.param(
        with_claims(aud=None, client_id=AUDIENCE), "audience", id="client-of-an-unknown-token"
    ),
    pytest.param(
        with_claims(aud="another-api", client_id=AUDIENCE, token_use="access"),
        "audience",
        id="client-beside-another-audience",
    ),
    pytest.param(bearer(lambda _: UNKNOWN_KEY), "API key", id="unknown-api-key"),
]


@pytest.mark.parametrize(("make", "reason"), REFUSED)
def test_a_bad_credential_is_refused(site: Site, gate: Gate, make: Make, reason: str) -> None:
    assert gate.refuse(make(site)) == reason
    # Nothing else is asked for, whatever address a token names.
    assert set(site.asked) <= {"/.well-known/openid-configuration", "/keys"}


@pytest.mark.parametrize(("make", "reason"), REFUSED)
def test_who_sends_something_bad_is_not_taken_for_nobody(
    site: Site, make: Make, reason: str
) -> None:
    assert Gate(site.url, anonymous=True).refuse(make(site)) == reason


def test_two_headers_are_refused_even_if_both_are_good(site: Site, gate: Gate) -> None:
    good = f"Bearer {sign(claims(site.url))}"
    assert gate.bearer(good.split()[1]).subject == "customer-VINET"
    assert gate.refuse(good, good) == "header"
    assert gate.refuse("Bearer x", good) == "header"
    several = {"Authorization": [good], "authorization": [good]}
    assert gate.refuse(multiValueHeaders=several) == "header"


def mutants(token: str, other: str, chance: random.Random) -> Iterator[str]:
    """Tokens that are nearly good: flipped, cut, doubled, swapped and mixed with another one."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \x00é{}\ud800"
    while True:
        found = list(token)
        for _ in range(chance.choice((1, 1, 1, 2, 5, 50))):
            at = chance.randrange(len(found))
            match chance.randrange(6):
                case 0:
                    found[at] = chance.choice(alphabet)
                case 1:
                    del found[at]
                case 2:
                    found.insert(at, chance.choice(alphabet))
                case 3:
                    found[at:] = other[at:]
                case 4:
                    found = found[:at] + found[max(0, at - 20) :]
                case 5:
                    segments = "".join(found).split(".")
                    chance.shuffle(segments)
                    found = list(".".join(segments))
            if not found:
                break
        mutant = "".join(found)
        if mutant not in (token, other):
            yield mutant


def rewritten(site: Site, chance: random.Random) -> Iterator[str]:
    """Well-formed tokens with one thing in header or claims changed under an old signature."""
    strange: list[Any] = [
        None,
        True,
        -1,
        2**70,
        1e308,
        "",
        "none",
        "HS256",
        [],
        {},
        [AUDIENCE],
        "\ud7ff",
        "a" * 500,
    ]
    signature = sign(claims(site.url)).rpartition(".")[2]
    while True:
        header: dict[str, Any] = {"alg": "RS256", "kid": "one", "typ": "JWT"}
        payload = claims(site.url)
        target = chance.choice((header, payload))
        target[chance.choice([*target, "crit", "b64", "nbf", "zip"])] = chance.choice(strange)
        yield forge(header, payload).rpartition(".")[0] + "." + signature


@pytest.mark.parametrize("seed", range(4))
def test_of_10000_mutated_tokens_none_opens_and_none_breaks_anything(
    site: Site, gate: Gate, seed: int
) -> None:
    chance = random.Random(seed)
    token = sign(claims(site.url))
    other = sign(claims(site.url, sub="other"), key=EC_KEY, algorithm="ES256", kid="two")
    assert gate.bearer(token).subject == "customer-VINET"
    assert gate.bearer(other).subject == "other"
    sources = (
        mutants(token, other, chance),
        mutants(other, token, chance),
        rewritten(site, chance),
    )
    reasons: dict[str, int] = {}
    for at in range(MUTATIONS // 4):
        mutant = next(sources[at % 3])
        with pytest.raises(UnauthorizedError):
            gate.answer(f"Bearer {mutant}")
    for line in gate.lines:
        reasons[line["reason"]] = reasons.get(line["reason"], 0) + 1
    assert sum(reasons.values()) == MUTATIONS // 4
    assert set(reasons) >= {"header", "malformed", "signature", "algorithm", "key", "issuer"}
    assert len(site.asked) == 2  # none of them made us ask again
    assert gate.bearer(token).subject == "customer-VINET"
