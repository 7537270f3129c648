"""The room of pipelines, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sagehen.domain.clock import SystemClock
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.pipelines.definition.document import Definition, parse
from sagehen.services.sagemaker.pipelines.definitions import Definitions
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.looking import PipelineExecutionViews
from sagehen.services.sagemaker.pipelines.operations import Pipelines
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.pipelines.running.calls import RoleCalls
from sagehen.services.sagemaker.pipelines.running.parts import Parts, status_in
from sagehen.services.sagemaker.pipelines.running.runs import ExecutionRuns
from sagehen.services.sagemaker.pipelines.schema import MIGRATIONS
from sagehen.services.sagemaker.pipelines.starting import PipelineExecutions
from sagehen.services.sagemaker.pipelines.versions import PipelineVersions
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """What the service needs of it.

    Args:
        exists: Whether there is a pipeline of a lower-cased name, or an execution: `name/execution/id`.
        definitions: Is told of requests' models, as its `models`.
        calls: Is told of the front door, as its `calls`.
    """

    resources: tuple[object, ...]
    exists: Callable[[Scope, str], bool]
    runs: ExecutionRuns
    definitions: Definitions
    calls: RoleCalls


def pipeline_parts(
    database: Database,
    means: Means,
    tags: TagRecords,
    tables: Mapping[str, str],
    functions: FunctionInvoker | None,
) -> PipelineParts:
    """Make the tables, the operations, and what goes on by itself.

    Args:
        tables: Of jobs, by the type of their steps.
    """
    database.migrate("sagemaker_pipelines", MIGRATIONS)
    pipelines, records = PipelineRecords(database), ExecutionRecords(database)
    calls = RoleCalls(means.roles, means.clock)

    def definition(scope: Scope, name: str, version: int) -> Definition | None:
        text = pipelines.definition(scope, name, version)
        return parse(text) if text is not None else None

    runs = ExecutionRuns(
        Parts(
            clock=means.clock,
            machine=SystemClock(),
            ids=means.ids,
            records=records,
            definition=definition,
            calls=calls,
            objects=means.objects,
            tags=tags,
            statuses={kind: status_in(database, table) for kind, table in tables.items()},
            functions=functions,
        )
    )
    definitions = Definitions(means.objects)
    resources = (
        Pipelines(pipelines, records, definitions, means.roles, means.clock),
        PipelineVersions(pipelines, records),
        PipelineExecutions(pipelines, records, definitions, runs, means.roles, means.clock, means.ids, tags),
        PipelineExecutionViews(pipelines, records),
    )

    def exists(scope: Scope, name: str) -> bool:
        pipeline, _, execution = name.partition("/execution/")
        if not execution:
            return pipelines.get(scope, pipeline) is not None
        found = records.get(scope, execution)
        return found is not None and found.pipeline.lower() == pipeline

    return PipelineParts(resources, exists, runs, definitions, calls)
