"""GPU types on a machine with fewer GPUs, or none: the processors do the work, and it is said so."""

from __future__ import annotations

from dataclasses import dataclass, field

from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.executors.hardware.instance_types import InstanceType


class GpuTypeRefused(Exception):
    """The operator wants no instances of GPU types without their GPUs; the message has the cure."""


@dataclass(frozen=True, slots=True)
class GpuTypes:
    """The operator's choice, and what there is.

    Args:
        refuse: Whether a type with more GPUs than this machine has is refused (`--gpu-types refuse`).
        present: GPUs of this machine.
    """

    refuse: bool = False
    present: int = field(default_factory=lambda: len(gpu_indices()))

    def share(self, kind: InstanceType, instances: int = 1) -> int:
        """Return how many GPUs each of so many instances of a type gets.

        Worked example: two ml.p3.8xlarge, of four GPUs each, get two each on a machine with four, and
        none on a machine with one.
        """
        return min(kind.gpus, self.present // instances)

    def require(self, kind: InstanceType, instances: int = 1) -> None:
        """Check that the instances may run.

        Raises:
            GpuTypeRefused: They would have fewer GPUs than their type, and the operator refuses that.
        """
        if self.refuse and self.share(kind, instances) < kind.gpus:
            wanted = f"{instances} {kind.name} want" if instances > 1 else f"{kind.name} wants"
            raise GpuTypeRefused(
                f"{wanted} {_gpus(kind.gpus * instances)}, and this machine has {_gpus(self.present)} "
                "(--gpu-types refuse). Choose a type without GPUs, such as ml.m5.xlarge, or start the "
                "platform without that option: it then runs on what the machine has"
            )

    def note(self, kind: InstanceType, instances: int = 1) -> str | None:
        """Return what the reader of the log must know, or None where the instances have their GPUs."""
        share = self.share(kind, instances)
        if share >= kind.gpus:
            return None
        has = f"{_gpus(kind.gpus)} on AWS"
        if share:
            return f"{kind.name} has {has} and {share} here"
        return f"{kind.name} has {has} and none here: it runs on this machine's processors"


def _gpus(count: int) -> str:
    return f"{count or 'no'} GPU{'' if count == 1 else 's'}"
