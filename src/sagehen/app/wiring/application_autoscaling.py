"""Application Auto Scaling: it scales what SageMaker and Lambda keep, on alarms of CloudWatch."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.iam.service import IamService
from sagehen.services.lambda_.service import LambdaService
from sagehen.services.sagemaker.service import SageMakerService


def application_autoscaling(
    ground: Ground,
    iam: IamService,
    cloudwatch: CloudWatchService,
    sagemaker: SageMakerService,
    functions: LambdaService,
) -> ApplicationAutoScalingService:
    """Build it."""
    return ApplicationAutoScalingService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        alarms=cloudwatch.alarms,
        resources={
            "sagemaker": sagemaker.scalable,
            "lambda": functions.scalable_concurrency,
        },
        roles=iam.linked_roles,
        authorizer=iam.authorizer,
    )
