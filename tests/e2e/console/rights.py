"""The walk over IAM's screens: a role of the demo's, its policy edited, the simulator asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def rights(page: Page, role: str) -> None:
    """Look at what a function's role may do, break its policy in the editor, and ask who may do what."""
    page.get_by_role("link", name="Roles", exact=True).first.click()
    page.get_by_role("link", name=role, exact=True).click()
    page.get_by_role("link", name="AWSLambdaBasicExecutionRole").wait_for()
    page.get_by_role("tab", name="Trust policy").click()
    page.get_by_role("button", name="Edit: Who may be it").click()
    page.get_by_text("A policy by IAM's grammar").wait_for()
    page.locator(".ace_content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("}")
    page.get_by_text("This is no JSON").wait_for()
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="May it do this?").click()
    page.get_by_label("Actions").fill("logs:PutLogEvents, iam:DeleteRole")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("1 of 2 allowed").wait_for()
    page.get_by_role("table", name="Decisions").get_by_text('"logs:PutLogEvents"').wait_for()  # its statement
