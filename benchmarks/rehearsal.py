"""How far a rehearsal may be trusted: the same load on the platform and on a virtual clock.

What the rehearsal is told was measured before the run: how long a request takes that waits for nothing, how
long an instance takes to start. It does not know when the run's requests came, only their rate.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.deploy import model, role, serves, workers
from benchmarks.processes import Platform
from benchmarks.signed import client
from benchmarks.table import Row, Table, milliseconds, per_second
from sagehen.autoscaling.policy import TargetTrackingPolicy
from sagehen.simulation.bill.prices import listed
from sagehen.simulation.choice.objective import parse_objective
from sagehen.simulation.choice.recommend import recommend
from sagehen.simulation.choice.search import Search
from sagehen.simulation.runs.pace import REQUESTS, pace_of
from sagehen.simulation.runs.rehearse import Rehearsal, Site
from sagehen.simulation.runs.sites import Candidate, EndpointSite, FunctionSite
from sagehen.simulation.scaling.watched import tracking
from sagehen.simulation.servers.durations import Durations
from sagehen.simulation.servers.fleet import FleetLimits
from sagehen.simulation.servers.premises import Premises
from sagehen.traffic.expression import parse_rate
from sagehen.traffic.traffic import Traffic

SCALE = 20
SECONDS_EACH, WORKERS = 0.2, 3
TARGET = 30.0  # of some 45 that one instance takes in three seconds, which are a minute
ENDPOINT_RATE = "5 for 30s, 22 for 90s, 5 for 75s"
FUNCTION_RATE = "10 for 20s, 30 for 60s, 10 for 20s"
RESERVED = 6
IDLE_RATE, IDLE_FOR = "2", "40s"
SEEDS = range(1, 8)
OBJECTIVE = "p99 <= 500ms"
NAME, BUCKET = "rehearsed", "rehearsed-models"
HANDLER = f"""
import time
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    time.sleep({SECONDS_EACH})
    return data, content_type
"""
FUNCTION = f"""
import time
def handler(event, context):
    time.sleep({SECONDS_EACH})
    return event
