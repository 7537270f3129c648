"""What another machine costs: a job's start and an invocation, there and where the platform is.

The node is a process of this machine, linked by TLS over its own address: what is measured is our part, not a
network's. Needs Ray (`pip install 'sagehen[cluster]'`).
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

import psutil

from benchmarks.deploy import endpoint
from benchmarks.processes import Platform, pss_bytes, wait_until
from benchmarks.rounds import Address, in_turn, load
from benchmarks.signed import client, record
from benchmarks.table import Row, Table, milliseconds
from benchmarks.warm_pools import Jobs
from sagehen.cli.operator import act

_JOBS = 5
_ROUNDS = 5
_SECONDS = 1.5
_OWN = "platform"
_MIB = 2**20
_HANDLER = """
def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    return data, content_type
"""


def measure(say: Callable[[str], None]) -> Table:
    """Do each in turn on the node and on the platform's own machine."""
    rows = []
    with Platform("--cluster", "auto:0") as platform, _node(platform, say):
        memory = _memory(platform)
        rows += _starts(platform, say)
        rows += _invocations(platform, say)
    head, broker = memory
    rows.append(Row("memory of Ray's head (PSS)", f"{head / _MIB:.0f} MiB"))
    rows.append(Row("memory of the broker (PSS)", f"{broker / _MIB:.0f} MiB"))
    return Table(
        "On a node",
        peer="the platform's machine",
        method=(
            "A node in a process of the same machine, over TLS and the address of its interface. Jobs: from "
            f"CreateTrainingJob to the script's first line, medians of {_JOBS} in turn. Invocations: an echo "
            f"handler with 37 bytes, boto3's own request, medians of {_ROUNDS} rounds of {_SECONDS:g} s in "
            "turn; the ratio column holds the difference."
        ),
        rows=rows,
    )


def _starts(platform: Platform, say: Callable[[str], None]) -> list[Row]:
    jobs = Jobs(platform)
    jobs.bring("")
    found: dict[str, list[float]] = {"node": [], _OWN: []}
    for number in range(-1, _JOBS):  # the first ones wait for warm parents
        for where, times in found.items():
            say(f"jobs: {number + 1}/{_JOBS} on {where}")
            _only(platform, where)
            took = jobs.start({})
            times += [took] if number >= 0 else []
    there, here = (statistics.median(found[where]) for where in ("node", _OWN))
    return [
        Row(
            "a training job's first line",
            milliseconds(there),
            milliseconds(here),
            f"{milliseconds(there - here)} more",
            f"{milliseconds(min(found['node']))} to {milliseconds(max(found['node']))}",
        )
    ]


def _invocations(platform: Platform, say: Callable[[str], None]) -> list[Row]:
    runs = {}
    runtime = client("sagemaker-runtime", platform.url, platform.keys)
    for where in ("node", _OWN):
        say(f"deploying on {where}")
        _only(platform, where)
        endpoint(platform, f"echo-{where}", _HANDLER)
        call = {"EndpointName": f"echo-{where}", "ContentType": "application/json"}
        body = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
        signed = [record(runtime, "invoke_endpoint", **call, Body=body)]
        runs[where] = lambda requests=signed: load(
            Address(port=platform.port), requests, connections=1, seconds=_SECONDS
        )
    found = in_turn(runs, rounds=_ROUNDS, say=say, what="1 connection")
    rows = []
    there, here = found["node"], found[_OWN]
    for name, ours, peer in (("p50", there.p50, here.p50), ("p99", there.p99, here.p99)):
        rows.append(
            Row(
                f"InvokeEndpoint, 1 connection, {name}",
                milliseconds(ours),
                milliseconds(peer),
                f"{milliseconds(ours - peer)} more",
            )
        )
    return rows


def _only(platform: Platform, where: str) -> None:
    """Let the others take nothing new."""
    for node in act(platform.folder, "nodes", {})["Nodes"]:
        name = node["Name"]
        act(platform.folder, "drain", {"Node": name, "TakeAgain": (name == _OWN) == (where == _OWN)})


@contextlib.contextmanager
def _node(platform: Platform, say: Callable[[str], None]) -> Iterator[None]:
    say("the node joins")
    made = act(platform.folder, "join-token", {})
    command = [sys.executable, "-m", "sagehen.cli", "join", made["Address"], "--token", made["Token"]]
    folder = tempfile.mkdtemp(prefix="sagehen-bench-node-")
    node = subprocess.Popen([*command, "--folder", folder], stdout=subprocess.DEVNULL)

    def all_ready() -> bool:
        nodes = act(platform.folder, "nodes", {})["Nodes"]
        return [each["State"] for each in nodes] == ["ready", "ready"]

    try:
        wait_until(all_ready, seconds=300, step=2.0, what="the node")
        yield
    finally:
        node.terminate()
        node.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _memory(platform: Platform) -> tuple[int, int]:
    """Return what Ray's head takes, and the broker."""
    head = broker = 0
    for child in psutil.Process(platform.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error, OSError):
            words = " ".join(child.cmdline())
            if "ray.broker" in words:
                broker += pss_bytes(child.pid)
            elif "ray" in words or child.name().startswith("ray"):
                head += pss_bytes(child.pid)
    return head, broker
