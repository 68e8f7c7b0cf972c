"""GraphiQL in a real Chromium: it opens, shows the schema's documentation and runs a query."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

WAIT_S = 60
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,900",
    # Nothing but the gateway can be reached: the page must work without the internet.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Page:
    """The open page."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url

    def find(self, selector: str) -> WebElement:
        """The first visible element of a CSS selector, waited for."""

        def visible(browser: Chrome) -> WebElement | None:
            found = browser.find_elements(By.CSS_SELECTOR, selector)
            return next((each for each in found if each.is_displayed()), None)

        found = WebDriverWait(self.browser, WAIT_S).until(
            visible, message=f"nothing visible matches {selector}"
        )
        assert found is not None
        return found

    def wait_for_text(self, selector: str, text: str) -> str:
        """Wait until an element holds a text; gives all its text, blanks made plain."""

        def holds(browser: Chrome) -> str | None:
            for each in browser.find_elements(By.CSS_SELECTOR, selector):
                shown = each.text.replace("\xa0", " ")
                if text in shown:
                    return shown
            return None

        shown = WebDriverWait(self.browser, WAIT_S).until(
            holds, message=f"{selector} does not show {text!r}"
        )
        assert shown is not None
        return shown

    def write_query(self, text: str) -> None:
        """Replace the text of the query editor by typing."""
        self.find(".graphiql-query-editor .monaco-editor").click()
        keys = ActionChains(self.browser)
        keys.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).send_keys(Keys.DELETE)
        # The editor closes a brace by itself, and typing the closing one goes over it.
        keys.send_keys(text).perform()

    def run(self) -> None:
        """Press Ctrl-Enter in the editor."""
        keys = ActionChains(self.browser)
        keys.key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()

    def complaints(self) -> list[str]:
        """What the browser logged as an error: a refused script, a missing file, an exception."""
        entries: list[dict[str, Any]] = self.browser.get_log("browser")  # type: ignore[no-untyped-call] # not annotated
        return [
            entry["message"]
            for entry in entries
            if entry["level"] == "SEVERE" and "/favicon.ico" not in entry["message"]
        ]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Debian's driver by its path: selenium would look for one on the internet otherwise.
    with Chrome(options, ChromeService("/usr/bin/chromedriver")) as driver:
        yield driver


@pytest.fixture
def page(browser: Chrome, api: str) -> Page:
    browser.get(api)
    opened = Page(browser, api)
    opened.find(".graphiql-query-editor .monaco-editor")
    return opened


def test_the_page_opens_without_an_error(page: Page) -> None:
    assert page.browser.title == "GraphiQL"
    page.wait_for_text(".graphiql-query-editor", "Ctrl-Enter runs")
    assert page.complaints() == []


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
