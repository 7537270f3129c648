"""`make demo`, with few epochs: the whole story, in a browser too, and nothing left behind."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from examples.image_classifier import platform_process
from recipes.image_classifier import digits

from tests.e2e.console import walk

pytestmark = [pytest.mark.sandbox, pytest.mark.torch, pytest.mark.timeout(480)]
REPOSITORY = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")


def demo(folder: Path, status: int = 0, **variables: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ran = subprocess.run(
        [sys.executable, "-m", "examples.image_classifier.demo"],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(REPOSITORY), "EPOCHS": "6", "COLUMNS": "200", **variables},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert ran.returncode == status, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout if status == 0 else ran.stderr


def few_images(folder: Path) -> Path:
    """Write a folder as people bring it with DATA: three classes, and what lies about in such folders."""
    digits.write_digits(folder / "all")
    for split, count in (("train", 20), ("valid", 4), ("test", 6)):
        for digit in "147":
            place = folder / "few" / split / digit
            place.mkdir(parents=True)
            for image in sorted((folder / "all" / split / digit).iterdir())[:count]:
                image.rename(place / image.name)
            (place / "Thumbs.db").write_bytes(b"no image")
    return folder / "few"


# Its parts run as root too, in tests/conformance/sagemaker and the sandboxes' own tests.
@pytest.mark.once
def test_the_story_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    images, project = few_images(tmp_path), tmp_path / "project"
    project.mkdir()
    # Accuracy is the business of the next test, which takes all images.
    told = demo(project, DATA=str(images), MODEL="small", EPOCHS="2", TUNE="3")
    assert "90 images of 3 classes" in told
    assert re.search(r"tuning job\s+│ 3 trials, 2 at a time, .*learning rate 0\.\d+, batch size \d+", told)
    assert len(re.findall(r"^ *find-rate-00\d-\w{8} +0\.\d{4} +\d+ +[\d.]+% +[\d.]+", told, re.M)) == 3
    assert "copied: 60 images" in told and "console | copied back: " in told
    machine, job = r"[\d.]+ s on g6\.xlarge, \$0\.01\d\d .*", r"the job: \d+ s on ml\.c5\.xlarge, \$0\."
    assert re.search(rf"the same script on a machine\s+│ {machine}{job}", told)
    assert re.search(r"classifier-machine answers\s+│ 18 images", told)
    refusal = (
        "is not authorized to perform: sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:us-east-1:"
        "123456789012:endpoint/classifier-two because no identity-based policy allows the"
        " sagemaker:InvokeEndpoint action"
    )
    assert told.count(refusal) == 2  # the role's own call, and the function's
    assert 'extra keys -> AWS_PROXY: 502 {"message": "Internal server error"}' in told
    assert re.search(r"autoscaling\s+│ 1 -> 3 -> 1 instances, [\d,]+ requests, none failed", told)
    assert re.search(r"██ requests/s  ━━ instances \(right\)", told) and re.search(r"[⣀-⣿]{3}", told)
    assert re.search(r"left behind\s+│ nothing", told)
    assert list(project.iterdir()) == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"EPOCHS": "many"}, "EPOCHS=many: it wants a number from 1 on"),
        ({"TUNE": "-1"}, "TUNE=-1: it wants a number from 0 on"),
        ({"DATA": "/nowhere"}, "DATA=/nowhere: it wants train, valid, test with a folder of .jpg or .png"),
    ],
)
def test_what_cannot_be_is_told_before_anything_starts(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    told = demo(tmp_path, status=1, **variables)
    assert told.startswith(said) and "Traceback" not in told
    assert not (tmp_path / ".sagehen/demo/data").exists()


@pytest.mark.once
def test_what_does_not_start_or_stop_says_why_and_no_more(tmp_path: Path) -> None:
    place = tmp_path / ".sagehen" / "demo" / "data"
    place.parent.mkdir(parents=True)
    place.write_text("no data folder")
    told = demo(tmp_path, status=1)
    assert told == f"{place} is no data folder of yours; nothing was deleted\n"


@pytest.mark.once
def test_a_port_that_is_held_without_an_answer_is_not_free(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        assert platform_process.leftovers(tmp_path / "data", port) == [f"port {port} is still open"]
    assert platform_process.leftovers(tmp_path / "data", port) == []


def run_what_is_printed(told: str, folder: Path) -> None:
    """Run the list below "Try:" in one shell, as a person would in the project's folder."""
    commands = [line.strip() for line in told.partition("\nTry:\n")[2].splitlines() if line.strip()]
    assert len(commands) == 8 and commands[-1].endswith("--delete-data")
    (folder / ".venv").symlink_to(sys.prefix)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ran = subprocess.run(
        ["bash", "-ec", "\n".join(commands)],
        cwd=folder, env=clean, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, (ran.stdout[-2000:], ran.stderr[-2000:])
    assert "classifier-one" in ran.stdout and "model.tar.gz" in ran.stdout
    assert '"predictions"' in ran.stdout and "test_accuracy=" in ran.stdout


@pytest.mark.once
@pytest.mark.timeout(900)  # it opens eighty pages, on a machine that does much else
def test_a_person_drops_an_image_into_the_page_and_walks_over_the_console(tmp_path: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    data = tmp_path / ".sagehen" / "demo" / "data"
    told = demo(tmp_path, KEEP="1", SCALE="0", TUNE="0", MACHINE="0")
    accuracies = [float(text) for text in re.findall(r"test accuracy ([0-9.]+)%", told)]
    assert len(accuracies) == 2 and min(accuracies) > 90
    try:
        found = re.search(r"http://\S+\.execute-api\.localhost:(\d+)/demo/", told)
        assert found
        image = sorted((tmp_path / ".sagehen/demo/images/test/7").glob("*"))[0]
        troubles: list[str] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(CHROMIUM),
                args=[
                    *("--no-sandbox", "--disable-background-networking", "--disable-component-update"),
                    "--disable-gpu",  # there is none: to draw as if takes a processor
                ],
            )
            page = browser.new_page()
            page.on("console", lambda message: troubles.append(message.text))
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.goto(found[0])
            page.set_input_files("#file", image)
            page.wait_for_selector("#answer li, #answer .error", timeout=20_000)
            answer = page.inner_text("#answer")
            if walk.BUILT.exists():  # without Node.js there is no console
                walk.walk(browser, data, image)
            browser.close()
        assert answer.startswith("7"), answer
        assert troubles == []
        run_what_is_printed(told, tmp_path)
        assert not (data / "platform.json").exists()  # the last of the printed commands stopped it
    finally:
        platform_process.stop(data)
    assert platform_process.leftovers(data, int(found[1])) == []
