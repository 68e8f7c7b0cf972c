"""GraphiQL in a real Chromium: it opens with a query of this API, runs it, and shows its plan."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeService, Keys
from selenium.webdriver.common.by import By

from handler.stores.url import DatabaseUrl
from tests.aurora_graphql.dev.pages import Page, open_page, options
from tests.aurora_graphql.dev.site import Site
from tests.conftest import SDL


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    given = options(tmp_path_factory.mktemp("chromium"), "--window-size=1400,900")
    # Debian's driver by its path: selenium would look for one on the internet otherwise.
    with Chrome(given, ChromeService("/usr/bin/chromedriver")) as driver:
        yield driver


@pytest.fixture
def page(browser: Chrome, api: str) -> Page:
    return open_page(browser, api)


def test_the_page_opens_without_an_error(page: Page) -> None:
    assert page.browser.title == "GraphiQL"
    page.wait_for_text(".graphiql-query-editor", "query Products")
    assert page.complaints() == []


def test_saved_operations_are_tabs_with_values_of_real_rows(page: Page) -> None:
    tabs = page.browser.find_elements(By.CSS_SELECTOR, ".graphiql-tab-button")
    assert [each.text for each in tabs] == [
        "Products",
        "CustomerOrders",
        "Order",
        "OrderPage",
        "Product",
        "ProductList",
    ]
    page.open_tab("Order")
    page.wait_for_text(".graphiql-query-editor", "query Order(")
    page.run()
    assert "NW-" in page.wait_for_text(".graphiql-response", "orderRef")


def test_the_first_query_is_run_and_the_pane_shows_its_plan(page: Page) -> None:
    page.run()
    answer = page.wait_for_text(".graphiql-response", '"nodes"')
    assert "errors" not in answer
    shown = page.wait_for_text(".plan-pane", "Statement 2")
    assert re.search(r"^\d statements · \d+ rows · cost \d+ of 5000$", shown, re.MULTILINE)
    sql = page.find(".plan-sql").text
    assert sql.startswith("SELECT")
    assert "FROM `products` k" in sql
    assert page.find(".plan-explain").text.startswith("table type key rows Extra")
    assert page.complaints() == []


def test_the_pane_is_used_by_keys_alone(page: Page) -> None:
    """Branches are closed and opened, and SQL is copied, by what has the focus."""
    page.run()
    page.find(".plan-sql")
    branch = page.find(".plan-pane summary")
    branch.send_keys(Keys.ENTER)
    page.wait_until(lambda: branch.find_element(By.XPATH, "..").get_attribute("open") is None)
    branch.send_keys(Keys.ENTER)
    page.wait_until(lambda: branch.find_element(By.XPATH, "..").get_attribute("open") is not None)
    sql = page.find(".plan-sql").text
    copy = page.find(".plan-copy")
    page.browser.execute_script(
        "navigator.clipboard.writeText = async (text) => { window.copied = text; };"
    )  # a browser without a window has no clipboard
    copy.send_keys(Keys.ENTER)
    page.wait_for_text(".plan-copy", "Copied")
    assert page.browser.execute_script("return window.copied") == sql


def test_the_pane_follows_the_dark_theme(page: Page) -> None:
    page.run()
    colours = []
    for theme in ("graphiql-light", "graphiql-dark"):
        page.browser.execute_script(f"document.body.className = '{theme}'")
        page.find(".plan-sql")
        colours.append(page.find(".plan-pane").value_of_css_property("color"))
    assert colours[0] != colours[1]


def test_an_error_of_the_files_is_shown_until_it_is_mended(
    browser: Chrome, graphiql_files: Path, tmp_path: Path, northwind_database: DatabaseUrl
) -> None:
    sdl = Path(shutil.copytree(SDL, tmp_path / "sdl"))
    file = sdl / "orders.graphql"
    good = file.read_text()
    site = Site(tmp_path, SDL_DIR=str(sdl), DATABASE_URL=northwind_database.text(), CACHE_URL="")
    with site.running() as (_, url):
        page = open_page(browser, url)
        file.write_text(good.replace("type Product ", "type Produce "))
        began = time.monotonic()
        assert "\n    " in page.wait_for_text(".local-error[role=alert]", f"{file}:23:")
        print(f"the error was shown after {time.monotonic() - began:.2f} s")  # noqa: T201 # how long people wait
        page.run()
        page.wait_for_text(".graphiql-response", '"nodes"')  # by the last good one
        shutil.rmtree(sdl / "operations")
        file.write_text(good.replace("orderRef:", "orderReference:"))
        began = time.monotonic()
        page.wait_until(
            lambda: not browser.find_elements(By.CSS_SELECTOR, ".local-error[role=alert]")
        )
        print(f"its cure was seen after {time.monotonic() - began:.2f} s")  # noqa: T201 # how long people wait
        page.write_query("{ orders(first: 1) { nodes { orderRef } } }")
        page.find(".graphiql-query-editor .squiggly-error")  # the new schema has come
        assert page.complaints() == []


def test_the_local_token_is_in_the_headers(
    browser: Chrome, graphiql_files: Path, tmp_path: Path, northwind_database: DatabaseUrl
) -> None:
    site = Site(tmp_path, DATABASE_URL=northwind_database.text(), CACHE_URL="", AUTH="on")
    with site.running() as (_, url):
        page = open_page(browser, url)
        page.wait_for_text(".graphiql-editor-tool", "Bearer ")
        page.open_tab("OrderPage")
        page.run()
        shown = page.wait_for_text(".graphiql-response", '"nodes"')
        assert "FORBIDDEN" not in shown


def test_the_documentation_shows_the_schema(page: Page) -> None:
    page.find("button[aria-label='Show Documentation Explorer']").click()
    page.wait_for_text(".graphiql-doc-explorer", "A GraphQL schema provides a root type")
    page.find(".graphiql-doc-explorer .graphiql-doc-explorer-type-name").click()
    shown = page.wait_for_text(".graphiql-doc-explorer", "orders(")
    assert "Orders, newest first." in shown
    assert page.complaints() == []


def test_a_query_is_run_and_its_answer_shown(page: Page, tmp_path: Path) -> None:
    page.write_query('{ order(orderId: "10248") { orderRef customer { name } } }')
    page.run()
    shown = page.wait_for_text(".graphiql-response", "NW-10248")
    assert json.loads(shown) == {
        "data": {
            "order": {"orderRef": "NW-10248", "customer": {"name": "Vins et alcools Chevalier"}}
        }
    }
    assert page.complaints() == []


def test_a_wrong_field_is_marked_while_typing(page: Page) -> None:
    """The language service of the editor runs: a worker of the same origin."""
    page.write_query("{ nonsense }")
    page.find(".graphiql-query-editor .squiggly-error")
    assert page.complaints() == []
