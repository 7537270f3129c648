"""The walk over stacks: one is made of a template, updated by a change set, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "by-hand"


def stacks(page: Page) -> None:
    """Make a stack of the form's own example, change its parameter, look at what changes, execute it."""
    page.get_by_role("link", name="CloudFormation", exact=True).first.click()
    page.get_by_role("button", name="Create stack").first.click()
    page.get_by_label("Name of the stack").fill(NAME)
    page.get_by_label("Days", exact=True).wait_for()  # CloudFormation has read the template
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_text("Create complete").first.wait_for()
    update = page.get_by_role("button", name="Update", exact=True)
    update.click()
    page.get_by_label("Days", exact=True).fill("14")
    page.get_by_role("button", name="See the changes first").click()
    page.get_by_role("cell", name="RetentionInDays").wait_for()
    page.get_by_role("button", name="Execute").click()
    page.get_by_text("Update complete", exact=True).first.wait_for()
    page.get_by_role("tab", name="Resources").click()
    page.get_by_role("link", name=f"{NAME}-images-").wait_for()  # which leads to the bucket
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(NAME)
    dialog.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("link", name=NAME, exact=True).wait_for(state="detached")
