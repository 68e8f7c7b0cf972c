"""An authorizer to ask, with its clock and its log."""

from __future__ import annotations

import io
import json
import time
import traceback
from typing import Any

import pytest

from handler.access.api_keys import make_key
from handler.access.principal import Principal
from handler.access.trust import Trust
from handler.jobs.authorize import Authorizer, AuthorizerError, UnauthorizedError
from handler.observe.log import Log
from handler.settings import AuthorizerSettings
from tests.handler.access.issuers import AUDIENCE, event

KEY, KEY_ENTRY = make_key("reports", ["orders:read", "orders:read:all"])


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
