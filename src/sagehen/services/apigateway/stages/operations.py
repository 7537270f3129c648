"""Stages: deployments under a name."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.listing import shown
from sagehen.services.apigateway.documents.records import Records, read_definition
from sagehen.services.apigateway.documents.tags import checked_tags
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    no_such_stage,
    no_such_version,
)
from sagehen.services.apigateway.plans.records import forget_stage
from sagehen.services.apigateway.snapshot.ports import DataPlane, DeployedApis
from sagehen.services.apigateway.stages.patches import apply_stage_patches
from sagehen.services.apigateway.stages.records import (
    StageRecords,
    has_deployment,
    put_stage,
    read_stage,
    read_stages,
)
from sagehen.services.apigateway.stages.rules import (
    check_stage,
    check_stage_request,
    new_stage,
    refuse_too_many,
)
from sagehen.store.database import Transaction

_COLLECTION = "/restapis/{restApiId}/stages"
_ONE = _COLLECTION + "/{stageName}"


def _check_deployments(tx: Transaction, api_id: str, stage: Document) -> None:
    # The canary's too: what is served by either must be there.
    wanted = {stage["deploymentId"], (stage.get("canarySettings") or stage)["deploymentId"]}
    if not all(has_deployment(tx, api_id, deployment_id) for deployment_id in wanted):
        raise BadRequestException("Deployment id does not exist")


def _check_documentation(definition: Definition, stage: Document) -> None:
    version = stage.get("documentationVersion")
    if version and version not in definition.documentation_versions:
        raise no_such_version()


def _logs(stage: Document) -> bool:
    levels = (setting.get("loggingLevel", "OFF") for setting in stage["methodSettings"].values())
    return any(level != "OFF" for level in levels) or bool(stage.get("accessLogSettings"))


class Stages:
    """The operations on stages.

    Args:
        apis: Tells whether the account lets API Gateway write logs.
        data_plane: Holds the caches to be flushed.
    """

    def __init__(self, records: Records, clock: Clock, apis: DeployedApis, data_plane: DataPlane) -> None:
        self.records = records
        self._stages = StageRecords(records)
        self._clock = clock
        self._apis = apis
        self._data_plane = data_plane

    @operation("CreateStage", access=via("POST", _COLLECTION))
    async def create_stage(self, context: RequestContext, request: Request) -> Document:
        check_stage_request(request)
        tags = checked_tags(request.get("tags") or {})
        stage = new_stage(
            request,
            int(self._clock.now().timestamp()),
            deploymentId=request["deploymentId"],
            description=request.get("description"),
            tags=tags,
        )
        api_id = request["restApiId"]

        def run(tx: Transaction) -> None:
            definition = read_definition(tx, context.scope, api_id)
            _check_deployments(tx, api_id, stage)
            _check_documentation(definition, stage)
            if read_stage(tx, api_id, stage["stageName"]) is not None:
                raise ConflictException("Stage already exists")
            refuse_too_many(read_stages(tx, api_id))
            put_stage(tx, api_id, stage)

        await self.records.write(run)
        return shown(stage)

    @operation("GetStage", access=via("GET", _ONE))
    async def get_stage(self, context: RequestContext, request: Request) -> Document:
        self.records.definition(context.scope, request["restApiId"])
        stage = self._stages.stage(request["restApiId"], request["stageName"])
        if stage is None:
            raise no_such_stage()
        return shown(stage)

    @operation("GetStages", access=via("GET", _COLLECTION))
    async def get_stages(self, context: RequestContext, request: Request) -> dict[str, Any]:
        self.records.definition(context.scope, request["restApiId"])
        wanted = request.get("deploymentId")
        stages = self._stages.stages(request["restApiId"])
        return {"item": [shown(stage) for stage in stages if wanted in (None, stage["deploymentId"])]}

    @operation("UpdateStage", access=via("PATCH", _ONE))
    async def update_stage(self, context: RequestContext, request: Request) -> Document:
        api_id = request["restApiId"]
        # Before the writer's turn: nobody else's write waits for this read.
        may_log = self._apis.account(context.scope).cloudwatch_role_arn is not None

        def change(tx: Transaction, stage: Document) -> Document:
            apply_stage_patches(stage, request.get("patchOperations"))
            check_stage(stage)
            _check_deployments(tx, api_id, stage)
            _check_documentation(read_definition(tx, context.scope, api_id), stage)
            # Reported by users, words included.
            if _logs(stage) and not may_log:
                raise BadRequestException(
                    "CloudWatch Logs role ARN must be set in account settings to enable logging"
                )
            stage["lastUpdatedDate"] = int(self._clock.now().timestamp())
            return stage

        return shown(await self._stages.edit_stage(context.scope, api_id, request["stageName"], change))

    @operation("DeleteStage", access=via("DELETE", _ONE))
    async def delete_stage(self, context: RequestContext, request: Request) -> None:
        api_id, name = request["restApiId"], request["stageName"]

        def run(tx: Transaction) -> None:
            read_definition(tx, context.scope, api_id)
            if read_stage(tx, api_id, name) is None:
                raise no_such_stage()
            tx.execute("DELETE FROM apigateway_stages WHERE api_id = ? AND name = ?", (api_id, name))
            forget_stage(tx, context.scope, api_id, name)

        await self.records.write(run)

    @operation("FlushStageCache", access=via("DELETE", _ONE + "/cache/data"))
    async def flush_stage_cache(self, context: RequestContext, request: Request) -> None:
        await self.get_stage(context, request)
        self._data_plane.flush_stage_cache(request["restApiId"], request["stageName"])

    @operation("FlushStageAuthorizersCache", access=via("DELETE", _ONE + "/cache/authorizers"))
    async def flush_stage_authorizers_cache(self, context: RequestContext, request: Request) -> None:
        await self.get_stage(context, request)
        self._data_plane.flush_authorizers_cache(request["restApiId"], request["stageName"])
