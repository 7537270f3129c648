"""Surroundings: what is the same for every job and every endpoint of this platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sagehen.executors.base import OpenDoor
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.services.sagemaker.instances.gpu_types import GpuTypes


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a container finds around it.

    Args:
        platform_port: Of the front door, as sandboxes see it on their loopback.
        ca_file: The local CA's certificate (PEM) that they trust for `*.amazonaws.com`, or None.
        pip: Where packages come from.
        cpus_per_instance: No instance gets more processors than this; None takes the host's number.
        gpu_types: What becomes of types with more GPUs than this machine has.
        model_cache: The operator's folder of downloaded models, or None.
        isolated_door: The platform's door without a way to the internet, or None.
    """

    platform_port: int
    ca_file: Path | None
    pip: PipSettings
    cpus_per_instance: float | None = None
    gpu_types: GpuTypes = field(default_factory=GpuTypes)
    model_cache: Path | None = None
    isolated_door: OpenDoor | None = None
