"""Copy: one copy of a component: a sandbox of its own on an instance that others share."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sagehen.executors.base import ExitStatus
from sagehen.services.sagemaker.endpoints.instance import EndpointInstance
from sagehen.services.sagemaker.inference_components.component import InferenceComponent, Revision
from sagehen.services.sagemaker.inference_components.records import CopyRecord
from sagehen.services.sagemaker.instances import limits
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.models.data import ModelData


class Copy(EndpointInstance):
    """Runs one copy, from its model's download to its last log line.

    Args:
        host_type: The instance type of what it is on.

    Attributes:
        component: Its component's name.
        owner: Its component as it was when it was started.
        place: What it is on.
        revision: What it runs.
    """

    def __init__(
        self,
        means: Means,
        model_data: ModelData,
        component: InferenceComponent,
        revision: Revision,
        record: CopyRecord,
        host_type: str,
        restarted: bool,
    ) -> None:
        needs = revision.needs
        size = limits.of_copy(host_type, needs.cpus, revision.most_memory_mb, needs.accelerators)
        served = replace(revision.served, instance_type=size)
        super().__init__(means, model_data, component, served, record, restarted)
        self.component, self.owner = component.name, component
        self.place = record.host
        self.revision = revision

    @property
    def _takes_supply(self) -> bool:
        return False  # its instance did

    @property
    def _stream(self) -> str:
        # From memory: the variant and the instance, as of other endpoints; which copy it is, is ours.
        return f"{self.variant.name}/{self.place}/{self.record.instance_id}"

    def _reason(self, exited: asyncio.Task[ExitStatus]) -> str:
        """Return why it ended; worded after AWS's texts for variants (`endpoints/failure.py`)."""
        status = exited.result() if exited.done() else None
        container = f"The primary container for inference component {self.component}"
        if self.ready_at is None:
            return (
                f"{container} did not pass the ping health check. "
                "Please check CloudWatch logs for this inference component."
            )
        if status is None:
            return f"{container} stopped answering pings."
        cause = "ran out of memory" if status.out_of_memory else f"ended with exit code {status.code}"
        return f"{container} {cause}."
