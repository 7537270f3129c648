"""A platform that joins a Ray which is there already: two nodes on this machine, one of them dies.

That Ray is started by the test alone, and has to be afterwards as it was.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from sagehen.app.ports import free_port
from sagehen.cluster.address import BadAddress, read_address
from tests.e2e import story
from tests.e2e.test_cluster import ECHO, JOB, nodes
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        find_spec("ray") is None, reason="Ray is not installed: pip install 'sagehen[cluster]'"
    ),
]

_START = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats"]
_SIZE = ["--num-cpus=2", f"--memory={2 * 2**30}", f"--object-store-memory={80 * 2**20}"]
# Everything that somebody could find of us there.
_LEFT = """
import ray, sys
from ray.util.placement_group import placement_group_table
ray.init(address=sys.argv[1], log_to_driver=False, logging_level=40)
print([group["name"] for group in placement_group_table().values() if group["state"] != "REMOVED"])
"""


@dataclass
class SomebodysRay:
    """A head, and one node more.

    Args:
        address: Of the head.
        folder: Short: Unix sockets lie below.
    """

    address: str
    folder: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> None:
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*_START, *words, *_SIZE], stdout=output, stderr=output, env=self.environment,
                start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        eventually(lambda: b"Ray runtime started" in log.read_bytes() or process.poll() is not None, 240)
        assert process.poll() is None, log.read_text()[-2000:]

    def kill(self, at: int) -> None:
        """Let a node's raylet and all around it be gone."""
        os.killpg(self.processes[at].pid, signal.SIGKILL)
        self.processes[at].wait()

    def left(self) -> str:
        ran = subprocess.run(
            [sys.executable, "-c", _LEFT, self.address], capture_output=True, text=True, timeout=120,
            env=self.environment,
        )  # fmt: skip
        return ran.stdout.strip().splitlines()[-1] if ran.returncode == 0 else ran.stderr

    def agents(self) -> dict[str, psutil.Process]:
        """Return our agents by their nodes' names."""
        found = (self.folder / "share" / "sagehen-guest").glob("ray-*/pid")
        pids = {file.parent.name[:16]: int(file.read_text()) for file in found}
        return {name: psutil.Process(pid) for name, pid in pids.items() if psutil.pid_exists(pid)}


@pytest.fixture
def ray() -> Iterator[SomebodysRay]:
    try:
        address = read_address("auto")[0]
    except BadAddress as error:
        pytest.skip(str(error))
    folder = Path(tempfile.mkdtemp(prefix="sh-ray-"))
    port = free_port(address)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RAY_")},
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_raylet_start_wait_time_s": "240",
        "RAY_health_check_failure_threshold": "3",
        "XDG_DATA_HOME": str(folder / "share"),
    }
    found = SomebodysRay(f"{address}:{port}", folder, environment)
    try:
        where = f"--node-ip-address={address}"
        found.start(
            "--head", f"--port={port}", where, "--include-dashboard=false", f"--temp-dir={folder / 'ray'}"
        )
        found.start(f"--address={found.address}", where)
        yield found
    finally:
        for at, process in enumerate(found.processes):
            if process.poll() is None:
                found.kill(at)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sagehen(ray: SomebodysRay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSagehen]:
    for name, value in ray.environment.items():
        if name.startswith("RAY_"):
            monkeypatch.setenv(name, value)
    running = RunningSagehen(tmp_path / "data")
    running.start("--cluster", "auto:0", "--ray", ray.address, "--trust-ray", "--spread-jobs")
    yield running
    running.stop()


def runs_on(sagehen: RunningSagehen, job: str) -> set[str]:
    """Return where the instances of a job were."""
    lines = [line for line in story.job_log(sagehen, job) if "runs on " in line]
    return {line.split("runs on ")[1].split()[0].rstrip(".,") for line in lines}


def test_a_ray_that_is_there_places_what_runs_and_stays_as_it_was(
    ray: SomebodysRay, sagehen: RunningSagehen
) -> None:
    eventually(lambda: nodes(sagehen).count(" ready ") == 3, 240)
    agents = ray.agents()
    source = story.put_source(sagehen, JOB)
    config = {"InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    for name, count in (("one", 1), ("two", 2)):
        story.create_job(sagehen, name, source, ResourceConfig={**config, "InstanceCount": count})
    for name in ("one", "two"):
        job = story.finished_job(sagehen, name, 180)
        assert job["TrainingJobStatus"] == "Completed", job
        assert runs_on(sagehen, name) <= set(agents) and runs_on(sagehen, name), story.job_log(sagehen, name)
    if os.geteuid() == 0:  # /dev/net/tun is root's
        assert runs_on(sagehen, "two") == set(agents)
    story.deploy(sagehen, "echo", ECHO, instances=2)

    ended, answers, failed = threading.Event(), [0], list[str]()

    def ask() -> None:
        while not ended.is_set():
            try:
                story.invoke(sagehen, "echo", [1])
                answers[0] += 1
            except Exception as error:  # whatever it is, a request failed
                failed.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        ray.kill(1)
        eventually(lambda: " starting " in nodes(sagehen), 60)  # Ray does not count it: it takes nothing
        [dead] = [line.split()[0] for line in nodes(sagehen).splitlines() if " starting " in line]
        agents[dead].kill()  # and the machine under it
        eventually(
            lambda: _running(sagehen, dead) == "-" and _running(sagehen, *set(agents) - {dead}) != "-", 180
        )
        assert story.in_service(sagehen, "echo", 120) == "InService"
    finally:
        ended.set()
        asking.join(60)
    assert answers[0] > 0 and failed == []
    assert "sagehen/" in ray.left()  # the endpoint's places
    assert sagehen.stop() == 0
    assert ray.left() == "[]"
    eventually(lambda: all(map(_has_ended, agents.values())), 60)
    left = {path.name[:16] for path in (ray.folder / "share" / "sagehen-guest").glob("ray-*")}
    assert left <= {dead}  # which was killed


def _has_ended(agent: psutil.Process) -> bool:
    try:
        return not agent.is_running() or agent.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _running(sagehen: RunningSagehen, node: str) -> str:
    """Return what the table says of what runs on a node."""
    return next(line.split()[-1] for line in nodes(sagehen).splitlines() if line.startswith(node))
