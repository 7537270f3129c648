"""The walk over forms: a variant follows its load, by steps too, and by the clock; a question to a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def forms(page: Page, endpoint: str, variant: str, group: str) -> None:
    """Let a variant scale, add steps and a schedule, take it all away; ask Logs Insights.

    Args:
        endpoint: That nothing scales.
        variant: Of it.
        group: A log group in which a function has said something.
    """
    page.get_by_role("link", name="Scaling and concurrency").first.click()
    page.get_by_role("button", name="Follow the load").click()
    dialog = page.get_by_role("dialog")
    for label, name in (("Endpoint", endpoint), ("Variant", variant)):
        dialog.get_by_label(label, exact=True).last.click()
        page.get_by_role("option", name=name, exact=True).click()
    dialog.get_by_role("button", name="Follow", exact=True).click()
    _steps(page)
    page.get_by_role("button", name="Add scheduled action").click()
    dialog.get_by_label("Name").fill("leap-day")
    dialog.get_by_label("Cron").fill("0 9 29 2 ? 2028")
    dialog.get_by_text("Tue 2028-02-29 09:00").wait_for()
    dialog.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("gridcell", name="cron(0 9 29 2 ? 2028)").wait_for()
    _delete(page, f"endpoint/{endpoint}/variant/{variant}")
    _ask(page, group)


def _steps(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Add policy").click()
    dialog.get_by_role("button", name="Steps").click()
    dialog.get_by_label("Name").fill("out")
    dialog.get_by_role("button", name="Add a step").click()
    dialog.get_by_role("img", name="600 to 610: +1; from 610: +2").wait_for()
    dialog.get_by_role("button", name="None yet").click()  # an alarm would stay
    dialog.get_by_label("From, step 2").fill("20")
    dialog.get_by_text("No step holds what is between 10 and 20.").wait_for()
    assert dialog.get_by_role("button", name="Add", exact=True).is_disabled()
    dialog.get_by_label("To, step 1").fill("20")
    dialog.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role(
        "gridcell", name="from the threshold on, 0 to 20: +1; from 20: +2", exact=True
    ).wait_for()


def _delete(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=name, exact=True).check()
    page.get_by_role("button", name="Actions").first.click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("button", name="Delete", exact=True).click()
    dialog.wait_for(state="detached")


def _ask(page: Page, group: str) -> None:
    page.get_by_role("link", name="Logs Insights").first.click()
    page.get_by_role("button", name="Log groups").first.click()
    page.get_by_role("option", name=group, exact=True).click()
    page.keyboard.press("Escape")
    query = page.get_by_role("textbox", name="Query")
    query.fill("filter @type = 'REPORT' | stats count(*) as calls")
    query.press("Control+Enter")
    page.get_by_text("lines match").wait_for()
    page.get_by_role("columnheader", name="calls").wait_for()
