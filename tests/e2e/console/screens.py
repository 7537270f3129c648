"""Every screen of the console, opened once: what its registry names, the first thing of each kind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.console.faults import faults
from tests.e2e.console.visits import Visits

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
    page.on("response", lambda response: answers.append(response))
    visits = Visits(page)
    wrong: dict[str, Any] = {}
    routes = sorted(set(registered()) - {"/"})  # which one comes from
    for route in routes:
        address = visits.first(route)
        if address is None:
            wrong[route] = "no page before it links to such a thing"
            continue
        visits.open(address)
        refused = [text for answer in answers if (text := _refusal(answer))]
        answers.clear()
        # Lists are one component, which the walk has looked at; axe takes as long as opening the page.
        is_list = any(other.startswith(f"{route}/:") for other in routes)
        found = {"refused": refused, "unusable": [] if is_list else faults(page, "#content", colours=False)}
        if any(found.values()):
            wrong[address] = found
    assert not wrong, json.dumps(wrong)


def _refusal(answer: Response) -> str:
    """Say what was refused; what has no policy, no log, no configuration yet is only not found."""
    if answer.status < 400 or answer.status == 404:
        return ""
    text = answer.text()
    return "" if "NotFound" in text else f"{answer.status} {answer.request.post_data or answer.url}: {text}"
