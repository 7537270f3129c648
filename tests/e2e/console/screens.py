"""Every screen of the console, opened once: what its registry names, of each list the first thing in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.console.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

SCREENS = Path(__file__).parents[3] / "console/src/screens"


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
    first: dict[str, str | None] = {}  # of each list, the address of its first thing
    for route in sorted(set(registered()) - {"/"}):  # which one comes from
        base, _, parameter = route.partition("/:")
        address = first[base] if parameter else route
        if address is None:
            wrong[route] = "the list before it has nothing to open"
            continue
        _open(page, address, under_way)
        if not parameter:
            link = page.locator(f'#content a[href^="/console{route}/"]').first
            first[route] = link.get_attribute("href") if link.count() else None
            first[route] = (first[route] or "").removeprefix("/console") or None
        refused = [text for answer in answers if (text := _refusal(answer))]
        answers.clear()
        found = {"refused": refused, "unusable": faults(page, "#content", colours=False)}
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
    while under_way:
        page.wait_for_event("requestfinished")


def _refusal(answer: Response) -> str:
    """Say what was refused; what has no policy, no log, no configuration yet is only not found."""
    if answer.status < 400 or answer.status == 404:
        return ""
    text = answer.text()
    return "" if "NotFound" in text else f"{answer.status} {answer.request.post_data or answer.url}: {text}"
