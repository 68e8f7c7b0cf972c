"""GraphiQL in a real Chromium, for tests and for the picture of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from selenium.webdriver import Chrome, ChromeOptions, Keys
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

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is so."""
        WebDriverWait(self.browser, WAIT_S).until(lambda _: holds())

    def open_tab(self, name: str) -> None:
        """Click a tab."""
        tabs = self.browser.find_elements(By.CSS_SELECTOR, ".graphiql-tab-button")
        next(each for each in tabs if each.text == name).click()

    def write_query(self, text: str) -> None:
        """Replace the text of the query editor by typing."""
        self.find(".graphiql-query-editor .monaco-editor").click()
        keys = ActionChains(self.browser)
        keys.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).send_keys(Keys.DELETE)
        # The editor closes a brace by itself, and typing the closing one goes over it.
        keys.send_keys(text).perform()
        # GraphiQL reads the names of operations a moment after the last key; a request before that
        # names one of the document that stood here.
        time.sleep(1.0)

    def run(self) -> None:
        """Press Ctrl-Enter in the editor."""
        self.find(".graphiql-query-editor .monaco-editor").click()
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


_LEAVE: Final = """
const [query, done] = arguments;
fetch('/local/page.json').then((answer) => answer.json()).then(({ project }) => {
  const tab = { id: 'one', title: '<untitled>', query, variables: null, headers: null };
  const state = { activeTabIndex: 0, tabs: [{ ...tab, operationName: null, response: null }] };
  localStorage.setItem(`${project}|graphiql:tabState`, JSON.stringify(state));
  done();
});
"""


def options(folder: Path, *flags: str) -> ChromeOptions:
    """Of a browser without a window; ``folder``: for its profile."""
    found = ChromeOptions()
    for flag in (*FLAGS, *flags, f"--user-data-dir={folder}"):
        found.add_argument(flag)
    found.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return found


def open_page(browser: Chrome, url: str, *, query: str = "") -> Page:
    """As a browser that was never here; ``query``: what its first tab was left with."""
    browser.get(url)
    browser.execute_script("localStorage.clear()")
    if query:
        browser.execute_async_script(_LEAVE, query)
    browser.get(url)
    browser.get_log("browser")  # type: ignore[no-untyped-call] # not annotated
    opened = Page(browser, url)
    opened.find(".graphiql-query-editor .monaco-editor")
    return opened
