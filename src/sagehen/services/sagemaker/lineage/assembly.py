"""The room of lineage, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments.jobs import JobComponents
from sagehen.services.sagemaker.jobs.tracked import Tracker
from sagehen.services.sagemaker.lineage.association_records import AssociationRecords
from sagehen.services.sagemaker.lineage.associations import Associations
from sagehen.services.sagemaker.lineage.entities import Actions, Artifacts, Contexts
from sagehen.services.sagemaker.lineage.nodes import Nodes
from sagehen.services.sagemaker.lineage.query import LineageQueries
from sagehen.services.sagemaker.lineage.recording.jobs import JobLineage
from sagehen.services.sagemaker.lineage.records import LineageRecords
from sagehen.services.sagemaker.lineage.schema import MIGRATIONS
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class LineageParts:
    """What the service needs of it.

    Args:
        tracker: Is told of jobs.
        exists: Resource type in ARNs -> whether there is one of that lower-cased name.
    """

    operations: tuple[object, ...]
    tracker: Tracker
    exists: Mapping[str, Callable[[Scope, str], bool]]


def lineage_parts(database: Database, clock: Clock) -> LineageParts:
    """Make the tables and the operations. Those of experiments are there already."""
    database.migrate("sagemaker_lineage", MIGRATIONS)
    records, associations, nodes = LineageRecords(database), AssociationRecords(database), Nodes(database)
    operations = (
        *(Artifacts(records, clock), Actions(records, clock), Contexts(records, clock)),
        *(Associations(associations, nodes, clock), LineageQueries(associations, nodes)),
    )
    return LineageParts(operations, JobLineage(JobComponents()), records.tagged())
