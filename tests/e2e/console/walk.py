"""A walk over the console's screens, by clicking, on a platform on which the demo's chain is kept."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.console.faults import faults
from tests.e2e.console.first_page import first_page
from tests.e2e.console.forms import forms
from tests.e2e.console.metrics import metrics
from tests.e2e.console.rest_api import rest_api
from tests.e2e.console.rights import rights
from tests.e2e.console.screens import open_every_screen
from tests.e2e.console.stacks import stacks
from tests.e2e.console.things import make_things

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).parents[3]
BUILT = REPOSITORY / "src/sagehen/console/files/index.html"
DEADLINE_MS = 60_000


def address(data: Path) -> str:
    """Return what `sagehen console` would open: good once."""
    ran = subprocess.run(
        [sys.executable, "-m", "sagehen.cli", "console", "--no-browser", "--data", str(data)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    found = re.search(r"http://\S+", ran.stdout)
    assert found, ran.stdout
    return found[0]


def walk(browser: Browser, data: Path, image: Path) -> None:
    """Sign in, look at a job, try an endpoint, a function and a bucket; nothing is left, no script complains.

    Args:
        data: Of a platform with the demo's chain.
        image: Of a seven, which the demo's model knows.
    """
    troubles: list[str] = []
    # What fades and turns is drawn by the processor here, and nobody looks.
    page = browser.new_page(viewport={"width": 1360, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(DEADLINE_MS)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    # That an answer was a 404 (a function without a policy) the browser tells by itself.
    page.on(
        "console",
        lambda message: (
            troubles.append(message.text)
            if message.type == "error" and "the server responded with" not in message.text
            else None
        ),
    )
    first_page(page, address(data))
    _job(page)
    _endpoint(page, image)
    _scaling(page)
    _function(page)
    forms(page, "classifier-one", "AllTraffic", "/aws/lambda/classify")
    rest_api(page, "classifier", "GET /")
    rights(page, "classify-function")
    metrics(page, "AWS/Lambda", "FunctionName", "Invocations")
    assert faults(page) == []
    _bucket(page, image)
    _machine(page)
    stacks(page)
    make_things(data)
    open_every_screen(page)
    assert troubles == []
    page.get_by_role("button", name="root").first.click()
    page.get_by_role("menuitem", name="Sign out").click()
    _wrong_key(page)
    page.close()


def _job(page: Page) -> None:
    page.get_by_role("link", name="Training jobs").first.click()
    page.get_by_role("link", name="train-on-2").click()
    page.get_by_text("test_accuracy").first.wait_for()  # in its log
    page.get_by_role("button", name="Clone as new job").click()
    page.get_by_role("heading", name="A training job like train-on-2").wait_for()
    page.get_by_label("Number").wait_for()
    assert faults(page) == []
    page.get_by_role("button", name="Cancel").click()


def _endpoint(page: Page, image: Path) -> None:
    page.get_by_role("link", name="Endpoints", exact=True).first.click()
    page.get_by_role("link", name="classifier-one").click()
    _lineage(page, "train-on-1", "classifier-one")
    page.locator("input[type=file]").set_input_files(image)
    first = page.get_by_role("list", name="Classes").get_by_role("listitem").first
    assert first.inner_text().startswith("7")
    page.get_by_role("img", name=re.compile(r"overhead \S+ ms, model \S+ ms")).wait_for()
    page.get_by_role("button", name="Change Weight of AllTraffic").click()
    page.get_by_role("spinbutton", name="CurrentWeight").fill("2")
    page.keyboard.press("Enter")
    page.get_by_role("gridcell", name="2 Change Weight of AllTraffic").wait_for()
    page.get_by_role("button", name="aws / boto3").click()
    page.locator("pre:visible", has_text="aws sagemaker-runtime invoke-endpoint").first.wait_for()
    assert faults(page) == []
    page.get_by_role("button", name="aws / boto3").click()


def _lineage(page: Page, job: str, endpoint: str) -> None:
    """Go from an endpoint to the job that it came of, and back by what came of that."""
    for listed, name in (("Sources", job), ("Outcomes", endpoint)):
        page.get_by_role("link", name="Lineage", exact=True).click()
        page.get_by_role("grid", name=listed).get_by_role("link", name=name, exact=True).first.click()
        page.get_by_role("heading", name=name, exact=True).wait_for()


def _scaling(page: Page) -> None:
    page.get_by_role("link", name="Scaling and concurrency").first.click()
    page.get_by_text("Nothing follows its load").wait_for()
    page.get_by_role("link", name="classify", exact=True).wait_for()  # a function with its concurrency
    page.get_by_role("link", name="Rehearsal").first.click()
    page.get_by_role("button", name="Rehearse", exact=True).click()
    page.get_by_role("heading", name="follows, minute by minute").wait_for()
    assert faults(page) == []


def _function(page: Page) -> None:
    page.get_by_role("link", name="Functions", exact=True).first.click()
    page.get_by_role("link", name="classify").click()
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("REPORT RequestId").first.wait_for()
    page.get_by_role("tab", name="Code").click()
    page.get_by_text("def ").first.wait_for()


def _bucket(page: Page, image: Path) -> None:
    page.get_by_role("link", name="S3", exact=True).first.click()
    page.get_by_role("button", name="Create bucket").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("No_Bucket")
    dialog.get_by_role("button", name="Create").click()
    dialog.get_by_text("The specified bucket is not valid.").wait_for()  # AWS's own words
    dialog.get_by_label("Name").fill("dropped-images")
    dialog.get_by_role("button", name="Create").click()
    page.get_by_text("Drop files or folders here").wait_for()
    page.locator("input[type=file]").first.set_input_files(image)
    page.get_by_role("link", name=image.name).click()
    page.locator("img.preview").wait_for()
    page.get_by_role("button", name="Delete", exact=True).click()
    _confirm(page, image.name)
    page.get_by_role("link", name="Buckets").click()
    page.get_by_role("checkbox", name="dropped-images").check()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    _confirm(page, "dropped-images")
    page.get_by_role("link", name="dropped-images").wait_for(state="detached")


def _machine(page: Page) -> None:
    page.get_by_role("link", name="Instances", exact=True).first.click()
    page.get_by_role("button", name="Launch instances").first.click()
    page.get_by_text("per hour on AWS").wait_for()
    page.get_by_label("Name", exact=True).fill("by-hand")
    page.get_by_label("User data").fill("#!/bin/sh\necho GREETINGS FROM USER DATA\n")
    assert faults(page) == []
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("tab", name="Console output").click()
    page.get_by_text("GREETINGS FROM USER DATA", exact=True).wait_for()
    page.get_by_role("tab", name="Connect").click()
    page.get_by_role("button", name="Open a terminal").click()
    page.get_by_text("You are ", exact=False).wait_for()
    page.keyboard.type("echo TYPED $((6 * 7))\n")
    page.get_by_text("TYPED 42").first.wait_for()
    assert faults(page) == []
    instance_id = page.url.rpartition("/")[2]
    page.get_by_role("button", name="Terminate", exact=True).click()
    _confirm(page, instance_id, "Terminate")
    page.get_by_role("row", name=instance_id).get_by_text("Terminated").wait_for()


def _confirm(page: Page, name: str, verb: str = "Delete") -> None:
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name=verb, exact=True)
    assert button.is_disabled()
    dialog.get_by_role("textbox").fill(name)
    button.click()


def _wrong_key(page: Page) -> None:
    page.get_by_label("Access key ID").fill("AKIAIOSFODNN7NOTHERE")
    page.get_by_label("Secret access key").fill("nothing")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("InvalidClientTokenId").wait_for()
