"""Traces for AWS X-Ray, by one datagram to the daemon that Lambda runs beside every function.

No library: AWS's own takes longer to import than a cold start may take, and the daemon takes JSON.
Sources: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html and
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
"""

from __future__ import annotations

import os
import socket
from typing import Any, Final

import orjson

from handler.errors import SettingsError
from handler.http.event import HttpRequest
from handler.observe.invocation import Invocation
from handler.observe.record import RequestRecord
from handler.tracing.spans import Span, Trace

MOST_BYTES: Final = 60_000  # of a document; X-Ray takes 64 KB
_HEADER: Final = b'{"format":"json","version":1}\n'
_ALLOWED: Final = " _.:/%&#=+\\-@"  # in a name, beside letters and digits


class XRay:
    """Sends subsegments of the segment that Lambda makes of each invocation."""

    def __init__(self, address: str) -> None:
        """``address``: such as ``169.254.100.1:2000``. Raises ``SettingsError`` for another."""
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise SettingsError(
                f"AWS_XRAY_DAEMON_ADDRESS is {address!r}, and TRACING is xray: it must be a host"
                f" and a port; Lambda sets it where tracing is active"
            )
        self._address = (host, int(port))
        self._socket: socket.socket | None = None

    def begin(
        self, http: HttpRequest, invocation: Invocation, record: RequestRecord
    ) -> Invocation | None:
        """Sampling is decided by who calls: API Gateway, or Lambda."""
        is_traced = invocation.is_sampled and invocation.trace_id and invocation.parent_id
        return invocation if is_traced else None

    def end(self, begun: object, root: Span, trace: Trace) -> None:
        """Send all spans in one datagram; the last ones stay behind if they do not fit."""
        assert isinstance(begun, Invocation)
        spans = list(trace.spans)
        while True:
            document = _document(begun, root, spans)
            if len(document) <= MOST_BYTES or not spans:
                break
            del spans[len(spans) // 2 :]
        try:
            if self._socket is None:  # opened late: a snapshot must not hold one
                self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self._socket.setblocking(False)
            self._socket.sendto(_HEADER + document, self._address)
        except OSError:  # no daemon, or no room: the answer matters more
            pass

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _document(invocation: Invocation, root: Span, spans: list[Span]) -> bytes:
    whole = {
        **_subsegment(root),
        "type": "subsegment",
        "trace_id": invocation.trace_id,
        "parent_id": invocation.parent_id,
        "subsegments": [_subsegment(span) for span in spans],
    }
    return orjson.dumps(whole)


def _subsegment(span: Span) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": os.urandom(8).hex(),
        "name": _name(span.name),
        "start_time": span.began_s,
        "end_time": span.ended_s,
    }
    attributes = dict(span.attributes)
    if "db.operation.name" in attributes:
        found["namespace"] = "remote"
        found["sql"] = {
            "database_type": "MySQL",
            "sanitized_query": attributes.pop("db.query.text", ""),
        }
    elif span.is_call:
        found["namespace"] = "remote"
    # Of annotations, which traces are found by, a name may have letters, digits and underscores.
    found["annotations"] = {
        name.replace(".", "_"): value for name, value in attributes.items() if value != ""
    }
    if span.error:
        found["fault"] = True
        found["annotations"]["error"] = span.error
    return found


def _name(text: str) -> str:
    kept = (char if char.isalnum() or char in _ALLOWED else "_" for char in text[:200])
    return "".join(kept)
