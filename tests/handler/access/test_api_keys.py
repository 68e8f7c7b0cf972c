"""Static keys: made once, known by hash, compared without a hint."""

from __future__ import annotations

import hashlib

import pytest

from handler.access.api_keys import find_bearer, is_api_key, main, make_key
from handler.access.principal import CallerKind, Principal
from handler.access.trust import ApiKey


def test_a_made_key_opens_as_what_it_was_made_for() -> None:
    key, entry = make_key("reports", ["orders:read", "orders:read:all"])
    _, other = make_key("cron", [])
    assert is_api_key(key)
    assert key not in entry
    assert find_bearer(key, [ApiKey.parse(other), ApiKey.parse(entry)]) == Principal(
        kind=CallerKind.API_KEY,
        subject="reports",
        scopes=frozenset({"orders:read", "orders:read:all"}),
    )


def test_an_unknown_key_is_nobody() -> None:
    (key, _), (_, entry) = make_key("a", []), make_key("a", [])
    assert find_bearer(key, [ApiKey.parse(entry)]) is None
    assert find_bearer(key, []) is None


def test_two_keys_are_never_the_same() -> None:
    assert len({make_key("a", [])[0] for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "credential", ["", "agql_", "agql_short", "a.b.c", "agql_" + "é" * 43, "agql_" + "a" * 44]
)
def test_other_texts_have_not_the_form_of_a_key(credential: str) -> None:
    assert not is_api_key(credential)


def test_the_program_prints_key_and_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reports", "orders:read"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    key = first.removeprefix("key, for its bearer only: ")
    digest = hashlib.sha256(key.encode()).hexdigest()
    assert second == f"for AUTH_API_KEYS: reports={digest} orders:read"


@pytest.mark.parametrize("arguments", [["two words"], ["a", "x,y"], ["a", 'q"']])
def test_the_program_makes_no_key_that_the_settings_refuse(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert capsys.readouterr().out == ""
