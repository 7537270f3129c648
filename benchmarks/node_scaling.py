"""One job of one host and of two: both on the platform's machine, and one on a node. And what Ray adds to the
start of a job that runs where the platform is.

Gradients by torch's gloo. Each host is held to one core, so that the two cores of a small machine are two
machines' worth; what goes between them passes the platform's hub where they are on two nodes.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable

from benchmarks.cluster import joined_node, only_on
from benchmarks.processes import Platform
from benchmarks.table import Row, Table, milliseconds
from benchmarks.warm_pools import Jobs

_ROUNDS = 3
_STARTS = 5
_OWN = "platform"
# The same work in all: each step's batch is shared out. 0.44 MB of gradients.
_SCRIPT = """
import json, os, time
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

print("the script is here", flush=True)
config = json.load(open("/opt/ml/input/config/resourceconfig.json"))
hosts = sorted(config["hosts"])
os.environ.update(MASTER_ADDR=hosts[0], MASTER_PORT="29500")
os.environ["GLOO_SOCKET_IFNAME"] = config["network_interface_name"]
torch.set_num_threads(1)
torch.manual_seed(0)
dist.init_process_group("gloo", rank=hosts.index(config["current_host"]), world_size=len(hosts))
net = nn.Sequential(
    nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(1568, 64), nn.ReLU(), nn.Linear(64, 10),
)
model = DistributedDataParallel(net)
optimizer = torch.optim.SGD(model.parameters(), 0.01)
size = 128 // len(hosts)
images, labels = torch.randn(size, 1, 28, 28), torch.randint(10, (size,))
for step in range(24):
    if step == 4:  # by then all are up and warm
        dist.barrier()
        began = time.perf_counter()
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
dist.barrier()
print("steps took", time.perf_counter() - began, flush=True)
"""
# (what, hosts, where).
_CASES = (
    ("one host where the platform is", 1, _OWN),
    ("one host on a node", 1, "node"),
    ("two hosts where the platform is", 2, _OWN),
    ("two hosts, one on a node", 2, ""),
)


def measure(say: Callable[[str], None]) -> Table:
    """Run all in turn, and compare the medians."""
    if len(os.sched_getaffinity(0)) < 2:
        raise RuntimeError("two hosts of one core each need two cores")
    options = "--warm", "--instance-cpus", "1"
    with (
        Platform(*options) as alone,
        Platform(*options, "--cluster", "auto:0", "--spread-jobs") as platform,
        joined_node(platform, say),
    ):
        jobs = Jobs(platform)
        starts = _starts(Jobs(alone), platform, jobs, say)
        steps = _steps(platform, jobs, say)
    return Table(
        "One job over nodes",
        peer="one host, or without a cluster",
        method=(
            "A job of torch's DistributedDataParallel with gloo, 20 steps of 128 images of 28 by 28 shared "
            "out among its hosts, 0.44 MB of gradients, each host held to one core; the node is a process of "
            f"the same machine. Medians of {_ROUNDS} jobs of each in turn, from the fifth step on. Starts: "
            f"from CreateTrainingJob to the script's first line, medians of {_STARTS} in turn."
        ),
        rows=[*_rows(steps), starts],
    )


def _starts(alone: Jobs, platform: Platform, with_ray: Jobs, say: Callable[[str], None]) -> Row:
    only_on(platform, _OWN)
    found: dict[str, list[float]] = {"with Ray": [], "without": []}
    jobs = {"with Ray": with_ray, "without": alone}
    for each in jobs.values():
        each.bring("")
    for number in range(-1, _STARTS):  # the first ones wait for warm parents
        for what, each in jobs.items():
            say(f"starts: {number + 1}/{_STARTS} {what}")
            took = each.start({})
            found[what] += [took] if number >= 0 else []
    ours, peer = (statistics.median(found[what]) for what in ("with Ray", "without"))
    return Row(
        "a training job's first line where the platform is, placed by Ray",
        milliseconds(ours),
        milliseconds(peer),
        f"{milliseconds(ours - peer)} more",
        f"{milliseconds(min(found['with Ray']))} to {milliseconds(max(found['with Ray']))}",
    )


def _steps(platform: Platform, jobs: Jobs, say: Callable[[str], None]) -> dict[str, list[float]]:
    jobs.bring("", _SCRIPT)
    found: dict[str, list[float]] = {what: [] for what, _, _ in _CASES}
    for number in range(_ROUNDS):
        for what, hosts, where in _CASES:
            say(f"steps: round {number + 1}/{_ROUNDS}, {what}")
            only_on(platform, where)
            jobs.start({"InstanceCount": hosts})
            found[what].append(float(jobs.printed("steps took ")))
    return found


def _rows(found: dict[str, list[float]]) -> list[Row]:
    base = found[_CASES[0][0]]
    return [
        Row(
            f"20 steps, {what}",
            f"{statistics.median(times):.2f} s",
            f"{statistics.median(base):.2f} s",
            f"{statistics.median(base) / statistics.median(times):.2f} times",
            "the rounds' own ratios: " + ", ".join(f"{a / b:.2f}" for a, b in zip(base, times, strict=True)),
        )
        for what, times in list(found.items())[1:]
    ]
