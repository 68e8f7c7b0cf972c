"""The tree of errors that the module draws is the one of its classes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import orjson
import pytest

from handler import errors
from handler.answer import Answer
from handler.errors import ClientError, HandlerError, RateLimitedError, RequestError
from handler.http.response import encode_answer

CANARY = "canary-of-the-error"


def draw(found: type[HandlerError], depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every class below one, as the docstring draws it, with its code."""
    yield f"{'|  ' * (depth - 1)}{'|- ' if depth else ''}{found.__name__}", found.code
    for below in found.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from draw(below, depth + 1)


def drawn() -> list[tuple[str, str, str]]:
    """Class, code and who sees what, by the lines of the docstring."""
    lines = inspect.cleandoc(errors.__doc__ or "").split("\n\n")[1].splitlines()
    cut = [(line[4:33].rstrip(), line[33:63].strip(), line[63:].strip()) for line in lines]
    return [(name, code, seen) for name, code, seen in cut]


def test_tree_in_the_docstring_is_that_of_the_classes() -> None:
    assert [(name, code) for name, code, _ in drawn()] == list(draw(HandlerError))


def make(name: str) -> HandlerError:
    found = getattr(errors, name)
    if found is RequestError:
        return RequestError([ClientError(CANARY)])
    if found is RateLimitedError:
        return RateLimitedError(cost=1, limit=2, used=3, retry_after_s=4)
    made: HandlerError = found(CANARY)
    return made


@pytest.mark.parametrize(("name", "code", "seen"), drawn())
def test_client_sees_of_an_error_what_the_tree_says(name: str, code: str, seen: str) -> None:
    error = make(name.rpartition(" ")[2])
    body = encode_answer(Answer.refused(error), request_id="r", max_errors=5)
    (entry,) = orjson.loads(body)["errors"]
    if seen.startswith("client: each"):
        assert entry == {"message": CANARY, "extensions": {"code": "BAD_REQUEST"}}
    elif seen.endswith("the error's text"):
        assert (entry["message"], entry["extensions"]["code"]) == (str(error), code)
    else:
        assert entry == {
            "message": type(error).message,
            "extensions": {"code": code, "requestId": "r"},
        }
        assert CANARY.encode() not in body
