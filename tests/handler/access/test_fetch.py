"""Fetching from servers with bad manners: always in time, never too much, never elsewhere."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from handler.access.fetch import DOCUMENT_BYTES_MAX, Fetcher, FetchError
from tests.handler.access.issuers import RSA_KEY, Site, body, serve
from tests.ports import free_port


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as found:
        yield found


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody but its holder trusts, with its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(RSA_KEY.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(RSA_KEY, hashes.SHA256())
    )
    file = tmp_path / "issuer.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + RSA_KEY.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
def secure_site(certificate: Path) -> Iterator[Site]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serve(tls) as found:
        found.answers["/a"] = body(b"secret")
        yield found


def readers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "issuer-reader"]


def wait_for_readers() -> None:
    """Readers that were left to themselves end, too."""
    for each in readers():
        each.join(5)
    assert readers() == []


def test_a_document_is_read(site: Site) -> None:
    site.answers["/a?b=c"] = body(b'{"a": 1}')
    assert Fetcher().get(f"{site.url}/a?b=c", limit_s=5) == b'{"a": 1}'
    wait_for_readers()


def test_a_document_in_chunks_is_read(site: Site) -> None:
    def chunked(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    site.answers["/"] = chunked
    assert Fetcher().get(site.url, limit_s=5) == b"abcde"


def test_a_proxy_of_the_environment_is_not_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.answers["/a"] = body(b"direct")
    assert Fetcher().get(f"{site.url}/a", limit_s=5) == b"direct"


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 308, 404, 500])
def test_other_answers_than_200_are_refused_and_redirects_not_followed(
    site: Site, status: int
) -> None:
    site.answers["/a"] = body(b"", status, Location=f"{site.url}/b")
    site.answers["/b"] = body(b"elsewhere")
    with pytest.raises(FetchError, match=f"status {status}"):
        Fetcher().get(f"{site.url}/a", limit_s=5)
    assert site.asked == ["/a"]


def test_a_document_of_the_largest_size_is_read_and_one_byte_more_is_not(site: Site) -> None:
    site.answers["/a"] = body(b"x" * DOCUMENT_BYTES_MAX)
    site.answers["/b"] = body(b"x" * (DOCUMENT_BYTES_MAX + 1))
    assert len(Fetcher().get(f"{site.url}/a", limit_s=5)) == DOCUMENT_BYTES_MAX
    with pytest.raises(FetchError, match="more than 262144 bytes"):
        Fetcher().get(f"{site.url}/b", limit_s=5)


def test_an_endless_document_is_not_read_to_its_end(site: Site) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:  # until the reader leaves
            request.wfile.write(b"x" * 65_536)

    site.answers["/"] = endless
    with pytest.raises(FetchError, match="more than"):
        Fetcher().get(site.url, limit_s=5)


def test_a_document_that_ends_early_is_refused(site: Site) -> None:
    def short(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        request.wfile.write(b'{"keys": []}')

    site.answers["/"] = short
    with pytest.raises(FetchError, match="ended early"):
        Fetcher().get(site.url, limit_s=5)


def drip_head(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
    drip(request)


def drip_body(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    drip(request)


def drip(request: BaseHTTPRequestHandler) -> None:
    """A byte now and then, each of them long before the time of one read is over."""
    pause = threading.Event()
    while not pause.wait(0.02):
        request.wfile.write(b"x")


def silence(request: BaseHTTPRequestHandler) -> None:
    threading.Event().wait(2)


@pytest.mark.parametrize("manners", [drip_head, drip_body, silence])
def test_a_slow_server_is_left_in_time(site: Site, manners: object) -> None:
    site.answers["/"] = manners  # type: ignore[assignment]  # one of the three above
    begin = time.monotonic()
    with pytest.raises(FetchError, match=r"no complete answer within 0\.2 s|TimeoutError"):
        Fetcher().get(site.url, limit_s=0.2)
    assert time.monotonic() - begin < 1.5
    wait_for_readers()


def test_no_time_is_no_attempt(site: Site) -> None:
    with pytest.raises(FetchError, match="no time left"):
        Fetcher().get(site.url, limit_s=0)
    assert site.asked == []


def test_a_server_that_is_down_is_told() -> None:
    with pytest.raises(FetchError, match="ConnectionRefusedError"):
        Fetcher().get(f"http://127.0.0.1:{free_port()}/", limit_s=5)


def test_no_word_of_a_server_that_talks_something_else_is_repeated() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            client, _ = server.accept()
            with client:
                client.recv(10_000)
                client.sendall(b"220 canary.example ESMTP\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        with pytest.raises(FetchError) as error:
            Fetcher().get(f"http://127.0.0.1:{server.getsockname()[1]}/", limit_s=5)
        thread.join()
    assert str(error.value).endswith(": BadStatusLine")


def test_a_server_with_a_certificate_that_is_trusted_is_read(
    secure_site: Site, certificate: Path
) -> None:
    fetcher = Fetcher(lambda: ssl.create_default_context(cafile=certificate))
    assert fetcher.get(f"{secure_site.url}/a", limit_s=5) == b"secret"


def test_a_server_with_another_certificate_is_asked_nothing(secure_site: Site) -> None:
    with pytest.raises(FetchError, match="SSLCertVerificationError"):
        Fetcher().get(f"{secure_site.url}/a", limit_s=5)
    assert secure_site.asked == []


def test_a_server_with_another_name_is_asked_nothing(secure_site: Site, certificate: Path) -> None:
    fetcher = Fetcher(lambda: ssl.create_default_context(cafile=certificate))
    url = secure_site.url.replace("127.0.0.1", "localhost")
    with pytest.raises(FetchError, match="SSLCertVerificationError"):
        fetcher.get(f"{url}/a", limit_s=5)
    assert secure_site.asked == []
