"""GraphiQL out of the archive, as a stack serves it: by the function, under Lambda's rules."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from aurora_graphql.archive.build import Built
from aurora_graphql.archive.graphiql import graphiql_packages
from aurora_graphql.dev import graphiql
from tests.aurora_graphql.dev.pages import Page
from tests.aurora_graphql.dev.site import Site
from tests.aurora_graphql.dev.test_graphiql import browser

__all__ = ["browser"]  # a fixture: Chromium without the internet

FILES = {
    "graphiql.js": "text/javascript",
    "graphiql.css": "text/css",
    "editor.worker.js": "text/javascript",
    "graphql.worker.js": "text/javascript",
    "json.worker.js": "text/javascript",
    "graphiql.js.LEGAL.txt": "text/plain",
}


@pytest.fixture(scope="module")
def served(native: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the example's API by ``aurora-graphql dev --lambda``."""
    site = Site(tmp_path_factory.mktemp("site"))
    with site.running(command="dev --lambda", ARCHIVE=str(native.archive)) as (process, url):
        yield url
        process.terminate()
        assert process.wait(30) == 0


@pytest.mark.parametrize("name", FILES)
def test_file_is_answered_by_the_function_whole(served: str, name: str) -> None:
    request = urllib.request.Request(f"{served}graphiql/{name}")
    with urllib.request.urlopen(request, timeout=60) as response:
        content, headers = response.read(), response.headers
    assert content == (graphiql.folder() / name).read_bytes()
    assert headers["content-type"] == f"{FILES[name]}; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    assert headers["x-request-id"], "the function has answered, and not the gateway"
    request.add_header("If-None-Match", headers["etag"])
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(request, timeout=60)


@pytest.mark.parametrize("path", ["", "graphql"])
def test_the_page_opens_and_asks_the_address_where_it_stands(
    browser: Chrome, served: str, path: str
) -> None:
    browser.get(f"{served}{path}")
    page = Page(browser, f"{served}{path}")
    page.write_query("{ __typename ")
    page.run()
    page.wait_for_text(".result-window", '"__typename": "Query"')
    assert page.complaints() == []


def test_the_manifest_says_that_it_is_there_and_the_bill_of_what(native: Built) -> None:
    assert native.manifest["graphiql"] is True
    packages = {package.name for package in graphiql_packages()}
    assert {"graphiql", "monaco-editor", "react", "@graphiql/toolkit"} <= packages
    assert "esbuild" not in packages  # it bundles, and is no part of the bundle
