"""The walk over CloudWatch's graphs: a metric chosen, put on a dashboard, the dashboard arranged by keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def metrics(page: Page, namespace: str, dimensions: str, metric: str) -> None:
    """Draw a metric with an expression over it, keep both on a new dashboard, change that, delete it.

    Args:
        namespace: With several sets of dimensions.
        dimensions: One of these, as the page names it.
        metric: Its name; the first of its kind is drawn.
    """
    page.get_by_role("link", name="Metrics", exact=True).first.click()
    page.get_by_role("link", name=namespace, exact=True).click()
    page.get_by_role("link", name=dimensions, exact=True).click()
    page.get_by_label("Find metrics").fill(metric)
    page.get_by_role("checkbox", name=f"Draw {metric}").first.check()
    page.get_by_role("button", name="Add math").click()
    page.get_by_label("Expression e1").fill("m1 * 2")
    lines = page.get_by_role("list", name="Lines").get_by_role("button")
    lines.nth(1).wait_for()
    page.get_by_role("button", name="Add to dashboard").click()
    page.get_by_role("dialog").get_by_role("combobox").fill("walked")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("heading", name="walked", level=1).wait_for()
    lines.nth(1).wait_for()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Edit").click()
    page.get_by_role("button", name="Resize Metrics").press("ArrowRight")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Source").click()
    page.get_by_text('"width": 13').wait_for()
    page.locator(".ace_content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(json.dumps({"widgets": [{"type": "chart", "properties": {}}]}))
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Should be equal to one of the allowed values").wait_for()  # AWS's own words
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("walked")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    dialog.wait_for(state="hidden")
    page.get_by_role("link", name="walked").wait_for(state="detached")
