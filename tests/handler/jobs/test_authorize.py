"""Every way to get in without the right to, and the few that are right."""

from __future__ import annotations

import base64
import io
import json
import random
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from handler.access.api_keys import make_key
from handler.access.keys import RETRY_S
from handler.access.principal import CallerKind, Principal
from handler.access.trust import Trust
from handler.jobs.authorize import Authorizer, AuthorizerError, UnauthorizedError
from handler.observe.log import Log
from handler.settings import AuthorizerSettings
from tests.handler.access.issuers import (
    AUDIENCE,
    EC_KEY,
    METHOD_ARN,
    OTHER_RSA_KEY,
    RSA_KEY,
    Site,
    body,
    claims,
    event,
    forge,
    public_jwk,
    public_pem,
    serve,
    sign,
    sign_text,
)

KEY, KEY_ENTRY = make_key("reports", ["orders:read", "orders:read:all"])
UNKNOWN_KEY, _ = make_key("unknown", [])
MUTATIONS = 10_000


class Gate:
    """An authorizer, its clock, its log, and what became of the requests."""

    def __init__(self, *issuers: str, **trust: Any) -> None:
        self.now_s = time.time()
        self.output = io.StringIO()
        chosen = {"audience": (AUDIENCE,), "api_keys": (KEY_ENTRY,), **trust}
        self.authorizer = Authorizer(
            AuthorizerSettings(trust=Trust(issuers=issuers, **chosen)),
            log=Log("DEBUG", self.output, stage="local"),
            clock_s=lambda: self.now_s,
        )

    def answer(self, *authorization: str, budget_s: float = 5.0, **changed: Any) -> dict[str, Any]:
        return self.authorizer.authorize(event(*authorization, **changed), budget_s=budget_s)

    def enter(self, *authorization: str, **changed: Any) -> Principal:
        """Who the handler takes the caller for."""
        answer = self.answer(*authorization, **changed)
        (statement,) = answer["policyDocument"]["Statement"]
        assert statement["Effect"] == "Allow"
        return Principal.from_context({"principalId": answer["principalId"], **answer["context"]})

    def bearer(self, token: str) -> Principal:
        return self.enter(f"Bearer {token}")

    def refuse(self, *authorization: str, **changed: Any) -> str:
        """The reason in the log; nothing else may be seen of the credential anywhere."""
        with pytest.raises(UnauthorizedError) as error:
            self.answer(*authorization, **changed)
        assert str(error.value) == "Unauthorized"
        self.forgets(error.value, *authorization)
        return str(self.lines[-1]["reason"])

    def fail(self, *authorization: str, **changed: Any) -> dict[str, Any]:
        """The failure in the log."""
        with pytest.raises(AuthorizerError) as error:
            self.answer(*authorization, **changed)
        assert str(error.value) == "Internal error"
        self.forgets(error.value, *authorization)
        return self.lines[-1]

    def forgets(self, error: BaseException, *authorization: str) -> None:
        """No part of what was sent is in the log, nor in the error or one that hangs on it."""
        assert error.__cause__ is None
        assert error.__context__ is None
        written = self.output.getvalue() + "".join(traceback.format_exception(error))
        for value in authorization:
            for part in value.replace(".", " ").split()[1:]:
                assert len(part) < 4 or part not in written

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.getvalue().splitlines()]


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as found:
        found.publish(public_jwk(RSA_KEY, "one"), public_jwk(EC_KEY, "two"))
        yield found


@pytest.fixture
def gate(site: Site) -> Gate:
    return Gate(site.url)


