"""ProcessingJob: one processing job as it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.services.sagemaker.jobs.groups.group import InstanceGroup, groups_of
from sagehen.services.sagemaker.jobs.job import Job
from sagehen.services.sagemaker.resources import arns

# Ours: the model names no default. A day is what training jobs have (documented).
DEFAULT_MAX_RUNTIME_S = 86_400


@dataclass(frozen=True, slots=True)
class ProcessingJob(Job):
    """A processing job's record."""

    @property
    def arn(self) -> str:
        return arns.processing_job_arn(self.scope, self.name)

    @property
    def role_arn(self) -> str:
        role: str = self.request["RoleArn"]
        return role

    @property
    def cluster(self) -> Mapping[str, Any]:
        """ClusterConfig."""
        config: Mapping[str, Any] = self.request["ProcessingResources"]["ClusterConfig"]
        return config

    @property
    def instance_type(self) -> str:
        kind: str = self.cluster["InstanceType"]
        return kind

    @property
    def group(self) -> InstanceGroup:
        """All of its instances."""
        (group,) = groups_of(self.cluster)
        return group

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.group.hosts

    @property
    def volume_gb(self) -> int:
        size: int = self.cluster["VolumeSizeInGB"]
        return size

    @property
    def max_runtime_s(self) -> int:
        seconds: int = (self.request.get("StoppingCondition") or {}).get(
            "MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME_S
        )
        return seconds

    @property
    def is_isolated(self) -> bool:
        """EnableNetworkIsolation."""
        return bool((self.request.get("NetworkConfig") or {}).get("EnableNetworkIsolation"))

    @property
    def output_kms_key(self) -> str | None:
        key: str | None = (self.request.get("ProcessingOutputConfig") or {}).get("KmsKeyId")
        return key or None
