"""`sagehen instances`: which type, at what price, and what this machine gives it. It asks no platform."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sagehen.cli.failure import fail
from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.executors.hardware.instance_types import InstanceType, all_types, prices_note, scaled_limits

_MIB_PER_GIB = 1024
_HEAD = ("type", "vCPUs", "GiB", "GPUs", "USD/h", "here")


@dataclass(frozen=True, slots=True)
class Host:
    """What there is to share out.

    Args:
        cpus: Processors that the platform may use.
        memory_mib: Of the machine.
        gpus: Of NVIDIA's.
    """

    cpus: int
    memory_mib: int
    gpus: int

    @classmethod
    def this(cls) -> Host:
        """Look at this machine."""
        memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        return cls(len(os.sched_getaffinity(0)), memory_mib, len(gpu_indices()))


def show(pattern: str, *, gpu: bool, max_price: float | None) -> None:
    """Print the types that are asked for, the cheapest first."""
    kinds = chosen(all_types(), pattern, gpu=gpu, max_price=max_price)
    if not kinds:
        fail("no instance type of the catalogue is like that")
    for line in table(kinds, Host.this()):
        print(line)
    print(f"\n{prices_note()}")


def chosen(
    kinds: Sequence[InstanceType], pattern: str, *, gpu: bool, max_price: float | None
) -> list[InstanceType]:
    """Return the types of a pattern, the cheapest first and those without a known price last.

    Args:
        pattern: Such as `ml.g6.*`; `ml.` types are SageMaker's, the others EC2's.
        gpu: Only types with a GPU that CUDA sees.
        max_price: USD per hour; a type whose price is not known is not below any.
    """
    kept = [
        kind
        for kind in kinds
        if fnmatchcase(kind.name, pattern)
        and (kind.gpus or not gpu)
        and (max_price is None or (kind.usd_per_hour is not None and kind.usd_per_hour <= max_price))
    ]
    return sorted(kept, key=lambda kind: (kind.usd_per_hour is None, kind.usd_per_hour or 0.0, kind.name))


def table(kinds: Sequence[InstanceType], host: Host) -> list[str]:
    """Return the lines of a table: a type's own size and price, and what stands in for it on a host."""
    rows = [_HEAD, *(_row(kind, host) for kind in kinds)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = []
    for row in rows:
        cells = [
            text.rjust(width) if column in (1, 2, 4) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _row(kind: InstanceType, host: Host) -> tuple[str, ...]:
    gpus = ""
    if kind.gpu:
        gpus = f"{kind.gpus} {kind.gpu}" if kind.gpus else kind.gpu
    price = "?" if kind.usd_per_hour is None else f"{kind.usd_per_hour:.4f}"
    return kind.name, str(kind.vcpus), f"{kind.memory_gib:g}", gpus, price, _here(kind, host)


def _here(kind: InstanceType, host: Host) -> str:
    limits = scaled_limits(kind, host.cpus, host.memory_mib)
    text = f"{limits.cpus:g} CPUs, {limits.memory_mib / _MIB_PER_GIB:.1f} GiB"
    if kind.gpus:
        lent = min(kind.gpus, host.gpus)
        text += f", {lent} GPUs" if lent != 1 else ", 1 GPU"
    whole = limits.cpus == kind.vcpus and limits.memory_mib >= kind.memory_gib * _MIB_PER_GIB
    return "all of it" if whole and min(kind.gpus, host.gpus) == kind.gpus else text
