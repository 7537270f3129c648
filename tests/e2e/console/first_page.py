"""The first page: its heading is there before its scripts, and stays where it is when they take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Every frame: the heading's words and place, and whether it is still index.html's.
_WATCH = """
window.__frames = [];
const look = () => {
  const heading = document.querySelector("#root h1");
  const { x, y, height } = heading?.getBoundingClientRect() ?? {};
  const seen = JSON.stringify([heading?.innerText, x, y, height]);
  if (heading || window.__frames.length) window.__frames.push(seen);
  window.__still = window.__still || document.querySelector("#root .still") !== null;
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def first_page(page: Page, address: str) -> None:
    """Sign in by the address that `sagehen console` gives out.

    Args:
        page: One that has shown nothing yet.
        address: With its token.
    """
    page.add_init_script(_WATCH)
    page.goto(address)
    page.get_by_role("navigation").get_by_role("link", name="The chain").wait_for()
    assert page.evaluate("window.__still")
    assert len(page.evaluate("[...new Set(window.__frames)]")) == 1
    assert "token" not in page.url
