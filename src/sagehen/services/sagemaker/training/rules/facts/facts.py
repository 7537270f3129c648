"""Facts: all that rules may look at."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.training.rules.facts.losses import Losses
from sagehen.services.sagemaker.training.rules.facts.usage import SystemUsage


@dataclass(slots=True)
class Facts:
    """What is known of a job by now.

    Args:
        losses: Of its log or metric definitions.
        usage: What the profiler measured.
        profiled: Whether the profiler is on.
        gpu_type: Whether the instance type has GPUs on AWS.
        began_s: When the instances started, in seconds since the epoch; None before.
        now_s: As of when this is.
        ended: Whether training has ended, so that nothing more will come.
        tensors: How many files of tensors the hook in the script left in S3.
        tensors_uri: Where.
    """

    losses: Losses
    usage: SystemUsage
    profiled: bool
    gpu_type: bool
    began_s: float | None = None
    now_s: float = 0.0
    ended: bool = False
    tensors: int = 0
    tensors_uri: str = ""
