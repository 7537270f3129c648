"""The walk over API Gateway's screens: a method of the demo's API, its boxes, a test, its stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def rest_api(page: Page, api: str, method: str) -> None:
    """Look at a method that a function answers, test it, find the API's address."""
    page.get_by_role("link", name="REST APIs", exact=True).first.click()
    page.get_by_role("link", name=api, exact=True).click()
    page.get_by_role("button", name=method, exact=True).click()
    page.get_by_role("region", name="Integration request").get_by_role("link", name="classify").wait_for()
    page.get_by_role("button", name="Edit: Method request").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="An API key is required").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("region", name="Method request").get_by_text("required").wait_for()
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("Method completed with status").wait_for()  # in the log, AWS's words
    page.get_by_role("tab", name="Stages").click()
    page.get_by_text(".execute-api.localhost:").first.wait_for()
