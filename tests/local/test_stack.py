"""What the handler is told on one's own machine."""

from __future__ import annotations

import pytest

from handler.stores.url import DatabaseUrl
from local.stack import Stack


@pytest.mark.parametrize(
    ("given", "tracebacks"),
    [
        pytest.param({}, "on", id="by-default"),
        pytest.param({"LOG_TRACEBACKS": "off"}, "off", id="as-one-says"),
        pytest.param({"STAGE": "dev"}, "off", id="another-stage-where-lambda-refuses-them"),
    ],
)
def test_failures_are_shown_whole(given: dict[str, str], tracebacks: str) -> None:
    url = DatabaseUrl(host="nowhere", user="nobody", database="none")
    assert Stack.build(given, url, "off").environ["LOG_TRACEBACKS"] == tracebacks
