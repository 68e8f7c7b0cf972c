"""S3 and Secrets Manager on loopback, which deny what they are told to deny, in AWS's own words.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html and
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from xml.sax.saxutils import escape

CALLER: Final = "arn:aws:sts::123456789012:assumed-role/shop-ingest/shop-ingest"


def no_right(action: str, resource: str) -> str:
    """What AWS says where a policy lacks an action."""
    return (
        f"User: {CALLER} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


@contextmanager
def serve_aws(objects: Mapping[str, bytes], denials: Mapping[str, str]) -> Iterator[str]:
    """The address of both services.

    ``objects``: those of S3 by ``/bucket/key``. ``denials``: by the operation, what is said of it.
    """

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._of_s3("GetObject", objects.get(self.path.partition("?")[0], b""))

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._of_s3("PutObject", b"")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].removeprefix("secretsmanager.")
            told = {"__type": "AccessDeniedException", "Message": denials[operation]}
            self._answer(400, "application/x-amz-json-1.1", json.dumps(told).encode())

        def _of_s3(self, operation: str, body: bytes) -> None:
            if operation not in denials:
                self._answer(200, "binary/octet-stream", body)
                return
            text = (
                '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
                f"<Message>{escape(denials[operation])}</Message>"
                "<RequestId>4442587FB7D0A2F9</RequestId><HostId>host</HostId></Error>"
            )
            self._answer(403, "application/xml", text.encode())

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