"""
SCALED = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{NAME}/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """What a run or a rehearsal came to, in the machine's seconds; hours are the platform's."""

    wait_p99: float
    throttled: float
    failed: float
    instance_hours: float = 0.0


def measure(say: Callable[[str], None]) -> Table:
    """Run both for real, then rehearse both."""
    with Platform("--time-scale", str(SCALE)) as platform, tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        say("deploying")
        service, startup, shutdown = _deploy(platform, files)
        say("the endpoint under load")
        real = _endpoint_run(platform, files, service.p50)
        say("the function")
        duration = _deploy_function(platform, files)
        function = _function_run(platform, files, duration.p50)
    say("rehearsing")
    endpoint_site = EndpointSite(
        "ml.m5.large",
        service.durations,
        FleetLimits(concurrency=WORKERS, timeout_s=60.0 * SCALE),
        startup_s=startup,
        shutdown_s=shutdown,
    )
    policy = tracking("p", TargetTrackingPolicy(TARGET, 60.0, 60.0), "InvocationsPerInstance")
    scaled = Candidate("c", 1, 4, 1, (policy,))
    function_site = FunctionSite(128, duration.durations, Durations.constant(0.1 * SCALE), Premises())
    rehearsed = _rehearsed(endpoint_site, scaled, ENDPOINT_RATE)
    function_rehearsed = _rehearsed(function_site, Candidate("c", 0, 0, 0, reserved=RESERVED), FUNCTION_RATE)
    rows = [
        _row("endpoint: wait p99", [one.wait_p99 for one in rehearsed], real.wait_p99, milliseconds),
        _row(
            "endpoint: instance-hours", [one.instance_hours for one in rehearsed], real.instance_hours, _hours
        ),
        _row("endpoint: failed", [one.failed for one in rehearsed], real.failed, _share),
        _row(
            "function: throttled", [one.throttled for one in function_rehearsed], function.throttled, _share
        ),
        _row(
            "function: wait p99",
            [one.wait_p99 for one in function_rehearsed],
            function.wait_p99,
            milliseconds,
        ),
        *_speed(),
    ]
    return Table(
        "Rehearsals beside the platform",
        peer="the platform",
        method=(
            f"One model that waits {1000 * SECONDS_EACH:.0f} ms, {WORKERS} workers an instance, target"
            f" tracking of {TARGET:g} invocations per instance and minute, 1 to 4 instances, cooldowns of"
            f" 60 s; a function that waits as long, {RESERVED} reserved. `sagehen load` sends"
            f" `{ENDPOINT_RATE}` and `{FUNCTION_RATE}` a second; the clock runs {SCALE} times as fast. Waits"
            " are latencies less the median of an idle run."
            f" Rehearsed with {len(SEEDS)} seeds: the median, the range in the note."
        ),
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class _Idle:
    """Latencies of an idle run: their median in the machine's seconds, all of them in the platform's."""

    p50: float
    durations: Durations


def _load(platform: Platform, files: Path, target: str, *options: str) -> dict[str, Any]:
    report = files / "report.json"
    command = [sys.executable, "-m", "sagehen.cli", "load", target, "--data", str(platform.folder)]
    subprocess.run(
        [*command, "--json", str(report), "--body", "{}", "--content-type", "application/json", *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def _idle(platform: Platform, files: Path, target: str) -> _Idle:
    found = _load(platform, files, target, "--rate", IDLE_RATE, "--duration", IDLE_FOR, "--evenly")
    values = [upper / 1000 * SCALE for upper, count in found["histogram_ms"] for _ in range(count)]
    # The first one or two pay for connections and imports.
    kept = sorted(values)[: max(1, len(values) - 2)]
    return _Idle(found["latency_ms"]["p50"] / 1000, Durations.measured(kept))


def _deploy(platform: Platform, files: Path) -> tuple[_Idle, float, float]:
    """Return service times, and what starting and stopping an instance takes, in the platform's seconds."""
    arn = role(platform, "rehearsed-role", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
    s3, sagemaker, scaling = (
        client(name, platform.url, platform.keys) for name in ("s3", "sagemaker", "application-autoscaling")
    )
    model(s3, sagemaker, "m", arn, BUCKET, HANDLER, workers(WORKERS))
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName="c")

    serves(sagemaker, NAME, [1])
    spans = []
    for least, most in ((2, 2), (1, 1), (2, 2), (1, 1)):
        began = time.monotonic()
        scaling.register_scalable_target(**SCALED, MinCapacity=least, MaxCapacity=most)
        serves(sagemaker, NAME, [least])
        spans.append((time.monotonic() - began) * SCALE)
    scaling.register_scalable_target(**SCALED, MinCapacity=1, MaxCapacity=4)
    idle = _idle(platform, files, f"endpoint/{NAME}/variant/v")
    return idle, statistics.fmean(spans[0::2]), statistics.fmean(spans[1::2])


