"""What another machine costs: a job's start and an invocation, there and where the platform is.

The node is a process of this machine, linked by TLS over its own address: what is measured is our part, not a
network's. Needs Ray (`pip install 'sagehen[cluster]'`).
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from benchmarks import deploy, node_data
from benchmarks.processes import Platform, pss_bytes, wait_until
from benchmarks.rounds import Sample
from benchmarks.signed import client, record
from benchmarks.table import Row, Table, milliseconds
from benchmarks.warm_pools import Jobs
from sagehen.cli.operator import act

_JOBS = 5
_REQUESTS = 2000
_OWN = "platform"
_MIB = 2**20
_NAME = "echo"
_GROUP = f"/aws/sagemaker/Endpoints/{_NAME}"
# Each replica answers with a name of its own, which its log tells as well.
_HANDLER = """
import uuid

def model_fn(model_dir):
    name = str(uuid.uuid4())
    print("I am", name, flush=True)
    return name

def transform_fn(model, data, content_type, accept):
    return model, "text/plain"
"""


def measure(say: Callable[[str], None]) -> Table:
    """Do each in turn on the node and on the platform's own machine."""
    rows = []
    with Platform() as alone:
        alone_s = alone.start_s
    with Platform("--cluster", "auto:0") as platform, joined_node(platform, say) as (node, joined_s):
        rows.append(Row("start of the platform", milliseconds(platform.start_s), milliseconds(alone_s)))
        rows.append(Row("a node takes instances, from `sagehen join` on", f"{joined_s:.1f} s"))
        rows += [
            Row(f"memory of {what} (PSS)", f"{size / _MIB:.0f} MiB")
            for what, size in _memory(platform, node).items()
        ]
        jobs = Jobs(platform)
        jobs.bring("")
        rows += _starts(platform, jobs, say)
        rows += _invocations(platform, say)
        rows += _data(platform, jobs, say)
    return Table(
        "On a node",
        peer="the platform's machine, or a platform without a cluster",
        method=(
            "A node in a process of the same machine, over TLS and the address of its interface. Jobs: from "
            f"CreateTrainingJob to the script's first line, medians of {_JOBS} in turn. Invocations: an "
            f"endpoint with a replica on each, chosen at random for each of {_REQUESTS} requests on one "
            "connection, boto3's own with 37 bytes; the ratio column holds the difference."
        ),
        rows=rows,
    )


def _starts(platform: Platform, jobs: Jobs, say: Callable[[str], None]) -> list[Row]:
    found: dict[str, list[float]] = {"node": [], _OWN: []}
    for number in range(-1, _JOBS):  # the first ones wait for warm parents
        for where, times in found.items():
            say(f"jobs: {number + 1}/{_JOBS} on {where}")
            only_on(platform, where)
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
    for node in act(platform.folder, "nodes", {})["Nodes"]:
        act(platform.folder, "drain", {"Node": node["Name"], "TakeAgain": True})
    say("deploying on both")
    _deploy(platform)
    runtime = client("sagemaker-runtime", platform.url, platform.keys)
    signed = _request(runtime)
    places = _places(platform)
    found: dict[str, list[float]] = {"node": [], _OWN: []}
    say(f"{_REQUESTS} requests")
    with socket.create_connection(("127.0.0.1", platform.port)) as connection:
        for number in range(-100, _REQUESTS):
            began = time.perf_counter()
            answer = _ask(connection, signed)
            took = time.perf_counter() - began
            if number >= 0:  # the first ones open connections
                found[places[answer]].append(took)
    rows = []
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        there, here = (Sample(latencies=found[where]).quantile(part) for where in ("node", _OWN))
        rows.append(
            Row(
                f"InvokeEndpoint, 1 connection, {name}",
                milliseconds(there),
                milliseconds(here),
                f"{milliseconds(there - here)} more",
            )
        )
    return rows


def _data(platform: Platform, jobs: Jobs, say: Callable[[str], None]) -> list[Row]:
    """Measure a job's data, and the endpoint's answers meanwhile, with both on the node."""
    say("the endpoint moves to the node")
    only_on(platform, "node")
    wait_until(lambda: not _running(platform, _OWN), seconds=180, step=0.2, what="the endpoint on the node")
    runtime = client("sagemaker-runtime", platform.url, platform.keys)
    return node_data.rows(platform, _request(runtime), jobs.create_with_data, say)


def _running(platform: Platform, node: str) -> list[str]:
    found = act(platform.folder, "nodes", {})["Nodes"]
    return next(list(each["Running"]) for each in found if each["Name"] == node)


