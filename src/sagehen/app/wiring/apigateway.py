"""API Gateway: REST APIs in front of functions, endpoints and other services."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.apigateway.service import ApiGatewayService
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.iam.service import IamService
from sagehen.services.lambda_.service import LambdaService
from sagehen.services.logs.service import LogsService


def apigateway(
    ground: Ground,
    iam: IamService,
    logs: LogsService,
    cloudwatch: CloudWatchService,
    functions: LambdaService,
) -> ApiGatewayService:
    """Build it."""
    return ApiGatewayService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        authorizer=iam.authorizer,
        documents=iam.authorizer,
        resource_documents=iam.resource_documents,
        functions=functions.invoker,
        logs=logs.sink,
        metrics=cloudwatch.sink,
    )
