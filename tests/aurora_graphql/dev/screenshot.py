"""``python -m tests.aurora_graphql.dev.screenshot`` renews docs/graphiql.png.

It serves the example with its data on servers of its own, opens GraphiQL in a Chromium without a
window, asks for orders with their items, and keeps what is shown with the plan beside the answer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from selenium.webdriver import Chrome, ChromeService

from aurora_graphql.dev import graphiql
from tests.aurora_graphql.dev.pages import open_page, options
from tests.aurora_graphql.dev.site import Site

PICTURE: Final = Path(__file__).parents[3] / "docs" / "graphiql.png"
BYTES_MAX: Final = 300_000
SIZE: Final = "--window-size=1560,1000"
DOCUMENT: Final = """query Orders {
  orders(first: 2) {
    nodes {
      orderRef
      customer { name }
      items {
        quantity
        lineTotal
      }
      total
    }
  }
}
"""


def main() -> None:
    """Take the picture. The browser is Debian's."""
    graphiql.build()
    with (
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder)).running() as (_, url),
        Chrome(
            options(Path(folder) / "chromium", SIZE), ChromeService("/usr/bin/chromedriver")
        ) as browser,
    ):
        page = open_page(browser, url, query=DOCUMENT)
        page.run()
        page.wait_for_text(".plan-pane", "Statement 2")
        browser.execute_script("document.activeElement.blur()")
        browser.save_screenshot(str(PICTURE))
    size = PICTURE.stat().st_size
    if size > BYTES_MAX:
        sys.exit(f"{PICTURE.name} has {size} bytes, more than {BYTES_MAX}")
    print(f"{PICTURE}: {size} bytes")  # noqa: T201 # a program


if __name__ == "__main__":
    main()
