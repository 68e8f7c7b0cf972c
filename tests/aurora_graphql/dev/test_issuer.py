"""The issuer for development: what it signs, and where it refuses to."""

from __future__ import annotations

import json
import socket
import stat
import urllib.error
import urllib.request
from pathlib import Path

import jwt
import pytest

from aurora_graphql.cli import main
from aurora_graphql.dev.issuer import AUDIENCE, IssuerError, LocalIssuer
from tests.ports import free_port

pytestmark = pytest.mark.usefixtures("in_project")


def read(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def test_it_publishes_the_key_of_its_tokens(tmp_path: Path) -> None:
    issuer = LocalIssuer(tmp_path, {}, port=free_port())
    with issuer.serve():
        discovery = read(f"{issuer.url}/.well-known/openid-configuration")
        assert discovery["issuer"] == issuer.url
        keys = jwt.PyJWKSet.from_dict(read(str(discovery["jwks_uri"])))
        with pytest.raises(urllib.error.HTTPError, match="404"):
            read(f"{issuer.url}/issuer.pem")
    token = issuer.token(subject="me", scopes=["a", "b"], claims={"tenant": "t", "iss": "x"})
    kid = jwt.get_unverified_header(token)["kid"]
    claims = jwt.decode(
        token, keys[kid], algorithms=["ES256"], audience=AUDIENCE, issuer=issuer.url
    )
    assert claims == {
        "tenant": "t",
        "iss": issuer.url,
        "aud": AUDIENCE,
        "sub": "me",
        "scope": "a b",
        "iat": claims["iat"],
        "exp": claims["iat"] + 3_600,
    }


def test_only_the_public_half_is_published(tmp_path: Path) -> None:
    (key,) = json.loads(LocalIssuer(tmp_path, {}).documents()["/keys"])["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = (LocalIssuer(tmp_path / "new", {}).documents() for _ in range(2))
    assert first == second
    assert LocalIssuer(tmp_path / "other", {}).documents() != first
    (file,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "environ",
    [
        {"AWS_LAMBDA_FUNCTION_NAME": "authorize"},
        {"AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"},
        {"STAGE": "prod"},
        {"STAGE": "dev"},
    ],
)
def test_it_works_on_a_developers_machine_only(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(IssuerError, match="lets anybody in"):
        LocalIssuer(tmp_path, environ)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lifetime_s", [0, -1, 86_401])
def test_no_token_lives_longer_than_a_day(tmp_path: Path, lifetime_s: int) -> None:
    with pytest.raises(IssuerError, match="a token lives 1 to 86400 seconds"):
        LocalIssuer(tmp_path, {}).token(subject="me", lifetime_s=lifetime_s)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(IssuerError, match="cannot listen on port"),
        LocalIssuer(tmp_path, {}, port=taken.getsockname()[1]).serve(),
    ):
        pass


def test_the_command_prints_a_token_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["token", "--scopes", "a b", "--claim", "customer_id=VI=NET", "--subject", "me"]
    assert main(["--local", str(tmp_path), *words]) == 0
    (token,) = capsys.readouterr().out.splitlines()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["scope"], claims["customer_id"]) == ("me", "a b", "VI=NET")


@pytest.mark.parametrize("words", [["--claim", "x"], ["--claim", "=x"], ["--lifetime-s", "0"]])
def test_a_command_that_cannot_be_done_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["--local", str(tmp_path), "token", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert printed.err


def test_the_command_makes_no_token_for_production(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    assert main(["--local", str(tmp_path), "token"]) == 2
    assert capsys.readouterr().out == ""
