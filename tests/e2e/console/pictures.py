"""Makes the pictures of `docs/console/`: every screen, as it is on the demo's chain."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
from PIL import Image

from sagehen.cli.running import RunningPlatform
from tests.e2e.console.things import make_things
from tests.e2e.console.walk import REPOSITORY, address

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = REPOSITORY / "docs/console"
METRICS: list[list[object]] = [
    ["AWS/Lambda", "Duration", "FunctionName", "classify", {"stat": "p50"}],
    ["...", {"stat": "p99"}],
    [".", "Invocations", ".", ".", {"stat": "Sum", "yAxis": "right"}],
]
# What the demo does not have: a dashboard of its function and its endpoints.
DASHBOARD = {
    "widgets": [
        *[
            {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}
            for kind, x, y, width, height, properties in (
                ("text", 0, 0, 24, 2, {"markdown": "# The classifier\nFrom an image to a digit."}),
                ("metric", 0, 2, 12, 6, {"title": "The function", "region": "us-east-1", "metrics": METRICS}),
                (
                    *("metric", 12, 2, 12, 6),
                    {
                        **{"title": "The endpoint", "region": "us-east-1", "stacked": True},
                        "metrics": [
                            [
                                *("AWS/SageMaker", "Invocations", "EndpointName", "classifier-one"),
                                *("VariantName", "AllTraffic", {"stat": "Sum"}),
                            ]
                        ],
                    },
                ),
                (
                    *("log", 0, 8, 24, 6),
                    {
                        **{"title": "The slowest", "region": "us-east-1", "view": "table"},
                        "query": "SOURCE '/aws/lambda/classify' | filter @type = \"REPORT\""
                        " | fields @timestamp, @duration, @maxMemoryUsed | sort @duration desc | limit 5",
                    },
                ),
            )
        ]
    ]
}
SCREENS = {
    "start": "/",
    "chain": "/sagehen/chain",
    "rehearsal": "/sagehen/rehearsal",
    "cost": "/sagehen/cost",
    "refusals": "/sagehen/refusals",
    "quotas": "/sagehen/quotas",
    "machine": "/sagehen/machine",
    "scaling": "/sagehen/scaling",
    "buckets": "/s3/buckets",
    "bucket": "/s3/buckets/dog-breeds",
    "training-jobs": "/sagemaker/training-jobs",
    "training-job": "/sagemaker/training-jobs/train-on-2",
    "tuning-jobs": "/sagemaker/tuning-jobs",
    "tuning-job": "/sagemaker/tuning-jobs/find-rate",
    "processing-job": "/sagemaker/processing-jobs/say-hello",
    "transform-job": "/sagemaker/transform-jobs/sevens",
    "models": "/sagemaker/models",
    "model-group": "/sagemaker/model-groups/classifiers",
    "endpoint": "/sagemaker/endpoints/classifier-one",
    "notebooks": "/sagemaker/notebook-instances",
    "repositories": "/ecr/repositories",
    "repository": "/ecr/repositories/team%2Ftrainer",
    "function": "/lambda/functions/classify",
    "api": "/apigateway/apis",
    "roles": "/iam/roles",
    "role": "/iam/roles/classify-function",
    "groups": "/iam/groups",
    "user": "/iam/users/anna",
    "simulator": "/iam/simulator?who=arn:aws:iam::123456789012:role/classify-function",
    "logs": "/cloudwatch/log-groups",
    "metrics": "/cloudwatch/metrics?metrics=" + quote(json.dumps(METRICS)),
    "dashboard": "/cloudwatch/dashboards/classifier",
    "alarms": "/cloudwatch/alarms",
}


def main() -> None:
    from playwright.sync_api import sync_playwright

    data = Path(sys.argv[1])
    here = RunningPlatform.find(data)
    make_things(data)
    session = boto3.Session(here.access_key_id, here.secret_access_key, region_name=here.region)
    session.client("cloudwatch", endpoint_url=here.url).put_dashboard(
        DashboardName="classifier", DashboardBody=json.dumps(DASHBOARD)
    )
    _transform(session.client("sagemaker", endpoint_url=here.url))
    image = sorted((data.parent / "images/test/7").glob("*"))[0]
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address(data))
        page.locator("h1").first.wait_for()
        for name, path in SCREENS.items():
            _go(page, path)
            if name == "endpoint":
                page.locator("input[type=file]").set_input_files(image)
                page.get_by_role("list", name="Classes").scroll_into_view_if_needed()
            if name == "api":
                page.get_by_role("link", name="classifier").click()
                page.get_by_role("button", name="GET /", exact=True).click()
                page.get_by_role("region", name="Integration request").wait_for()
            if name == "rehearsal":
                page.get_by_role("button", name="Rehearse", exact=True).click()
                ran = page.get_by_role("heading", name="follows, minute by minute")
                ran.evaluate("heading => heading.scrollIntoView({block: 'center'})")
                page.wait_for_timeout(1_500)  # charts grow
            if name == "simulator":
                page.get_by_role("button", name="Ask", exact=True).click()
                page.get_by_role("table", name="Decisions").scroll_into_view_if_needed()
            if name == "function":
                page.get_by_role("button", name="Test", exact=True).click()
                page.get_by_text("REPORT RequestId").first.wait_for()
            _take(page, name)
        _machine(page)
        browser.close()


def _take(page: Page, name: str) -> None:
    """Keep the picture in 192 colours, which nobody sees and which take a third of the bytes."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    colours = picture.quantize(192, dither=Image.Dither.NONE)
    colours.save(FOLDER / f"{name}.png", optimize=True)


def _transform(sagemaker: Any) -> None:
    """Ask the demo's model for all test images of a seven, and wait until it has."""
    sagemaker.create_transform_job(
        TransformJobName="sevens",
        ModelName="classifier-one",
        TransformInput={
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://dog-breeds/images/test/7/"}
            },
            "ContentType": "image/jpeg",
        },
        TransformOutput={"S3OutputPath": "s3://dog-breeds/transformed/", "Accept": "application/json"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    )
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName="sevens", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )


def _machine(page: Page) -> None:
    """Launch a machine, for pictures of what only one that runs has; it is gone afterwards."""
    _go(page, "/ec2/launch")
    page.get_by_label("Name", exact=True).fill("by-hand")
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("button", name="Open a terminal").click()
    page.get_by_text("You are ").wait_for()
    page.keyboard.type("nproc; free -m; python3 -c 'import torch; print(torch.rand(2, 3))'\n")
    page.get_by_text("tensor(").last.wait_for()
    page.locator(".machine-screen").scroll_into_view_if_needed()
    _take(page, "terminal")
    instance_id = page.url.rpartition("/")[2]
    _go(page, "/ec2/volumes")
    _take(page, "volumes")
    _go(page, f"/ec2/instances/{instance_id}")
    page.get_by_role("button", name="Terminate", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(instance_id)
    dialog.get_by_role("button", name="Terminate", exact=True).click()
    dialog.wait_for(state="detached")


def _go(page: Page, path: str) -> None:
    page.evaluate(
        "path => { history.pushState({}, '', '/console' + path);"
        " dispatchEvent(new PopStateEvent('popstate', {state: {}})) }",
        path,
    )
    page.locator("h1").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_500)  # charts grow


if __name__ == "__main__":
    main()
