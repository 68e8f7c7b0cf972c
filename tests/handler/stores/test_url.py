"""Reading ``DATABASE_URL``: what it accepts, what it refuses, and that it keeps the password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.errors import SettingsError
from handler.stores.url import DatabaseUrl


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "mysql://api:s3cret@db.internal:3307/shop",
            DatabaseUrl(
                host="db.internal", port=3307, user="api", password="s3cret", database="shop"
            ),
            id="everything-given",
        ),
        pytest.param(
            "mysql://localhost/shop",
            DatabaseUrl(host="localhost", port=3306, user="root", database="shop"),
            id="defaults",
        ),
        pytest.param(
            "  mysql://u%40corp:p%2F%3A%23%25@h/my%20shop \n",
            DatabaseUrl(host="h", user="u@corp", password="p/:#%", database="my shop"),
            id="percent-encoded-and-blanks-around",
        ),
        pytest.param(
            "mysql://u:a:b@h/shop",
            DatabaseUrl(host="h", user="u", password="a:b", database="shop"),
            id="colon-in-password",
        ),
        pytest.param(
            "mysql://root@localhost/shop?unix_socket=/run/my+sql%20d/s.sock",
            DatabaseUrl(user="root", database="shop", unix_socket="/run/my+sql d/s.sock"),
            id="socket",
        ),
        pytest.param(
            "mysql://u@[::1]:3306/shop?ssl_ca=/etc/ca.pem",
            DatabaseUrl(host="::1", user="u", database="shop", ssl_ca="/etc/ca.pem"),
            id="ipv6-and-tls",
        ),
        pytest.param(
            "mysql://j%C3%B6rg:%E5%AF%86%F0%9F%94%91@h/caf%C3%A9",
            DatabaseUrl(host="h", user="jörg", password="密🔑", database="café"),
            id="letters-beyond-ascii-percent-encoded",
        ),
        pytest.param(
            "mysql://jörg:密🔑@h/café",
            DatabaseUrl(host="h", user="jörg", password="密🔑", database="café"),
            id="letters-beyond-ascii-as-they-are",
        ),
        pytest.param(
            "mysql://localhost/shop?unix_socket=/run/my@1/s.sock",
            DatabaseUrl(user="root", database="shop", unix_socket="/run/my@1/s.sock"),
            id="at-sign-in-a-socket",
        ),
    ],
)
def test_parse_accepts(text: str, expected: DatabaseUrl) -> None:
    assert DatabaseUrl.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "DATABASE_URL is not set", id="empty"),
        pytest.param("   ", "DATABASE_URL is not set", id="blank"),
        pytest.param("postgres://u:hunter2@h/db", "starts with 'postgres'", id="scheme"),
        pytest.param("u:hunter2@h/db", "starts with 'u'", id="no-scheme"),
        pytest.param("mysql://u:hunter2@h", "names no database", id="no-database"),
        pytest.param("mysql://u:hunter2@h/a/b", "more than one", id="two-databases"),
        pytest.param("mysql://u:hunter2@h:port/db", "host or port", id="port-text"),
        pytest.param("mysql://u:hunter2@h:99999/db", "host or port", id="port-range"),
        pytest.param("mysql://u:hunter2@h:0/db", "port 0", id="port-zero"),
        pytest.param("mysql://u:hunter2/3@h/db", "host or port", id="slash-in-password"),
        pytest.param("mysql://u:hunter2#3@h/db", "host or port", id="hash-in-password"),
        pytest.param("mysql://u:hunter2@[::1/db", "host or port", id="bracket"),
        pytest.param("mysql://u:hunter2@h/db?charset=x", "unknown option 'charset'", id="option"),
        pytest.param("mysql://u:hunter2@h/db?unix_socket", "not key=value", id="no-value"),
        pytest.param("mysql://u:hunter2@h/db?unix_socket=a", "absolute path, got 'a'", id="path"),
        pytest.param("mysql://u:hunter2@h/db?ssl_ca=/a&ssl_ca=/b", "twice", id="twice"),
        pytest.param("mysql://u:hunter2%FF@h/db", "password is not UTF-8", id="not-utf-8"),
        pytest.param("mysql://u:hunter2\udcff@h/db", "password is not UTF-8", id="a-raw-byte"),
        pytest.param("mysql://u:hunter2%00@h/db", "or holds a NUL", id="nul"),
        pytest.param("mysql://hunter2%FF:p@h/db", "user is not UTF-8", id="user-not-utf-8"),
        pytest.param("mysql://u:hunter2\u2100@h/db", "host or port", id="letter-that-folds-to-a/c"),
        pytest.param("mysql://u:1/hunter2@h/db", "behind a '/' or '\\?'", id="digits-and-slash"),
        pytest.param("mysql://u:1?hunter2=3@h/db", "behind a '/' or '\\?'", id="question-mark"),
    ],
)
def test_parse_refuses_and_keeps_the_password(text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        DatabaseUrl.parse(text)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_message_names_the_setting() -> None:
    with pytest.raises(SettingsError, match=r"^MIGRATION_URL is not set"):
        DatabaseUrl.parse("", name="MIGRATION_URL")


def test_password_shows_nowhere() -> None:
    url = DatabaseUrl.parse("mysql://api:hunter2@h/shop")
    assert "hunter2" not in f"{url} {url!r}"
    assert str(url) == "api@h:3306/shop"


texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)


@given(user=texts, password=texts, database=texts.filter(lambda text: text.strip() == text))
def test_text_is_read_back(user: str, password: str, database: str) -> None:
    url = DatabaseUrl(user=user, password=password, database=database, unix_socket="/tmp/a b+&.s")
    assert DatabaseUrl.parse(url.text()) == url
