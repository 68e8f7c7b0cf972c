"""Published versions of Lambda functions. Only ``prune`` uses it."""

from __future__ import annotations

from typing import Any, Self

from handler.stores.aws.client import asked, open_client

READ_S = 15


class FunctionStore:
    """The functions whose versions the role of the function may list and delete."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Self:
        """With the region and the credentials of the environment; sends nothing yet."""
        return cls(open_client("lambda", read_s=READ_S, attempts=5))

    def versions(self, function: str) -> list[int]:
        """Numbers of the published versions, oldest first. Raises ``UpstreamError``."""
        entries = self._entries("list_versions_by_function", "Versions", function)
        found = (str(entry["Version"]) for entry in entries)
        return sorted(int(version) for version in found if version.isdecimal())

    def served(self, function: str) -> set[int]:
        """Versions that an alias sends traffic to, or a part of it. Raises ``UpstreamError``."""
        found: set[int] = set()
        for alias in self._entries("list_aliases", "Aliases", function):
            shares = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
            found |= {int(name) for name in (alias["FunctionVersion"], *shares) if name.isdecimal()}
        return found

    def delete(self, function: str, version: int) -> None:
        """Delete a version, if it still exists. Raises ``UpstreamError``.

        Lambda itself refuses a version that an alias points to.
        """
        from botocore.exceptions import ClientError  # type: ignore[import-untyped]

        def ask() -> None:
            try:
                self._client.delete_function(FunctionName=function, Qualifier=str(version))
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise

        asked(f"delete version {version} of {function}", "lambda:DeleteFunction", ask)

    def _entries(self, call: str, member: str, function: str) -> list[dict[str, Any]]:
        """All entries of a response in pages."""

        def ask() -> list[dict[str, Any]]:
            pages = self._client.get_paginator(call).paginate(FunctionName=function)
            return [entry for page in pages for entry in page[member]]

        right = {"list_aliases": "lambda:ListAliases"}.get(call, "lambda:ListVersionsByFunction")
        return asked(f"list the {member.lower()} of {function}", right, ask)
