"""World: the processes of one run, and what they tell each other.

Every batch is cut into one shard for each rank, and the optimiser sees the gradient of the whole
batch: a run on many ranks learns what a run on one does.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


def await_leader(host: str, port: int, patience_s: float = 60.0) -> bool:
    """Wait until rank 0 listens: torch, once refused, asks again only after half a second or more.

    Returns whether it does; if not, torch has the last word.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, port), timeout=1.0).close()
        except OSError:
            time.sleep(0.01)
        else:
            return True
    return False


def calm_transport() -> None:
    """Keep gloo's transport threads from interrupting the threads that they wait for.

    When bytes arrive, such a thread wakes up and tries the connection's lock, over and over. On a host
    with one core for it, it has then pushed aside the very thread that holds the lock, which runs again
    at the next tick of the clock: an all-reduce of 136 kB took 2.9 ms instead of 0.3. Threads of the
    batch policy run when a core is free, and preempt nobody.
    """
    for thread in Path("/proc/self/task").glob("*"):  # Linux; elsewhere there are none
        with contextlib.suppress(OSError):  # ended meanwhile, or not allowed here: slower, no worse
            if (thread / "comm").read_text().strip() == "gloo_tcp_loop":
                os.sched_setscheduler(int(thread.name), os.SCHED_BATCH, os.sched_param(0))


def await_idle_transport(patience_s: float = 5.0, tasks: Path = Path("/proc/self/task")) -> bool:
    """Wait until gloo's worker threads have let go of the last tensors that they sent.

    They do so a moment after the result is there, and need the interpreter for it. One that asks when
    the interpreter is already ending aborts the process: all was trained, and the job failed. To end
    the process group does not end them, for DistributedDataParallel keeps it.

    Returns whether they sleep; elsewhere than on Linux, there are none to be seen.
    """
    before: dict[str, list[str]] | None = None
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        now = _worker_states(tasks)
        # One that waits for the interpreter sleeps, too, but it gets it while this thread does, and
        # that is one more switch of its counts.
        if now == before and all(state == "S" for state, *_ in now.values()):
            return True
        before = now
        time.sleep(0.01)
    return False


def _worker_states(tasks: Path) -> dict[str, list[str]]:
    """Return of each worker thread its state (S: asleep) and how often it gave up its core."""
    states: dict[str, list[str]] = {}
    for thread in tasks.glob("*"):
        with contextlib.suppress(OSError):  # ended meanwhile
            if (thread / "comm").read_text().strip() == "pt_gloo_runloop":
                status = (thread / "status").read_text()
                states[thread.name] = re.findall(r"^(?:State|\w+ctxt_switches):\s+(\S+)", status, re.M)
    return states


class World:
    """Made from torchrun's environment; alone where there is none.

    An instance group that was started without torchrun (SageMaker runs the script once on each
    host) makes one world, too: otherwise each host would train everything for itself.
    """

    def __init__(self) -> None:
        environment = os.environ
        hosts = json.loads(environment.get("SM_HOSTS") or "[]")
        if "WORLD_SIZE" not in environment and len(hosts) > 1:
            environment["WORLD_SIZE"] = str(len(hosts))
            environment["RANK"] = str(hosts.index(environment["SM_CURRENT_HOST"]))
            environment["LOCAL_RANK"] = "0"
            environment.setdefault("MASTER_ADDR", hosts[0])
            environment.setdefault("MASTER_PORT", "7777")
        self.size = int(environment.get("WORLD_SIZE", "1"))
        self.rank = int(environment.get("RANK", "0"))
        if torch.cuda.is_available():
            self.device = torch.device("cuda", int(environment.get("LOCAL_RANK", "0")))
            torch.cuda.set_device(self.device)
        else:
            self.device = torch.device("cpu")
        if self.size > 1:
            if not self.leads:
                await_leader(environment["MASTER_ADDR"], int(environment["MASTER_PORT"]))
            dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
            calm_transport()

    @property
    def leads(self) -> bool:
        """Whether this is the rank that writes and speaks for all."""
        return self.rank == 0

    def shard(self, batch: Tensor) -> Tensor:
        """Return this rank's part of a batch; parts differ by at most one row."""
        return batch[self.rank :: self.size]

    def parallel(self, learner: nn.Module) -> nn.Module:
        """Return `learner` with gradients that are averaged over all ranks during the backward pass."""
        if self.size == 1:
            return learner
        with warnings.catch_warnings():
            # torch 2.13 renames `broadcast_buffers`; torch 2.6, on AWS, knows only the old name.
            warnings.simplefilter("ignore", FutureWarning)
            return DistributedDataParallel(
                learner,
                # Statistics of batch norms are averaged once per epoch instead (`average_statistics`).
                broadcast_buffers=False,
                gradient_as_bucket_view=True,
                static_graph=True,
            )

    def average_statistics(self, learner: nn.Module) -> None:
        """Give every rank the mean of the running statistics that each gathered from its shards.

        They are running means, so it does not matter how often in between this is done.
        """
        if self.size > 1:
            for buffer in learner.buffers():
                if buffer.is_floating_point():
                    buffer.copy_(self.sum(buffer) / self.size)

    def sum(self, values: Tensor) -> Tensor:
        """Add up a small tensor over all ranks."""
        if self.size > 1:
            values = values.to(self.device)
            dist.all_reduce(values)
        return values

    def gather_shards(self, shard_NX: Tensor, count: int) -> Tensor:
        """Put together `count` rows of which rank r computed r, r + size, r + 2 size, ..."""
        if self.size == 1:
            return shard_NX
        longest = -(-count // self.size)
        padded = shard_NX.new_zeros(longest, *shard_NX.shape[1:])
        padded[: len(shard_NX)] = shard_NX
        shards = [torch.empty_like(padded) for _ in range(self.size)]
        dist.all_gather(shards, padded)
        return torch.stack(shards, dim=1).flatten(0, 1)[:count]

    def broadcast(self, thing: Any) -> Any:
        """Return what rank 0 has."""
        if self.size == 1:
            return thing
        box = [thing]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def broadcast_tensors(self, tensors: Iterable[Tensor]) -> None:
        if self.size > 1:
            for tensor in tensors:
                dist.broadcast(tensor, src=0)

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()
            await_idle_transport()
