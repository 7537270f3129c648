"""Channels of instances on nodes: which of them is told which objects, and what a node's refusal becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Fetched, NodeGone, Wanted
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Target
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.roles.keys import RoleKeys
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.downloads import Downloads
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere
from sagehen.services.sagemaker.transfers.failures import DownloadFailed

from ..conftest import ROLE, SESSION, FakeObjects, FakeRoles

HOSTS = ("algo-1", "algo-2", "algo-3")
NAMES = ("a", "b/c", "d", "e")


class FakeNodes:
    """What nodes were told, by node and place."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.told: dict[tuple[str, Path], list[str]] = {}
        self.own: set[tuple[str, Path]] = set()
        self._refusal = refusal

    async def fetch(
        self,
        node: str,
        place: Path,
        wanted: AsyncIterator[Wanted],
        credentials: Credentials,
        region: str,
        *,
        own: bool = False,
    ) -> Fetched:
        assert (credentials.session_token, region) == ("token", "eu-west-1")
        names = self.told[node, place] = []
        if own:
            self.own.add((node, place))
        if self._refusal is not None:
            raise self._refusal
        async for each in wanted:
            assert (each.bucket, each.key) == ("data", f"in/{each.path}")
            names.append(each.path)
        return Fetched(len(names), 10 * len(names))

    async def pipe(
        self, folder: Path, piped: Piped, entries: Path, keys: Callable[[], Awaitable[Credentials]],
        region: str, ended: asyncio.Event,
    ) -> None:  # fmt: skip
        raise AssertionError("nobody asked for it")

    async def store_changes(
        self, host: str, folder: Path, target: Target, credentials: Credentials, region: str, *, settled: bool
    ) -> int:
        raise AssertionError("nobody asked for it")

    async def store_artifacts(
        self, hosts: Mapping[str, Path], target: ArtifactsTarget, credentials: Credentials, region: str
    ) -> list[str]:
        raise AssertionError("nobody asked for it")

    async def let_go(self, below: Path) -> None:
        raise AssertionError("nobody asked for it")


def channel(distribution: str = "FullyReplicated", mode: str = "File") -> Channel:
    return Channel("train", "s3://data/in/", "S3Prefix", distribution, mode)


async def bring(
    tmp_path: Path, nodes: dict[str, str], what: Channel, fake: FakeNodes, hosts: Sequence[str] = HOSTS
) -> tuple[Elsewhere, JobFolder, list[str]]:
    """Bring a channel; return what came to the platform's disk, too."""
    objects, folder = FakeObjects(), JobFolder(tmp_path / "job")
    for name in NAMES:
        objects.put(f"s3://data/in/{name}")
    keys = RoleKeys(ROLE, FakeRoles(), SystemClock())
    elsewhere = Elsewhere(fake, folder, nodes, keys, "eu-west-1")
    await elsewhere.bring(what, hosts, Downloads(objects, SESSION, folder), None)
    here = sorted(str(path.relative_to(folder.root)) for path in folder.root.rglob("*") if path.is_file())
    return elsewhere, folder, here


@pytest.mark.parametrize(
    ("distribution", "nodes", "told", "here"),
    [
        (  # one copy for each machine, whoever is on it
            "FullyReplicated",
            {"algo-1": "n1", "algo-2": "n1", "algo-3": "n2"},
            {("n1", None): list(NAMES), ("n2", None): list(NAMES)},
            [],
        ),
        (
            "FullyReplicated",
            {"algo-2": "n1"},
            {("n1", None): list(NAMES)},
            [f"channels/all/train/{name}" for name in NAMES],
        ),
        (  # object i to instance i mod 3, wherever that is
            "ShardedByS3Key",
            {"algo-1": "n1", "algo-3": "n1"},
            {("n1", "algo-1"): ["a", "e"], ("n1", "algo-3"): ["d"]},
            ["channels/algo-2/train/b/c"],
        ),
    ],
)
async def test_each_instance_gets_what_it_would_get_here(
    tmp_path: Path,
    distribution: str,
    nodes: dict[str, str],
    told: dict[tuple[str, str | None], list[str]],
    here: list[str],
) -> None:
    fake = FakeNodes()
    elsewhere, folder, found = await bring(tmp_path, nodes, channel(distribution), fake)
    expected = {(node, folder.channel("train", host)): names for (node, host), names in told.items()}
    assert fake.told == expected and found == here
    assert set(elsewhere.fetched) == {place for _, place in expected}
    assert elsewhere.concerns(HOSTS) and not elsewhere.concerns([h for h in HOSTS if h not in nodes])


async def test_what_nobody_may_write_to_is_never_copied(tmp_path: Path) -> None:
    elsewhere, _, _ = await bring(tmp_path, dict.fromkeys(HOSTS, "n"), channel(mode="FastFile"), FakeNodes())
    assert elsewhere.fetched == {}


async def test_a_node_that_is_lost_is_no_failure_of_the_data(tmp_path: Path) -> None:
    with pytest.raises(NodeGone):
        await bring(tmp_path, {"algo-1": "n"}, channel(), FakeNodes(NodeGone("n")), HOSTS[:2])


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (AccessDenied("User: x is not authorized"), "AccessDenied (403): User: x is not authorized"),
        (FileExistsError(17, "File exists", "b"), "a file and a folder have the same name: b"),
        (OSError(28, "No space left on device"), "disk"),
        (ConnectionError("the link was lost"), "InternalServerError: Data download failed:the link was lost"),
    ],
)
async def test_a_nodes_refusal_fails_the_job_as_one_here_does(
    tmp_path: Path, refusal: Exception, reason: str
) -> None:
    with pytest.raises(DownloadFailed) as failed:
        await bring(tmp_path, {"algo-1": "n"}, channel(), FakeNodes(refusal), HOSTS[:1])
    assert reason in str(failed.value)


@pytest.mark.parametrize(
    ("distribution", "told", "here"),
    [
        ("FullyReplicated", {"algo-1": list(NAMES), "algo-2": list(NAMES)}, list(NAMES)),
        ("ShardedByS3Key", {"algo-1": ["a", "e"], "algo-2": ["b/c"]}, ["d"]),
    ],
)
async def test_each_instance_gets_its_own_to_write_to(
    tmp_path: Path, distribution: str, told: dict[str, list[str]], here: list[str]
) -> None:
    fake, objects, folder = FakeNodes(), FakeObjects(), JobFolder(tmp_path / "job")
    for name in NAMES:
        objects.put(f"s3://data/in/{name}", b"12345")
    keys = RoleKeys(ROLE, FakeRoles(), SystemClock())
    nodes = {"algo-1": "n1", "algo-2": "n1"}
    elsewhere = Elsewhere(fake, folder, nodes, keys, "eu-west-1")
    places = {host: folder.host(host).opt_ml / "in" for host in HOSTS}
    downloads = Downloads(objects, SESSION, folder)
    await elsewhere.bring_own(channel(distribution), places, downloads, 20)
    assert fake.told == {(nodes[host], places[host]): names for host, names in told.items()}
    assert fake.own == set(fake.told)
    found = [str(path.relative_to(places["algo-3"])) for path in folder.root.rglob("*") if path.is_file()]
    assert sorted(found) == here
    with pytest.raises(DownloadFailed, match="the volume has room for"):
        await elsewhere.bring_own(channel(distribution), dict(list(places.items())[:2]), downloads, 19)