def _endpoint_run(platform: Platform, files: Path, idle_p50: float) -> Found:
    scaling = client("application-autoscaling", platform.url, platform.keys)
    scaling.put_scaling_policy(
        **SCALED,
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": TARGET,
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 60,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    found = _load(platform, files, f"endpoint/{NAME}/variant/v", "--rate", ENDPOINT_RATE, "--seed", "5")
    seen = found["instances"]
    over = parse_rate(ENDPOINT_RATE).duration  # afterwards it only waits for the last answers
    ends = [*(min(one["seconds"], over) for one in seen[1:]), over]
    paid = sum(
        max(one["desired"], one["current"]) * max(0.0, end - one["seconds"])
        for one, end in zip(seen, ends, strict=True)
    )
    return replace(_found(found, idle_p50), instance_hours=paid * SCALE / 3600)


def _deploy_function(platform: Platform, files: Path) -> _Idle:
    arn = role(platform, "function-role", "lambda.amazonaws.com", ["logs:*"])
    functions = client("lambda", platform.url, platform.keys)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("waits.py", FUNCTION)
    functions.create_function(
        FunctionName=NAME,
        Runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
        Role=arn,
        Handler="waits.handler",
        MemorySize=128,
        Timeout=30,
        Code={"ZipFile": stream.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=NAME, WaiterConfig={"Delay": 1})
    idle = _idle(platform, files, f"function:{NAME}")
    functions.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=RESERVED)
    return idle


def _function_run(platform: Platform, files: Path, idle_p50: float) -> Found:
    return _found(
        _load(platform, files, f"function:{NAME}", "--rate", FUNCTION_RATE, "--seed", "5"), idle_p50
    )


def _found(report: dict[str, Any], idle_p50: float) -> Found:
    requests = report["requests"]
    return Found(
        wait_p99=max(0.0, report["latency_ms"]["p99"] / 1000 - idle_p50),
        throttled=requests["throttled"] / requests["due"],
        failed=(requests["failed"] - requests["throttled"]) / requests["due"],
    )


def _rehearsed(site: Site, candidate: Candidate, rate: str) -> list[Found]:
    found = parse_rate(rate)
    slow = found.faster(1 / SCALE)
    outcomes = [Rehearsal(site, slow, seed).run(candidate, pace_of(slow, None)) for seed in SEEDS]
    return [
        Found(
            outcome.tally.waits.percentile(99) / SCALE,
            outcome.throttle_share,
            outcome.error_share,
            outcome.capacity_s / 3600,
        )
        for outcome in outcomes
    ]


def _row(what: str, ours: Sequence[float], real: float, shown: Callable[[float], str]) -> Row:
    middle = statistics.median(ours)
    error = f"{middle / real - 1:+.0%}" if real else ""
    return Row(what, shown(middle), shown(real), error, note=f"{shown(min(ours))} to {shown(max(ours))}")


def _hours(value: float) -> str:
    return f"{value:.2f}"


def _share(value: float) -> str:
    return f"{value:.2%}"


def _speed() -> list[Row]:
    """A day at a thousand requests a second, a search over it, and 20 minutes with each request served."""
    site = EndpointSite("ml.m5.large", Durations.lognormal(mean=0.08, p99=0.2), FleetLimits(concurrency=8))
    function = FunctionSite(1024, Durations.lognormal(mean=0.08, p99=0.2), Durations.constant(0.8))
    policy = tracking("p", TargetTrackingPolicy(3000.0), "InvocationsPerInstance")
    return [
        *_days("an endpoint", site, Candidate("c", 5, 40, 10, (policy,))),
        *_days("a function", function, Candidate("c", 0, 0, 0)),
    ]


def _days(what: str, site: Site, candidate: Candidate) -> Iterator[Row]:
    day, served = parse_rate("wave 700 to 1300 every 24h for 24h"), parse_rate("1000 for 20m")
    outcome, seconds = _timed(lambda: Rehearsal(site, day, 1).run(candidate, pace_of(day)))
    yield Row(
        f"a day at 1,000 requests/s, {what}",
        f"{seconds:.1f} s",
        note=f"one core; {outcome.simulated:,} of {outcome.tally.arrived:,.0f} one by one; aim: 60 s",
    )
    yield _searched(what, site, day)
    outcome, seconds = _timed(lambda: Rehearsal(site, served, 1).run(candidate, pace_of(served, None)))
    yield Row(f"… each request served, {what}", per_second(outcome.simulated / seconds))


def _searched(what: str, site: Site, traffic: Traffic) -> Row:
    objective = parse_objective(OBJECTIVE)
    runs: list[str] = []
    search = Search(site, traffic, listed(), objective, 1, REQUESTS, lambda number, name: runs.append(name))
    (_, chosen), seconds = _timed(lambda: recommend(search))
    found = "none" if chosen is None else chosen.candidate.name
    return Row(
        f"… the search for `{OBJECTIVE}`, {what}",
        f"{seconds:.1f} s",
        note=f"one core; {len(runs)} runs; found: {found}",
    )


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what work returns, and the seconds of a processor that it took."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began
