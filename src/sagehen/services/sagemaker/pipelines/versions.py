"""ListPipelineVersions and UpdatePipelineVersion."""

from __future__ import annotations

from dataclasses import replace

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.services.sagemaker.pipelines.errors import no_pipeline
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.naming import on_pipeline, require_pipeline
from sagehen.services.sagemaker.pipelines.pipeline import Pipeline, Version
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.resources.rows import moment

# Documented: the shape PipelineVersionAliases.
_MOST_ALIASES = 10


class PipelineVersions:
    """The versions of a pipeline's definition."""

    def __init__(self, records: PipelineRecords, executions: ExecutionRecords) -> None:
        self._records = records
        self._executions = executions

    @operation("ListPipelineVersions", access=on_pipeline)
    async def list_pipeline_versions(self, context: RequestContext, request: Request) -> Request:
        """Return one page of versions, the newest first where the request does not say.

        Raises:
            ResourceNotFound: No such pipeline.
            ValidationException: The token is not one of ours.
        """
        pipeline = require_pipeline(self._records, context, request["PipelineName"])
        found, token = self._records.versions(pipeline.scope, pipeline.name, request)
        return {
            "PipelineVersionSummaries": [self._summary(pipeline, one) for one in found],
            "NextToken": token,
        }

    def _summary(self, pipeline: Pipeline, version: Version) -> Request:
        last = self._executions.last_of(pipeline.scope, pipeline.name, version.number)
        return {
            "PipelineArn": pipeline.arn,
            "PipelineVersionId": version.number,
            "CreationTime": moment(version.created_at),
            "PipelineVersionDescription": version.description,
            "PipelineVersionDisplayName": version.display_name,
            "LastExecutionPipelineExecutionArn": last.arn if last else None,
            "PipelineVersionAliases": list(version.aliases) or None,
        }

    @operation("UpdatePipelineVersion", access=on_pipeline)
    async def update_pipeline_version(self, context: RequestContext, request: Request) -> Request:
        """Name a version, describe it, give it aliases; an alias is one version's at a time.

        Raises:
            ResourceNotFound: No such pipeline, or version.
            ValidationException: It would have too many aliases.
        """
        pipeline = require_pipeline(self._records, context, request["PipelineArn"])
        asked = request.get("PipelineVersionAliasOperations") or {}
        added, removed = asked.get("Add") or (), asked.get("Remove") or ()

        def change(version: Version) -> Version:
            aliases = dict.fromkeys((*version.aliases, *added))
            left = tuple(alias for alias in aliases if alias not in removed)
            if len(left) > _MOST_ALIASES:
                raise ValidationException(f"A pipeline version can have at most {_MOST_ALIASES} aliases.")
            name, text = (
                request.get("PipelineVersionDisplayName"),
                request.get("PipelineVersionDescription"),
            )
            return replace(
                version,
                aliases=left,
                display_name=version.display_name if name is None else name,
                description=version.description if text is None else text,
            )

        number = request["PipelineVersionId"]
        if await self._records.change_version(pipeline, number, change) is None:
            raise no_pipeline(f"{pipeline.arn}/version/{number}")
        return {"PipelineArn": pipeline.arn, "PipelineVersionId": number}
