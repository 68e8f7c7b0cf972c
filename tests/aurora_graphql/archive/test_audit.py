"""Good news, bad news and no news of a vulnerability service are told apart.

The service is ours, behind the real pip-audit: it speaks the protocol of https://osv.dev/.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aurora_graphql.archive.audit import audit
from aurora_graphql.archive.errors import BuildError

VULNERABLE = "leaky"


class Service(BaseHTTPRequestHandler):
    """Knows one vulnerability of one package."""

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = question["package"]["name"]
        found = {
            "id": "PYSEC-2026-1",
            "affected": [
                {
                    "package": {"name": name, "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "2.0"}]}],
                }
            ],
        }
        body = json.dumps({"vulns": [found]} if name == VULNERABLE else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/v1/query"
    monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", url)
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


def ask(tmp_path: Path, *packages: str, required: bool = False) -> tuple[int, list[str]]:
    """Status and lines of an audit of version 1.0 of these packages."""
    manifest = {"packages": dict.fromkeys(packages, "1.0")}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    said: list[str] = []
    return audit(tmp_path, required=required, tell=said.append), said


def test_good_news(tmp_path: Path, service: str) -> None:
    assert ask(tmp_path, "sound", "proof", required=True) == (
        0,
        ["2 of 2 packages audited, 0 vulnerabilities"],
    )


def test_bad_news_fails(tmp_path: Path, service: str) -> None:
    assert ask(tmp_path, "sound", VULNERABLE) == (
        1,
        [
            "VULNERABLE: leaky 1.0: PYSEC-2026-1, fixed in 2.0",
            "2 of 2 packages audited, 1 vulnerabilities",
        ],
    )


@pytest.mark.parametrize(("required", "status"), [(False, 0), (True, 1)])
def test_no_news_is_said(
    tmp_path: Path, service: str, monkeypatch: pytest.MonkeyPatch, *, required: bool, status: int
) -> None:
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", "http://127.0.0.1:1/")
    found, said = ask(tmp_path, "sound", "proof", required=required)
    assert found == status
    assert [line.partition(":")[0] for line in said[:-1]] == ["NOT AUDITED", "NOT AUDITED"]
    assert said[-1] == "0 of 2 packages audited, 0 vulnerabilities"


def test_a_package_that_the_service_does_not_know_is_no_good_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pip-audit answers behind a mirror of PyPI: status 0, "No known vulnerabilities found"."""
    reason = "Dependency not found on PyPI and could not be audited: sound (1.0)"
    report = {"dependencies": [{"name": "sound", "skip_reason": reason}], "fixes": []}
    answer = subprocess.CompletedProcess[str]([], 0, json.dumps(report), "")
    monkeypatch.setattr("aurora_graphql.archive.audit.run", lambda *_, **__: answer)
    assert ask(tmp_path, "sound", "proof", required=True) == (
        1,
        [
            "NOT AUDITED: proof 1.0: pip-audit left it out",
            f"NOT AUDITED: sound 1.0: {reason}",
            "0 of 2 packages audited, 0 vulnerabilities",
        ],
    )


def test_without_an_archive_there_is_nothing_to_audit(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="run aurora-graphql package"):
        audit(tmp_path, required=False)
