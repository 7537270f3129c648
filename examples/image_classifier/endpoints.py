"""Endpoints: one from each model, asked for every test image."""

from __future__ import annotations

import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress

from examples.image_classifier.images import content_type, files_of
from examples.image_classifier.story import INFERENCE_IMAGE, Story

GROUP = "/aws/sagemaker/Endpoints/{}"


def deploy(story: Story, name: str, artifact: str, instances: int = 1) -> float:
    """Make model, configuration and endpoint; return the seconds until it was in service."""
    sagemaker = story.client("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=story.role,
        PrimaryContainer={
            "Image": INFERENCE_IMAGE,
            "ModelDataUrl": artifact,
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            },
        },
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": name,
                "InstanceType": "ml.c5.large",
                "InitialInstanceCount": instances,
            }
        ],
    )
    began = time.perf_counter()
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    while True:
        description = sagemaker.describe_endpoint(EndpointName=name)
        if description["EndpointStatus"] != "Creating":
            break
        time.sleep(0.05)
    if description["EndpointStatus"] != "InService":
        raise RuntimeError(f"{name}: {description.get('FailureReason')}")
    seconds = time.perf_counter() - began
    story.say(f"{description['EndpointArn']}")
    story.say(f"  invocations  {story.url}/endpoints/{name}/invocations")
    story.say(f"  log group    {GROUP.format(name)}")
    story.say(f"  in service after {seconds:.2f} s")
    return seconds


@dataclass(frozen=True)
class Answers:
    """How an endpoint did on the test images. Latencies in milliseconds, as the client saw them."""

    accuracy: float
    count: int
    p50_ms: float
    p99_ms: float
    per_second: float


def classify(runtime: Any, name: str, image: Path) -> tuple[str, float]:
    """Ask an endpoint what is on an image; return the class and its probability."""
    answer = runtime.invoke_endpoint(
        EndpointName=name,
        ContentType=content_type(image),
        Accept="application/json",
        Body=image.read_bytes(),
    )
    best = json.load(answer["Body"])["predictions"][0]
    return best["class"], best["probability"]


def ask(story: Story, name: str) -> Answers:
    """Send every test image and compare the answers with the folders they lie in."""
    runtime = story.client("sagemaker-runtime")
    paths = list(files_of(story.images, "test"))
    latencies_ms = []

    def one(path: Path) -> bool:
        began = time.perf_counter()
        label, _ = classify(runtime, name, path)
        latencies_ms.append((time.perf_counter() - began) * 1000)
        return label == path.parent.name

    began = time.perf_counter()
    with ThreadPoolExecutor(4) as pool, Progress(console=story.console, transient=True) as progress:
        right = sum(progress.track(pool.map(one, paths), total=len(paths), description="  asking"))
    seconds = time.perf_counter() - began
    example = paths[len(paths) // 2]
    label, probability = classify(runtime, name, example)
    story.say(f"{name}: {example.parent.name}/{example.name} is a {label!r} ({probability:.0%})")
    latencies_ms.sort()
    return Answers(
        accuracy=right / len(paths),
        count=len(paths),
        p50_ms=statistics.median(latencies_ms),
        p99_ms=latencies_ms[int(len(latencies_ms) * 0.99)],
        per_second=len(paths) / seconds,
    )
