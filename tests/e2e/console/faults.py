"""What axe finds in a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

_STILL_MS = 5_000
_LOOKS = 4
_BETWEEN_MS = 2_000
# What fades in or out has colours that are nobody's, and on a busy machine takes its time. What never ends
# is a spinner.
_STILL = """
longest => Promise.race([
  new Promise(ended => setTimeout(ended, longest)),
  Promise.all(document.getAnimations()
    .filter(each => Number.isFinite(each.effect?.getComputedTiming().endTime))
    .map(each => each.finished.catch(() => {}))),
]).then(() => {})
"""
AXE = Path(__file__).parents[3] / "console/node_modules/axe-core/axe.min.js"


def faults(page: Page, within: str = "html", *, colours: bool = True) -> list[Any]:
    """Return what is serious or worse: (rule, its first place).

    Args:
        page: As it is now.
        within: A selector: the frame around the pages need not be looked at with each of them.
        colours: Whether they can be told apart, which takes half of the time.
    """
    page.evaluate(_STILL, _STILL_MS)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    # What is there while something opens or closes is nobody's fault; a busy machine shows it for long.
    for _ in range(_LOOKS):
        found: list[Any] = page.evaluate(
            "([within, colours]) => axe.run(within, {resultTypes: ['violations'],"
            " rules: {'color-contrast': {enabled: colours}}}).then(({violations}) => violations"
            ".filter(({impact}) => ['serious', 'critical'].includes(impact))"
            ".map(({id, nodes}) => [id, nodes[0].html]))",
            [within, colours],
        )
        if not found:
            break
        page.wait_for_timeout(_BETWEEN_MS)
    return found
