"""JobLineage: what a job reads and writes, and what made it."""

from __future__ import annotations

from sagehen.services.sagemaker.jobs.tracked import Tracked, Tracker
from sagehen.services.sagemaker.lineage.recording.graph import Graph
from sagehen.services.sagemaker.resources import arns
from sagehen.store.database import Transaction


class JobLineage:
    """Implements `Tracker`.

    Args:
        components: Makes jobs' trial components, which stand for them.
    """

    def __init__(self, components: Tracker) -> None:
        self._components = components

    def made(self, tx: Transaction, job: Tracked) -> None:
        """See `Tracker.made`.

        Raises:
            ServiceError: What `components` raises.
        """
        self._components.made(tx, job)
        graph = Graph(tx, job.scope, job.created_at)
        arn = arns.resource_arn(job.scope, "experiment-trial-component", job.component)
        component = (arn, job.source_type)
        for each in job.inputs:
            if each.kind:
                graph.associate(graph.artifact(each.kind, each.uri), component, "ContributedTo")
        for each in job.outputs:
            if each.kind:
                graph.associate(component, graph.artifact(each.kind, each.uri), "Produced")

    def changed(self, tx: Transaction, job: Tracked) -> None:
        """See `Tracker.changed`."""
        self._components.changed(tx, job)
