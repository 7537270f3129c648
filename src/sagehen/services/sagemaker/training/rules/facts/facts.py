"""Facts: all that rules may look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from sagehen.services.sagemaker.training.rules.facts.losses import Losses
from sagehen.services.sagemaker.training.rules.facts.tensors import Tensors
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
        tensor_files: How many files the hook in the script left in S3.
        tensors: What is in them, read when training has ended.
        tensors_uri: Where they are.
    """

    losses: Losses
    usage: SystemUsage
    profiled: bool
    gpu_type: bool
    began_s: float | None = None
    now_s: float = 0.0
    ended: bool = False
    tensor_files: int = 0
    tensors: Tensors = field(default_factory=Tensors)
    tensors_uri: str = ""

    def judged_losses(self) -> Losses:
        """Return the losses that rules look at: what a hook saved, or what was printed if that is more.

        On AWS they see what the hook saved alone: every 500th step, where rules of the SDK ask for it.
        """
        saved = self.tensors.losses()
        return saved if saved is not None and saved.count >= self.losses.count else self.losses
