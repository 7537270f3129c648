"""Pipelines, their versions and their executions, as Search tells them."""

from __future__ import annotations

from functools import partial
from typing import Any

from sagehen.services.sagemaker.pipelines.across import AcrossPipelines
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.looking import described_execution
from sagehen.services.sagemaker.pipelines.operations import described
from sagehen.services.sagemaker.pipelines.pipeline import OwnedVersion, Pipeline
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.source import CREATED, NAME, TIMES
from sagehen.services.sagemaker.searchable.found import Found
from sagehen.store.database import Database


def found(database: Database) -> dict[str, Found[Any]]:
    """Return where each of the three is found."""
    pipelines, executions = PipelineRecords(database), ExecutionRecords(database)
    across = AcrossPipelines(database)
    return {
        "Pipeline": Found(
            pipelines.page,
            partial(_pipeline, executions),
            {**TIMES, "PipelineName": NAME},
            kind="pipeline",
        ),
        "PipelineExecution": Found(
            across.executions,
            partial(_execution, pipelines),
            {**TIMES, "PipelineExecutionStatus": "StatusEquals"},
        ),
        "PipelineVersion": Found(
            across.versions, partial(_version, executions), {"CreationTime": CREATED}, CREATED
        ),
    }


def _pipeline(executions: ExecutionRecords, pipeline: Pipeline) -> Document:
    def last_run() -> Any:
        last = executions.last_of(pipeline.scope, pipeline.name)
        return moment(last.created_at) if last else None

    return Document(described(pipeline), parts={"LastRunTime": last_run})


def _execution(pipelines: PipelineRecords, execution: Execution) -> Document:
    def version_name() -> str | None:
        version = pipelines.version(execution.scope, execution.pipeline, execution.version)
        return version.display_name if version else None

    given = [{"Name": name, "Value": execution.given[name]} for name in sorted(execution.given)]
    return Document(
        {**described_execution(execution), "PipelineParameters": given or None},
        parts={"PipelineVersionDisplayName": version_name},
    )


def _version(executions: ExecutionRecords, owned: OwnedVersion) -> Document:
    version = owned.version

    def last_execution() -> dict[str, Any]:
        last = executions.last_of(owned.scope, owned.pipeline, version.number)
        if last is None:
            return {}
        return {
            "LastExecutedPipelineExecutionArn": last.arn,
            "LastExecutedPipelineExecutionDisplayName": last.display_name,
            "LastExecutedPipelineExecutionStatus": last.status,
        }

    return Document(
        {
            "PipelineArn": owned.pipeline_arn,
            "PipelineVersionId": version.number,
            "PipelineVersionDisplayName": version.display_name,
            "PipelineVersionDescription": version.description,
            "CreationTime": moment(version.created_at),
            "PipelineVersionAliases": list(version.aliases) or None,
        },
        last_execution,
    )
