"""API Gateway: REST APIs in front of functions, endpoints and other services."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.late import LateFunctions
from sagehen.app.wiring.rooms import Rooms
from sagehen.services.apigateway.service import ApiGatewayService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build it."""
    ground, iam = rooms.ground, rooms.iam
    rooms.apigateway = ApiGatewayService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        authorizer=iam.authorizer,
        documents=iam.authorizer,
        resource_documents=iam.resource_documents,
        functions=LateFunctions(rooms),
        logs=rooms.logs.sink,
        metrics=rooms.cloudwatch.sink,
    )
    return (rooms.apigateway,)
