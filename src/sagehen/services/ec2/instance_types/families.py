"""What an instance type's name tells: processor, generation, hypervisor, and what comes with it.

From memory of AWS's pages of instance types of 2025 (https://aws.amazon.com/ec2/instance-types/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sagehen.executors.hardware.instance_types import InstanceType

_NAME = re.compile(r"([a-z]+)(\d+)([a-z0-9-]*)\.(\w[\w-]*)")
_BURSTABLE = "t"
# Families that are sold no longer but to who had them.
_PREVIOUS = frozenset(("c4", "m4", "p2", "p3", "p3dn", "t2", "i3", "inf1"))
_XEN = frozenset(("c4", "m4", "p2", "p3", "t2", "i3"))
_AMD = frozenset(("g4ad",))
_WITH_DISKS = frozenset(
    ("g4ad", "g4dn", "g5", "g6", "g6e", "gr6", "i3", "i4i", "p3dn", "p4d", "p4de", "p5", "p5en", "trn1")
)
_FREE_TIER = frozenset(("t2.micro", "t3.micro"))
# Of one device, in MiB.
GPU_MEMORY_MIB = {
    "NVIDIA K80": 12288,
    "NVIDIA V100": 16384,
    "NVIDIA T4": 16384,
    "NVIDIA T4g": 16384,
    "NVIDIA A10G": 24576,
    "NVIDIA L4": 24576,
    "NVIDIA L40S": 49152,
    "NVIDIA A100": 40960,
    "NVIDIA H100": 81920,
    "NVIDIA H200": 144384,
    "NVIDIA B200": 183296,
    "AMD Radeon Pro V520": 8192,
}
_GPU_MEMORY_OF_FAMILY = {"p3dn": 32768, "p4de": 81920}
_AMD_DEVICES = {"xlarge": 1, "2xlarge": 1, "4xlarge": 1, "8xlarge": 2, "16xlarge": 4}
_NEURON_DEVICES = {
    **{"inf1.xlarge": 1, "inf1.2xlarge": 1, "inf1.6xlarge": 4, "inf1.24xlarge": 16},
    **{"inf2.xlarge": 1, "inf2.8xlarge": 1, "inf2.24xlarge": 6, "inf2.48xlarge": 12},
    **{"trn1.2xlarge": 1, "trn1.32xlarge": 16, "trn1n.32xlarge": 16, "trn2.48xlarge": 16},
}
# Two vCPUs are one core of x86; Graviton's are cores, and so are AMD's of the seventh generation.
_WHOLE_CORES = frozenset(("m7a", "c7a", "r7a"))


@dataclass(frozen=True, slots=True)
class Family:
    """What holds for every size of a family.

    Args:
        name: Such as `m6g`.
        architecture: `x86_64` or `arm64`.
        manufacturer: Of the processor, as DescribeInstanceTypes spells it.
        hypervisor: `nitro` or `xen`.
    """

    name: str
    generation: int
    architecture: str
    manufacturer: str
    hypervisor: str
    burstable: bool
    current: bool
    has_disks: bool
    threads_per_core: int


@dataclass(frozen=True, slots=True)
class Devices:
    """Accelerators of one type.

    Args:
        kind: `gpu`, or `neuron` for Inferentia and Trainium.
        name, manufacturer: As DescribeInstanceTypes spells them.
        memory_mib: Of one; 0 where we do not know it.
    """

    kind: str
    count: int
    name: str
    manufacturer: str
    memory_mib: int


def family_of(name: str) -> Family:
    """Return the family of an EC2 type's name."""
    matched = _NAME.fullmatch(name)
    assert matched is not None, name
    letters, generation, options, _ = matched.groups()
    family = f"{letters}{generation}{options}"
    arm = "g" in options.partition("-")[0]
    amd = "a" in options.partition("-")[0] or family in _AMD
    manufacturer = "AWS" if arm else "AMD" if amd else "Intel"
    if family in ("p4d", "p4de", "p3dn"):
        manufacturer = "Intel"
    elif family in ("p5", "p5en", "g5", "g6", "g6e", "gr6"):
        manufacturer = "AMD" if family not in ("p5en",) else "Intel"
    return Family(
        name=family,
        generation=int(generation),
        architecture="arm64" if arm else "x86_64",
        manufacturer=manufacturer,
        hypervisor="xen" if family in _XEN else "nitro",
        burstable=letters == _BURSTABLE,
        current=family not in _PREVIOUS,
        has_disks=family in _WITH_DISKS or options.endswith("d"),
        threads_per_core=1
        if arm or (letters == _BURSTABLE and generation == "2") or family in _WHOLE_CORES
        else 2,
    )


def devices_of(kind: InstanceType) -> Devices | None:
    """Return a type's accelerators; None where it has none."""
    if kind.name in _NEURON_DEVICES:
        name = kind.gpu.removeprefix("AWS ")
        return Devices("neuron", _NEURON_DEVICES[kind.name], name, "AWS", 0)
    if not kind.gpu:
        return None
    family, _, size = kind.name.partition(".")
    manufacturer, _, name = kind.gpu.partition(" ")
    memory = _GPU_MEMORY_OF_FAMILY.get(family) or GPU_MEMORY_MIB.get(kind.gpu, 0)
    count = kind.gpus or _AMD_DEVICES.get(size, 1)
    return Devices("gpu", count, name, manufacturer, memory)


def is_free_tier(name: str) -> bool:
    """Tell whether an account's first year has it for nothing."""
    return name in _FREE_TIER
