"""The scaling act: load rises, instances come; load falls, they go. On a clock that runs sixty times as
fast.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from examples.image_classifier import platform_process
from examples.image_classifier.endpoints import classify, deploy
from examples.image_classifier.images import files_of
from examples.image_classifier.story import Story
from sagehen.plots.chart import Chart, Panel, Series, XAxis, YAxis
from sagehen.plots.terminal.plot import draw_text

SCALE = 60
MOST = 3
NAME = "classifier-scaled"
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{NAME}/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
# Invocations per instance and minute. Any machine passes this with a few clients in a minute of one second.
WANTED = 10.0
_CLIENTS = 4
_DEADLINE_S = 120.0
_STRETCH_S = 0.5


@dataclass
class Load:
    """Clients that ask again and again, and what was seen meanwhile.

    Attributes:
        asked: Answers so far.
        failed: Requests that failed.
        seen: (answers in that stretch, instances) twice a second.
    """

    asked: int = 0
    failed: list[str] = field(default_factory=list)
    seen: list[tuple[int, int]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self, runtime: Any, image: Path) -> None:
        """Be one client."""
        while not self.ended.is_set():
            try:
                classify(runtime, NAME, image)
                self.asked += 1
            except Exception as error:  # whatever it is, it is a request that failed
                self.failed.append(str(error))


def tell(story: Story, artifact: str, folder: Path) -> str:
    """Play the act on a platform of its own, with a model of the story's; return what to say of it.

    Args:
        story: The whole one.
        artifact: S3 URI of the model's archive.
        folder: For the act's platform; deleted afterwards.
    """
    facts, _ = platform_process.start(folder, "--time-scale", str(SCALE))
    try:
        act = replace(story, url=facts["url"], keys=(facts["access_key_id"], facts["secret_access_key"]))
        story.say(f"a platform of its own at {act.url}: a minute of alarms and cooldowns passes in a second")
        _bring(story, act, artifact)
        deploy(act, NAME, f"s3://{act.bucket}/model.tar.gz")
        return _play(act)
    finally:
        platform_process.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _bring(story: Story, act: Story, artifact: str) -> None:
    bucket, _, key = artifact.removeprefix("s3://").partition("/")
    here = act.client("s3")
    here.create_bucket(Bucket=act.bucket)
    with tempfile.TemporaryFile() as archive:
        story.client("s3").download_fileobj(bucket, key, archive)
        archive.seek(0)
        here.upload_fileobj(archive, act.bucket, "model.tar.gz")


def _play(act: Story) -> str:
    scaling = act.client("application-autoscaling")
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=MOST)
    scaling.put_scaling_policy(
        **TARGET,
        PolicyName="SageMakerEndpointInvocationScalingPolicy",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": WANTED,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    act.say(f"target: {WANTED:g} invocations per instance and minute, between 1 and {MOST} instances")
    load = Load()
    image = next(files_of(act.images, "test"))
    clients = [
        threading.Thread(target=load.run, args=(act.client("sagemaker-runtime"), image), daemon=True)
        for _ in range(_CLIENTS)
    ]
    for client in clients:
        client.start()
    _watch(act, load, until=MOST)
    _watch(act, load, stretches=6)
    load.ended.set()
    for client in clients:
        client.join(30)
    _watch(act, load, until=1)
    for line in plot(load.seen):
        act.say(line)
    for activity in reversed(
        scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    ):
        act.say(f"{activity['StartTime']:%H:%M:%S}  {activity['Description']}  {activity['Cause']}")
    scaling.deregister_scalable_target(**TARGET)
    if load.failed:
        raise RuntimeError(f"{len(load.failed)} of {load.asked} requests failed: {load.failed[0]}")
    return f"1 -> {MOST} -> 1 instances, {load.asked:,} requests, none failed"


def _watch(act: Story, load: Load, *, until: int | None = None, stretches: int | None = None) -> None:
    """Note load and instances twice a second, until so many serve or so many stretches have passed."""
    sagemaker, began = act.client("sagemaker"), time.monotonic()
    before = load.asked
    while stretches is None or stretches > 0:
        time.sleep(_STRETCH_S)
        (variant,) = sagemaker.describe_endpoint(EndpointName=NAME)["ProductionVariants"]
        asked = load.asked
        load.seen.append((asked - before, variant["CurrentInstanceCount"]))
        before = asked
        if variant["CurrentInstanceCount"] == until:
            return
        if time.monotonic() - began > _DEADLINE_S:
            raise RuntimeError(f"{NAME} has not come to {until} instances in {_DEADLINE_S:.0f} s")
        stretches = None if stretches is None else stretches - 1


def plot(seen: list[tuple[int, int]], columns: int = 84) -> list[str]:
    """Draw load and instances over time."""
    xs = tuple(_STRETCH_S * number for number in range(1, len(seen) + 1))
    load = Series("requests/s", xs, tuple(asked / _STRETCH_S for asked, _ in seen), "area")
    instances = Series("instances", xs, tuple(float(count) for _, count in seen), "steps", "right")
    panel = Panel((load, instances), left=YAxis("requests/s"), right=YAxis("instances", high=MOST + 0.2))
    chart = Chart(
        (panel,), x=XAxis("number", f"seconds (minutes of the scaled clock: {60 / SCALE:g} s each)")
    )
    return draw_text(chart, columns=columns, rows=8)
