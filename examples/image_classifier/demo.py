"""The demo, readable from top to bottom: `make demo` (DATA=folder MODEL=name EPOCHS=n TUNE=n KEEP=1
SCALE=0 MACHINE=0 CLUSTER=2).
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from examples.image_classifier import (
    farewell,
    function_chapter,
    images,
    machine,
    one_endpoint_role,
    platform_process,
    rest_api,
    scaling,
    training,
    tuning,
    whereabouts,
)
from examples.image_classifier.endpoints import Answers, ask, deploy
from examples.image_classifier.second_machine import SecondMachine, as_chosen
from examples.image_classifier.story import Story

FOLDER = Path(".sagehen") / "demo"
ENDPOINTS = ["classifier-one", "classifier-two"]
ON_A_MACHINE = "classifier-machine"


def main() -> int:
    console = Console(highlight=False)
    keep = os.environ.get("KEEP", "") not in ("", "0")
    began = time.perf_counter()
    data_folder = (FOLDER / "data").absolute()
    second = SecondMachine(FOLDER) if as_chosen(os.environ.get("CLUSTER", "")) else None
    SecondMachine(FOLDER).remove()  # of an earlier run that was kept or cut off
    if data_folder.exists():
        platform_process.stop(data_folder)
    if (scaled := (FOLDER / "scaled").absolute()).exists():
        platform_process.stop(scaled)
    epochs, trials = choose_number("EPOCHS", least=1), choose_number("TUNE", least=0)
    image_folder, model = choose_images()
    model = os.environ.get("MODEL") or model
    if trials is None:
        # With a frozen backbone, each trial would first compute what that makes of every image.
        trials = 4 if model == "small" else 0

    console.print("[bold]Sagehen[/bold]: an AWS machine-learning stack on this machine, for real")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # cleans up, as Ctrl-C does
    try:
        return play(console, second, data_folder, image_folder, model, epochs, trials, keep=keep, began=began)
    finally:
        if not keep:
            clean_up(second, data_folder)


def play(
    console: Console,
    second: SecondMachine | None,
    data_folder: Path,
    image_folder: Path,
    model: str,
    epochs: int | None,
    trials: int,
    *,
    keep: bool,
    began: float,
) -> int:
    """Start what the story needs, tell it, and return the status to exit with."""
    address, made_of = second.make() if second else ("", "")
    options = ("--cluster", address, "--spread-jobs") if second else ()
    facts, seconds = platform_process.start(data_folder, *options)
    console.print(f"  started in {seconds:.2f} s: {facts['url']}, data in {data_folder}", soft_wrap=True)
    story = Story(
        url=facts["url"],
        account=facts["account_id"],
        region=facts["region"],
        keys=(facts["access_key_id"], facts["secret_access_key"]),
        images=image_folder,
        model=model,
        epochs=epochs,
        trials=trials,
        machines=2 if second else 1,
        console=console,
    )
    story.record("start of the platform", f"{seconds:.2f} s")
    if second:
        with story.chapter("A second machine joins"):
            story.say(made_of)
            joined_s = second.join(data_folder)
            story.wireless = second.wireless
        story.record("a second machine takes instances after", f"{joined_s:.1f} s; {made_of}")
    tell(story)
    left: list[str] = []
    if not keep:
        with story.chapter("Everything is deleted, and nothing is left"):
            farewell.delete_everything(story, [*ENDPOINTS, *story.more_endpoints])
        clean_up(second, data_folder)
        left = platform_process.leftovers(data_folder, facts["port"])
        left += second.leftovers() if second else []
    finish(story, keep=keep, left=left, seconds=time.perf_counter() - began)
    return 1 if left else 0


def clean_up(second: SecondMachine | None, data_folder: Path) -> None:
    """End what runs and delete what was stored; twice does no harm."""
    if second:
        second.remove()
    if data_folder.exists():
        platform_process.stop(data_folder)
    shutil.rmtree(FOLDER, ignore_errors=True)
    with contextlib.suppress(OSError):  # somebody keeps other things in it
        FOLDER.parent.rmdir()


def tell(story: Story) -> None:
    """The story itself."""
    with story.chapter("Images into a bucket"):
        images.upload(story)
        source = training.upload_source(story)
    tuned: Mapping[str, str] = {}
    if story.trials:
        with story.chapter("A tuning job: which learning rate, which batch size"):
            tuned = tuning.tune(story, source)
    jobs = {}
    for instances in (1, 2):
        name = f"train-on-{instances}"
        noun = "one instance" if instances == 1 else "two instances: every batch is shared between them"
        with story.chapter(f"A training job on {noun}"):
            began = time.perf_counter()
            jobs[instances] = training.train(story, name, source, instances, tuned)
            whole_s = time.perf_counter() - began
        story.record(
            f"training, InstanceCount={instances}",
            f"{training.seconds_training(jobs[instances]):.1f} s of {whole_s:.1f} s,"
            f" test accuracy {training.accuracy(jobs[instances]):.1%}",
        )
    if os.environ.get("MACHINE", "1" if story.model == "small" else "0") != "0":
        with story.chapter("The same script on a machine"):
            on_a_machine(story, jobs[1], tuned)
    with story.chapter("Two endpoints, one from each model, asked for every test image"):
        for name, instances in zip(ENDPOINTS, (1, 2), strict=True):
            artifact = jobs[instances]["ModelArtifacts"]["S3ModelArtifacts"]
            seconds = deploy(story, name, artifact, story.machines)
            story.record(f"{name} in service after", f"{seconds:.2f} s")
        for name in ENDPOINTS:
            story.record(f"{name} answers", _text(ask(story, name)))
        if story.machines > 1:
            tell_where(story)
    with story.chapter("A role that may invoke the first endpoint only"):
        one_endpoint_role.try_it(story, allowed=ENDPOINTS[0], refused=ENDPOINTS[1])
    story.record("the one-endpoint role", f"{ENDPOINTS[0]} answers; {ENDPOINTS[1]}: AccessDeniedException")
    with story.chapter("A Lambda function with the rights of its role and no others"):
        function_arn = function_chapter.tell(story, allowed=ENDPOINTS[0], other=ENDPOINTS[1])
    story.record("the function", "refused without permission, answers with it, refused the other endpoint")
    with story.chapter("A REST API in front of it, called by plain HTTP"):
        story.page = rest_api.tell(story, function_arn)
    story.record("the REST API", "image bytes and JSON: 200; extra keys through AWS_PROXY: 502")
    if os.environ.get("SCALE", "1") != "0":
        with story.chapter("An endpoint under autoscaling: load rises and falls"):
            artifact = jobs[1]["ModelArtifacts"]["S3ModelArtifacts"]
            story.record("autoscaling", scaling.tell(story, artifact, (FOLDER / "scaled").absolute()))


def tell_where(story: Story) -> None:
    """Say what ran where; instances on one machine alone would not be what this was asked for.

    Raises:
        RuntimeError: They were.
    """
    jobs = [(name, whereabouts.of_job(story, name)) for name in ("train-on-1", "train-on-2")]
    spread = [(name, whereabouts.of_endpoint(story, name)) for name in ENDPOINTS]
    told = [*jobs, *spread]
    if story.wireless is None:
        spread.append(jobs[1])
    else:
        story.say(f"No job is on several machines here, as `sagehen nodes` says: {story.wireless}")
    if story.trials:
        told.append(("tuning trials", whereabouts.of_job(story, tuning.NAME)))
    for name, counts in told:
        story.say(f"{name}: {whereabouts.text(counts)}")
        story.record(f"where: {name}", whereabouts.text(counts))
    if lacking := [name for name, counts in spread if len(counts) < story.machines]:
        raise RuntimeError(f"on one machine alone: {', '.join(lacking)}")


def on_a_machine(story: Story, job: Mapping[str, Any], tuned: Mapping[str, str]) -> None:
    """Train on an EC2 instance and serve its model too; time and price stand beside the job's."""
    if (trained := machine.train(story, tuned)) is None:
        story.record("the same script on a machine", "left out: no machine can be had here")
        return
    artifact, told = trained
    job_s = job["BillableTimeInSeconds"]
    beside = f"the job: {job_s} s on {training.INSTANCE_TYPE}, {machine.price(training.INSTANCE_TYPE, job_s)}"
    story.record("the same script on a machine", f"{told}; {beside}")
    story.more_endpoints.append(ON_A_MACHINE)
    deploy(story, ON_A_MACHINE, artifact)
    story.record(f"{ON_A_MACHINE} answers", _text(ask(story, ON_A_MACHINE)))


