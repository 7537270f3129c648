"""World: the processes of one run, and what they tell each other.

Every batch is cut into one shard for each rank. A rank's loss is its shard's sum divided by the
size of the whole batch, and gradients are summed over ranks: whatever the number of ranks, the
optimiser sees the gradient of the same batch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

# As torch's own DistributedDataParallel: large enough to fill a wire, small enough that the first
# sums travel while the rest of the backward pass still computes.
_BUCKET_BYTES = 25 * 2**20


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
            dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo")

    @property
    def leads(self) -> bool:
        """Whether this is the rank that writes and speaks for all."""
        return self.rank == 0

    def shard(self, batch: Tensor) -> Tensor:
        return batch[self.rank :: self.size]

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


class SummedGradients:
    """Sums gradients over ranks while the backward pass still runs.

    What DistributedDataParallel does for one dense network, without its start-up: importing it
    pulls in torch's compiler, a second that a short job does not have.
    """

    def __init__(self, parameters: list[torch.nn.Parameter], world: World) -> None:
        self._world = world
        self._buckets: list[list[torch.nn.Parameter]] = [[]]
        self._flying: list[tuple[Any, Tensor, list[torch.nn.Parameter]]] = []
        if world.size == 1:
            return
        size = 0
        for parameter in reversed(parameters):  # gradients appear in reverse order of the forward pass
            if size > _BUCKET_BYTES:
                self._buckets.append([])
                size = 0
            self._buckets[-1].append(parameter)
            size += parameter.numel() * parameter.element_size()
        for bucket in self._buckets:
            waiting = set(bucket)
            for parameter in bucket:
                parameter.register_post_accumulate_grad_hook(self._hook(bucket, waiting))

    def _hook(self, bucket: list[torch.nn.Parameter], waiting: set[torch.nn.Parameter]) -> Any:
        def ready(parameter: Tensor) -> None:
            waiting.discard(parameter)  # type: ignore[arg-type]
            if not waiting:
                waiting.update(bucket)
                flat = torch.cat([member.grad.flatten() for member in bucket if member.grad is not None])
                self._flying.append((dist.all_reduce(flat, async_op=True), flat, bucket))

        return ready

    def wait(self) -> None:
        """Return when every parameter's `grad` is the sum over all ranks."""
        for work, flat, bucket in self._flying:
            work.wait()
            sizes = [member.numel() for member in bucket]
            for member, gradient in zip(bucket, flat.split(sizes), strict=True):
                member.grad = gradient.view_as(member)
        self._flying.clear()
