"""EndpointRollouts: the port Rollouts, from records and what runs."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.rollouts import Rollout
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.deployments.progress import progress
from sagehen.services.sagemaker.endpoints.loops import EndpointLoops
from sagehen.services.sagemaker.endpoints.records import EndpointRecords


class EndpointRollouts:
    """Looks at endpoints; see the port."""

    def __init__(self, records: EndpointRecords, loops: EndpointLoops, clock: Clock) -> None:
        self._records = records
        self._loops = loops
        self._clock = clock

    def rollout(self, scope: Scope, endpoint: str) -> Rollout | None:
        """See the port."""
        found = self._records.get(scope, endpoint)
        if found is None:
            return None
        return progress(found, self._loops.phases(found), self._clock.now().timestamp())
