"""The console's first page: what a browser gets, and how long it is until its heading is seen."""

from __future__ import annotations

import contextlib
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.processes import Platform
from benchmarks.table import Row, Table, milliseconds

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_LOADS = 7
_BROWSER = Path("/usr/bin/chromium")
# In the page, before its own scripts: the frame after the one in which the heading is laid out has it on the
# screen. That React has taken the page over is seen by its own mark on what it drew.
_WATCH = """
(() => {
  const seen = (window.__seen = {});
  const note = (name, is) => {
    if (seen[name] !== undefined || !is()) return;
    seen[name] = null;
    requestAnimationFrame(() => setTimeout(() => { seen[name] = performance.now(); }));
  };
  const heading = () => document.querySelector("#root h1");
  const look = () => {
    note("heading", () => heading()?.getClientRects().length > 0);
    note("live", () => heading() && Object.keys(heading()).some((key) => key.startsWith("__react")));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""
_FOUND = """() => ({
  seen: window.__seen,
  files: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ name }) => new URL(name).pathname.startsWith("/console"))
    .map(({ encodedBodySize }) => encodedBodySize),
})"""


@dataclass(frozen=True, slots=True)
class Load:
    """One load of the first page, in a browser that has never seen it.

    Args:
        heading_s: From the start of the navigation until the heading is on the screen.
        live_s: Until React has drawn it: what is pressed from then on answers at once.
        processor_s: What the page's own thread had of a processor until then.
        files: How many files it asked for.
        size: What they are together, compressed, in bytes.
    """

    heading_s: float
    live_s: float
    processor_s: float
    files: int
    size: int


def measure(say: Callable[[str], None]) -> Table:
    """Load the first page again and again, each time signed in by a token of `sagehen console`."""
    with Platform() as platform:
        loads = list(several(platform.folder, say))
    return _table(loads, "a platform of its own")


def several(data: Path, say: Callable[[str], None] = lambda _: None) -> Iterator[Load]:
    """Load it seven times, after once that warms the browser's process up and is not counted."""
    with _chromium() as browser:
        _load(browser, _address(data))
        for number in range(_LOADS):
            say(f"load {number + 1}/{_LOADS}")
            yield _load(browser, _address(data))


def _table(loads: list[Load], where: str) -> Table:
    heading, live, processor = (
        [getattr(load, name) for load in loads] for name in ("heading_s", "live_s", "processor_s")
    )
    last = loads[-1]
    return Table(
        "The console's first page",
        method=f"Headless Chromium beside {where}, both on these processors; medians of {len(loads)} loads,"
        " each with an empty cache and signed in by a token of `sagehen console`.",
        rows=[
            Row("until its heading is seen", milliseconds(statistics.median(heading)),
                note=f"aim: 1 s; {milliseconds(min(heading))} to {milliseconds(max(heading))}"),
            Row("until it answers", milliseconds(statistics.median(live)),
                note=f"{milliseconds(min(live))} to {milliseconds(max(live))}"),
            Row("of a processor, in the page's thread", milliseconds(statistics.median(processor)),
                note="until then"),
            Row("sent", f"{last.size / 1e3:.0f} kB", note=f"aim: 500 kB; {last.files} files, compressed"),
        ],
    )  # fmt: skip


@contextlib.contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(_BROWSER), args=["--no-sandbox", "--disable-background-networking"]
        )
        try:
            yield browser
        finally:
            browser.close()


def _load(browser: Browser, address: str) -> Load:
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(_WATCH)
        ticks = context.new_cdp_session(page)
        ticks.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(address, wait_until="commit")
        found = _when_live(page)
        metrics = {one["name"]: one["value"] for one in ticks.send("Performance.getMetrics")["metrics"]}
        return Load(
            found["seen"]["heading"] / 1e3,
            found["seen"]["live"] / 1e3,
            metrics["TaskDuration"],
            len(found["files"]),
            sum(found["files"]),
        )
    finally:
        context.close()


def _when_live(page: Page) -> dict[str, Any]:
    page.wait_for_function("() => window.__seen?.live && window.__seen?.heading", timeout=60_000)
    found: dict[str, Any] = page.evaluate(_FOUND)
    return found


def _address(data: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "sagehen.cli", "console", "--no-browser", "--data", str(data)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = re.search(r"http://\S+", ran.stdout)
    if not found:
        raise RuntimeError(f"no address in {ran.stdout!r}")
    return found[0]


if __name__ == "__main__":
    # Beside a platform that runs: python -m benchmarks.console DATA
    print(_table(list(several(Path(sys.argv[1]))), "the platform that is named").markdown())