def choose_images() -> tuple[Path, str]:
    """Return the image folder and the network that suits it: DATA, or scikit-learn's digits."""
    if chosen := os.environ.get("DATA"):
        folder = Path(chosen).expanduser()
        lacking = [split for split in images.SPLITS if next(images.files_of(folder, split), None) is None]
        if lacking:
            sys.exit(
                f"DATA={chosen}: it wants {', '.join(images.SPLITS)} with a folder of .jpg or .png files per "
                f"class; there are none in {', '.join(lacking)}"
            )
        return folder, "resnet50"
    from recipes.image_classifier import digits

    folder = FOLDER / "images"
    digits.write_digits(folder)
    return folder, "small"


def choose_number(name: str, least: int) -> int | None:
    """Return a variable's number, or None where it is not set."""
    chosen = os.environ.get(name)
    if not chosen:
        return None
    if not (chosen.isdecimal() and int(chosen) >= least):
        sys.exit(f"{name}={chosen}: it wants a number from {least} on")
    return int(chosen)


def finish(story: Story, *, keep: bool, left: list[str], seconds: float) -> None:
    """Print the table, and where to look next."""
    table = Table(title=f"what happened, in {seconds:.0f} s", show_header=False, title_justify="left")
    for what, value in story.facts:
        table.add_row(what, value)
    table.add_row("left behind", "everything runs on (KEEP)" if keep else ", ".join(left) or "nothing")
    story.console.print()
    story.console.print(table)
    if not keep:
        story.console.print(
            "\n`make demo KEEP=1` leaves it running, with URLs to try; README.md tells the rest."
        )
        return
    data, answer = FOLDER / "data", FOLDER / "answer.json"
    image = next(images.files_of(story.images, "test"))
    story.console.print(f"\nDrop an image in a browser:  {story.page}/", soft_wrap=True)
    story.console.print(
        f"See all of it in a browser:  {story.url}/console/  (`sagehen console --data {data}` signs you in)",
        markup=False,
        soft_wrap=True,
    )
    story.console.print("\nTry:")
    for line in (
        'export PATH="$PWD/.venv/bin:$PATH"',
        f'eval "$(sagehen env --data {data})"',
        "aws sagemaker list-endpoints",
        f"aws s3 ls s3://{story.bucket}/jobs/ --recursive",
        # Not /dev/stdout: after `su`, the terminal is another user's and cannot be opened.
        f"aws sagemaker-runtime invoke-endpoint --endpoint-name {ENDPOINTS[0]}"
        f" --content-type {images.content_type(image)} --body fileb://{shlex.quote(str(image))} {answer}"
        f" && cat {answer} && echo",
        f"sagehen logs --data {data} --since 1h /aws/sagemaker/TrainingJobs",
        f"sagehen logs --data {data} --since 1h /aws/sagemaker/Endpoints/{ENDPOINTS[0]}",
        f"sagehen down --data {data} --delete-data",
        *([f"sagehen leave --folder {FOLDER / 'node'}"] if story.machines > 1 else []),
    ):
        story.console.print(f"  {line}", markup=False, soft_wrap=True)


def _text(answers: Answers) -> str:
    return (
        f"{answers.count} images, accuracy {answers.accuracy:.1%},"
        f" p50 {answers.p50_ms:.1f} ms, p99 {answers.p99_ms:.1f} ms, {answers.per_second:.0f}/s"
    )


if __name__ == "__main__":
    sys.exit(main())
