"""Which jobs need the platform's machine, and what goes between it and a node."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.ports.compute.node_data import Fetched
from sagehen.executors.base import Limits, Mount, Network, SandboxSpec
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.instances.placing import placed
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs.placing import network_on, notes
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.placing import brought_whole, interface_of, on_node, stays_here
from sagehen.services.sagemaker.transfers.channels.parsing import parse

from ..conftest import SCOPE, job_request

SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}


@pytest.mark.parametrize(
    ("mode", "resources", "why"),
    [
        ("File", {}, None),
        ("Pipe", {}, None),
        ("FastFile", {}, None),
        ("File", {"KeepAlivePeriodInSeconds": 60}, "its instances are kept warm (KeepAlivePeriodInSeconds)"),
    ],
)
def test_what_needs_the_platforms_machine(mode: str, resources: dict[str, Any], why: str | None) -> None:
    request = job_request(InputDataConfig=[{"ChannelName": "train", "InputMode": mode, "DataSource": SOURCE}])
    request["ResourceConfig"] |= resources
    job = TrainingJob.new(SCOPE, request, datetime.fromtimestamp(100, UTC))
    channels = parse(job.request)
    assert stays_here(job) == why
    assert notes(job.hosts, (), why) == []
    expected = ["algo-1 runs on the platform's own machine"]
    expected += [] if why is None else [f"it stays there: {why}"]
    assert notes(job.hosts, (None,), why) == expected
    assert notes(("algo-1", "algo-2"), ("node-1", None)) == [
        "algo-1 runs on node-1",
        "algo-2 runs on the platform's own machine",
    ]
    assert bool(brought_whole(channels, ("node-1",))) == (mode == "FastFile")
    assert brought_whole(channels, (None,)) == brought_whole(channels, ()) == []


def test_an_instance_on_a_node_may_write_to_small_channels(tmp_path: Path) -> None:
    job = TrainingJob.new(SCOPE, job_request(), datetime.fromtimestamp(100, UTC))
    small, large, here = (Mount(tmp_path / name, f"/{name}") for name in ("small", "large", "here"))
    spec = SandboxSpec("box", tmp_path, ("true",), Limits(1, 64), mounts=(small, large, here))
    fetched = {small.source: Fetched(200, 32 * 2**20), large.source: Fetched(201, 1)}
    folder, around = JobFolder(tmp_path), Surroundings(1, None, PipSettings({}, ()))
    on = {node: on_node(spec, (node,), job, folder, "algo-1", around, fetched) for node in (None, "n")}
    assert [mount.writable for mount in on["n"].mounts] == [True, False, False]
    assert not on["n"].mounts[0].kept
    assert on[None].mounts == spec.mounts


def test_hosts_on_several_machines_have_addresses_of_their_own_network() -> None:
    here = Network("job", {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2", "algo-3": "127.0.0.3"})
    for nodes in ((None,) * 3, ("n",) * 3):
        assert network_on(here, nodes) is here and interface_of(nodes) == "lo"
    spread = network_on(here, ("n", None, "n"))
    assert spread.hosts == {"algo-1": "10.77.0.1", "algo-2": "10.77.0.2", "algo-3": "10.77.0.3"}
    assert spread.addresses_on("n") == ("10.77.0.1", "10.77.0.3")
    assert spread.addresses_on(None) == ("10.77.0.2",)
    assert interface_of(("n", None)) == "sgh0" and interface_of(()) == "lo"


def test_a_spec_on_a_node_says_what_passes_between() -> None:
    own, out, role, pip = (Path(f"/data/{name}") for name in ("own", "out", "role", "pip"))
    mounts = (
        Mount(own, "/a", writable=True),
        Mount(out, "/b", writable=True),
        Mount(role, "/c"),
        Mount(pip, "/d"),
    )
    spec = SandboxSpec("box", Path("/data/box"), ("true",), Limits(1, 64), mounts=mounts)
    assert placed(spec, None, passing=(out,), renewed=(role,)) is spec
    there = placed(spec, "n", machines=(mounts[3],), passing=(out,), renewed=(role,), wanted=(own,))
    assert (there.node, there.wanted) == ("n", (own,))
    assert [(m.kept, m.renewed, m.of_machine) for m in there.mounts] == [
        (True, False, False), (False, False, False), (True, True, False), (True, False, True),
    ]  # fmt: skip
