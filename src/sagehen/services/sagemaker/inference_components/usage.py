"""CPUUtilizationNormalized and MemoryUtilizationNormalized of a copy. Pure.

Documented: SageMaker Developer Guide, inference component metrics: over the reservation where there is one,
0 to 100, else over the limit. What a copy has above its reservation shows as 100.
"""

from __future__ import annotations

from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.utilization import Sample


def normalized(sample: Sample, before: Sample | None, needs: Needs, size: str) -> dict[str, float]:
    """Return what one sample says; the processors' share takes an earlier one.

    Args:
        needs: What is reserved for it.
        size: Of the copy, as `instances.limits.of_copy` names it.
    """
    _, limits = instance_limits.on_this_host(size)
    memory_mib = min(needs.memory_mb or limits.memory_mib, limits.memory_mib)
    found = {"MemoryUtilizationNormalized": _percent(sample.usage.memory_bytes / 2**20, memory_mib)}
    if before is not None and sample.at > before.at:
        busy = (sample.usage.cpu_s - before.usage.cpu_s) / (sample.at - before.at)
        found["CPUUtilizationNormalized"] = _percent(busy, limits.cpus)
    return found


def _percent(used: float, of: float) -> float:
    return max(0.0, min(100.0, 100 * used / of))
