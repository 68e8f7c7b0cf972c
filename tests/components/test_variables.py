"""The handler's variables that a stack chooses: what is taken, and what is refused how."""

from __future__ import annotations

import pytest

from aurora_graphql.preview.pretend import known_variables
from components.variables import OWN, check_known, of_authorizer, parse_variables
from handler.settings import VARIABLES
from tests.recorded import ROOT

NAMES = [variable.name for variable in VARIABLES]


def test_value_may_hold_anything_behind_the_first_equals_sign() -> None:
    assert parse_variables(("PAGE_SIZE=20", "AUTH_SCOPE_CLAIMS=scope,a=b c")) == {
        "PAGE_SIZE": "20",
        "AUTH_SCOPE_CLAIMS": "scope,a=b c",
    }


@pytest.mark.parametrize(
    ("written", "message"),
    [
        pytest.param(("PAGE_SIZE",), "list of NAME=value, .*; number 1 is not", id="no-value"),
        pytest.param(("A=1", "b=1"), "number 2 is not", id="lower-case"),
        pytest.param(("PAGE_SIZE= ",), "number 1 is not", id="empty-value"),
        pytest.param(("A=1", "A=2"), "must name A once", id="twice"),
        pytest.param(("AUTH=off",), "must not hold AUTH: who calls is always asked", id="open"),
        pytest.param(("GRAPHIQL=on",), "GRAPHIQL: write apiGraphiql", id="has-a-key-of-its-own"),
        pytest.param(("DATABASE_URL=mysql://a:b@c/d",), "DATABASE_URL: the stack names", id="own"),
        pytest.param(("AWS_REGION=x",), "AWS_REGION: Lambda keeps AWS_", id="lambdas"),
        pytest.param(
            (f"A={'x' * 2000}",), "at most 2000 characters together, got 2002", id="too-long"
        ),
    ],
)
def test_variable_is_refused(written: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_variables(written)


def test_no_value_is_in_a_message() -> None:
    for written in (("DATABASE_URL=mysql://a:hush@c/d",), ("auth=hush",), ("A=hush", "A=hush")):
        with pytest.raises(ValueError, match="functionVariables") as caught:
            parse_variables(written)
        assert "hush" not in str(caught.value)


def test_unknown_variable_is_refused_with_what_may_be_meant() -> None:
    check_known(["PAGE_SIZE"], NAMES)
    with pytest.raises(ValueError, match=r"PAGE_SIZ, .* did you mean PAGE_SIZE\?"):
        check_known(["PAGE_SIZ"], NAMES)
    with pytest.raises(ValueError, match=r"XYZZY, .* does not read; docs/settings\.md has all"):
        check_known(["XYZZY"], NAMES)


def test_authorizer_gets_what_it_reads() -> None:
    assert of_authorizer({"AUTH_CLAIMS": "a", "PAGE_SIZE": "1"}) == {"AUTH_CLAIMS": "a"}


def test_stack_keeps_only_variables_that_there_are() -> None:
    assert set(OWN) <= set(NAMES)


def test_every_variable_with_a_secret_is_kept_from_the_settings() -> None:
    secret = {variable.name for variable in VARIABLES if variable.secret}
    assert {name for name in secret if not name.startswith("AWS_")} <= set(OWN)


def test_pretended_manifest_has_the_names_of_a_real_one() -> None:
    assert known_variables(ROOT) == NAMES
