"""The catalogue of instance types, and their limits scaled to the machine that stands in for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sagehen.executors.base import Limits

_MIB_PER_GIB = 1024
# A host that is smaller than the instance keeps a fifth of its memory for itself and the platform.
_LARGEST_MEMORY_SHARE = 0.8
# What a type costs on Spot, of its price on demand: the one figure for EC2's price history and for the
# billable time of training jobs. AWS's follows its spare capacity, and there is none to follow here, so it
# stands still. It is what people report most of training jobs (874 s were billed as 262 in Hugging Face's
# documentation; elsewhere 80 as 25, 338 as 107).
SPOT_PRICE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One row of the catalogue.

    Args:
        name: As AWS spells it; `ml.` types and EC2 types are separate rows.
        vcpus: Nominal.
        memory_gib: Nominal.
        gpus: How many accelerators CUDA sees (Inferentia and Trainium count as 0).
        gpu: The accelerator's name, empty where there is none.
        network: As AWS's tables word it.
        usd_per_hour: List price, on demand, us-east-1, Linux; approximate (see `prices_note`); None where
            we do not know it.
    """

    name: str
    vcpus: int
    memory_gib: float
    gpus: int
    gpu: str
    network: str
    usd_per_hour: float | None


@cache
def _catalogue() -> tuple[str, dict[str, InstanceType]]:
    content = json.loads(files("sagehen.executors.hardware").joinpath("instance_types.json").read_text())
    rows = [InstanceType(*row) for row in content["rows"]]
    return content["prices_note"], {row.name: row for row in rows}


def lookup(name: str) -> InstanceType | None:
    """Return the type of that name (`ml.m5.xlarge`, `t3.micro`), or None for one that we do not list."""
    return _catalogue()[1].get(name)


def all_types() -> list[InstanceType]:
    """Return the whole catalogue in its order."""
    return list(_catalogue()[1].values())


def prices_note() -> str:
    """Return what the prices are and from when, to be shown wherever one is shown."""
    return _catalogue()[0]


def scaled_limits(instance_type: InstanceType, host_cpus: int, host_memory_mib: int) -> Limits:
    """Return what a sandbox standing in for one instance may use on this host.

    Worked example: ml.m5.xlarge (4 vCPUs, 16 GiB) on a host of 2 processors and 8 GiB gets 2
    processors and 6553 MiB; on one of 64 and 256 GiB exactly its nominal size.

    Args:
        instance_type: What was asked for.
        host_cpus: Processors that the platform may use.
        host_memory_mib: Memory of the machine.
    """
    memory_mib = min(
        int(instance_type.memory_gib * _MIB_PER_GIB), int(host_memory_mib * _LARGEST_MEMORY_SHARE)
    )
    scratch_mib = max(64, memory_mib // 2)
    return Limits(
        cpus=float(min(instance_type.vcpus, host_cpus)),
        memory_mib=memory_mib,
        processes=max(512, 256 * instance_type.vcpus),
        tmp_mib=scratch_mib,
        shm_mib=scratch_mib,
    )
