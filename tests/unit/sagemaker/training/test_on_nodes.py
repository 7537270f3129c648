"""A training job on a node: its data is there, not here; where that node is not to be had, elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Fetched, NodeGone, Wanted
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Target
from sagehen.incoming.failures import PipeFailed
from sagehen.services.sagemaker.training.attempts.preparation import Preparation


class Nodes:
    """Places that are all on one node, and what it was told to get."""

    def __init__(self) -> None:
        self.told: list[tuple[Path, list[str]]] = []
        self.gone: list[Path] = []
        self.stored: list[tuple[str, str]] = []
        self.dies = self.dies_late = 0
        self.piped: list[tuple[Path, Piped, bytes]] = []
        # What becomes of what writes to pipes, when nobody reads any more.
        self.ends: list[Exception | None] = []

    async def together(self, name: str, demands: Any, on_wait: Any, needs: Any) -> tuple[str, ...]:
        return ("node-1",) * len(demands)

    def give_back(self, name: str) -> None: ...

    async def fetch(
        self,
        node: str,
        place: Path,
        wanted: AsyncIterator[Wanted],
        keys: Credentials,
        region: str,
        *,
        own: bool = False,
    ) -> Fetched:
        assert own == (place.name == "checkpoints")
        self.told.append((place, [f"{each.bucket}/{each.key}" async for each in wanted]))
        if self.dies:
            self.dies -= 1
            raise NodeGone(node)
        return Fetched(1, 10)

    async def pipe(
        self, folder: Path, piped: Piped, entries: Path, keys: Callable[[], Awaitable[Credentials]],
        region: str, ended: asyncio.Event,
    ) -> None:  # fmt: skip
        assert (await keys()).session_token == "token"
        self.piped.append((folder, piped, entries.read_bytes()))
        await ended.wait()
        if self.ends and (error := self.ends.pop(0)) is not None:
            raise error

    async def store_changes(
        self, host: str, folder: Path, target: Target, keys: Credentials, region: str, *, settled: bool
    ) -> int:
        self.stored.append((folder.name, target.prefix))
        return 1

    async def store_artifacts(
        self, hosts: Mapping[str, Path], target: ArtifactsTarget, keys: Credentials, region: str
    ) -> list[str]:
        self.stored.append((" ".join(hosts), target.prefix))
        if self.dies_late:
            self.dies_late -= 1
            raise NodeGone("node-1")
        return ["algo-1: 'x' is left out"]

    async def let_go(self, below: Path) -> None:
        self.gone.append(below)


@pytest.fixture
async def nodes(platform: Any, monkeypatch: pytest.MonkeyPatch) -> Nodes:
    made = platform.node_data = Nodes()
    monkeypatch.setattr(platform.capacity, "_places", made)
    await platform.restart()
    return made


async def test_its_channels_are_got_by_the_node(platform: Any, nodes: Nodes) -> None:
    await platform.create()
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    ((place, names),) = nodes.told
    assert names == ["data/train/a.jpg"] and not place.exists()
    (box,) = platform.executor.started
    (mount,) = [mount for mount in box.spec.mounts if mount.source == place]
    assert mount.target == "/opt/ml/input/data/train" and mount.writable and not mount.kept
    async with asyncio.timeout(60):
        while not nodes.gone:  # it goes once the job's end can be seen
            await asyncio.sleep(0.002)
    assert place.is_relative_to(nodes.gone[-1])


async def test_a_node_that_dies_with_the_data_is_another_ones_turn(platform: Any, nodes: Nodes) -> None:
    nodes.dies = 1
    await platform.create()
    told = await platform.ended()
    assert told["TrainingJobStatus"] == "Completed"
    assert "Restarting" in [each["Status"] for each in told["SecondaryStatusTransitions"]]
    assert len(nodes.told) == 2 and len(platform.executor.started) == 1
    lines = [line for lines in platform.logs.lines.values() for line in lines]
    assert "sagehen: node node-1 is lost, with the data that it had got for this job" in lines


async def test_what_it_leaves_goes_from_its_node(platform: Any, nodes: Nodes) -> None:
    config = {"S3Uri": "s3://out/ckpt"}
    platform.objects.put("s3://out/ckpt/epoch")
    await platform.create(CheckpointConfig=config)
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    assert [names for place, names in nodes.told if place.name == "checkpoints"] == [["out/ckpt/epoch"]]
    assert nodes.stored == [("algo-1", "jobs/Job-1/output"), ("checkpoints", "ckpt")]
    assert not [key for bucket, key in platform.objects.content if key.endswith("model.tar.gz")]
    lines = [line for lines in platform.logs.lines.values() for line in lines]
    assert "sagehen: algo-1: 'x' is left out" in lines
    (box,) = platform.executor.started
    ml = box.spec.mounts[0].source
    assert set(box.spec.left) == {ml, ml / "checkpoints"} and box.spec.wanted == (ml / "output/failure",)


PIPE = {
    "ChannelName": "train",
    "InputMode": "Pipe",
    "RecordWrapperType": "RecordIO",
    "ShuffleConfig": {"Seed": 7},
    "DataSource": {"S3DataSource": {
        "S3DataType": "S3Prefix", "S3Uri": "s3://data/train", "S3DataDistributionType": "ShardedByS3Key",
    }},
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "end", "status", "starts"),
    [
        (0, None, "Completed", 1),
        (1, None, "Failed", 1),
        # Its end ends the pipes as well: what the instance made of a part of its data is not its result.
        (0, NodeGone("node-1"), "Completed", 2),
        (1, NodeGone("node-1"), "Failed", 2),
        (0, PipeFailed("ClientError: Data download failed:why"), "Failed", 1),
    ],
)
async def test_its_pipes_are_written_by_the_node(
    platform: Any, nodes: Nodes, code: int, end: Exception | None, status: str, starts: int
) -> None:
    async def run(container: Any) -> int:
        return code

    platform.executor.program, nodes.ends = run, [end]
    await platform.create(InputDataConfig=[PIPE])
    told = await platform.ended()
    assert told["TrainingJobStatus"] == status and len(platform.executor.started) == starts
    assert ("why" in told.get("FailureReason", "")) == isinstance(end, PipeFailed)
    spec = platform.executor.started[0].spec
    data = spec.mounts[0].source / "input/data"
    assert (
        spec.node == "node-1" and spec.pipes == (data / "train",) and list(data.parent.glob("data/*")) == []
    )
    piped = Piped("train", "s3://data/train", wraps_records=True, seed=7)
    assert nodes.piped[0] == (data, piped, b'["data", "train/a.jpg", "a.jpg"]\n')


async def test_a_node_that_dies_with_the_artifacts_has_the_job_begin_anew(
    platform: Any, nodes: Nodes
) -> None:
    nodes.dies_late = 1
    await platform.create()
    told = await platform.ended()
    assert told["TrainingJobStatus"] == "Completed" and len(platform.executor.started) == 2
    statuses = [each["Status"] for each in told["SecondaryStatusTransitions"]]
    assert statuses.index("Uploading") < statuses.index("Restarting")


async def test_one_that_moves_here_before_its_start_has_its_channels_here(
    platform: Any, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def settle(preparation: Preparation) -> str:
        attempt = preparation._attempt
        assert attempt.lease is not None and attempt.lease.nodes == ("node-1",)
        attempt.lease.nodes = (None,)
        return "lo"

    found: list[bytes] = []

    async def look(container: Any) -> int:
        found.append((container.channel("train") / "a.jpg").read_bytes())
        return 0

    monkeypatch.setattr(Preparation, "_settle", settle)
    platform.executor.program = look
    await platform.create()
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    assert found == [b"x"] and platform.executor.started[0].spec.node is None
