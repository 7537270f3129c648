"""The circles: what a service that was built earlier needs of a later one. All of them stand here.

But for one between rooms: REST APIs and pipelines call services through the front door, which is built after
every service (`app/wiring/front_door.py`).
"""

from __future__ import annotations

from sagehen.services.apigateway.service import ApiGatewayService
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService
from sagehen.services.cloudformation.service import CloudFormationService
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.ec2.service import Ec2Service
from sagehen.services.ecr.service import EcrService
from sagehen.services.iam.service import IamService
from sagehen.services.kms.service import KmsService
from sagehen.services.lambda_.service import LambdaService
from sagehen.services.logs.service import LogsService
from sagehen.services.s3.service import S3Service
from sagehen.services.sagemaker.service import SageMakerService
from sagehen.services.ssm.service import SsmService


def close(
    *,
    iam: IamService,
    kms: KmsService,
    s3: S3Service,
    ecr: EcrService,
    logs: LogsService,
    cloudwatch: CloudWatchService,
    ec2: Ec2Service,
    ssm: SsmService,
    sagemaker: SageMakerService,
    functions: LambdaService,
    apigateway: ApiGatewayService,
    scaling: ApplicationAutoScalingService,
    cloudformation: CloudFormationService,
) -> None:
    """Close every circle."""
    # IAM evaluates the policies and tags of resources that others keep, by the service segment of their ARNs.
    policies = iam.authorizer.resource_policies
    policies["kms"] = kms.resource_policies
    policies["s3"] = s3.resource_policies
    policies["ecr"] = ecr.resource_policies
    policies["sagemaker"] = sagemaker.resource_policies
    policies["lambda"] = functions.resource_policies
    policies["execute-api"] = apigateway.resource_policies
    tags = iam.authorizer.resource_tags
    tags["sagemaker"] = sagemaker.resource_tags
    tags["lambda"] = functions.resource_tags
    tags["cloudwatch"] = cloudwatch.resource_tags
    tags["ec2"] = ec2.resource_tags
    tags["ecr"] = ecr.resource_tags
    tags["ssm"] = ssm.resource_tags
    tags["logs"] = logs.resource_tags
    tags["cloudformation"] = cloudformation.resource_tags
    tags["application-autoscaling"] = scaling.resource_tags
    # Lambda reads packages from S3 and writes logs and metrics: it comes later, and they call it.
    s3.events.notifier = functions.notifier
    logs.deliveries.functions = functions.log_subscribers
    cloudwatch.alarm_actions.functions = functions.invoker
    # Application Auto Scaling makes alarms and scales endpoints: alarms act through it, endpoints ask it.
    cloudwatch.alarm_actions.scaling = scaling.alarm_actions
    sagemaker.endpoints.scaling_targets = scaling.targets
    sagemaker.inference_components.scaling_targets = scaling.targets
    # Systems Manager publishes EC2's images; machines are started of images that its parameters name.
    if ec2.machines is not None:
        ec2.machines.parameters = ssm.parameters
        cloudwatch.alarm_actions.machines = ec2.instances.alarm_actions
    # EC2 asks SageMaker which instance types are to be had; both it and Lambda name subnets and groups.
    functions.networks.known = ec2.networks
    sagemaker.networks.known = ec2.networks
    # An alarm that goes off rolls back the updates of endpoints that name it.
    cloudwatch.alarm_listeners.append(sagemaker.alarm_went_off)