def _request(runtime: Any) -> bytes:
    call = {"EndpointName": _NAME, "ContentType": "application/json"}
    return record(runtime, "invoke_endpoint", **call, Body=b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}')


def _deploy(platform: Platform) -> None:
    """Make an endpoint with a replica on each machine."""
    role = deploy.role(platform, f"{_NAME}-role", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
    s3, sagemaker = (client(service, platform.url, platform.keys) for service in ("s3", "sagemaker"))
    program = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    }
    deploy.model(s3, sagemaker, _NAME, role, deploy.BUCKET, _HANDLER, program)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": _NAME,
        "InstanceType": "ml.c5.large",
        "InitialInstanceCount": 2,
        "RoutingConfig": {"RoutingStrategy": "RANDOM"},
    }
    sagemaker.create_endpoint_config(EndpointConfigName=_NAME, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=_NAME, EndpointConfigName=_NAME)
    deploy.serves(sagemaker, _NAME, [2])


def _places(platform: Platform) -> dict[str, str]:
    """Return which replica is where, by the names that they answer with.

    Raises:
        TimeoutError: Their logs do not tell, or they are on one machine.
    """
    logs = client("logs", platform.url, platform.keys)
    found: dict[str, str] = {}

    def told() -> bool:
        events = logs.filter_log_events(logGroupName=_GROUP)["events"]
        where = {
            event["logStreamName"]: _OWN if "platform" in event["message"] else "node"
            for event in events
            if "runs on" in event["message"]
        }
        found.update(
            (event["message"].split()[-1], where[event["logStreamName"]])
            for event in events
            if event["message"].startswith("I am ")
        )
        return set(found.values()) == {"node", _OWN}

    wait_until(told, seconds=60, step=0.2, what="a replica on each machine")
    return found


def _ask(connection: socket.socket, signed: bytes) -> str:
    """Send a request and return the body of its answer."""
    connection.sendall(signed)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise RuntimeError(answer[:600])
    lines = head.lower().split(b"\r\n")
    length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _more(connection)
    return body.decode()


def _more(connection: socket.socket) -> bytes:
    if not (data := connection.recv(65536)):
        raise RuntimeError("the platform hung up")
    return data


def only_on(platform: Platform, where: str) -> None:
    """Let the others take nothing new: the nodes, or the platform's machine; empty: let all take some."""
    for node in act(platform.folder, "nodes", {})["Nodes"]:
        name = node["Name"]
        act(
            platform.folder,
            "drain",
            {"Node": name, "TakeAgain": not where or (name == _OWN) == (where == _OWN)},
        )


@contextlib.contextmanager
def joined_node(
    platform: Platform, say: Callable[[str], None]
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A node while it lasts, and the seconds until it took instances; Ray's head was up before."""

    def states() -> list[str]:
        found = (each["State"] for each in act(platform.folder, "nodes", {})["Nodes"])
        return [state for state in found if state != "left"]

    say("Ray's head starts")
    wait_until(lambda: states() == ["ready"], seconds=900, step=0.5, what="Ray's head")
    say("the node joins")
    began = time.perf_counter()
    made = act(platform.folder, "join-token", {})
    command = [sys.executable, "-m", "sagehen.cli", "join", made["Address"], "--token", made["Token"]]
    folder = tempfile.mkdtemp(prefix="sagehen-bench-node-")
    node = subprocess.Popen([*command, "--folder", folder], stdout=subprocess.DEVNULL)

    try:
        wait_until(lambda: states() == ["ready", "ready"], seconds=900, step=0.2, what="the node")
        yield node, time.perf_counter() - began
    finally:
        node.terminate()
        node.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _memory(platform: Platform, node: subprocess.Popen[bytes]) -> dict[str, int]:
    """Return what Ray's head and the broker take, and on a node that is idle its agent and Ray."""
    found = {"Ray's head": 0, "the broker": 0, "an idle node's agent": pss_bytes(node.pid), "its Ray": 0}
    for of, ray in ((platform.process.pid, "Ray's head"), (node.pid, "its Ray")):
        for child in psutil.Process(of).children(recursive=True):
            with contextlib.suppress(psutil.Error, OSError):
                words = " ".join(child.cmdline())
                if "ray.broker" in words:
                    found["the broker"] += pss_bytes(child.pid)
                elif "ray" in words or child.name().startswith("ray"):
                    found[ray] += pss_bytes(child.pid)
    return found
