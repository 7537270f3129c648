"""Application Auto Scaling: it scales what SageMaker and Lambda keep, on alarms of CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build it."""
    ground, iam = rooms.ground, rooms.iam
    rooms.scaling = ApplicationAutoScalingService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        alarms=rooms.cloudwatch.alarms,
        resources={
            "sagemaker": rooms.sagemaker.scalable,
            "lambda": rooms.functions.scalable_concurrency,
        },
        roles=iam.linked_roles,
        authorizer=iam.authorizer,
    )
    return (rooms.scaling,)
