"""Going from screen to screen of the console as links do, each time until all that it asked for has come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_LINKS = """() => [...document.querySelectorAll('#content a[href^="/console/"]')]
  .map(link => link.getAttribute("href").slice("/console".length))"""


def pattern(route: str) -> re.Pattern[str]:
    """Return what the addresses of a route look like, which has `:name` where they have a thing's."""
    return re.compile(re.sub(r"/:\w+", "/[^/?]+", route))


def is_of_one_thing(address: str) -> bool:
    """Say whether a name still has to be put into an address."""
    return "/:" in address.partition("?")[0]


class Visits:
    """One page that goes from screen to screen, and the things that those link to."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._links: list[str] = []
        self._under_way: set[object] = set()
        page.on("request", lambda request: self._under_way.add(request))
        page.on("requestfinished", lambda request: self._under_way.discard(request))
        page.on("requestfailed", lambda request: self._under_way.discard(request))

    def first(self, route: str) -> str | None:
        """Return the first address of a route that a screen before links to; a whole one is itself."""
        if not is_of_one_thing(route):
            return route
        looks = pattern(route)
        return next((link for link in self._links if looks.fullmatch(link)), None)

    def open(self, address: str) -> None:
        """Go there unless one is; wait for the heading and all that is asked for; note what it links to."""
        here = self._page.url.partition("/console")[2]
        if here.partition("?")[0] == address.partition("?")[0]:
            return
        self._page.evaluate(
            "path => { document.title = ''; history.pushState({}, '', '/console' + path);"
            " dispatchEvent(new PopStateEvent('popstate', {state: {}})) }",
            address,
        )
        self._page.wait_for_function(
            "() => document.title && document.querySelector('#content h1')?.innerText"
        )
        self.settle()
        self._links += self._page.evaluate(_LINKS)

    def settle(self) -> None:
        """Wait until nothing is asked for."""
        asks = True
        while asks:
            while self._under_way:
                self._page.wait_for_event("requestfinished")
            # What came may be drawn with parts that ask for more.
            self._page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
            asks = bool(self._under_way)
