"""The circles: what a service that was built earlier needs of a later one. All of them stand here.

They are closed when the later one is built. What an earlier one asks before that is answered as by a service
that holds nothing, or waits until it is there (`late.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sagehen.app.wiring.late import LateFunctions, LateMachines, LateNetworks, LateScaling
from sagehen.app.wiring.rooms import Rooms
from sagehen.domain.ports.identity.resource_policies import ResourcePolicies, ResourceTags
from sagehen.protocol.validation.members import RequestModels
from sagehen.protocol.validation.shaping import ModelShapes


class _Guarded(Protocol):
    """What has resources with policies and tags of their own, which IAM evaluates."""

    @property
    def resource_policies(self) -> ResourcePolicies: ...

    @property
    def resource_tags(self) -> ResourceTags: ...


def close_core(rooms: Rooms) -> None:
    """IAM evaluates the policies of resources that others keep, by the service segment of their ARNs."""
    policies = rooms.iam.authorizer.resource_policies
    policies["kms"] = rooms.kms.resource_policies
    policies["s3"] = rooms.s3.resource_policies


def _ecr(rooms: Rooms) -> None:
    _guard(rooms, "ecr", rooms.ecr)


def _logs(rooms: Rooms) -> None:
    rooms.iam.authorizer.resource_tags["logs"] = rooms.logs.resource_tags
    rooms.logs.deliveries.functions = LateFunctions(rooms)


def _cloudwatch(rooms: Rooms) -> None:
    rooms.iam.authorizer.resource_tags["cloudwatch"] = rooms.cloudwatch.resource_tags
    # Application Auto Scaling makes alarms and scales endpoints: alarms act through it, endpoints ask it.
    actions = rooms.cloudwatch.alarm_actions
    actions.functions, actions.scaling = LateFunctions(rooms), LateScaling(rooms)
    actions.machines = LateMachines(rooms)


def _ec2(rooms: Rooms) -> None:
    tags = rooms.iam.authorizer.resource_tags
    tags["ec2"], tags["ssm"] = rooms.ec2.resource_tags, rooms.ssm.resource_tags
    rooms.ledger.bills = rooms.ec2.bills


def _sagemaker(rooms: Rooms) -> None:
    made, calls = rooms.sagemaker, rooms.door
    _guard(rooms, "sagemaker", made)
    rooms.ledger.sources.append(made.running)
    made.networks.known = LateNetworks(rooms)
    # An alarm that goes off rolls back the updates of endpoints that name it.
    rooms.cloudwatch.alarm_listeners.append(made.alarm_went_off)
    made.pipelines.calls.calls = calls.internal_calls
    made.pipelines.definitions.models = RequestModels(rooms.catalog)
    made.recommender_calls.calls = calls.operation_calls
    if made.tracking_calls is not None:
        made.tracking_calls.calls = calls.operation_calls


def _lambda(rooms: Rooms) -> None:
    made = rooms.functions
    _guard(rooms, "lambda", made)
    rooms.ledger.sources.append(made.running)
    made.networks.known = LateNetworks(rooms)
    # It reads packages from S3, which calls it.
    rooms.s3.events.notifier = made.notifier


def _apigateway(rooms: Rooms) -> None:
    rooms.iam.authorizer.resource_policies["execute-api"] = rooms.apigateway.resource_policies
    rooms.apigateway.data_plane.connect(rooms.door.internal_calls)


def _application_autoscaling(rooms: Rooms) -> None:
    made = rooms.scaling
    rooms.iam.authorizer.resource_tags["application-autoscaling"] = made.resource_tags
    rooms.sagemaker.endpoints.scaling_targets = made.targets
    rooms.sagemaker.inference_components.scaling_targets = made.targets


def _cloudformation(rooms: Rooms) -> None:
    made = rooms.cloudformation
    rooms.iam.authorizer.resource_tags["cloudformation"] = made.resource_tags
    made.calls.calls, made.shapes.shapes = rooms.door.operation_calls, ModelShapes(rooms.catalog)


def _guard(rooms: Rooms, segment: str, made: _Guarded) -> None:
    authorizer = rooms.iam.authorizer
    authorizer.resource_policies[segment] = made.resource_policies
    authorizer.resource_tags[segment] = made.resource_tags


# By the room that is built, in the loop; once each.
CLOSE: Mapping[str, Callable[[Rooms], None]] = {
    "ecr": _ecr,
    "logs": _logs,
    "cloudwatch": _cloudwatch,
    "ec2": _ec2,
    "sagemaker": _sagemaker,
    "lambda_": _lambda,
    "apigateway": _apigateway,
    "application_autoscaling": _application_autoscaling,
    "cloudformation": _cloudformation,
}
