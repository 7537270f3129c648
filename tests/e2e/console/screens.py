"""Every screen of the console, opened once: what its registry names, the first thing of each kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.console.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

SCREENS = Path(__file__).parents[3] / "console/src/screens"
_LINKS = """() => [...document.querySelectorAll('#content a[href^="/console/"]')]
  .map(link => link.getAttribute("href").slice("/console".length))"""


def registered() -> list[str]:
    """Return the addresses of all screens below /console, as routes have them."""
    found = []
    for file in sorted(SCREENS.glob("*/screens.ts")):
        service, *pages = re.findall(r'\bpath: "([^"]*)"', file.read_text())
        found += ["/" + "/".join(part for part in (service, page) if part) for page in pages]
    return found


def open_every_screen(page: Page) -> None:
    """Open them in turn: each has a heading, nothing was refused, axe finds no serious fault."""
    answers: list[Response] = []
    under_way: set[object] = set()
    page.on("response", lambda response: answers.append(response))
    page.on("request", lambda request: under_way.add(request))
    page.on("requestfinished", lambda request: under_way.discard(request))
    page.on("requestfailed", lambda request: under_way.discard(request))
    wrong: dict[str, Any] = {}
    things: dict[
        str, str
    ] = {}  # by the routes of pages about one thing: the first that a page before links to
    routes = sorted(set(registered()) - {"/"})  # which one comes from
    for route in routes:
        address = things.get(route) if ":" in route else route
        if address is None:
            wrong[route] = "no page before it links to such a thing"
            continue
        _open(page, address, under_way)
        for link in page.evaluate(_LINKS):
            for other in routes:
                if ":" in other and re.fullmatch(re.sub(r":\w+", "[^/?]+", other), link):
                    things.setdefault(other, link)
        refused = [text for answer in answers if (text := _refusal(answer))]
        answers.clear()
        # Lists are one component, which the walk has looked at; axe takes as long as opening the page.
        is_list = any(other.startswith(f"{route}/:") for other in routes)
        found = {"refused": refused, "unusable": [] if is_list else faults(page, "#content", colours=False)}
        if any(found.values()):
            wrong[address] = found
    assert wrong == {}


def _open(page: Page, address: str, under_way: set[object]) -> None:
    """Go there as a link does, and wait until the page has its heading and all that it asked for."""
    page.evaluate(
        "path => { document.title = ''; history.pushState({}, '', '/console' + path);"
        " dispatchEvent(new PopStateEvent('popstate', {state: {}})) }",
        address,
    )
    page.wait_for_function("() => document.title && document.querySelector('#content h1')?.innerText")
    asks = True
    while asks:
        while under_way:
            page.wait_for_event("requestfinished")
        # What came may be drawn with parts that ask for more.
        page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
        asks = bool(under_way)


def _refusal(answer: Response) -> str:
    """Say what was refused; what has no policy, no log, no configuration yet is only not found."""
    if answer.status < 400 or answer.status == 404:
        return ""
    text = answer.text()
    return "" if "NotFound" in text else f"{answer.status} {answer.request.post_data or answer.url}: {text}"
