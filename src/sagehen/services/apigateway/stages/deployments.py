"""Deployments: an API frozen as it stood."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Definition, Document, new_id
from sagehen.services.apigateway.documents.effects import field
from sagehen.services.apigateway.documents.listing import by_age, page, shown
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records, read_definition
from sagehen.services.apigateway.errors import BadRequestException, no_such_deployment
from sagehen.services.apigateway.stages.records import (
    Deployment,
    StageRecords,
    has_deployment,
    insert_deployment,
    put_stage,
    read_stage,
    read_stages,
)
from sagehen.services.apigateway.stages.rules import check_stage_request, new_stage, refuse_too_many
from sagehen.store.database import Transaction

_COLLECTION = "/restapis/{restApiId}/deployments"
_ONE = _COLLECTION + "/{deploymentId}"
# Recorded: no blank stands behind it.
_INVALID = "Invalid deployment content specified."

PATCHES = PatchTable(Row("/description", REPLACE, field("description")), refusals="paths")


def _document(deployment: Deployment) -> Document:
    document: Document = {"id": deployment.id, "createdDate": deployment.created_at}
    if deployment.description is not None:
        document["description"] = deployment.description
    return document


def check_deployable(definition: Definition) -> None:
    """Refuse what cannot be served.

    Raises:
        BadRequestException: No method, or one without an integration.
    """
    methods = list(definition.methods())
    # Both recorded.
    if not methods:
        raise BadRequestException("The REST API doesn't contain any methods")
    if not all(method.get("methodIntegration") for _, method in methods):
        raise BadRequestException("No integration defined for method")


def _summary(definition: Definition) -> Document:
    summary: Document = {}
    for resource, method in definition.methods():
        summary.setdefault(resource["path"], {})[method["httpMethod"]] = {
            "authorizationType": method["authorizationType"],
            "apiKeyRequired": method["apiKeyRequired"],
        }
    return summary


class Deployments:
    """The operations on deployments."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._stages = StageRecords(records)
        self._clock = clock
        self._ids = ids

    @operation("CreateDeployment", access=via("POST", _COLLECTION))
    async def create_deployment(self, context: RequestContext, request: Request) -> Document:
        canary = request.get("canarySettings")
        stage_name = request.get("stageName")
        if canary and not stage_name:
            raise BadRequestException(
                f"{_INVALID}Non null and non empty stageName must be provided for canary deployment."
                f" Provided value is {'null' if stage_name is None else stage_name}"
            )
        # An empty name is none: Terraform's provider (5.100) sends it where no stage is asked for.
        check_stage_request(request, may_be_empty=True)
        now = self._clock.now().timestamp()
        deployment = Deployment(new_id(self._ids), now, request.get("description"))

        def run(tx: Transaction) -> None:
            definition = read_definition(tx, context.scope, request["restApiId"])
            check_deployable(definition)
            insert_deployment(tx, definition, deployment)
            if name := request.get("stageName"):
                stage = read_stage(tx, definition.id, name)
                if canary:
                    _deploy_canary(stage, deployment.id, request, now)
                else:
                    if stage is None:
                        refuse_too_many(read_stages(tx, definition.id))
                    stage = _deploy(stage, deployment.id, request, now)
                put_stage(tx, definition.id, stage or {})

        await self.records.write(run)
        return shown(_document(deployment))

    @operation("GetDeployment", access=via("GET", _ONE))
    async def get_deployment(self, context: RequestContext, request: Request) -> Document:
        api_id = request["restApiId"]
        self.records.definition(context.scope, api_id)
        document = shown(_document(self._stages.deployment(api_id, request["deploymentId"])))
        # Clients spell it `apisummary` and `apiSummary`: AWS takes both (from memory).
        if "apisummary" in (part.lower() for part in request.get("embed", ())):
            frozen = self._stages.frozen(context.scope, api_id, request["deploymentId"])
            if frozen is not None:
                document["apiSummary"] = _summary(frozen)
        return document

    @operation("GetDeployments", access=via("GET", _COLLECTION))
    async def get_deployments(self, context: RequestContext, request: Request) -> dict[str, Any]:
        definition = self.records.definition(context.scope, request["restApiId"])
        items = [_document(deployment) for deployment in self._stages.deployments(definition.id)]
        return page(items, request, by_age, f"deployments/{definition.id}")

    @operation("UpdateDeployment", access=via("PATCH", _ONE))
    async def update_deployment(self, context: RequestContext, request: Request) -> Document:
        api_id = request["restApiId"]
        self.records.definition(context.scope, api_id)
        document = _document(self._stages.deployment(api_id, request["deploymentId"]))
        PATCHES.apply(document, request.get("patchOperations"))

        def run(tx: Transaction) -> None:
            changed = tx.execute(
                "UPDATE apigateway_deployments SET description = ? WHERE api_id = ? AND id = ?",
                (document.get("description"), api_id, request["deploymentId"]),
            )
            if not changed.rowcount:
                raise no_such_deployment()

        await self.records.write(run)
        return shown(document)

    @operation("DeleteDeployment", access=via("DELETE", _ONE))
    async def delete_deployment(self, context: RequestContext, request: Request) -> None:
        api_id, deployment_id = request["restApiId"], request["deploymentId"]

        def run(tx: Transaction) -> None:
            read_definition(tx, context.scope, api_id)
            if not has_deployment(tx, api_id, deployment_id):
                raise no_such_deployment()
            for stage in read_stages(tx, api_id):
                canary = stage.get("canarySettings") or {}
                if deployment_id in (stage["deploymentId"], canary.get("deploymentId")):
                    raise BadRequestException(
                        "Active stages pointing to this deployment must be moved or deleted"
                    )
            tx.execute(
                "DELETE FROM apigateway_deployments WHERE api_id = ? AND id = ?", (api_id, deployment_id)
            )

        await self.records.write(run)


def _deploy(stage: Document | None, deployment_id: str, request: Request, now: float) -> Document:
    """Return the stage moved to a deployment, or a new one."""
    if stage is None:
        description = request.get("stageDescription")
        return new_stage(request, now, deploymentId=deployment_id, description=description)
    stage["deploymentId"], stage["lastUpdatedDate"] = deployment_id, now
    if size := request.get("cacheClusterSize"):
        stage["cacheClusterSize"] = size
    if variables := request.get("variables"):
        # Variables of a deployment go over the stage's own; others stay (from memory).
        stage["variables"] = {**stage.get("variables", {}), **variables}
    if (description := request.get("stageDescription")) is not None:
        stage["description"] = description
    return stage


def _deploy_canary(stage: Document | None, deployment_id: str, request: Request, now: float) -> None:
    if stage is None:
        raise BadRequestException(
            f"{_INVALID}Stage {request['stageName']} must already be created before making a canary"
            " release deployment"
        )
    settings = request["canarySettings"]
    stage["canarySettings"] = {
        "deploymentId": deployment_id,
        "percentTraffic": settings.get("percentTraffic", 0.0),
        "useStageCache": settings.get("useStageCache", False),
    }
    if overrides := settings.get("stageVariableOverrides"):
        stage["canarySettings"]["stageVariableOverrides"] = overrides
    stage["lastUpdatedDate"] = now