def test_a_good_token_opens_the_whole_api_and_says_who(site: Site) -> None:
    gate = Gate(site.url, claims=("customer_id",))
    payload = claims(site.url, customer_id="VINET", secret="s")
    answer = gate.answer(f"Bearer {sign(payload)}")
    assert answer == {
        "principalId": "customer-VINET",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": "arn:aws:execute-api:eu-central-1:123456789012:ab12cd34ef/dev/*",
                }
            ],
        },
        "context": {
            "kind": "token",
            "issuer": site.url,
            "scopes": "orders:read",
            "claims": '{"customer_id":"VINET"}',
            "expiresAt": str(payload["exp"] + 30),  # and the leeway
        },
    }
    assert gate.lines == []


@pytest.mark.parametrize(
    ("changed", "headers"),
    [
        pytest.param({"aud": [AUDIENCE, "other"]}, {}, id="audience-list"),
        pytest.param({"nbf": lambda: int(time.time()) + 10}, {}, id="issuers-clock-is-ahead"),
        pytest.param({"exp": lambda: int(time.time()) - 10}, {}, id="our-clock-is-ahead"),
        pytest.param({"exp": lambda: time.time() + 60.5}, {}, id="fractions-of-seconds"),
        pytest.param({}, {"typ": "at+jwt"}, id="access-token"),
        pytest.param({}, {"typ": "JWT"}, id="typ-in-capitals"),
        pytest.param({"aud": None, "client_id": AUDIENCE, "token_use": "access"}, {}, id="cognito"),
    ],
)
def test_what_issuers_write_is_understood(
    site: Site, gate: Gate, changed: dict[str, Any], headers: dict[str, Any]
) -> None:
    """Times are made when the test runs, which may be minutes after it was collected."""
    given = {name: value() if callable(value) else value for name, value in changed.items()}
    assert gate.bearer(sign(claims(site.url, **given), **headers)).subject == "customer-VINET"


def test_the_handler_gives_an_ended_token_the_leeway_that_the_authorizer_gives(site: Site) -> None:
    token = sign(claims(site.url, exp=int(time.time()) - 10))
    assert not Gate(site.url).bearer(token).is_expired(time.time())
    assert Gate(site.url, leeway_s=5).refuse(f"Bearer {token}") == "expired"


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_case_and_spaces_of_the_header_do_not_matter(
    site: Site, gate: Gate, name: str, scheme: str
) -> None:
    found = gate.enter(scheme + sign(claims(site.url)), name=name)
    assert found.scopes == {"orders:read"}


def test_an_event_without_lists_of_values_is_read(site: Site, gate: Gate) -> None:
    headers = {"authorization": f"Bearer {sign(claims(site.url))}"}
    assert gate.enter(headers=headers, multiValueHeaders=None).subject == "customer-VINET"


def test_each_issuer_vouches_for_its_own_tokens_only(site: Site) -> None:
    with serve() as other:
        other.publish(public_jwk(OTHER_RSA_KEY, "one"))
        gate = Gate(site.url, other.url)
        for url, key in ((site.url, RSA_KEY), (other.url, OTHER_RSA_KEY)):
            found = gate.bearer(sign(claims(url), key=key))
            assert (found.issuer, found.subject) == (url, "customer-VINET")
        assert gate.refuse(f"Bearer {sign(claims(site.url), key=OTHER_RSA_KEY)}") == "signature"
        assert gate.refuse(f"Bearer {sign(claims(other.url), key=RSA_KEY)}") == "signature"


def test_a_key_opens_without_any_issuer() -> None:
    assert Gate().bearer(KEY) == Principal(
        kind=CallerKind.API_KEY,
        subject="reports",
        scopes=frozenset({"orders:read", "orders:read:all"}),
    )


def test_nobody_is_let_in_where_the_settings_say_so(site: Site) -> None:
    gate = Gate(site.url, anonymous=True)
    assert gate.enter() == Principal.anonymous()
    assert site.asked == []


def test_nobody_is_not_let_in_otherwise(gate: Gate) -> None:
    assert gate.refuse() == "no token"


def test_without_headers_there_is_no_token(gate: Gate) -> None:
    assert gate.refuse(headers=None, multiValueHeaders=None) == "no token"


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


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"sub": None}, id="no-subject"),
        pytest.param({"sub": "x" * 256}, id="long-subject"),
        pytest.param({"scope": "x" * 4_001}, id="long-scopes"),
    ],
)
def test_a_genuine_token_that_cannot_be_served_is_denied(
    site: Site, gate: Gate, changed: dict[str, Any]
) -> None:
    token = sign(claims(site.url, **changed))
    answer = gate.answer(f"Bearer {token}")
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert answer["context"] == {}
    assert [line["message"] for line in gate.lines] == ["refused"]
    assert token not in gate.output.getvalue()


def test_a_new_key_of_the_issuer_is_found_within_a_minute(site: Site, gate: Gate) -> None:
    gate.bearer(sign(claims(site.url)))
    site.publish(public_jwk(OTHER_RSA_KEY, "three"))
    token = sign(claims(site.url), key=OTHER_RSA_KEY, kid="three")
    assert gate.refuse(f"Bearer {token}") == "key"
    gate.now_s += RETRY_S
    assert gate.bearer(token).subject == "customer-VINET"
    assert gate.refuse(f"Bearer {sign(claims(site.url))}") == "key"


def test_tokens_are_served_while_the_issuer_is_away(site: Site, gate: Gate) -> None:
    token = sign(claims(site.url))
    gate.bearer(token)
    site.answers.clear()
    gate.now_s += 3_600
    assert gate.bearer(token).subject == "customer-VINET"
    assert [line["message"] for line in gate.lines] == ["issuer"]


def silence(_: Any) -> None:
    time.sleep(1.0)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(body(b"", 503), id="down"),
        pytest.param(body(b"<html>canary</html>"), id="rubbish"),
        pytest.param(body(b"", 302, Location="https://evil.example/"), id="redirect"),
        pytest.param(silence, id="slow"),
    ],
)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys"])
def test_without_keys_nobody_can_say(site: Site, gate: Gate, path: str, answer: Any) -> None:
    site.answers[path] = answer
    begin = time.monotonic()
    line = gate.fail(f"Bearer {sign(claims(site.url))}", budget_s=0.3)
    assert time.monotonic() - begin < 1.0
    assert line["error"] == "KeysUnavailableError"
    assert [each["message"] for each in gate.lines] == ["issuer", "failure"]
    assert "canary" not in gate.output.getvalue()


def test_an_issuer_that_is_away_does_not_shut_the_others_out(site: Site) -> None:
    gate = Gate("http://127.0.0.1:1", site.url)
    assert gate.bearer(sign(claims(site.url))).issuer == site.url
    assert gate.bearer(KEY).kind is CallerKind.API_KEY


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"type": "TOKEN"}, id="token-authorizer"),
        pytest.param({"type": None}, id="no-type"),
        pytest.param({"methodArn": None}, id="no-method"),
        pytest.param({"methodArn": "arn:aws:execute-api:*:*:*/*/*"}, id="every-api"),
        pytest.param({"multiValueHeaders": "canary"}, id="headers-no-object"),
    ],
)
def test_an_event_of_something_else_lets_nobody_in(site: Site, changed: dict[str, Any]) -> None:
    gate = Gate(site.url, anonymous=True)
    assert gate.fail(f"Bearer {sign(claims(site.url))}", **changed)["requestId"] == "r-1"
    assert "canary" not in gate.output.getvalue()


@pytest.mark.parametrize("found", [None, [], "event", 7, {}])
def test_what_is_no_event_lets_nobody_in(found: object) -> None:
    gate = Gate(anonymous=True)
    with pytest.raises(AuthorizerError):
        gate.authorizer.authorize(found, budget_s=1)


def test_a_mistake_of_ours_shows_no_token(
    gate: Gate, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign(claims(site.url))

    def broken(*_: object, **__: object) -> None:
        raise KeyError(token)

    monkeypatch.setattr("handler.access.tokens.jwt.decode", broken)
    assert gate.fail(f"Bearer {token}")["error"] == "KeyError"


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


def test_a_request_identifier_of_the_gateway_stands_in_the_log(gate: Gate) -> None:
    gate.refuse("Bearer x")
    assert gate.lines == [
        {
            "level": "INFO",
            "stage": "local",
            "message": "refused",
            "requestId": "r-1",
            "reason": "malformed",
        }
    ]
    assert METHOD_ARN not in gate.output.getvalue()
