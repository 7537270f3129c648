"""Processing jobs over fakes and a clock moved by hand."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Fetched, Wanted
from sagehen.domain.ports.compute.places import Needs
from sagehen.domain.ports.storage.outgoing import Target
from sagehen.executors.base import ExitStatus, Interpreter
from sagehen.executors.folders.job import HostFolder
from sagehen.services.sagemaker.instances.supply.supply import changed
from sagehen.services.sagemaker.processing.attempt import ProcessingAttempt
from sagehen.services.sagemaker.processing.exit_message import NotUtf8, exit_message
from sagehen.services.sagemaker.resources.errors import ResourceInUse, ResourceLimitExceeded

from .conftest import cluster, input_of, output_of, request_of

AGAIN = "sagehen: attempt 2: the platform was restarted, or a machine was lost, while this job ran"


async def test_inputs_come_the_command_runs_and_outputs_go(processing: Any) -> None:
    seen: dict[str, Any] = {}

    async def work(container: Any) -> int:
        ml, seen["spec"] = container.opt_ml, container.spec
        for name in ("processingjobconfig", "resourceconfig"):
            seen[name] = json.loads((ml / "config" / f"{name}.json").read_text())
        data = ml / "processing" / "input"
        seen["files"] = {str(p.relative_to(data)): p.read_bytes() for p in data.rglob("*.csv")}
        (ml / "processing" / "out" / "deep").mkdir()
        (ml / "processing" / "out" / "deep" / "x.txt").write_text("x")
        (ml / "processing" / "out" / "passwords").symlink_to("/etc/passwd")
        (ml / "output" / "message").write_text("27 rows")
        return 0

    processing.platform.executor.program = work
    answer = await processing.create(Environment={"MINE": "1"})
    assert answer["ProcessingJobArn"] == "arn:aws:sagemaker:us-east-1:123456789012:processing-job/job-1"
    described = await processing.ended()
    assert (described["ProcessingJobStatus"], described["ExitMessage"]) == ("Completed", "27 rows")
    assert described["ProcessingInputs"][0]["S3Input"]["S3DataDistributionType"] == "FullyReplicated"
    assert described["ProcessingStartTime"] <= described["ProcessingEndTime"]
    stored = {
        key: body for (bucket, key), body in processing.platform.objects.content.items() if bucket == "out"
    }
    assert stored == {"keep": b"x", "result/deep/x.txt": b"x"}
    assert seen["files"] == {"a.csv": b"alpha", "sub/b.csv": b"beta"}
    assert seen["resourceconfig"] == {"current_host": "algo-1", "hosts": ["algo-1"]}
    config, request = seen["processingjobconfig"], request_of()
    assert config["ProcessingJobArn"] == answer["ProcessingJobArn"]
    assert config["AppSpecification"] == request["AppSpecification"]
    spec = seen["spec"]
    assert spec.command == ("python3", "/opt/ml/processing/x")
    assert (spec.environment["MINE"], spec.limits.disk_mib) == ("1", 5 * 1024)
    assert spec.network.platform_door
    listed = await processing.call("ListProcessingJobs", StatusEquals="Completed")
    assert [one["ProcessingJobName"] for one in listed["ProcessingJobSummaries"]] == ["Job-1"]
    async with asyncio.timeout(60):  # the folder goes after the status is there to be read
        while list((processing.platform.folder / "processing-jobs").iterdir()):
            await asyncio.sleep(0.002)


async def test_instances_share_what_is_sharded_and_store_under_one_prefix(processing: Any) -> None:
    seen: dict[str, list[str]] = {}

    async def work(container: Any) -> int:
        host, ml = container.spec.hostname, container.opt_ml
        seen[host] = sorted(p.name for p in (ml / "processing").rglob("*.csv"))
        (ml / "processing" / "out" / f"{host}.txt").write_text(host)
        return 0

    processing.platform.executor.program = work
    sharded = input_of("s", "s3://data/in", "/opt/ml/processing/s", S3DataDistributionType="ShardedByS3Key")
    isolated = {"NetworkConfig": {"EnableNetworkIsolation": True}}
    await processing.create(**cluster(2), **isolated, ProcessingInputs=[sharded])
    assert (await processing.ended())["ProcessingJobStatus"] == "Completed"
    assert seen == {"algo-1": ["a.csv"], "algo-2": ["b.csv"]}
    content = processing.platform.objects.content
    assert content[("out", "result/algo-1.txt")] == b"algo-1"
    assert content[("out", "result/algo-2.txt")] == b"algo-2"
    spec = processing.platform.executor.started[0].spec
    assert dict(spec.network.hosts) == {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"}
    assert not spec.network.platform_door and "AWS_CONFIG_FILE" not in spec.environment


async def test_a_failed_job_keeps_what_it_stores_continuously_and_no_more(processing: Any) -> None:
    async def work(container: Any) -> int:
        for name in ("out", "live"):
            (container.opt_ml / "processing" / name / "x.txt").write_text(name)
        (container.opt_ml / "output" / "message").write_text("disk on fire")
        return 3

    processing.platform.executor.program = work
    live = output_of("live", "s3://out/live", "/opt/ml/processing/live", "Continuous")
    await processing.create(
        ProcessingOutputConfig={"Outputs": [output_of("result", "s3://out/result"), live]}
    )
    described = await processing.ended()
    assert described["FailureReason"] == "AlgorithmError: , exit code: 3"
    assert described["ExitMessage"] == "disk on fire"
    content = processing.platform.objects.content
    assert ("out", "live/x.txt") in content and ("out", "result/x.txt") not in content


FAULTS: list[tuple[dict[str, Any], Any, str]] = [
    ({"ProcessingOutputConfig": {"Outputs": [output_of("o", "s3://out/no")]}}, 0,
     "ClientError: Failed to upload output 'o': .* may not write no/x.txt"),
    ({"ProcessingInputs": [input_of("i", "s3://data/hidden", "/opt/ml/processing/i")]}, 0,
     "ClientError: Data download failed:AccessDenied"),
    ({}, ExitStatus(137, 9, out_of_memory=True), "ClientError: Please use an instance type with more memory"),
    ({}, ExitStatus(137, 9, out_of_disk=True), "No space left on device.*the 5 GB of VolumeSizeInGB"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "status", "reason"), FAULTS)
async def test_why_a_job_failed(processing: Any, changes: Any, status: Any, reason: str) -> None:
    async def work(container: Any) -> Any:
        (container.opt_ml / "processing" / "out" / "x.txt").write_text("x")
        return status

    processing.platform.executor.program = work
    processing.platform.objects.put("s3://data/hidden/a")
    processing.platform.objects.unreadable |= {"no/x.txt", "hidden/a"}
    await processing.create(**changes)
    described = await processing.ended()
    assert described["ProcessingJobStatus"] == "Failed"
    assert re.search(reason, described["FailureReason"]), described["FailureReason"]


async def test_stop_ends_it_with_time_to_say_goodbye(processing: Any) -> None:
    async def work(container: Any) -> int:
        await container.sandbox.terminated.wait()
        (container.opt_ml / "output" / "message").write_text("goodbye")
        return 143

    processing.platform.executor.program = work
    await processing.create()
    async with asyncio.timeout(60):
        while not processing.platform.executor.started:
            await asyncio.sleep(0.002)
    with pytest.raises(ResourceInUse):
        await processing.call("DeleteProcessingJob", ProcessingJobName="Job-1")
    await processing.call("StopProcessingJob", ProcessingJobName="Job-1")
    described = await processing.ended()
    assert (described["ProcessingJobStatus"], described["ExitMessage"]) == ("Stopped", "goodbye")
    assert processing.platform.executor.started[0].signals[0] == "TERM 120"
    with pytest.raises(ValidationException, match="in status Stopped"):
        await processing.call("StopProcessingJob", ProcessingJobName="Job-1")
    await processing.call("DeleteProcessingJob", ProcessingJobName="Job-1")
    with pytest.raises(ValidationException, match="Could not find requested job with name: Job-1"):
        await processing.describe()


async def test_its_time_is_over(processing: Any) -> None:
    running = asyncio.Event()

    async def work(container: Any) -> int:
        running.set()
        await container.sandbox.terminated.wait()
        return 0

    processing.platform.executor.program = work
    await processing.create(StoppingCondition={"MaxRuntimeInSeconds": 60})
    await running.wait()
    async with asyncio.timeout(60):
        while (await processing.describe())["ProcessingJobStatus"] == "InProgress":
            await processing.platform.clock.advance(61)
            await asyncio.sleep(0.002)
    assert (await processing.ended())["ProcessingJobStatus"] == "Stopped"


async def test_after_a_restart_it_begins_again_and_says_so(processing: Any) -> None:
    running = asyncio.Event()

    async def forever(_: Any) -> int:
        running.set()
        await asyncio.Event().wait()
        return 0

    processing.platform.executor.program = forever
    await processing.create()
    await running.wait()

    async def work(_: Any) -> int:
        return 0

    processing.platform.executor.program = work
    await processing.restart()
    assert (await processing.ended())["ProcessingJobStatus"] == "Completed"
    lines = [line for lines in processing.platform.logs.lines.values() for line in lines]
    assert AGAIN in lines


class Nodes:
    """Places on two nodes of a cluster, after a wait."""

    def __init__(self) -> None:
        self.given_back: list[str] = []
        self.stored: list[tuple[str, str, str]] = []
        self.got: dict[tuple[str, Path], list[str]] = {}
        self.gone: list[Path] = []
        self.needs: list[Needs] = []

    async def together(self, name: str, demands: Any, on_wait: Any, needs: Needs) -> tuple[str | None, ...]:
        on_wait("node-1 is full")
        self.needs.append(needs)
        return tuple(f"node-{number}" for number in range(1, len(demands) + 1))

    async def fetch(
        self,
        node: str,
        place: Path,
        wanted: AsyncIterator[Wanted],
        keys: Credentials,
        region: str,
        *,
        own: bool,
    ) -> Fetched:
        assert own
        self.got[node, place] = [each.path async for each in wanted]
        return Fetched(len(self.got[node, place]), 9)

    async def store_changes(
        self, host: str, folder: Path, target: Target, keys: Credentials, region: str, *, settled: bool
    ) -> int:
        self.stored.append((host, str(folder).partition("/opt_ml/")[2], target.prefix))
        return 1

    async def let_go(self, below: Path) -> None:
        self.gone.append(below)

    def give_back(self, name: str) -> None:
        self.given_back.append(name)

    async def have_back(self, count: int) -> None:
        """Wait for what an attempt gives back after its status is there to be read."""
        async with asyncio.timeout(60):
            while len(set(self.given_back)) < count:
                await asyncio.sleep(0.002)


async def test_on_nodes_it_says_what_is_wanted_here_and_begins_again_where_one_is_lost(
    processing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes, statuses = Nodes(), iter((ExitStatus(137, 9, is_lost=True), 0, 0, 0))

    here = list[set[Path]]()

    async def work(container: Any) -> Any:
        here.append(set(container.opt_ml.rglob("*.csv")))
        return next(statuses)

    monkeypatch.setattr(processing.platform.capacity, "_places", nodes)
    processing.platform.executor.program = work
    processing.platform.node_data = nodes
    await processing.restart()
    out = "/opt/ml/processing/out"
    kept = [
        output_of("all", "s3://out/all", out),
        output_of("part", "s3://out/part", f"{out}/part", "Continuous"),
        output_of("live", "s3://out/live", f"{out}/part/live", "Continuous"),
    ]
    await processing.create(**cluster(2), ProcessingOutputConfig={"Outputs": kept})
    assert (await processing.ended())["ProcessingJobStatus"] == "Completed"
    started = [box.spec for box in processing.platform.executor.started]
    assert [spec.node for spec in started] == ["node-1", "node-2"] * 2
    spec = started[-1]
    ml = HostFolder(spec.folder.parent).opt_ml
    # Nodes get inputs by themselves, to be written to there; nothing of them is here.
    given = ml / "processing/input"
    assert (spec.wanted, spec.left) == ((ml / "output/message",), (ml, given))
    assert nodes.got["node-2", given] == ["a.csv", "sub/b.csv"] and len(nodes.got) == 4
    assert here == [set()] * 4
    stored = {f"{out}/part": "part", f"{out}/part/live": "live", out: "all"}
    assert {(f"/opt/ml/{below}", prefix) for _, below, prefix in nodes.stored} == set(stored.items())
    assert {host for host, _, _ in nodes.stored} == {"algo-1", "algo-2"}
    assert dict(spec.network.places) == {"10.77.0.1": "node-1", "10.77.0.2": "node-2"}
    assert next(m for m in spec.mounts if m.target == "/opt/sagehen/role").renewed
    lines = [line for lines in processing.platform.logs.lines.values() for line in lines]
    for said in ("it has waited for room: node-1 is full", "algo-2 runs on node-2"):
        assert f"sagehen: {said}" in lines
    assert any("ran on is lost" in line for line in lines) and AGAIN in lines
    await nodes.have_back(2)
    assert nodes.gone[-1] == spec.folder.parent.parent.parent


async def test_it_goes_where_the_environment_is_that_was_built_for_it(
    processing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes, python = Nodes(), Interpreter("/e/bin/python", (Path("/e"),), (3, 11))
    monkeypatch.setattr(processing.platform.capacity, "_places", nodes)

    async def with_imports(attempt: ProcessingAttempt, image: Any) -> Any:
        return replace(image, environment=replace(image.environment, kind="built", interpreter=python))

    monkeypatch.setattr(ProcessingAttempt, "_with_imports", with_imports)
    await processing.create()
    await processing.ended()
    files = (Path("/e/bin/python"), Path("/e"))
    assert nodes.needs == [Needs(), Needs(own=True, files=files)]
    await nodes.have_back(2)


async def test_names_and_quotas(processing: Any) -> None:
    await processing.create()
    with pytest.raises(ResourceInUse, match="a job with this name already exists"):
        await processing.create()
    await processing.ended()
    supply = processing.platform.supply
    await supply.change("ml.m5.large", lambda offer: changed(offer, limit=1))
    with pytest.raises(ResourceLimitExceeded, match="processing job usage' is 1 Instances"):
        await processing.create("Job-2", **cluster(2))


MESSAGES: list[tuple[list[bytes | None], str | None]] = [
    ([None], None),
    ([b""], None),
    ([b"one ", b"two"], "one two"),
    ([b"a" * 2000], "a" * 1024),
    ([b"a" * 1023 + "ä".encode() + b"b"], "a" * 1023),
    ([b"a" * 1000, b"b" * 1000], "a" * 1000 + "b" * 24),
]


@pytest.mark.parametrize(("contents", "message"), MESSAGES)
def test_exit_messages_are_joined_and_cut(tmp_path: Path, contents: list[bytes | None], message: Any) -> None:
    assert exit_message(_left(tmp_path, contents)) == message


def test_a_message_that_is_no_text_or_leads_elsewhere(tmp_path: Path) -> None:
    for content in (b"\xff", b"cut \xc3"):
        with pytest.raises(NotUtf8, match="of algo-1 is not UTF-8"):
            exit_message(_left(tmp_path / content.hex(), [content]))
    (host,) = _left(tmp_path, [None])
    (host.output / "message").symlink_to("/etc/passwd")
    assert exit_message([host]) is None


def _left(folder: Path, contents: list[bytes | None]) -> list[HostFolder]:
    hosts = [HostFolder(folder / f"algo-{number}") for number in range(1, len(contents) + 1)]
    for host, content in zip(hosts, contents, strict=True):
        host.output.mkdir(parents=True)
        if content is not None:
            (host.output / "message").write_bytes(content)
    return hosts
