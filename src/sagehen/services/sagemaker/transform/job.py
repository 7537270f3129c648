"""TransformJob: one transform job as it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.services.sagemaker.jobs.groups.group import InstanceGroup, groups_of
from sagehen.services.sagemaker.jobs.job import Job
from sagehen.services.sagemaker.models.records import RESOLVED, containers_asked, data_layout, data_uri
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.transfers.channels.channel import Channel

# A member of the request that is ours: the model as it was, so that it may be deleted meanwhile.
MODEL = "SagehenModel"


@dataclass(frozen=True, slots=True)
class TransformJob(Job):
    """A transform job's record."""

    @property
    def arn(self) -> str:
        return arns.transform_job_arn(self.scope, self.name)

    @property
    def model(self) -> Mapping[str, Any]:
        """CreateModel's request."""
        request: Mapping[str, Any] = self.request[MODEL]
        return request

    @property
    def container(self) -> Mapping[str, Any]:
        """Its ContainerDefinition."""
        containers = self.model.get(RESOLVED) or containers_asked(self.model)
        first: Mapping[str, Any] = containers[0]
        return first

    @property
    def role_arn(self) -> str:
        role: str = self.model["ExecutionRoleArn"]
        return role

    @property
    def group(self) -> InstanceGroup:
        """All of its instances."""
        (group,) = groups_of(self.request["TransformResources"])
        return group

    @property
    def instance_type(self) -> str:
        return self.group.instance_type

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.group.hosts

    @property
    def channel(self) -> Channel:
        """Its TransformInput."""
        source = self.request["TransformInput"]["DataSource"]["S3DataSource"]
        return Channel("input", source["S3Uri"], source["S3DataType"], "FullyReplicated", "File")

    # --- what its instances serve: hosting.served.Served --------------------------------------

    @property
    def image(self) -> str:
        uri: str = self.container["Image"]
        return uri

    @property
    def environment(self) -> Mapping[str, str]:
        """The model's variables, and the job's before them (documented: Environment's model)."""
        return {**self.container.get("Environment", {}), **(self.request.get("Environment") or {})}

    @property
    def network_isolation(self) -> bool:
        return bool(self.model.get("EnableNetworkIsolation"))

    @property
    def in_vpc(self) -> bool:
        return bool(self.model.get("VpcConfig"))

    @property
    def model_data(self) -> str | None:
        return data_uri(self.container)

    @property
    def model_layout(self) -> str:
        return data_layout(self.container)
