"""Objects of S3, read as a stream and written whole. Only ``ingest`` uses it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Self, cast

from handler.errors import UpstreamError
from handler.stores.aws.client import open_client

READ_S = 30  # between two pieces of an object


class ObjectStore:
    """The buckets that the role of the function may use."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Self:
        """With the region and the credentials of the environment; sends nothing yet."""
        return cls(open_client("s3", read_s=READ_S, attempts=3))

    def open(self, bucket: str, key: str, version: str | None) -> io.BufferedReader:
        """The bytes of an object, as a stream. Raises ``UpstreamError``."""
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
        )

        named = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
        try:
            answer = self._client.get_object(**named)
        except (BotoCoreError, ClientError) as error:
            message = f"cannot read s3://{bucket}/{key}: {error}"
            if _is_denied(error):
                right = "s3:GetObjectVersion" if version else "s3:GetObject"
                # Who may not list the bucket, as this role, is not told that an object is gone.
                message += (
                    f"; the function's role needs {right} on it and kms:Decrypt on its key; "
                    "S3 says the same of an object that is gone"
                )
            raise UpstreamError(message) from error
        return io.BufferedReader(cast(io.RawIOBase, answer["Body"]))

    def put(self, bucket: str, key: str, file: Path) -> None:
        """Write a file as an object. Raises ``UpstreamError``."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            with file.open("rb") as body:
                self._client.put_object(Bucket=bucket, Key=key, Body=body)
        except (BotoCoreError, ClientError) as error:
            message = f"cannot write s3://{bucket}/{key}: {error}"
            if _is_denied(error):
                message += (
                    "; the function's role needs s3:PutObject on it and kms:GenerateDataKey on the "
                    "key of its bucket"
                )
            raise UpstreamError(message) from error


def _is_denied(error: Exception) -> bool:
    """Whether a right is missing, of S3 or of KMS; S3 has one code for both."""
    found = getattr(error, "response", {}).get("Error", {}).get("Code")
    return bool(found == "AccessDenied")
