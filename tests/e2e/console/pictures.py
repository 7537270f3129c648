"""Makes the pictures of `docs/console/`: every screen, as it is on the demo's chain."""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.e2e.console.pictured import FOLDER, PICTURES
from tests.e2e.console.shown import make_shown
from tests.e2e.console.things import make_things
from tests.e2e.console.visits import Visits
from tests.e2e.console.walk import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

MOST_BYTES = 60_000


def main() -> None:
    """Take those that are named, or all; a machine is there meanwhile, which is gone afterwards."""
    from playwright.sync_api import sync_playwright

    data, wanted = Path(sys.argv[1]), sys.argv[2:] or list(PICTURES)
    make_things(data)
    make_shown(data)
    image = sorted((data.parent / "images/test/7").glob("*"))[0]
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address(data))
        page.locator("h1").first.wait_for()
        _remember_event(page, image)
        visits = Visits(page)
        machine = _launch(page, visits)
        for name, route in PICTURES.items():
            is_list = f"{route}/:" in str(PICTURES.values())  # one that links to things
            if name not in wanted and not is_list:
                continue
            where = machine if name == "terminal" else visits.first(route)
            assert where, f"{name}: no screen before it links to {route}"
            visits.open(where)
            if name in wanted:
                _prepare(page, name, image)
                visits.settle()
                page.mouse.move(0, 0)  # what is pointed at looks otherwise
                page.wait_for_timeout(1_200)  # charts grow
                _take(page, name)
                _close(page)
        _terminate(page, visits, machine)
        browser.close()


def _prepare(page: Page, name: str, image: Path) -> None:
    """Do what shows more of a screen than it shows when it is opened."""
    if name == "endpoint":
        page.locator("input[type=file]").set_input_files(image)
        page.get_by_role("list", name="Classes").scroll_into_view_if_needed()
    elif name in STEPS:
        STEPS[name](page)


def _close(page: Page) -> None:
    """Leave a form as somebody does who has thought better of it."""
    cancel = page.get_by_role("dialog").get_by_role("button", name="Cancel", exact=True)
    if cancel.count():
        cancel.click()


def _take(page: Page, name: str) -> None:
    """Keep it in 192 colours, which nobody sees and which take a third of the bytes; in fewer if need be."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    file = FOLDER / f"{name}.png"
    for colours in (192, 96, 64, 32):
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, optimize=True)
        if file.stat().st_size < MOST_BYTES:
            break


def _remember_event(page: Page, image: Path) -> None:
    """Let the page of the demo's function begin with an event that it understands."""
    event = json.dumps({"image": base64.b64encode(image.read_bytes()).decode()}, indent=2)
    page.evaluate(
        "text => localStorage.setItem('sagehen.console.event.classify', JSON.stringify(text))", event
    )


def _api(page: Page) -> None:
    page.get_by_role("button", name="GET /", exact=True).click()
    page.get_by_role("region", name="Integration request").wait_for()


def _rehearsal(page: Page) -> None:
    page.get_by_role("button", name="Rehearse", exact=True).click()
    ran = page.get_by_role("heading", name="follows, minute by minute")
    ran.evaluate("heading => heading.scrollIntoView({block: 'center'})")


def _simulator(page: Page) -> None:
    endpoint = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/classifier"
    page.get_by_label("Resources").fill(f"{endpoint}-one\n{endpoint}-two")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("table", name="Decisions").scroll_into_view_if_needed()


def _function(page: Page) -> None:
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("REPORT RequestId").first.wait_for()


def _code(page: Page) -> None:
    page.get_by_role("tab", name="Code").click()
    page.get_by_text("def ").first.wait_for()


def _mfa(page: Page) -> None:
    page.get_by_role("tab", name="MFA devices").click()
    page.get_by_role("button", name="Add MFA device").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("phone")
    dialog.get_by_role("button", name="Next", exact=True).click()
    dialog.get_by_label("A code").wait_for()


def _insights(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("average").last.wait_for()


def _permissions(page: Page) -> None:
    page.get_by_role("button", name="Role").click()
    page.get_by_role("option", name="SagehenSageMakerExecutionRole").click()
    page.get_by_role("heading", name="Allowed").wait_for()


def _queue(page: Page) -> None:
    page.get_by_role("heading", name="Queue", exact=True).evaluate(
        "heading => heading.scrollIntoView({block: 'center'})"
    )


def _terminal(page: Page) -> None:
    page.get_by_role("button", name="Open a terminal").click()
    page.get_by_text("You are ").wait_for()
    page.keyboard.type("nproc; free -m; python3 -c 'import torch; print(torch.rand(2, 3))'\n")
    page.get_by_text("tensor(").last.wait_for()
    page.locator(".machine-screen").scroll_into_view_if_needed()


def _press(name: str, role: str = "button") -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # button or tab

    return press


STEPS: dict[str, Callable[[Page], None]] = {
    "api": _api,
    "api-stages": _press("Stages", "tab"),
    "create-alarm": _press("Make an alarm of"),
    "create-function": _press("Create function"),
    "endpoint-queue": _queue,
    "function": _function,
    "function-code": _code,
    "insights": _insights,
    "mfa": _mfa,
    "permissions": _permissions,
    "rehearsal": _rehearsal,
    "simulator": _simulator,
    "terminal": _terminal,
}


def _launch(page: Page, visits: Visits) -> str:
    """Launch a machine, for pictures of what only one that runs has; return the address of its page."""
    visits.open("/ec2/launch")
    page.get_by_label("Name", exact=True).fill("by-hand")
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("button", name="Open a terminal").wait_for()
    page.get_by_role("button", name="Dismiss").first.click()
    return "/ec2/instances/" + page.url.rpartition("/")[2]


def _terminate(page: Page, visits: Visits, machine: str) -> None:
    visits.open(machine)
    page.get_by_role("button", name="Terminate", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(machine.rpartition("/")[2])
    dialog.get_by_role("button", name="Terminate", exact=True).click()
    dialog.wait_for(state="detached")


if __name__ == "__main__":
    main()
