"""Which actions an alarm may have: functions, and policies of Application Auto Scaling. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.arn import Arn
from sagehen.services.cloudwatch.errors import ValidationError


def is_function(arn: str) -> bool:
    """Tell whether an action is a Lambda function.

    Raises:
        ValidationError: It is no ARN.
    """
    return _parts(arn).service == "lambda"


def is_scaling_policy(arn: str) -> bool:
    """Tell whether an action is a policy of Application Auto Scaling.

    `arn:aws:autoscaling:r:a:scalingPolicy:UUID:resource/sagemaker/endpoint/e/variant/v:policyName/p`
    (documented: Application Auto Scaling API, PutScalingPolicy); EC2's policies have `autoScalingGroupName/…`
    where this has `resource/…`.

    Raises:
        ValidationError: It is no ARN.
    """
    parts = _parts(arn)
    return parts.service == "autoscaling" and ":resource/" in parts.resource


def check_actions(operation: str, request: Mapping[str, Any], *, functions: bool, scaling: bool) -> None:
    """Refuse actions that nothing here can do: what is accepted is done.

    Args:
        operation: Whose request it is, for the error.
        request: AlarmActions, OKActions and InsufficientDataActions of it are looked at.
        functions, scaling: Which kinds are wired.

    Raises:
        ValidationError: One is no ARN.
        NotImplementedOperation: Names the action.
    """
    for member in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for arn in request.get(member) or ():
            if (is_function(arn) and functions) or (is_scaling_policy(arn) and scaling):
                continue
            raise NotImplementedOperation(f"{operation}: the action {arn} is not implemented.")


def _parts(arn: str) -> Arn:
    try:
        return Arn.parse(arn)
    except ValueError:
        raise ValidationError(f"Invalid arn syntax: {arn}") from None
