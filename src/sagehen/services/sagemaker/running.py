"""What of SageMaker's runs and is paid for by the second: instances of endpoints, notebook instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from sagehen.domain.ports.compute.running_things import Running
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.notebooks.records import NotebookRecords

# Of endpoints whose instances are paid for: one that could not be made is not.
_BILLED = ("InService", "Updating", "SystemUpdating", "RollingBack")


class RunningInstances:
    """Implements `RunningThings`.

    Args:
        endpoints: Their records.
        notebooks: Those of notebook instances; None without them.
    """

    def __init__(self, endpoints: EndpointRecords, notebooks: NotebookRecords | None) -> None:
        self._endpoints = endpoints
        self._notebooks = notebooks

    def running(self) -> Iterable[Running]:
        """See `RunningThings.running`."""
        yield from self._of_endpoints()
        for one in self._notebooks.all() if self._notebooks is not None else ():
            if one.status in ("InService", "Updating"):
                kind = one.settings.instance_type
                yield Running(one.scope, "notebook-instance", one.name, "", kind, 1, one.modified_at)

    def _of_endpoints(self) -> Iterator[Running]:
        for one in self._endpoints.all():
            if one.status not in _BILLED:
                continue
            counts: dict[tuple[str, str], int] = {}
            generations = {deployment.generation: deployment for deployment in one.deployments}
            for instance in self._endpoints.instances(one.scope, one.name):
                deployment = generations.get(instance.generation)
                variant = deployment.variant(instance.variant) if deployment else None
                if variant is not None:
                    place = (variant.name, variant.instance_type)
                    counts[place] = counts.get(place, 0) + 1
            began = max((each.created_at for each in one.deployments), default=one.created_at.timestamp())
            since = datetime.fromtimestamp(began, UTC)
            for (variant_name, kind), count in counts.items():
                yield Running(one.scope, "endpoint", one.name, variant_name, kind, count, since)
